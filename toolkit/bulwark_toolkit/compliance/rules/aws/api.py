"""API Gateway: REST APIs, from a document or of single resources, and HTTP APIs."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from bulwark_toolkit.compliance.operations import OPENLY, Operation, document, operations
from bulwark_toolkit.compliance.origins import distributions_before
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

REST: Final = "aws:apigateway/restApi:RestApi"
STAGE: Final = "aws:apigateway/stage:Stage"
SETTINGS: Final = "aws:apigateway/methodSettings:MethodSettings"
METHOD: Final = "aws:apigateway/method:Method"
VALIDATOR: Final = "aws:apigateway/requestValidator:RequestValidator"
INTEGRATION: Final = "aws:apigateway/integration:Integration"
NAME: Final = "aws:apigateway/domainName:DomainName"
MAPPING: Final = "aws:apigateway/basePathMapping:BasePathMapping"
HTTP: Final = "aws:apigatewayv2/api:Api"
HTTP_STAGE: Final = "aws:apigatewayv2/stage:Stage"
HTTP_ROUTE: Final = "aws:apigatewayv2/route:Route"
HTTP_INTEGRATION: Final = "aws:apigatewayv2/integration:Integration"
HTTP_NAME: Final = "aws:apigatewayv2/domainName:DomainName"
HTTP_MAPPING: Final = "aws:apigatewayv2/apiMapping:ApiMapping"
ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"

_ALL_METHODS: Final = "*/*"

_READING: Final = {"GET", "HEAD", "OPTIONS"}
_WRITING: Final = {"POST", "PUT", "PATCH", "ANY"}

_FIRST_ROUTES: Final = {"$connect", "$default"}
"""Routes without a method that a stranger can come in by."""

_VALIDATOR: Final = "x-amazon-apigateway-request-validator"

_CREDENTIALS_IN_LOGS: Final = re.compile(
    r"\$context\.identity\.apiKey(?!Id)"
    r"|\$context\.authorizer\.[\w.]*(?:token(?!_use)|secret|password)"
    r"|\$context\.requestOverride"
    r"|\$(?:input|request|method\.request)\b",
    re.IGNORECASE,
)
"""Variables that hold a key or a token, or a header that may."""

_LOGS: Final = {"ERROR", "INFO"}

_ONLY_TLS_1_3: Final = re.compile(r"SecurityPolicy_TLS13_(?:1_3|2025)")
"""The first for a region, the second for an edge-optimised name."""


@rule(
    "aws.api.stage-has-web-acl",
    STAGE,
    severity="high",
    requires="Every stage of a REST API has a web ACL",
    remediation="Associate a web ACL with the stage's ARN.",
    reference="APIGateway.4",
    alone=False,
)
def stage_has_web_acl(stage: Subject) -> Iterator[Verdict]:
    found = stage.attached(ASSOCIATION, by="resourceArn")
    yield Verdict(bool(found), "webAclArn", found[0].get("webAclArn") if found else None)


@rule(
    "aws.api.import-stops-at-a-warning",
    REST,
    severity="low",
    requires="No import of a document leaves out what API Gateway warns of",
    remediation="Set failOnWarnings to true.",
    reference="PCI 6.2.4",
)
def import_stops_at_a_warning(api: Subject) -> Iterator[Verdict]:
    if api.has("body"):
        stops = api.get("failOnWarnings", False)
        yield Verdict(stops is True, "failOnWarnings", stops)


@rule(
    "aws.api.another-content-type-is-checked-too",
    REST,
    severity="medium",
    requires="No body passes unchecked because it claims another content type",
    remediation="Give each request body that is checked the same schema for the content type "
    "$default: API Gateway checks no type that it does not find.",
    reference="PCI 6.2.4",
)
def another_content_type_is_checked_too(api: Subject) -> Iterator[Verdict]:
    for operation in operations(api):
        types = operation.content.get("requestBody", {}).get("content", {})
        if any(kind.partition(";")[0].endswith("json") for kind in types):
            yield Verdict("$default" in types, operation.place, ", ".join(types))


@rule(
    "aws.api.api-is-behind-an-edge",
    REST,
    severity="low",
    requires="Every REST API is behind a distribution",
    remediation="Make it the origin of a CloudFront distribution, where attacks end.",
    reference="CloudFront.6",
    alone=False,
)
def api_is_behind_an_edge(api: Subject) -> Iterator[Verdict]:
    before = distributions_before(api)
    yield Verdict(bool(before), "id", ", ".join(each.resource.name for each in before))


@rule(
    "aws.api.access-logs-are-kept",
    STAGE,
    HTTP_STAGE,
    severity="high",
    requires="Every stage writes a line for each request",
    remediation="Set accessLogSettings with a log group and a format.",
    reference="APIGateway.9",
)
def access_logs_are_kept(stage: Subject) -> Iterator[Verdict]:
    at = "accessLogSettings.destinationArn"
    yield Verdict(stage.has(at), at, stage.get(at))


@rule(
    "aws.api.access-logs-hold-no-token",
    STAGE,
    HTTP_STAGE,
    severity="high",
    requires="No access log has a token, an API key or a header of the request",
    remediation="Take the named variable out of the format; log apiKeyId or claims.sub instead.",
    reference="PCI 8.3.2",
)
def access_logs_hold_no_token(stage: Subject) -> Iterator[Verdict]:
    at = "accessLogSettings.format"
    if text := stage.get(at):
        found = _CREDENTIALS_IN_LOGS.findall(text)
        yield Verdict(not found, at, ", ".join(found) or "no credential")


@rule(
    "aws.api.execution-logs-are-kept",
    STAGE,
    severity="medium",
    requires="Every method of every stage logs its errors",
    remediation="Give the stage MethodSettings for */* with loggingLevel ERROR, and the same to "
    "each method that has settings of its own.",
    reference="APIGateway.1",
    alone=False,
)
def execution_logs_are_kept(stage: Subject) -> Iterator[Verdict]:
    yield from _of_every_method(stage, "loggingLevel", _LOGS.__contains__)


@rule(
    "aws.api.execution-logs-hold-no-data",
    SETTINGS,
    HTTP_STAGE,
    severity="critical",
    requires="No execution log has the requests and answers in full, with their tokens",
    remediation="Set dataTraceEnabled to false.",
    reference="PCI 3.3.1",
)
def execution_logs_hold_no_data(settings: Subject) -> Iterator[Verdict]:
    where = (
        ["settings"]
        if settings.resource.type == SETTINGS
        else ["defaultRouteSettings", *settings.each("routeSettings")]
    )
    for place in where:
        at = f"{place}.dataTraceEnabled"
        if settings.has(place):
            traced = settings.get(at, False)
            yield Verdict(traced is False, at, traced)


@rule(
    "aws.api.requests-are-traced",
    STAGE,
    severity="low",
    requires="Every stage of a REST API traces its requests",
    remediation="Set xrayTracingEnabled to true.",
    reference="APIGateway.3",
)
def requests_are_traced(stage: Subject) -> Iterator[Verdict]:
    traced = stage.get("xrayTracingEnabled", False)
    yield Verdict(traced is True, "xrayTracingEnabled", traced)


@rule(
    "aws.api.requests-are-limited",
    STAGE,
    HTTP_STAGE,
    severity="medium",
    requires="Every method of every stage has a limit of requests a second",
    remediation="Set throttlingRateLimit and throttlingBurstLimit, for */* and wherever a method "
    "has settings of its own.",
    reference="OWASP API4:2023",
    alone=False,
)
def requests_are_limited(stage: Subject) -> Iterator[Verdict]:
    for name in ("throttlingRateLimit", "throttlingBurstLimit"):
        if stage.resource.type == STAGE:
            yield from _of_every_method(stage, name, _is_limit)
        else:
            at = f"defaultRouteSettings.{name}"
            yield Verdict(_is_limit(stage.get(at)), at, stage.get(at))


@rule(
    "aws.api.cached-answers-are-encrypted",
    SETTINGS,
    severity="medium",
    requires="Answers that a stage caches are encrypted there",
    remediation="Set cacheDataEncrypted to true, or do not cache.",
    reference="APIGateway.5",
)
def cached_answers_are_encrypted(settings: Subject) -> Iterator[Verdict]:
    if settings.get("settings.cachingEnabled", False):
        encrypted = settings.get("settings.cacheDataEncrypted", False)
        yield Verdict(encrypted is True, "settings.cacheDataEncrypted", encrypted)


@rule(
    "aws.api.every-operation-is-authorised",
    REST,
    HTTP,
    severity="critical",
    requires="Every operation of a document has an authoriser, or says that it is public",
    remediation="Name a security scheme that has an x-amazon-apigateway-authorizer, or write "
    "`security: []` at an operation that is for everybody.",
    reference="APIGateway.8",
)
def every_operation_is_authorised(api: Subject) -> Iterator[Verdict]:
    asked = (o for o in operations(api) if o.method not in OPENLY)
    return _all_or_each(asked, _authorised, "security is not said, or names no authoriser")


@rule(
    "aws.api.public-operations-only-read",
    REST,
    HTTP,
    severity="medium",
    requires="Operations that are for everybody change nothing",
    remediation="Ask for a token, or waive it for what must be public, such as a sign-up.",
    reference="OWASP API5:2023",
)
def public_operations_only_read(api: Subject) -> Iterator[Verdict]:
    public = (o for o in operations(api) if o.security is not None and not all(o.security or [{}]))
    return _all_or_each(public, lambda o: o.method in _READING, "anybody may write here")


@rule(
    "aws.api.user-pool-tokens-need-a-scope",
    REST,
    METHOD,
    severity="high",
    requires="Operations that take a user pool's tokens ask for a scope",
    remediation="Name the scopes in the operation's security, or in authorizationScopes: without "
    "them any token of the pool will do.",
    reference="OWASP API5:2023",
)
def user_pool_tokens_need_a_scope(subject: Subject) -> Iterator[Verdict]:
    if subject.resource.type == REST:
        asked = (o for o in operations(subject) if list(_pool_scopes(o)))
        yield from _all_or_each(asked, lambda o: all(_pool_scopes(o)), "any token of the pool")
    elif subject.get("authorization") == "COGNITO_USER_POOLS":
        scopes = subject.items("authorizationScopes")
        yield Verdict(bool(scopes), "authorizationScopes", scopes)


@rule(
    "aws.api.every-method-is-authorised",
    METHOD,
    HTTP_ROUTE,
    severity="critical",
    requires="Every method and route that is made one by one has an authoriser",
    remediation="Set authorization (of a route: authorizationType) to something else than NONE.",
    reference="APIGateway.8",
)
def every_method_is_authorised(method: Subject) -> Iterator[Verdict]:
    rest = method.resource.type == METHOD
    at = "authorization" if rest else "authorizationType"
    word = method.get("httpMethod") if rest else method.get("routeKey").partition(" ")[0]
    # A WebSocket API asks who it is when the connection is made, and not again.
    if word not in OPENLY and (rest or not word.startswith("$") or word in _FIRST_ROUTES):
        kind = method.get(at, "NONE")
        yield Verdict(kind != "NONE", at, kind)


@rule(
    "aws.api.requests-are-validated",
    REST,
    severity="medium",
    requires="Every operation of a document has its parameters and its body checked",
    remediation="Name an x-amazon-apigateway-request-validator that validates both.",
    reference="PCI 6.2.4",
)
def requests_are_validated(api: Subject) -> Iterator[Verdict]:
    asked = (o for o in operations(api) if o.parameters or o.takes_a_body)
    return _all_or_each(asked, _validated, "its parameters or its body are not checked")


@rule(
    "aws.api.bodies-are-validated",
    METHOD,
    severity="medium",
    requires="Methods that take a body, made one by one, have it checked",
    remediation="Set requestValidatorId to a validator with validateRequestBody.",
    reference="PCI 6.2.4",
    alone=False,
)
def bodies_are_validated(method: Subject) -> Iterator[Verdict]:
    if method.get("httpMethod") in _WRITING:
        validator = method.named(VALIDATOR, at="requestValidatorId")
        checked = validator is not None and validator.get("validateRequestBody", False)
        yield Verdict(checked is True, "requestValidatorId", method.get("requestValidatorId"))


@rule(
    "aws.api.tls-is-1-2-at-least",
    REST,
    NAME,
    HTTP_NAME,
    severity="high",
    requires="No API and no name of one speaks TLS before 1.2",
    remediation="Set securityPolicy to SecurityPolicy_TLS13_1_2_2021_06 or to TLS_1_2.",
    reference="PCI 4.2.1",
)
def tls_is_1_2_at_least(subject: Subject) -> Iterator[Verdict]:
    at = (
        "domainNameConfiguration.securityPolicy"
        if subject.resource.type == HTTP_NAME
        else "securityPolicy"
    )
    policy = _tls_policy(subject) if subject.resource.type == REST else subject.get(at)
    # What says nothing may have TLS_1_0, by its kind of endpoint and by when it was made.
    yield Verdict(policy not in (None, "TLS_1_0"), at, policy)


@rule(
    "aws.api.host-is-the-one-of-the-handshake",
    REST,
    NAME,
    severity="low",
    requires="What has one of the newer TLS policies answers to the host of the handshake only",
    remediation="Set endpointAccessMode to STRICT, after a while with BASIC.",
    reference="PCI 1.4.2",
)
def host_is_the_one_of_the_handshake(subject: Subject) -> Iterator[Verdict]:
    # TLS_1_0 and TLS_1_2 have no such mode.
    if subject.get("securityPolicy", "").startswith("SecurityPolicy_"):
        mode = subject.get("endpointAccessMode")
        yield Verdict(mode == "STRICT", "endpointAccessMode", mode)


@rule(
    "aws.api.tls-1-2-is-left-to-the-edge",
    REST,
    severity="high",
    requires="An API behind CloudFront takes TLS 1.2, the newest that CloudFront speaks to it",
    remediation="Use SecurityPolicy_TLS13_1_2_2021_06, or another policy with 1_2.",
    reference="CloudFront.10",
    alone=False,
)
def tls_1_2_is_left_to_the_edge(api: Subject) -> Iterator[Verdict]:
    if distributions_before(api):
        policy = _tls_policy(api)
        alone = policy is not None and bool(_ONLY_TLS_1_3.match(policy))
        yield Verdict(not alone, "securityPolicy", policy)


@rule(
    "aws.api.default-endpoint-is-off-behind-a-name",
    REST,
    HTTP,
    severity="medium",
    requires="An API with a name of its own is not reached by another",
    remediation="Set disableExecuteApiEndpoint to true: what guards the name, such as mutual TLS, "
    "does not guard the default endpoint.",
    reference="PCI 1.4.2",
    alone=False,
)
def default_endpoint_is_off_behind_a_name(api: Subject) -> Iterator[Verdict]:
    names = api.attached(MAPPING, by="restApi") + api.attached(HTTP_MAPPING, by="apiId")
    if names:
        off = api.get("disableExecuteApiEndpoint", False)
        yield Verdict(off is True, "disableExecuteApiEndpoint", off)


@rule(
    "aws.api.backends-are-called-over-tls",
    REST,
    INTEGRATION,
    HTTP_INTEGRATION,
    severity="high",
    requires="Backends are called by https",
    remediation="Give the backend a certificate, and an address with https.",
    reference="APIGateway.10",
)
def backends_are_called_over_tls(subject: Subject) -> Iterator[Verdict]:
    if subject.resource.type == REST:
        called = (o for o in operations(subject) if _address(o))
        yield from _all_or_each(called, lambda o: _encrypted(_address(o)), "called in the clear")
        return
    at = "uri" if subject.resource.type == INTEGRATION else "integrationUri"
    address = subject.get(at, "")
    if address.startswith("http"):
        yield Verdict(_encrypted(address), at, address)


@rule(
    "aws.api.backends-can-tell-who-calls",
    STAGE,
    severity="medium",
    requires="A stage that calls backends by their address shows them a certificate",
    remediation="Set clientCertificateId, and have the backend ask for it: else whoever learns "
    "its address calls it past the API.",
    reference="APIGateway.2",
    alone=False,
)
def backends_can_tell_who_calls(stage: Subject) -> Iterator[Verdict]:
    api = stage.named(REST, at="restApi")
    if api is None:
        raise stage.elsewhere("restApi", "its API")
    if _calls_an_address(api):
        shown = stage.has("clientCertificateId")
        yield Verdict(shown, "clientCertificateId", stage.output("clientCertificateId"))


@rule(
    "aws.api.certificates-of-backends-are-checked",
    INTEGRATION,
    REST,
    severity="high",
    requires="A backend's certificate is checked",
    remediation="Leave tlsConfig.insecureSkipVerification out, and give the backend a certificate "
    "of a public authority.",
    reference="PCI 4.2.1",
)
def certificates_of_backends_are_checked(subject: Subject) -> Iterator[Verdict]:
    if subject.resource.type == REST:
        called = (o for o in operations(subject) if _address(o))
        yield from _all_or_each(called, _checks_certificate, "any certificate will do")
    elif subject.has("tlsConfig"):
        skips = subject.get("tlsConfig.insecureSkipVerification", False)
        yield Verdict(skips is False, "tlsConfig.insecureSkipVerification", skips)


@rule(
    "aws.api.cors-names-its-origins",
    HTTP,
    severity="medium",
    requires="Only pages that are named may call an HTTP API from a browser",
    remediation="List the pages in allowOrigins instead of a star.",
    reference="OWASP API8:2023",
)
def cors_names_its_origins(api: Subject) -> Iterator[Verdict]:
    if origins := api.items("corsConfiguration.allowOrigins"):
        stars = {"*", "http://*", "https://*"} & set(origins)
        yield Verdict(not stars, "corsConfiguration.allowOrigins", origins)


def _settings(stage: Subject) -> list[Subject]:
    """The settings of a stage's methods, which name it itself, or its API and its name as text."""
    found = {settings.urn: settings for settings in stage.attached(SETTINGS, by="stageName")}
    api = stage.named(REST, at="restApi")
    everywhere = (Subject(other, stage.graph) for other in stage.graph.of_type(SETTINGS))
    for settings in api.attached(SETTINGS, by="restApi") if api else everywhere:
        if settings.urn not in found and all(
            settings.get(at) == stage.get(at) for at in ("restApi", "stageName")
        ):
            found[settings.urn] = settings
    return list(found.values())


