"""AWS WAF: every statement arrives as it was meant, and a set is changed with its token alone."""

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest
from botocore.exceptions import ClientError

from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.waf import WafSpec
from pulumi_bulwark.waf.aws import AwsWaf, AwsWafArgs
from pulumi_bulwark.waf.aws_list import AwsIpList, AwsIpListArgs

REGION = {"aws:region": "eu-central-1"}
TAGS = {"owner": "platform@example.com"}
POOL = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_abc"

HASH = "0123456789abcdef" * 2
EVERY_CONDITION = [
    {"ip": ["192.0.2.0/24", "2001:db8::/32"]},
    {"ip_list": "partners"},
    {"country": ["DE", "AT"]},
    {"header": {"name": "User-Agent", "contains": "sqlmap"}},
    {"query": {"argument": "debug", "equals": "1"}},
    {"query": {"longer_than_bytes": 2000}},
    {"body": {"regex": "<!ENTITY"}},
    {"cookie": {"name": "session", "starts_with": "old-"}},
    {"method": ["PUT", "DELETE"]},
    {"path": {"ends_with": ".php", "transforms": ["trim", "html-decode"]}},
    {"ja3": [HASH]},
    {"ja4": [f"t13d1516h2_{HASH[:12]}_{HASH[:12]}"]},
    {"label": "awswaf:managed:aws:core-rule-set:NoUserAgent_Header"},
    {
        "not_": {
            "any": [{"method": ["GET"]}, {"all": [{"country": ["FR"]}, {"ip": ["192.0.2.0/24"]}]}]
        }
    },
]
RULES = [
    *(
        {"name": f"rule-{n}", "action": action, "when": when}
        for n, when in enumerate(EVERY_CONDITION)
        for action in [("block", "count", "allow", "captcha", "challenge")[n % 5]]
    ),
    {"name": "rate-ip", "action": "block", "rate": {"requests": 10, "window_seconds": 60}},
    {
        "name": "rate-forwarded",
        "action": "count",
        "rate": {"requests": 100, "by": "forwarded-ip", "header": "x-forwarded-for"},
    },
    {
        "name": "rate-header",
        "action": "block",
        "when": {"path": {"starts_with": "/payments"}},
        "rate": {"requests": 100, "by": "header", "header": "x-client-id"},
    },
]


def store(region):
    return AwsLogStore(
        account_id="123456789012",
        region=region,
        partition="aws",
        key_arn=f"arn:aws:kms:{region}:123456789012:key/logs",
        retention_days=400,
        access_logs_id="access-logs",
        deletion_protection=True,
    )


def stage():
    """Nothing to associate a web ACL with but an API: moto takes any ARN."""
    return "arn:aws:apigateway:eu-central-1::/restapis/abc123/stages/live"


def everything(**spec):
    managed = {
        name: {"mode": "block", "overrides": {"SomeRule": "captcha"}}
        for name in ("linux", "unix", "windows", "php", "wordpress")
    }
    managed |= {
        "bot_control": {"mode": "count", "level": "targeted"},
        "account_takeover": {"mode": "block", "login_path": "/login"},
    }
    return WafSpec(
        managed=managed,
        rules=RULES,
        lists=["partners"],
        body={"limit_kb": 40, "reason": "Batches of payments"},
        logging={"allowed": False, "hidden_cookies": ["sid"], "hidden_headers": ["x-otp"]},
        origin_generation=7,
        **spec,
    )


def waf(spec, **more):
    return lambda: AwsWaf(
        "it",
        AwsWafArgs(
            spec=spec,
            store=store("eu-central-1"),
            edge_store=store("us-east-1"),
            api_stage_arn=stage(),
            user_pool_arn=POOL,
            **more,
        ),
    )


@pytest.mark.parametrize("spec", [WafSpec(), everything()], ids=["as it comes", "everything"])
def test_the_whole_is_deployed_and_read_back(deployed, spec):
    account = deployed(waf(spec), config=REGION)

    found = account.client("wafv2", "us-east-1").get_web_acl(
        Name=account["it-edge-acl"]["name"], Scope="CLOUDFRONT", Id=account["it-edge-acl"]["id"]
    )
    names = [rule["Name"] for rule in found["WebACL"]["Rules"]]
    assert names[:3] == ["blocked", "allowed", "rate-limit"]
    assert account.stale == []


