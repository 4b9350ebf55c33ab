import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import load_balancers

A = "aws.load_balancers."
ARN = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/it/1"
GROUP = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/it/1"
FORWARD = {"type": "forward", "target_group_arn": GROUP}
TO_HTTPS = {
    "type": "redirect",
    "redirect": {"status_code": "HTTP_301", "port": "443", "protocol": "HTTPS"},
}


def nothing():
    """A program without a load balancer."""
    aws.sqs.Queue("it")


def balancer(**inputs):
    return lambda: aws.lb.LoadBalancer("it", **inputs)


NETWORK = balancer(load_balancer_type="network")


def listener(*actions, **inputs):
    return lambda: aws.lb.Listener(
        "it", load_balancer_arn=ARN, default_actions=list(actions or [FORWARD]), **inputs
    )


def behind_a_web_acl(**inputs):
    def program():
        it = aws.lb.LoadBalancer("it", **inputs)
        aws.wafv2.WebAclAssociation("acl", resource_arn=it.arn, web_acl_arn=ARN)

    return program


CASES = {
    A + "http-only-redirects": (
        listener(TO_HTTPS, port=80, protocol="HTTP"),
        listener(port=80, protocol="HTTP"),
        listener(port=443, protocol="HTTPS"),
    ),
    A + "tls-is-1-2-with-forward-secrecy": (
        listener(protocol="HTTPS", ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06"),
        listener(protocol="HTTPS"),
        listener(protocol="TCP"),
    ),
    A + "invalid-headers-are-dropped": (
        balancer(drop_invalid_header_fields=True),
        balancer(),
        NETWORK,
    ),
    A + "ambiguous-requests-are-refused": (
        balancer(),
        balancer(desync_mitigation_mode="monitor"),
        NETWORK,
    ),
    A + "requests-are-logged": (
        balancer(access_logs={"bucket": "logs", "enabled": True}),
        balancer(access_logs={"bucket": "logs"}),
        NETWORK,
    ),
    A + "deletion-is-refused": (balancer(enable_deletion_protection=True), NETWORK, nothing),
    A + "public-balancer-has-a-web-acl": (
        behind_a_web_acl(),
        balancer(),
        balancer(internal=True),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(load_balancers).values() if r in RULES} == CASES.keys()


def test_a_redirect_that_names_no_protocol_stays_at_http(outcomes):
    elsewhere = {"type": "redirect", "redirect": {"status_code": "HTTP_301", "host": "other.eu"}}
    program = listener(elsewhere, port=80, protocol="HTTP")

    assert outcomes(A + "http-only-redirects", program) == {"fail"}


def test_a_listener_that_names_no_protocol_speaks_http_unless_it_is_a_gateways(outcomes):
    assert outcomes(A + "http-only-redirects", listener(port=80)) == {"fail"}
    assert outcomes(A + "http-only-redirects", listener()) == {"not applicable"}


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", "pass"),
        ("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "pass"),
        ("ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", "pass"),
        ("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", "fail"),
        ("ELBSecurityPolicy-TLS13-1-1-2021-06", "fail"),
        ("ELBSecurityPolicy-TLS-1-1-2017-01", "fail"),
    ],
)
def test_policies_that_take_older_versions_or_ciphers_fail(outcomes, policy, outcome):
    program = listener(protocol="TLS", ssl_policy=policy)

    assert outcomes(A + "tls-is-1-2-with-forward-secrecy", program) == {outcome}


def test_the_other_module_of_the_same_load_balancer_is_judged_too(outcomes):
    assert outcomes(A + "deletion-is-refused", lambda: aws.alb.LoadBalancer("it")) == {"fail"}


def test_a_web_acl_of_another_balancer_is_none_of_this_one(outcomes):
    def program():
        behind_a_web_acl()()
        aws.lb.LoadBalancer("bare")

    assert outcomes(A + "public-balancer-has-a-web-acl", program) == {"pass", "fail"}
