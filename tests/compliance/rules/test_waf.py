import json

import pulumi
import pulumi_aws as aws
from rule_cases import (
    test_a_rule_fails_for,  # noqa: F401 asked of this file too
    test_a_rule_passes_fails_and_does_not_apply,  # noqa: F401 asked of this file too
    test_a_rule_passes_for,  # noqa: F401 asked of this file too
)

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import waf as rules

W = "aws.waf."
ACL = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/other/1"
POOL = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_aaaaaaaaa"
BALANCER = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/it/1"
LOG = "arn:aws:logs:eu-central-1:123456789012:log-group:aws-waf-logs-it"
LIST = "arn:aws:wafv2:eu-central-1:123456789012:regional/ipset/it/1"
COMMON = "AWSManagedRulesCommonRuleSet"
BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
SQL = "AWSManagedRulesSQLiRuleSet"
REPUTATION = "AWSManagedRulesAmazonIpReputationList"
ANONYMOUS = "AWSManagedRulesAnonymousIpList"
ADMINISTRATION = "AWSManagedRulesAdminProtectionRuleSet"
DROPPING = {
    "default_behavior": "DROP",
    "filters": [
        {
            "behavior": "KEEP",
            "requirement": "MEETS_ANY",
            "conditions": [{"action_condition": {"action": "BLOCK"}}],
        }
    ],
}
FROM_LIST = {"ip_set_reference_statement": {"arn": LIST}}
PLAIN = [{"priority": 0, "type": "NONE"}]
WITH_HEADER = {
    "byte_match_statement": {
        "field_to_match": {"single_header": {"name": "x-friend"}},
        "positional_constraint": "EXACTLY",
        "search_string": "yes",
        "text_transformations": PLAIN,
    }
}
OFTEN = {"rate_based_statement": {"limit": 2000, "aggregate_key_type": "IP"}}


def often(limit, **window):
    return {"rate_based_statement": {"limit": limit, "aggregate_key_type": "IP"} | window}


HIDDEN = [{"single_header": {"name": name}} for name in ("authorization", "cookie")]


def nothing():
    """A program without a web ACL."""
    aws.sqs.Queue("it")


def seen(*, measured=True, sampled=False):
    return {
        "metric_name": "it",
        "cloudwatch_metrics_enabled": measured,
        "sampled_requests_enabled": sampled,
    }


def group(name, override="none"):
    about = {"managed_rule_group_statement": {"vendor_name": "AWS", "name": name}}
    return {"statement": about, "override_action": {override: {}}}


def own(statement=FROM_LIST, action="block"):
    return {"statement": statement, "action": {action: {}}}


def body(size=8192, **handling):
    about = {"field_to_match": {"body": handling}, "text_transformations": PLAIN}
    return {"size_constraint_statement": about | {"comparison_operator": "GT", "size": size}}


def numbered(rules):
    return [
        {"name": f"rule-{n}", "priority": n, "visibility_config": seen()} | each
        for n, each in enumerate(rules)
    ]


def made(*rules, scope="REGIONAL", visibility=None, **inputs):
    return aws.wafv2.WebAcl(
        "it",
        scope=scope,
        default_action=inputs.pop("default_action", {"allow": {}}),
        visibility_config=visibility or seen(),
        rules=numbered(rules),
        **inputs,
    )


def acl(*rules, **inputs):
    return lambda: made(*rules, **inputs)


def before(arn, *rules):
    """A web ACL in front of something."""

    def program():
        aws.wafv2.WebAclAssociation("of", resource_arn=arn, web_acl_arn=made(*rules).arn)

    return program


