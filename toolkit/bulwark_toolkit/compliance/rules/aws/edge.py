"""CloudFront distributions: TLS, logs, headers, caches, and what they pass on to an API."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from bulwark_toolkit.compliance.operations import ANY, Operation, operations
from bulwark_toolkit.compliance.origins import DISTRIBUTION, apis_behind
from bulwark_toolkit.compliance.regions import region_of
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import NotKnownError, Subject

CACHE: Final = "aws:cloudfront/cachePolicy:CachePolicy"
REQUEST: Final = "aws:cloudfront/originRequestPolicy:OriginRequestPolicy"
HEADERS: Final = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
SOURCE: Final = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
DELIVERY: Final = "aws:cloudwatch/logDelivery:LogDelivery"
STAGE: Final = "aws:apigateway/stage:Stage"
ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"
ACL: Final = "aws:wafv2/webAcl:WebAcl"

_OF_THE_EDGE: Final = "us-east-1"

_TLS: Final = {"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"}
"""CloudFront Developer Guide, "Supported protocols and ciphers": the older ones for 1.2 have
ciphers without forward secrecy."""

_STS: Final = "securityHeadersConfig.strictTransportSecurity"

_A_YEAR: Final = 31_536_000

_DISCREET: Final = {
    "no-referrer",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
}
"""Referrer policies by which another site learns the host at most."""

_SECURE_HEADERS: Final = {
    "67f7725c-6f97-4210-82d7-5512b31e9d03",  # SecurityHeadersPolicy
    "e61eb60c-9c35-4d20-a928-2b84e02af89c",  # CORS-and-SecurityHeadersPolicy
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63",  # CORS-with-preflight-and-SecurityHeadersPolicy
}
"""AWS's own policies with HSTS for a year, nosniff, SAMEORIGIN and a referrer policy."""

_NO_SECURE_HEADERS: Final = {
    "60669652-455b-4ae9-85a4-c4c02393f86c",  # SimpleCORS
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd",  # CORS-With-Preflight
}

_NEVER_CACHED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""AWS's own policy CachingDisabled."""

_CACHED_WITHOUT_HEADERS: Final = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6",  # CachingOptimized
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",  # CachingOptimizedForUncompressedObjects
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65",  # UseOriginCacheControlHeaders
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe",  # UseOriginCacheControlHeaders-QueryStrings
}
"""AWS's own policies that keep answers and do not tell them apart by Authorization."""

_EVERY: Final = "*"

_REQUESTS: Final = {
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": {_EVERY},  # AllViewerExceptHostHeader
    "216adef6-5c7f-47e4-b989-5492eafa07d3": {_EVERY, "host"},  # AllViewer
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": {_EVERY, "host"},  # with CloudFront's own headers
    "59781a5b-3903-41f3-afcb-af62929ccde1": {"origin"},  # CORS-CustomOrigin
    "acba4595-bd28-49b8-b9fe-13317c0390fa": {"user-agent", "referer"},  # UserAgentReferer
    "bf0718e1-ba1e-49d1-88b1-f726733018fe": {"host"},  # HostHeaderOnly
}
"""The headers that AWS's own origin request policies pass on."""

_ALWAYS: Final = {"accept", "content-type", "content-length", "user-agent"}
"""Headers that reach an origin whatever the policies say, some of them with another value."""


@rule(
    "aws.edge.distribution-has-web-acl",
    DISTRIBUTION,
    severity="high",
    requires="Every distribution has a web ACL of AWS WAF's scope CLOUDFRONT",
    remediation="Set webAclId to the ARN of a web ACL of scope CLOUDFRONT in us-east-1.",
    reference="CloudFront.6",
)
def distribution_has_web_acl(distribution: Subject) -> Iterator[Verdict]:
    arn = distribution.get("webAclId", "")
    yield Verdict(f":wafv2:{_OF_THE_EDGE}:" in arn and ":global/webacl/" in arn, "webAclId", arn)


@rule(
    "aws.edge.requests-are-logged",
    DISTRIBUTION,
    severity="high",
    requires="Every distribution writes a line for each request",
    remediation="Set loggingConfig with a bucket, or make a LogDeliverySource with a LogDelivery.",
    reference="CloudFront.5",
    alone=False,
)
def requests_are_logged(distribution: Subject) -> Iterator[Verdict]:
    places = [distribution.get("loggingConfig.bucket")] + [
        delivery.get("deliveryDestinationArn")
        for source in distribution.attached(SOURCE, by="resourceArn")
        for delivery in source.attached(DELIVERY, by="deliverySourceName")
    ]
    found = [place for place in places if place]
    yield Verdict(bool(found), "loggingConfig", found)


