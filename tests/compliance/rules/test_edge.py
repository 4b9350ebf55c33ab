import json

import pulumi_aws as aws
import pytest
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import edge as rules

E = "aws.edge."
ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/it/1"
BUCKET = "it.s3.eu-central-1.amazonaws.com"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
LOG = "arn:aws:logs:us-east-1:123456789012:delivery-destination:it"
NEVER_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
ALL = "216adef6-5c7f-47e4-b989-5492eafa07d3"
CORS = "59781a5b-3903-41f3-afcb-af62929ccde1"
SECURE_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
SIMPLE_CORS = "60669652-455b-4ae9-85a4-c4c02393f86c"
METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
READING = ["GET", "HEAD"]
NONE = {"cookie_behavior": "none"}
FOR_API = {
    "allowed_methods": METHODS,
    "cache_policy_id": NEVER_CACHED,
    "origin_request_policy_id": ALL_BUT_HOST,
}
OVER_TLS = {
    "http_port": 80,
    "https_port": 443,
    "origin_protocol_policy": "https-only",
    "origin_ssl_protocols": ["TLSv1.2"],
}
DOCUMENT = json.dumps(
    {
        "openapi": "3.0.1",
        "paths": {
            "/payments": {
                "get": {"security": [{"pool": []}]},
                "post": {
                    "security": [{"pool": []}],
                    "parameters": [{"in": "header", "name": "Idempotency-Key"}],
                },
            },
            "/rates/today": {"get": {"security": []}},
        },
        "components": {
            "securitySchemes": {
                "pool": {"type": "apiKey", "name": "Authorization", "in": "header"},
            }
        },
    }
)


def nothing():
    """A program without a distribution."""
    aws.sqs.Queue("it")


def behaviour(**settings):
    return {
        "target_origin_id": "it",
        "allowed_methods": READING,
        "cached_methods": READING,
        "viewer_protocol_policy": "https-only",
    } | settings


def made(*more, default=None, host="backend.example.com", origin=None, **inputs):
    return aws.cloudfront.Distribution(
        "it",
        enabled=True,
        origins=[{"origin_id": "it", "domain_name": host} | (origin or {})],
        default_cache_behavior=behaviour(**(default or {})),
        ordered_cache_behaviors=[behaviour(**each) for each in more],
        restrictions={"geo_restriction": {"restriction_type": "none"}},
        viewer_certificate=inputs.pop(
            "viewer_certificate", {"cloudfront_default_certificate": True}
        ),
        **inputs,
    )


def edge(*more, **inputs):
    return lambda: made(*more, **inputs)


def headers(*, subdomains=True, override=True):
    return lambda: aws.cloudfront.ResponseHeadersPolicy(
        "it",
        security_headers_config={
            "content_type_options": {"override": True},
            "strict_transport_security": {
                "access_control_max_age_sec": 63_072_000,
                "include_subdomains": subdomains,
                "override": override,
            },
        },
    )


def behind(*more, demanded=None, sent="X-Edge", **default):
    """A distribution of an API, with a web ACL that demands a header."""

    def program():
        api = aws.apigateway.RestApi("api", body=DOCUMENT)
        stage = aws.apigateway.Stage("stage", rest_api=api.id, deployment="d", stage_name="live")
        host = api.id.apply(lambda i: f"{i}.execute-api.eu-central-1.amazonaws.com")
        origin = {"origin_path": "/live", "custom_headers": [{"name": sent, "value": "secret"}]}
        made(*more, host=host, origin=origin, default=FOR_API | default)
        if demanded:
            acl = demanding(demanded)
            aws.wafv2.WebAclAssociation("of", resource_arn=stage.arn, web_acl_arn=acl.arn)

    return program


def demanding(header):
    seen = {
        "metric_name": "it",
        "cloudwatch_metrics_enabled": True,
        "sampled_requests_enabled": False,
    }
    match = {
        "field_to_match": {"single_header": {"name": header}},
        "positional_constraint": "EXACTLY",
        "search_string": "secret",
        "text_transformations": [{"priority": 0, "type": "NONE"}],
    }
    # Two values hold while the secret is changed.
    either = {"or_statement": {"statements": [{"byte_match_statement": match}] * 2}}
    return aws.wafv2.WebAcl(
        "acl",
        scope="REGIONAL",
        default_action={"allow": {}},
        visibility_config=seen,
        rules=[
            {
                "name": "origin",
                "priority": 0,
                "action": {"block": {}},
                "statement": {"not_statement": {"statement": either}},
                "visibility_config": seen,
            }
        ],
    )


def delivered(region="us-east-1"):
    def program():
        source = aws.cloudwatch.LogDeliverySource(
            "source", log_type="ACCESS_LOGS", resource_arn=made().arn, region=region
        )
        aws.cloudwatch.LogDelivery(
            "delivery",
            delivery_source_name=source.name,
            delivery_destination_arn=LOG,
            region=region,
        )

    return program


def without_delivery():
    """A source that leads nowhere."""
    aws.cloudwatch.LogDeliverySource("source", log_type="ACCESS_LOGS", resource_arn=made().arn)