def _of_every_method(stage: Subject, name: str, passes: Callable[[Any], bool]) -> Iterator[Verdict]:
    at, everywhere = f"settings.{name}", False
    for settings in _settings(stage):
        everywhere = everywhere or settings.get("methodPath") == _ALL_METHODS
        value = settings.get(at)
        yield Verdict(passes(value), at, value, urn=settings.urn)
    if not everywhere:
        yield Verdict(False, "stageName", stage.get("stageName"), f"no settings for {_ALL_METHODS}")


def _is_limit(value: Any) -> bool:
    """-1 is none, and 0 is the account's where an HTTP API is made without one."""
    return value is not None and value > 0


def _all_or_each(
    asked: Iterable[Operation], passes: Callable[[Operation], bool], text: str
) -> Iterator[Verdict]:
    """One pass for all operations, or a failure for each that does not pass."""
    total = failed = 0
    for operation in asked:
        total += 1
        if not passes(operation):
            failed += 1
            yield Verdict(False, operation.place, f"{operation.method} {operation.path}", text)
    if total and not failed:
        yield Verdict(True, "body", f"{total} operations")


def _authorised(operation: Operation) -> bool:
    if operation.content.get("x-amazon-apigateway-auth", {}).get("type") == "AWS_IAM":
        return True
    said = operation.security
    # An empty alternative says as well that a caller needs nothing.
    return said is not None and all(
        not schemes or any(_is_authoriser(operation.scheme(name)) for name in schemes)
        for schemes in said
    )


