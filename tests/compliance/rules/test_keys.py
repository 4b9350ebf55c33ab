import json

import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import keys

ROOT = "arn:aws:iam::123456789012:root"


def policy(**statement):
    allow = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow | statement]})


def key(**inputs):
    return lambda: aws.kms.Key("it", **inputs)


CASES = {
    "aws.keys.key-rotates": (
        key(enable_key_rotation=True),
        key(enable_key_rotation=False),
        key(customer_master_key_spec="RSA_2048", key_usage="SIGN_VERIFY"),
    ),
    "aws.keys.key-policy-admits-nobody-outside": (
        key(policy=policy()),
        key(policy=policy(Principal="*")),
        key(),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(keys).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize("rule_id", CASES)
def test_a_rule_passes_fails_and_does_not_apply(outcomes, rule_id):
    passes, fails, neither = CASES[rule_id]

    assert outcomes(rule_id, passes) == {"pass"}
    assert "fail" in outcomes(rule_id, fails)
    assert outcomes(rule_id, neither) == {"not applicable"}


def test_everybody_within_the_account_is_not_everybody(outcomes):
    here = {"StringEquals": {"kms:CallerAccount": "123456789012"}}
    program = key(policy=policy(Principal="*", Condition=here))

    assert outcomes("aws.keys.key-policy-admits-nobody-outside", program) == {"pass"}