@rule(
    "aws.edge.logs-hold-no-cookie",
    DISTRIBUTION,
    severity="high",
    requires="No distribution logs cookies",
    remediation="Set loggingConfig.includeCookies to false.",
    reference="PCI 8.3.2",
)
def logs_hold_no_cookie(distribution: Subject) -> Iterator[Verdict]:
    cookies = distribution.get("loggingConfig.includeCookies", False)
    yield Verdict(cookies is False, "loggingConfig.includeCookies", cookies)


@rule(
    "aws.edge.log-deliveries-are-in-us-east-1",
    SOURCE,
    severity="medium",
    requires="The log of a distribution is delivered from us-east-1",
    remediation="Set the region of the source, its destination and the delivery to us-east-1.",
    reference="CloudFront.5",
    alone=False,
)
def log_deliveries_are_in_us_east_1(source: Subject) -> Iterator[Verdict]:
    if ":cloudfront:" in source.get("resourceArn"):
        for part in (source, *source.attached(DELIVERY, by="deliverySourceName")):
            region = region_of(part)
            yield Verdict(region == _OF_THE_EDGE, "region", region, urn=part.urn)


@rule(
    "aws.edge.viewers-speak-tls-1-2-at-least",
    DISTRIBUTION,
    severity="high",
    requires="No distribution speaks TLS before 1.2, or a cipher without forward secrecy",
    remediation="Give the distribution a certificate of its own, and set minimumProtocolVersion "
    "to TLSv1.2_2021 or newer: with CloudFront's own certificate TLS 1.0 stays on.",
    reference="CloudFront.15",
)
def viewers_speak_tls_1_2_at_least(distribution: Subject) -> Iterator[Verdict]:
    at = "viewerCertificate.minimumProtocolVersion"
    lowest = distribution.get(at, "TLSv1")
    if distribution.get("viewerCertificate.cloudfrontDefaultCertificate", False):
        lowest = "TLSv1"
    yield Verdict(lowest in _TLS, at, lowest)


@rule(
    "aws.edge.viewers-name-the-host-they-want",
    DISTRIBUTION,
    severity="medium",
    requires="A distribution with a certificate of its own answers by the name that is asked for",
    remediation="Set viewerCertificate.sslSupportMethod to sni-only: an address of its own is "
    "billed, and serves only browsers without TLS 1.2.",
    reference="CloudFront.8",
)
def viewers_name_the_host_they_want(distribution: Subject) -> Iterator[Verdict]:
    own = ("acmCertificateArn", "iamCertificateId")
    if any(distribution.has(f"viewerCertificate.{name}") for name in own):
        at = "viewerCertificate.sslSupportMethod"
        method = distribution.get(at)
        yield Verdict(method == "sni-only", at, method)


@rule(
    "aws.edge.certificate-is-in-us-east-1",
    DISTRIBUTION,
    severity="high",
    requires="A distribution's certificate is in us-east-1",
    remediation="Have the certificate issued in us-east-1: CloudFront looks nowhere else.",
    reference="CloudFront.7",
)
def certificate_is_in_us_east_1(distribution: Subject) -> Iterator[Verdict]:
    at = "viewerCertificate.acmCertificateArn"
    if arn := distribution.get(at):
        yield Verdict(f":acm:{_OF_THE_EDGE}:" in arn, at, arn)


@rule(
    "aws.edge.viewers-are-led-to-https",
    DISTRIBUTION,
    severity="high",
    requires="Nothing is answered without TLS",
    remediation="Set viewerProtocolPolicy to redirect-to-https or https-only in each behaviour.",
    reference="CloudFront.3",
)
def viewers_are_led_to_https(distribution: Subject) -> Iterator[Verdict]:
    for behaviour in _behaviours(distribution):
        at = f"{behaviour}.viewerProtocolPolicy"
        policy = distribution.get(at)
        yield Verdict(policy in {"https-only", "redirect-to-https"}, at, policy)


