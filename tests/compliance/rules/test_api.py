import json

import pulumi_aws as aws
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import api as rules

A = "aws.api."
ACL = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/it/1"
POOL = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_aaaaaaaaa"
GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:it"
USER_POOL = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "cognito_user_pools",
    "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [POOL]},
}
READS = [{"pool": ["payments/read"]}]
BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
CHECKED = {
    "x-amazon-apigateway-request-validator": "all",
    "x-amazon-apigateway-request-validators": {
        "all": {"validateRequestBody": True, "validateRequestParameters": True},
        "parameters": {"validateRequestBody": False, "validateRequestParameters": True},
    },
}


def nothing():
    """A program without an API."""
    aws.sqs.Queue("it")


def text(method="get", document=None, **operation):
    """A document with one operation."""
    return json.dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": "it", "version": "1"},
            "paths": {"/payments": {method: {"responses": {}} | operation}},
            "components": {
                "securitySchemes": {
                    "pool": USER_POOL,
                    "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
                    "iam": {
                        "type": "apiKey",
                        "name": "Authorization",
                        "in": "header",
                        "x-amazon-apigateway-authtype": "awsSigv4",
                    },
                }
            },
        }
        | (document or {})
    )


def of(method="get", document=None, **operation):
    """A REST API of a document with one operation."""
    return lambda: aws.apigateway.RestApi("it", body=text(method, document, **operation))


def to(uri, **integration):
    """A REST API with a backend."""
    return of(**{"x-amazon-apigateway-integration": {"type": "http", "uri": uri} | integration})


def rest(**inputs):
    return lambda: aws.apigateway.RestApi("it", **inputs)


def stage(*settings, associated=False, **inputs):
    """A stage, with settings of its methods by path."""

    def program():
        api = aws.apigateway.RestApi("api")
        it = aws.apigateway.Stage(
            "it", rest_api=api.id, deployment="d", stage_name="live", **inputs
        )
        for path, values in settings:
            aws.apigateway.MethodSettings(
                path, rest_api=api.id, stage_name="live", method_path=path, settings=values
            )
        if associated:
            aws.wafv2.WebAclAssociation("acl", resource_arn=it.arn, web_acl_arn=ACL)

    return program


def calling(connection="INTERNET", **inputs):
    """A stage of an API with a backend at an address."""

    def program():
        api = to("https://b.example", connectionType=connection)()
        aws.apigateway.Stage("stage", rest_api=api.id, deployment="d", stage_name="v", **inputs)

    return program


def settings(**values):
    return lambda: aws.apigateway.MethodSettings(
        "it", rest_api="r", stage_name="live", method_path="*/*", settings=values
    )


def logging(form):
    return stage(access_log_settings={"destination_arn": GROUP, "format": form})


def method(authorization="NONE", http_method="GET", **inputs):
    return lambda: aws.apigateway.Method(
        "it",
        rest_api="r",
        resource_id="s",
        http_method=http_method,
        authorization=authorization,
        **inputs,
    )


def validated(**checks):
    def program():
        validator = aws.apigateway.RequestValidator("validator", rest_api="r", **checks)
        method(http_method="POST", request_validator_id=validator.id)()

    return program


def named(**inputs):
    """A REST API with a name of its own."""

    def program():
        it = aws.apigateway.RestApi("it", **inputs)
        aws.apigateway.BasePathMapping("name", domain_name="api.example.com", rest_api=it.id)

    return program


def behind_cloudfront(policy):
    def program():
        api = aws.apigateway.RestApi("it", security_policy=policy, endpoint_access_mode="STRICT")
        host = api.id.apply(lambda i: f"{i}.execute-api.eu-central-1.amazonaws.com")
        aws.cloudfront.Distribution(
            "edge",
            enabled=True,
            origins=[{"origin_id": "api", "domain_name": host}],
            default_cache_behavior={
                "target_origin_id": "api",
                "allowed_methods": ["GET", "HEAD"],
                "cached_methods": ["GET", "HEAD"],
                "viewer_protocol_policy": "https-only",
            },
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate={"cloudfront_default_certificate": True},
        )

    return program


def integration(**inputs):
    return lambda: aws.apigateway.Integration(
        "it", rest_api="r", resource_id="s", http_method="GET", type="HTTP", **inputs
    )


def http(**inputs):
    return lambda: aws.apigatewayv2.Api("it", protocol_type="HTTP", **inputs)


def http_stage(**inputs):
    return lambda: aws.apigatewayv2.Stage("it", api_id="a", **inputs)