def other_delivery():
    aws.cloudwatch.LogDeliverySource(
        "source",
        log_type="APPLICATION_LOGS",
        resource_arn="arn:aws:bedrock:eu-central-1:123456789012:knowledge-base/it",
    )


def certified(minimum, arn=CERTIFICATE, method="sni-only"):
    return edge(
        viewer_certificate={
            "acm_certificate_arn": arn,
            "minimum_protocol_version": minimum,
            "ssl_support_method": method,
        }
    )


def calling(**settings):
    return edge(origin={"custom_origin_config": OVER_TLS | settings})


def with_headers(seconds=31_536_000, *, override=True, **more):
    def program():
        security = {
            "strict_transport_security": {
                "access_control_max_age_sec": seconds,
                "override": override,
            }
        }
        policy = aws.cloudfront.ResponseHeadersPolicy(
            "policy", security_headers_config=security | more
        )
        made(default={"response_headers_policy_id": policy.id})

    return program


def by_token(*headers, max_ttl=60, **requests):
    """A distribution that passes on all headers and keeps answers, by these headers."""

    def program():
        keyed = {"header_behavior": "none"}
        if headers:
            keyed = {"header_behavior": "whitelist", "headers": {"items": list(headers)}}
        policy = aws.cloudfront.CachePolicy(
            "policy",
            min_ttl=0,
            default_ttl=0,
            max_ttl=max_ttl,
            parameters_in_cache_key_and_forwarded_to_origin={
                "headers_config": keyed,
                "cookies_config": NONE,
                "query_strings_config": {"query_string_behavior": "all"},
            },
        )
        behind(cache_policy_id=policy.id, **requests)()

    return program


def passing(behavior, *headers):
    """A distribution of an API with an origin request policy of its own."""

    def program():
        policy = aws.cloudfront.OriginRequestPolicy(
            "policy",
            headers_config={"header_behavior": behavior, "headers": {"items": list(headers)}},
            cookies_config=NONE,
            query_strings_config={"query_string_behavior": "all"},
        )
        behind(origin_request_policy_id=policy.id)()

    return program


NO_SNIFFING = {"content_type_options": {"override": True}}
NO_FRAMES = {"frame_options": {"frame_option": "DENY", "override": True}}
CONTENT = {"content_security_policy": "frame-ancestors 'none'", "override": True}
RATES_ARE_KEPT = {
    "path_pattern": "/rates/*",
    "cache_policy_id": CACHED,
}