@rule(
    "aws.edge.origins-are-called-over-tls",
    DISTRIBUTION,
    severity="high",
    requires="Origins are called by https",
    remediation="Set originProtocolPolicy to https-only.",
    reference="CloudFront.9",
)
def origins_are_called_over_tls(distribution: Subject) -> Iterator[Verdict]:
    for at in _custom_origins(distribution, "originProtocolPolicy"):
        policy = distribution.get(at)
        yield Verdict(policy == "https-only", at, policy)


@rule(
    "aws.edge.origins-are-called-with-tls-1-2",
    DISTRIBUTION,
    severity="high",
    requires="Origins are called with TLS 1.2, the newest that CloudFront speaks to them",
    remediation="Set originSslProtocols to TLSv1.2 alone.",
    reference="CloudFront.10",
)
def origins_are_called_with_tls_1_2(distribution: Subject) -> Iterator[Verdict]:
    for at in _custom_origins(distribution, "originSslProtocols"):
        protocols = distribution.items(at)
        yield Verdict(protocols == ["TLSv1.2"], at, protocols)


@rule(
    "aws.edge.buckets-are-reached-by-the-edge-alone",
    DISTRIBUTION,
    severity="medium",
    requires="Origins that are buckets have an origin access control",
    remediation="Set originAccessControlId, and let the bucket's policy admit the distribution.",
    reference="CloudFront.13",
)
def buckets_are_reached_by_the_edge_alone(distribution: Subject) -> Iterator[Verdict]:
    for origin in distribution.each("origins"):
        if _is_bucket(distribution, origin):
            at = f"{origin}.originAccessControlId"
            yield Verdict(distribution.has(at), at, distribution.get(at))


@rule(
    "aws.edge.the-root-has-an-object",
    DISTRIBUTION,
    severity="low",
    requires="A distribution of a bucket has a default root object",
    remediation="Set defaultRootObject, or a request for / lists the bucket or fails.",
    reference="CloudFront.1",
)
def the_root_has_an_object(distribution: Subject) -> Iterator[Verdict]:
    target = distribution.get("defaultCacheBehavior.targetOriginId")
    for origin in distribution.each("origins"):
        if distribution.get(f"{origin}.originId") == target and _is_bucket(distribution, origin):
            found = distribution.get("defaultRootObject")
            yield Verdict(bool(found), "defaultRootObject", found)


@rule(
    "aws.edge.browsers-are-held-to-https",
    DISTRIBUTION,
    severity="high",
    requires="Every answer has Strict-Transport-Security for a year at least",
    remediation="Give each behaviour a response headers policy with strictTransportSecurity, "
    "override and an accessControlMaxAgeSec of 31536000 or more.",
    reference="OWASP A02:2021",
    alone=False,
)
def browsers_are_held_to_https(distribution: Subject) -> Iterator[Verdict]:
    for behaviour in _behaviours(distribution):
        at, policy, known = _headers_policy(distribution, behaviour)
        age = policy.get(f"{_STS}.accessControlMaxAgeSec", 0) if policy else _A_YEAR * known
        if policy and not policy.get(f"{_STS}.override", False):
            age = 0  # the origin may say less
        yield Verdict(age >= _A_YEAR, at, f"{age} seconds")


@rule(
    "aws.edge.hosts-below-are-held-to-https",
    HEADERS,
    severity="low",
    requires="Strict-Transport-Security holds for the hosts below as well",
    remediation="Set includeSubdomains in strictTransportSecurity.",
    reference="OWASP A02:2021",
)
def hosts_below_are_held_to_https(policy: Subject) -> Iterator[Verdict]:
    if policy.has(_STS):
        at = f"{_STS}.includeSubdomains"
        yield Verdict(policy.get(at, False) is True, at, policy.get(at, False))


@rule(
    "aws.edge.origins-cannot-loosen-headers",
    HEADERS,
    severity="low",
    requires="Security headers take the place of the origin's",
    remediation="Set override in each part of securityHeadersConfig.",
    reference="OWASP A05:2021",
)
def origins_cannot_loosen_headers(policy: Subject) -> Iterator[Verdict]:
    for name in policy.get("securityHeadersConfig", {}):
        at = f"securityHeadersConfig.{name}.override"
        yield Verdict(policy.get(at, False) is True, at, policy.get(at, False))