def _is_authoriser(scheme: Any) -> bool:
    """A scheme that says what asks. API Gateway lets everybody in by any other, keys aside."""
    return (
        "x-amazon-apigateway-authorizer" in scheme
        or scheme.get("x-amazon-apigateway-authtype") == "awsSigv4"
    )


def _pool_scopes(operation: Operation) -> Iterator[list[str]]:
    """The scopes of each alternative that is a user pool's token."""
    for schemes in operation.security or ():
        for name, scopes in schemes.items():
            authoriser = operation.scheme(name).get("x-amazon-apigateway-authorizer", {})
            if authoriser.get("type") == "cognito_user_pools":
                yield scopes


def _validated(operation: Operation) -> bool:
    name = operation.content.get(_VALIDATOR, operation.document.get(_VALIDATOR))
    validator = operation.document.get(f"{_VALIDATOR}s", {}).get(name, {})
    needs = {
        "validateRequestBody": operation.takes_a_body,
        "validateRequestParameters": any(p.get("in") != "body" for p in operation.parameters),
    }
    return all(validator.get(word) is True for word, needed in needs.items() if needed)


def _tls_policy(api: Subject) -> str | None:
    """What the document says is imported over what the API has."""
    said = document(api).get("x-amazon-apigateway-security-policy")
    return said or api.get("securityPolicy")


def _address(operation: Operation) -> str:
    """The backend's address, empty where it is a function or another service of AWS."""
    uri = operation.integration.get("uri", "")
    return uri if isinstance(uri, str) and uri.startswith("http") else ""


def _calls_an_address(api: Subject) -> bool:
    """Whether any backend is somewhere on the network, and not behind a link into a VPC."""
    apart = api.attached(INTEGRATION, by="restApi")
    return any(
        one.get("uri", "").startswith("http") and one.get("connectionType") != "VPC_LINK"
        for one in apart
    ) or any(
        _address(one) and one.integration.get("connectionType") != "VPC_LINK"
        for one in operations(api)
    )


def _encrypted(address: str) -> bool:
    return address.startswith("https://")


def _checks_certificate(operation: Operation) -> bool:
    return not operation.integration.get("tlsConfig", {}).get("insecureSkipVerification", False)