CASES = {
    E + "viewers-name-the-host-they-want": (
        certified("TLSv1.2_2021"),
        certified("TLSv1.2_2021", method="vip"),
        edge(),
    ),
    E + "hosts-below-are-held-to-https": (headers(), headers(subdomains=False), nothing),
    E + "origins-cannot-loosen-headers": (headers(), headers(override=False), nothing),
    E + "distribution-has-web-acl": (edge(web_acl_id=ACL), edge(), nothing),
    E + "requests-are-logged": (delivered(), edge(), nothing),
    E + "logs-hold-no-cookie": (
        edge(logging_config={"bucket": BUCKET}),
        edge(logging_config={"bucket": BUCKET, "include_cookies": True}),
        nothing,
    ),
    E + "log-deliveries-are-in-us-east-1": (
        delivered(),
        delivered(region="eu-central-1"),
        other_delivery,
    ),
    E + "viewers-speak-tls-1-2-at-least": (certified("TLSv1.2_2021"), edge(), nothing),
    E + "certificate-is-in-us-east-1": (
        certified("TLSv1.2_2021"),
        certified("TLSv1.2_2021", CERTIFICATE.replace("us-east-1", "eu-central-1")),
        edge(),
    ),
    E + "viewers-are-led-to-https": (
        edge(),
        edge(default={"viewer_protocol_policy": "allow-all"}),
        nothing,
    ),
    E + "origins-are-called-over-tls": (
        calling(),
        calling(origin_protocol_policy="match-viewer"),
        edge(host=BUCKET),
    ),
    E + "origins-are-called-with-tls-1-2": (
        calling(),
        calling(origin_ssl_protocols=["TLSv1.1", "TLSv1.2"]),
        edge(host=BUCKET),
    ),
    E + "buckets-are-reached-by-the-edge-alone": (
        edge(host=BUCKET, origin={"origin_access_control_id": "E1"}),
        edge(host=BUCKET),
        edge(),
    ),
    E + "the-root-has-an-object": (
        edge(host=BUCKET, default_root_object="index.html"),
        edge(host=BUCKET),
        edge(),
    ),
    E + "browsers-are-held-to-https": (with_headers(), with_headers(3600), nothing),
    E + "answers-are-neither-guessed-at-nor-framed": (
        with_headers(**NO_SNIFFING, **NO_FRAMES),
        with_headers(**NO_SNIFFING),
        nothing,
    ),
    E + "pages-say-what-they-load": (
        with_headers(content_security_policy=CONTENT),
        edge(default={"response_headers_policy_id": SECURE_HEADERS}),
        nothing,
    ),
    E + "addresses-are-not-told-to-others": (
        with_headers(referrer_policy={"referrer_policy": "no-referrer", "override": True}),
        with_headers(referrer_policy={"referrer_policy": "unsafe-url", "override": True}),
        nothing,
    ),
    E + "answers-to-a-token-are-nobody-elses": (
        behind(),
        behind(cache_policy_id=CACHED),
        edge(default={"cache_policy_id": CACHED}),
    ),
    E + "methods-reach-the-api": (behind(), behind(allowed_methods=READING), edge()),
    E + "headers-reach-the-api": (behind(), behind(origin_request_policy_id=None), edge()),
    E + "host-stays-at-the-edge": (behind(), behind(origin_request_policy_id=ALL), edge()),
    E + "api-answers-the-edge-alone": (behind(demanded="x-edge"), behind(), edge()),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""

ALSO = {
    "a web ACL of a region": (
        E + "distribution-has-web-acl",
        edge(web_acl_id=ACL.replace("global", "regional")),
    ),
    "a log's source without a delivery": (E + "requests-are-logged", without_delivery),
    "an old set of ciphers": (E + "viewers-speak-tls-1-2-at-least", certified("TLSv1.2_2018")),
    "one of many behaviours in the clear": (
        E + "viewers-are-led-to-https",
        edge({"path_pattern": "/a", "viewer_protocol_policy": "allow-all"}),
    ),
    "a policy of AWS without HSTS": (
        E + "browsers-are-held-to-https",
        edge(default={"response_headers_policy_id": SIMPLE_CORS}),
    ),
    "HSTS that an origin may weaken": (
        E + "browsers-are-held-to-https",
        with_headers(override=False),
    ),
    "answers without a policy": (E + "answers-are-neither-guessed-at-nor-framed", edge()),
    "answers kept by another header": (
        E + "answers-to-a-token-are-nobody-elses",
        by_token("Accept-Language"),
    ),
    "answers kept as the origin says": (
        E + "answers-to-a-token-are-nobody-elses",
        behind(cache_policy_id="83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
    ),
    "a behaviour that refuses what its path takes": (
        E + "methods-reach-the-api",
        behind({"path_pattern": "/pay*"}),
    ),
    "no header but Origin": (
        E + "headers-reach-the-api",
        behind(origin_request_policy_id=CORS),
    ),
    "a policy that forgets a header": (
        E + "headers-reach-the-api",
        by_token("Authorization", origin_request_policy_id=CORS),
    ),
    "all headers and the host's": (E + "host-stays-at-the-edge", passing("allViewer")),
    "a web ACL that demands another header": (
        E + "api-answers-the-edge-alone",
        behind(demanded="x-other"),
    ),
}
"""More that fails."""

FINE = {
    "logs in a bucket": (E + "requests-are-logged", edge(logging_config={"bucket": BUCKET})),
    "AWS's own secure headers": (
        E + "browsers-are-held-to-https",
        edge(default={"response_headers_policy_id": SECURE_HEADERS}),
    ),
    "frames forbidden by the content's policy": (
        E + "answers-are-neither-guessed-at-nor-framed",
        with_headers(**NO_SNIFFING, content_security_policy=CONTENT),
    ),
    "answers kept by token": (
        E + "answers-to-a-token-are-nobody-elses",
        by_token("Authorization"),
    ),
    "answers that are not kept": (E + "answers-to-a-token-are-nobody-elses", by_token(max_ttl=0)),
    "public answers kept without a token": (
        E + "answers-to-a-token-are-nobody-elses",
        behind(RATES_ARE_KEPT),
    ),
    "a path that only reads": (E + "methods-reach-the-api", behind(RATES_ARE_KEPT)),
    "a path that needs no header": (E + "headers-reach-the-api", behind(RATES_ARE_KEPT)),
    "all headers but the host's": (E + "headers-reach-the-api", passing("allExcept", "Host")),
    "the host's excepted": (E + "host-stays-at-the-edge", passing("allExcept", "Host")),
}
"""More that passes."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize(
    ("rule_id", "setting"),
    [
        ("browsers-are-held-to-https", "response_headers_policy_id"),
        ("headers-reach-the-api", "origin_request_policy_id"),
        ("answers-to-a-token-are-nobody-elses", "cache_policy_id"),
    ],
)
def test_a_policy_that_is_not_here_is_not_known(outcomes, rule_id, setting):
    assert "unknown" in outcomes(E + rule_id, behind(**{setting: "somebody-elses"}))


def test_an_api_is_found_behind_a_name_of_its_own(outcomes):
    def program():
        api = aws.apigateway.RestApi("api", body=DOCUMENT)
        name = aws.apigateway.DomainName("name", domain_name="api.example.com")
        aws.apigateway.BasePathMapping("of", domain_name=name.domain_name, rest_api=api.id)
        made(host="api.example.com", default=FOR_API | {"allowed_methods": READING})

    assert outcomes(E + "methods-reach-the-api", program) == {"fail"}