@rule(
    "aws.edge.answers-are-neither-guessed-at-nor-framed",
    DISTRIBUTION,
    severity="medium",
    requires="Every answer forbids browsers to guess its type and strangers to frame it",
    remediation="Give each behaviour a response headers policy with contentTypeOptions, and "
    "with frameOptions or a contentSecurityPolicy with frame-ancestors.",
    reference="OWASP A05:2021",
    alone=False,
)
def answers_are_neither_guessed_at_nor_framed(distribution: Subject) -> Iterator[Verdict]:
    for behaviour in _behaviours(distribution):
        at, policy, known = _headers_policy(distribution, behaviour)
        passes = known
        if policy:
            headers = policy.get("securityHeadersConfig", {})
            content = headers.get("contentSecurityPolicy", {}).get("contentSecurityPolicy", "")
            framed = "frameOptions" in headers or "frame-ancestors" in content
            passes = framed and "contentTypeOptions" in headers
        yield Verdict(passes, at, policy.resource.name if policy else distribution.get(at))


@rule(
    "aws.edge.pages-say-what-they-load",
    DISTRIBUTION,
    severity="medium",
    requires="Every answer says which scripts a page may load",
    remediation="Give each behaviour a response headers policy with a contentSecurityPolicy.",
    reference="PCI 6.4.3",
    alone=False,
)
def pages_say_what_they_load(distribution: Subject) -> Iterator[Verdict]:
    for behaviour in _behaviours(distribution):
        # None of AWS's own policies has one.
        at, policy, _ = _headers_policy(distribution, behaviour)
        path = "securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy"
        content = policy.get(path) if policy else None
        yield Verdict(bool(content), at, content)


@rule(
    "aws.edge.addresses-are-not-told-to-others",
    DISTRIBUTION,
    severity="low",
    requires="No page tells other sites its whole address",
    remediation="Give each behaviour a response headers policy with a referrerPolicy such as "
    "no-referrer or strict-origin-when-cross-origin.",
    reference="OWASP A05:2021",
    alone=False,
)
def addresses_are_not_told_to_others(distribution: Subject) -> Iterator[Verdict]:
    for behaviour in _behaviours(distribution):
        at, policy, known = _headers_policy(distribution, behaviour)
        path = "securityHeadersConfig.referrerPolicy.referrerPolicy"
        said = policy.get(path) if policy else None
        yield Verdict(known or said in _DISCREET, at, said)


@rule(
    "aws.edge.answers-to-a-token-are-nobody-elses",
    DISTRIBUTION,
    severity="critical",
    requires="A behaviour that passes tokens on caches nothing, or tells answers apart by token",
    remediation="Use the cache policy CachingDisabled for an API, or put Authorization into the "
    "cache key.",
    reference="OWASP API1:2023",
    alone=False,
)
def answers_to_a_token_are_nobody_elses(distribution: Subject) -> Iterator[Verdict]:
    for behaviour in _behaviours(distribution):
        if {_EVERY, "authorization"} & _by_request(distribution, behaviour):
            at = f"{behaviour}.cachePolicyId"
            apart = "authorization" in _by_cache(distribution, behaviour)
            passes = apart or not _is_cached(distribution, behaviour)
            yield Verdict(passes, at, distribution.get(at))


@rule(
    "aws.edge.methods-reach-the-api",
    DISTRIBUTION,
    severity="medium",
    requires="The edge passes on every method that the API has",
    remediation="Set allowedMethods of the behaviour to all seven methods.",
    reference="OWASP API9:2023",
    alone=False,
)
def methods_reach_the_api(distribution: Subject) -> Iterator[Verdict]:
    for api, behaviour, asked in _asked_of_apis(distribution):
        at = f"{behaviour}.allowedMethods"
        allowed = set(distribution.items(at))
        # The edge refuses TRACE and CONNECT, and an operation for ANY is content with the rest.
        missing = sorted({o.method for o in asked} - allowed - {ANY, "TRACE"})
        text = f"does not pass on {', '.join(missing)} to {api.resource.name}"
        yield Verdict(not missing, at, ", ".join(sorted(allowed)), text)