def behind_an_edge(*rules, edge_acl=ACL):
    """A web ACL of an API that CloudFront is in front of."""

    def program():
        api = aws.apigateway.RestApi("api")
        stage = aws.apigateway.Stage("stage", rest_api=api.id, deployment="d", stage_name="live")
        host = api.id.apply(lambda i: f"{i}.execute-api.eu-central-1.amazonaws.com")
        aws.cloudfront.Distribution(
            "edge",
            enabled=True,
            web_acl_id=edge_acl,
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
        aws.wafv2.WebAclAssociation("of", resource_arn=stage.arn, web_acl_arn=made(*rules).arn)

    return program


def logged(fields=(), logging_filter=None, **inputs):
    def program():
        aws.wafv2.WebAclLoggingConfiguration(
            "log",
            resource_arn=made(**inputs).arn,
            log_destination_configs=[LOG],
            redacted_fields=list(fields),
            logging_filter=logging_filter,
        )

    return program


def protecting(*headers):
    field = {"field_type": "SINGLE_HEADER", "field_keys": list(headers)}
    return {"data_protections": [{"action": "SUBSTITUTION", "field": field}]}


def added_to(*groups):
    """A web ACL whose groups are added from without."""

    def program():
        it = made()
        for number, name in enumerate(groups):
            aws.wafv2.WebAclRuleGroupAssociation(
                name,
                web_acl_arn=it.arn,
                priority=number,
                rule_name=name,
                managed_rule_group={"name": name, "vendor_name": "AWS"},
            )

    return program


def as_json(*rules):
    return lambda: aws.wafv2.WebAcl(
        "it",
        scope="REGIONAL",
        default_action={"allow": {}},
        visibility_config=seen(),
        rule_json=json.dumps(rules),
    )


def ip_set(**inputs):
    return lambda: aws.wafv2.IpSet("it", ip_address_version="IPV4", addresses=[], **inputs)


def elsewhere():
    """A set that its provider puts in us-east-1."""
    provider = aws.Provider("north-virginia", region="us-east-1")
    aws.wafv2.IpSet(
        "it",
        scope="CLOUDFRONT",
        ip_address_version="IPV4",
        opts=pulumi.ResourceOptions(provider=provider),
    )


CASES = {
    W + "common-attacks-blocks": (acl(group(COMMON)), acl(group(COMMON, "count")), nothing),
    W + "known-bad-inputs-blocks": (acl(group(BAD_INPUTS)), acl(group(COMMON)), nothing),
    W + "sql-injection-blocks": (acl(group(SQL)), acl(), before(POOL)),
    W + "ip-reputation-blocks": (acl(group(REPUTATION)), acl(), behind_an_edge()),
    W + "anonymous-addresses-blocks": (acl(group(ANONYMOUS)), acl(), behind_an_edge()),
    W + "administration-blocks": (acl(group(ADMINISTRATION)), acl(), before(POOL)),
    W + "rate-limit-is-one": (acl(own(OFTEN)), acl(own(often(5_001))), acl(own())),
    W + "large-bodies-are-stopped": (
        acl(own(body(oversize_handling="MATCH"))),
        acl(own(body(oversize_handling="CONTINUE"))),
        nothing,
    ),
    W + "bodies-are-small": (
        acl(own(body(oversize_handling="MATCH"))),
        acl(own(body(size=8193, oversize_handling="MATCH"))),
        nothing,
    ),
    W + "every-request-is-logged": (logged(), logged(logging_filter=DROPPING), acl()),
    W + "rate-of-a-client-is-limited": (
        acl(own(OFTEN)),
        acl(own(OFTEN, "count")),
        behind_an_edge(),
    ),
    W + "acl-logs": (logged(), acl(), nothing),
    W + "logs-hold-no-credential": (logged(HIDDEN), logged(HIDDEN[:1]), acl()),
    W + "samples-hold-no-credential": (
        acl(
            visibility=seen(sampled=True),
            data_protection_config=protecting("authorization", "cookie"),
        ),
        acl(visibility=seen(sampled=True)),
        acl(),
    ),
    W + "rules-are-measured": (
        acl(own()),
        acl(own() | {"visibility_config": seen(measured=False)}),
        nothing,
    ),
    W + "priorities-are-unique": (acl(own(), own()), acl(own(), own() | {"priority": 0}), acl()),
    W + "each-rule-has-one-action": (
        acl(own(), group(COMMON)),
        acl(own() | {"override_action": {"none": {}}}),
        acl(),
    ),
    W + "only-addresses-are-let-past": (
        acl(own(action="allow")),
        acl(own(WITH_HEADER, "allow")),
        acl(own()),
    ),
    W + "long-bodies-are-looked-at": (
        acl(own(body(oversize_handling="MATCH"))),
        acl(own(body())),
        acl(own()),
    ),
    W + "acl-is-in-front-of-something": (before(BALANCER), acl(), nothing),
    W + "parts-of-the-edge-are-in-us-east-1": (
        ip_set(scope="CLOUDFRONT", region="us-east-1"),
        ip_set(scope="CLOUDFRONT"),
        ip_set(scope="REGIONAL"),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""

ALSO = {
    "a limit that is one in five minutes, each minute": (
        W + "rate-limit-is-one",
        acl(own(often(2_000, evaluation_window_sec=60))),
    ),
    "a body beyond what the web ACL was told to look at": (
        W + "large-bodies-are-stopped",
        acl(own(body(size=16_385, oversize_handling="MATCH"))),
    ),
    "an API whose edge has no web ACL": (
        W + "ip-reputation-blocks",
        behind_an_edge(edge_acl=None),
    ),
    "SQL behind a load balancer": (W + "sql-injection-blocks", before(BALANCER)),
    "an action for a group": (
        W + "each-rule-has-one-action",
        acl({**group(COMMON), "override_action": None, "action": {"block": {}}}),
    ),
    "an address or a header": (
        W + "only-addresses-are-let-past",
        acl(own({"or_statement": {"statements": [FROM_LIST, WITH_HEADER]}}, "allow")),
    ),
    "whoever is not on a list": (
        W + "only-addresses-are-let-past",
        acl(own({"not_statement": {"statement": FROM_LIST}}, "allow")),
    ),
}
"""More that fails."""

FINE = {
    "a group that is added from without": (W + "common-attacks-blocks", added_to(COMMON)),
    "a group in JSON": (
        W + "common-attacks-blocks",
        as_json(
            {
                "Name": "common",
                "Priority": 0,
                "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": COMMON}},
                "OverrideAction": {"None": {}},
            }
        ),
    ),
    "an address and a header": (
        W + "only-addresses-are-let-past",
        acl(own({"and_statement": {"statements": [FROM_LIST, WITH_HEADER]}}, "allow")),
    ),
    "headers hidden by the web ACL itself": (
        W + "logs-hold-no-credential",
        logged(data_protection_config=protecting("Authorization", "Cookie")),
    ),
    "a provider of another region": (W + "parts-of-the-edge-are-in-us-east-1", elsewhere),
}
"""More that passes."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()


def with_secret(about):
    """A web ACL with a rule that is, or holds, a secret."""
    return lambda: made(own(about(pulumi.Output.secret)))


def test_a_secret_in_a_statement_is_not_in_the_way(outcomes):
    match = WITH_HEADER["byte_match_statement"]
    program = with_secret(
        lambda secret: {"byte_match_statement": match | {"search_string": secret("hunter2")}}
    )

    assert outcomes(W + "priorities-are-unique", program) == {"pass"}


def test_a_statement_that_is_a_secret_is_not_known(outcomes):
    program = with_secret(lambda secret: secret(WITH_HEADER))

    assert outcomes(W + "only-addresses-are-let-past", program) == {"unknown"}