def test_without_an_edge_the_api_has_it_all(deployed):
    spec = WafSpec(rules=[r for r in RULES if not is_fingerprint(r)], lists=["partners"])
    account = deployed(waf(spec, edge=False), config=REGION)

    found = account.client("wafv2", "eu-central-1").get_web_acl_for_resource(ResourceArn=stage())
    names = [rule["Name"] for rule in found["WebACL"]["Rules"]]
    assert "blocked" in names
    assert "origin-header" not in names


def is_fingerprint(rule):
    return bool({"ja3", "ja4"} & set(rule.get("when", {})))


def test_a_list_is_edited_with_what_the_stack_gives_out_and_with_its_token(deployed):
    account = deployed(
        lambda: AwsIpList("it", AwsIpListArgs(scope="REGIONAL", region="eu-central-1")),
        config=REGION,
    )
    client = account.client("wafv2", "eu-central-1")
    known = {"Name": account["it-v4"]["name"], "Scope": "REGIONAL", "Id": account["it-v4"]["id"]}
    token = client.get_ip_set(**known)["LockToken"]

    client.update_ip_set(**known, Addresses=["192.0.2.44/32"], LockToken=token)

    assert client.get_ip_set(**known)["IPSet"]["Addresses"] == ["192.0.2.44/32"]
    with pytest.raises(ClientError, match="WAFOptimisticLockException"):
        client.update_ip_set(**known, Addresses=[], LockToken=token)
    with pytest.raises(ClientError, match="WAFOptimisticLockException"):
        client.delete_ip_set(**known, LockToken=token)


def acl(**more):
    visible = {
        "metric_name": "it",
        "cloudwatch_metrics_enabled": True,
        "sampled_requests_enabled": True,
    }
    return aws.wafv2.WebAcl(
        "it",
        scope="REGIONAL",
        default_action={"allow": {}},
        visibility_config=visible,
        description="Looks at requests",
        captcha_config={"immunity_time_property": {"immunity_time": 300}},
        challenge_config={"immunity_time_property": {"immunity_time": 300}},
        token_domains=["example.com"],
        tags=TAGS,
        **more,
    )


def rule(name, statement):
    return {
        "name": name,
        "priority": 0,
        "action": {"block": {}},
        "statement": statement,
        "visibility_config": {
            "metric_name": "rule",
            "cloudwatch_metrics_enabled": True,
            "sampled_requests_enabled": True,
        },
    }


def test_a_secret_in_a_rule_is_sent_as_something_else(deployed):
    def program():
        known = {
            "search_string": random.RandomPassword("secret", length=8).result,
            "field_to_match": {"single_header": {"name": "x-known"}},
            "positional_constraint": "EXACTLY",
            "text_transformations": [{"priority": 0, "type": "NONE"}],
        }
        acl(rules=[rule("known", {"byte_match_statement": known})])

    account = deployed(program, config=REGION)

    sent = account["it"]["rules"][0]["statement"]["byteMatchStatement"]["searchString"]
    assert sent == "hidden"
    assert account.stale == []


def test_what_waf_would_refuse_is_said_before(problems):
    nowhere = {"geo_match_statement": {"country_codes": ["XX"]}}
    found = problems(lambda: acl(rules=[rule("no good", nowhere)]), config=REGION)

    assert any("CountryCodes[0]: must be one of" in line for line in found)
    assert any("Rules[0].Name: must match" in line for line in found)


def test_what_has_no_call_is_passed_over(deployed):
    account = deployed(lambda: (random.RandomPassword("secret", length=8), acl()), config=REGION)

    with pytest.raises(KeyError):
        account["secret"]


def test_another_type_without_a_row_still_is_a_problem(problems):
    def program():
        acl()
        pulumi.CustomResource("other:index:Thing", "thing", {})

    (text,) = problems(program, config=REGION)
    assert text == "thing (other:index:Thing): no table has a row for this type"