@rule(
    "aws.edge.headers-reach-the-api",
    DISTRIBUTION,
    severity="high",
    requires="The edge passes on every header that the API needs, Authorization first",
    remediation="Use the origin request policy AllViewerExceptHostHeader, or name the headers; "
    "Authorization can be named in a cache policy only.",
    reference="OWASP API9:2023",
    alone=False,
)
def headers_reach_the_api(distribution: Subject) -> Iterator[Verdict]:
    for api, behaviour, asked in _asked_of_apis(distribution):
        passed = _passed(distribution, behaviour)
        needed = {header for operation in asked for header in _needs(operation)}
        missing = [] if _EVERY in passed else sorted(needed - passed - _ALWAYS)
        at = f"{behaviour}.originRequestPolicyId"
        text = f"does not pass on {', '.join(missing)} to {api.resource.name}"
        yield Verdict(not missing, at, distribution.get(at), text)


@rule(
    "aws.edge.host-stays-at-the-edge",
    DISTRIBUTION,
    severity="medium",
    requires="An API is called by its own host name, and not by the edge's",
    remediation="Use the origin request policy AllViewerExceptHostHeader: API Gateway refuses a "
    "Host that is not its own.",
    reference="OWASP API9:2023",
    alone=False,
)
def host_stays_at_the_edge(distribution: Subject) -> Iterator[Verdict]:
    for origin, _ in apis_behind(distribution):
        for behaviour in _behaviours_to(distribution, origin):
            at = f"{behaviour}.originRequestPolicyId"
            passed = _passed(distribution, behaviour)
            yield Verdict("host" not in passed, at, distribution.get(at))


@rule(
    "aws.edge.api-answers-the-edge-alone",
    DISTRIBUTION,
    severity="high",
    requires="An API behind the edge refuses what does not come through it",
    remediation="Let the edge send a secret header, and the stage's web ACL block what is "
    "without it.",
    reference="PCI 1.4.2",
    alone=False,
)
def api_answers_the_edge_alone(distribution: Subject) -> Iterator[Verdict]:
    for origin, api in apis_behind(distribution):
        sent = {
            distribution.get(f"{header}.name", "").lower()
            for header in distribution.each(f"{origin}.customHeaders")
        }
        for stage in api.attached(STAGE, by="restApi"):
            asked = sent & _demanded(stage)
            yield Verdict(bool(asked), f"{origin}.customHeaders", ", ".join(sorted(asked)))


def _behaviours(distribution: Subject) -> list[str]:
    """In the order in which CloudFront tries them."""
    return [*distribution.each("orderedCacheBehaviors"), "defaultCacheBehavior"]


def _behaviours_to(distribution: Subject, origin: str) -> list[str]:
    target = distribution.get(f"{origin}.originId")
    return [
        behaviour
        for behaviour in _behaviours(distribution)
        if distribution.get(f"{behaviour}.targetOriginId") == target
    ]


def _custom_origins(distribution: Subject, setting: str) -> Iterator[str]:
    for origin in distribution.each("origins"):
        if distribution.has(f"{origin}.customOriginConfig"):
            yield f"{origin}.customOriginConfig.{setting}"


def _is_bucket(distribution: Subject, origin: str) -> bool:
    """A bucket itself; one that is a website is an origin like any other."""
    host = distribution.get(f"{origin}.domainName", "")
    return ".s3." in host and not distribution.has(f"{origin}.customOriginConfig")


def _of(distribution: Subject, token: str, at: str) -> Subject | None:
    """The policy that a behaviour names, if it is in the program.

    By its id alone: all behaviours together depend on the policies of each.
    """
    graph = distribution.graph
    by_id = graph.once(
        ("by id", token),
        lambda: {policy.id: policy for policy in graph.of_type(token) if policy.kind == "custom"},
    )
    found = by_id.get(distribution.get(at))
    return Subject(found, graph) if found else None


def _headers_policy(distribution: Subject, behaviour: str) -> tuple[str, Subject | None, bool]:
    """Where a behaviour names its headers, the policy, and whether it is one of AWS's good ones."""
    at = f"{behaviour}.responseHeadersPolicyId"
    named = distribution.get(at)
    policy = _of(distribution, HEADERS, at)
    if policy is None and named not in {None, *_SECURE_HEADERS, *_NO_SECURE_HEADERS}:
        raise NotKnownError(distribution.urn, at)
    return at, policy, named in _SECURE_HEADERS