def route(key, **inputs):
    return lambda: aws.apigatewayv2.Route("it", api_id="a", route_key=key, **inputs)


LIMITED = {"throttling_rate_limit": 10, "throttling_burst_limit": 20}
ONLY_1_3, FROM_1_2 = "SecurityPolicy_TLS13_1_3_2025_09", "SecurityPolicy_TLS13_1_2_2021_06"

OTHERS = {"requestBody": {"content": {"$default": {}, "application/json": {}}}}

CASES = {
    A + "backends-can-tell-who-calls": (
        calling(client_certificate_id="c"),
        calling(),
        calling(connection="VPC_LINK"),
    ),
    A + "import-stops-at-a-warning": (
        rest(body=text(), fail_on_warnings=True),
        of(),
        rest(),
    ),
    A + "another-content-type-is-checked-too": (of("post", **OTHERS), of("post", **BODY), of()),
    A + "api-is-behind-an-edge": (behind_cloudfront(FROM_1_2), rest(), nothing),
    A + "stage-has-web-acl": (stage(associated=True), stage(), nothing),
    A + "access-logs-are-kept": (logging("$context.requestId"), stage(), nothing),
    A + "access-logs-hold-no-token": (
        logging("$context.requestId $context.identity.apiKeyId $context.authorizer.claims.sub"),
        logging("$context.requestId $context.identity.apiKey"),
        stage(),
    ),
    A + "execution-logs-are-kept": (
        stage(("*/*", {"logging_level": "ERROR"})),
        stage(("*/*", {"logging_level": "OFF"})),
        nothing,
    ),
    A + "execution-logs-hold-no-data": (
        settings(logging_level="INFO"),
        settings(data_trace_enabled=True),
        http_stage(),
    ),
    A + "requests-are-traced": (stage(xray_tracing_enabled=True), stage(), nothing),
    A + "requests-are-limited": (stage(("*/*", LIMITED)), stage(), nothing),
    A + "cached-answers-are-encrypted": (
        settings(caching_enabled=True, cache_data_encrypted=True),
        settings(caching_enabled=True),
        settings(),
    ),
    A + "every-operation-is-authorised": (of(security=READS), of(), rest()),
    A + "public-operations-only-read": (
        of(security=[]),
        of("post", security=[]),
        of("post", security=READS),
    ),
    A + "user-pool-tokens-need-a-scope": (
        of(security=READS),
        of(security=[{"pool": []}]),
        of(security=[{"iam": []}]),
    ),
    A + "every-method-is-authorised": (method("AWS_IAM"), method(), method(http_method="OPTIONS")),
    A + "requests-are-validated": (
        of("post", CHECKED, **BODY),
        of("post", **BODY),
        of("post"),
    ),
    A + "bodies-are-validated": (
        validated(validate_request_body=True),
        method(http_method="POST"),
        method(),
    ),
    A + "tls-is-1-2-at-least": (
        rest(security_policy="TLS_1_2"),
        rest(security_policy="TLS_1_0"),
        nothing,
    ),
    A + "host-is-the-one-of-the-handshake": (
        rest(security_policy=FROM_1_2, endpoint_access_mode="STRICT"),
        rest(security_policy=FROM_1_2, endpoint_access_mode="BASIC"),
        rest(security_policy="TLS_1_2"),
    ),
    A + "tls-1-2-is-left-to-the-edge": (
        behind_cloudfront(FROM_1_2),
        behind_cloudfront(ONLY_1_3),
        rest(security_policy=ONLY_1_3, endpoint_access_mode="STRICT"),
    ),
    A + "default-endpoint-is-off-behind-a-name": (
        named(disable_execute_api_endpoint=True),
        named(),
        rest(),
    ),
    A + "backends-are-called-over-tls": (
        to("https://backend.example.com"),
        to("http://backend.example.com"),
        to("arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/f/invocations"),
    ),
    A + "certificates-of-backends-are-checked": (
        to("https://backend.example.com"),
        to("https://backend.example.com", tlsConfig={"insecureSkipVerification": True}),
        integration(uri="https://backend.example.com"),
    ),
    A + "cors-names-its-origins": (
        http(cors_configuration={"allow_origins": ["https://shop.example.com"]}),
        http(cors_configuration={"allow_origins": ["*"]}),
        http(),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""

ALSO = {
    "a key is no authoriser": (A + "every-operation-is-authorised", of(security=[{"key": []}])),
    "an unknown scheme is no authoriser": (
        A + "every-operation-is-authorised",
        of(security=[{"other": []}]),
    ),
    "an operation for all methods counts": (
        A + "every-operation-is-authorised",
        of("x-amazon-apigateway-any-method"),
    ),
    "a method's own settings without a level": (
        A + "execution-logs-are-kept",
        stage(("*/*", {"logging_level": "ERROR"}), ("payments/GET", LIMITED)),
    ),
    "settings for one method only": (
        A + "requests-are-limited",
        stage(("payments/GET", LIMITED)),
    ),
    "a stage of an HTTP API without a limit": (A + "requests-are-limited", http_stage()),
    "an HTTP API's route without an authoriser": (A + "every-method-is-authorised", route("GET /")),
    "a socket's way in": (A + "every-method-is-authorised", route("$connect")),
    "a method that takes any token of its pool": (
        A + "user-pool-tokens-need-a-scope",
        method("COGNITO_USER_POOLS", authorizer_id="a"),
    ),
    "a validator that leaves the body out": (
        A + "requests-are-validated",
        of(
            "post",
            CHECKED | {"x-amazon-apigateway-request-validator": "parameters"},
            **BODY,
        ),
    ),
    "a validator that leaves a method's body out": (
        A + "bodies-are-validated",
        validated(validate_request_parameters=True),
    ),
    "an API that says nothing of TLS": (A + "tls-is-1-2-at-least", rest()),
    "an authoriser's token in the log": (
        A + "access-logs-hold-no-token",
        logging("$context.requestId $context.authorizer.accessToken"),
    ),
    "an integration in the clear": (
        A + "backends-are-called-over-tls",
        integration(uri="http://backend.example.com"),
    ),
    "an integration that takes any certificate": (
        A + "certificates-of-backends-are-checked",
        integration(tls_config={"insecure_skip_verification": True}),
    ),
}
"""More that fails."""

FINE = {
    "a token's use is no token": (
        A + "access-logs-hold-no-token",
        logging("$context.requestId $context.authorizer.claims.token_use"),
    ),
    "the document's security is its operations'": (
        A + "every-operation-is-authorised",
        of(document={"security": READS}),
    ),
    "what says that it is public": (A + "every-operation-is-authorised", of(security=[])),
    "a request signed for IAM": (A + "every-operation-is-authorised", of(security=[{"iam": []}])),
    "a document in YAML": (
        A + "every-operation-is-authorised",
        rest(body="openapi: 3.0.1\npaths:\n  /payments:\n    get:\n      security: []\n"),
    ),
    "a TLS policy in the document": (
        A + "tls-is-1-2-at-least",
        of(document={"x-amazon-apigateway-security-policy": "TLS_1_2"}),
    ),
    "a route that asks for a token": (
        A + "every-method-is-authorised",
        route("GET /", authorization_type="JWT"),
    ),
    "a stage of an HTTP API with limits": (
        A + "requests-are-limited",
        http_stage(default_route_settings=LIMITED),
    ),
}
"""More that passes."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()


def test_a_backend_of_a_single_method_is_at_an_address_too(outcomes):
    def program():
        api = aws.apigateway.RestApi("api")
        aws.apigateway.Integration(
            "it", rest_api=api.id, resource_id="r", http_method="GET", type="HTTP_PROXY",
            uri="https://b.example",
        )  # fmt: skip
        aws.apigateway.Stage("stage", rest_api=api.id, deployment="d", stage_name="v")

    assert outcomes(A + "backends-can-tell-who-calls", program) == {"fail"}


def test_a_socket_that_closes_is_not_asked_who_it_is(outcomes):
    assert outcomes(A + "every-method-is-authorised", route("$disconnect")) == {"not applicable"}


def test_a_stage_and_its_settings_meet_by_name_too(outcomes):
    def program():
        aws.apigateway.Stage("it", rest_api="r", deployment="d", stage_name="live")
        settings(logging_level="ERROR")()

    def of_another_stage():
        aws.apigateway.Stage("stage", rest_api="r", deployment="d", stage_name="other")
        settings(logging_level="ERROR")()

    assert outcomes(A + "execution-logs-are-kept", program) == {"pass"}
    assert outcomes(A + "execution-logs-are-kept", of_another_stage) == {"fail"}


def test_each_operation_that_fails_is_named(found):
    (finding,) = found(A + "every-operation-is-authorised", of())

    assert finding == ("fail", "it", "body.paths./payments.get")