def _by_request(distribution: Subject, behaviour: str) -> set[str]:
    """The headers that the origin request policy passes on, in small letters; a star for all."""
    at = f"{behaviour}.originRequestPolicyId"
    if policy := _of(distribution, REQUEST, at):
        named = _listed(policy, "headersConfig.headers.items")
        match policy.get("headersConfig.headerBehavior"):
            case "allViewer" | "allViewerAndWhitelistCloudFront":
                return {_EVERY, "host"}
            case "allExcept":
                return {_EVERY} if "host" in named else {_EVERY, "host"}
        return named
    named = distribution.get(at)
    if named is not None and named not in _REQUESTS:
        raise NotKnownError(distribution.urn, at)
    return _REQUESTS[named] if named else set()


def _by_cache(distribution: Subject, behaviour: str) -> set[str]:
    """The headers by which answers are told apart, which are passed on as well."""
    at = f"{behaviour}.cachePolicyId"
    if policy := _of(distribution, CACHE, at):
        keys = "parametersInCacheKeyAndForwardedToOrigin.headersConfig.headers.items"
        return _listed(policy, keys)
    named = distribution.get(at)
    if named is not None and named not in {_NEVER_CACHED, *_CACHED_WITHOUT_HEADERS}:
        raise NotKnownError(distribution.urn, at)
    return _listed(distribution, f"{behaviour}.forwardedValues.headers")


def _passed(distribution: Subject, behaviour: str) -> set[str]:
    return _by_request(distribution, behaviour) | _by_cache(distribution, behaviour)


def _is_cached(distribution: Subject, behaviour: str) -> bool:
    """Whether an answer may be kept, if it does not forbid it itself."""
    at = f"{behaviour}.cachePolicyId"
    if policy := _of(distribution, CACHE, at):
        return policy.get("maxTtl", _A_YEAR) > 0
    if distribution.has(at):
        return distribution.get(at) != _NEVER_CACHED
    return distribution.get(f"{behaviour}.maxTtl", _A_YEAR) > 0


def _listed(subject: Subject, at: str) -> set[str]:
    return {header.lower() for header in subject.items(at)}


def _asked_of_apis(distribution: Subject) -> Iterator[tuple[Subject, str, list[Operation]]]:
    """For each API and each behaviour that leads to it: the operations that it is asked for."""
    for origin, api in apis_behind(distribution):
        leading = _behaviours_to(distribution, origin)
        asked: dict[str, list[Operation]] = {}
        for operation in operations(api):
            asked.setdefault(_behaviour_of(distribution, operation.path), []).append(operation)
        for behaviour in leading:
            if behaviour in asked:
                yield api, behaviour, asked[behaviour]


def _behaviour_of(distribution: Subject, path: str) -> str:
    """The first behaviour whose pattern a path matches."""
    for behaviour in distribution.each("orderedCacheBehaviors"):
        pattern = distribution.get(f"{behaviour}.pathPattern", "")
        if fnmatchcase(path, f"/{pattern.removeprefix('/')}"):
            return behaviour
    return "defaultCacheBehavior"


def _needs(operation: Operation) -> Iterator[str]:
    """The headers that an operation reads, in small letters."""
    for parameter in operation.parameters:
        if parameter.get("in") == "header":
            yield parameter.get("name", "").lower()
    for schemes in operation.security or ():
        for name in schemes:
            scheme = operation.scheme(name)
            # A scheme of OpenAPI that is no apiKey is in this header by its kind.
            if scheme.get("type") != "apiKey" or scheme.get("in") == "header":
                yield scheme.get("name", "authorization").lower()


def _demanded(stage: Subject) -> set[str]:
    """The headers without which the stage's web ACLs block a request."""
    return {
        header
        for association in stage.attached(ASSOCIATION, by="resourceArn")
        for acl in [association.named(ACL, at="webAclArn")]
        if acl
        for path in acl.each("rules")
        if acl.has(f"{path}.action.block")
        for header in _compared(acl, f"{path}.statement.notStatement.statement")
    }


def _compared(acl: Subject, at: str) -> Iterator[str]:
    """The headers that a statement compares, in small letters, and those of its alternatives."""
    if header := acl.get(f"{at}.byteMatchStatement.fieldToMatch.singleHeader.name"):
        yield header.lower()
    for either in acl.each(f"{at}.orStatement.statements"):
        yield from _compared(acl, either)
