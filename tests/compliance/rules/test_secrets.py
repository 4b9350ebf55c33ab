import json

import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance import judge
from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import secrets

A = "aws.secrets."
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
READER = "arn:aws:iam::123456789012:role/reader"
OTHERS = {"ArnNotEquals": {"aws:PrincipalArn": [READER]}}
IN_THE_CLEAR = {"Bool": {"aws:SecureTransport": "false"}}


def nothing():
    """A program without a secret."""
    aws.s3.Bucket("it")


def secret(**inputs):
    return lambda: aws.secretsmanager.Secret("it", **inputs)


def document(**given):
    read = {"Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [read | given]})


def with_policy(block_public_policy=None, **given):
    def program():
        it = aws.secretsmanager.Secret("it")
        aws.secretsmanager.SecretPolicy(
            "policy",
            secret_arn=it.arn,
            policy=document(**given),
            block_public_policy=block_public_policy,
        )

    return program


def rotating(**rules):
    def program():
        it = aws.secretsmanager.Secret("it")
        aws.secretsmanager.SecretRotation("rotation", secret_id=it.id, rotation_rules=rules)

    return program


def with_value(**value):
    def program():
        it = aws.secretsmanager.Secret("it")
        aws.secretsmanager.SecretVersion("value", secret_id=it.id, **value)

    return program


CASES = {
    A + "secret-has-a-customer-key": (secret(kms_key_id=KEY), secret(), nothing),
    A + "secret-rotates": (rotating(automatically_after_days=30), secret(), nothing),
    A + "secret-has-a-policy-of-its-own": (
        with_policy(Effect="Deny", Condition=OTHERS),
        secret(),
        nothing,
    ),
    A + "secret-policy-admits-nobody-outside": (
        with_policy(Effect="Allow", Principal={"AWS": READER}),
        with_policy(Effect="Allow"),
        nothing,
    ),
    A + "public-policy-is-refused": (
        with_policy(Effect="Deny", block_public_policy=True),
        with_policy(Effect="Deny"),
        nothing,
    ),
    A + "value-is-not-in-the-state": (secret(), with_value(secret_string="hunter2"), nothing),
    A + "deleted-secret-can-be-restored": (secret(), secret(recovery_window_in_days=0), nothing),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(secrets).values() if r in RULES} == CASES.keys()


def test_a_copy_has_a_key_too(found):
    program = secret(kms_key_id=KEY, replicas=[{"region": "eu-west-1"}])

    assert found(A + "secret-has-a-customer-key", program) == [
        ("pass", "it", "kmsKeyId"),
        ("fail", "it", "replicas[0].kmsKeyId"),
    ]


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        ({"automatically_after_days": 91}, "fail"),
        ({"schedule_expression": "rate(10 days)"}, "pass"),
    ],
)
def test_a_secret_rotates_often(outcomes, rules, outcome):
    assert outcomes(A + "secret-rotates", rotating(**rules)) == {outcome}


def test_a_policy_against_the_clear_keeps_nobody_from_reading(outcomes):
    program = with_policy(Effect="Deny", Condition=IN_THE_CLEAR)

    assert outcomes(A + "secret-has-a-policy-of-its-own", program) == {"fail"}


def test_a_value_that_is_written_only_is_not_in_the_state(outcomes):
    program = with_value(secret_string_wo="hunter2", secret_string_wo_version=1)

    assert outcomes(A + "value-is-not-in-the-state", program) == {"pass"}


def test_a_value_in_the_program_is_found_and_not_repeated(preview):
    graph = preview(with_value(secret_string="hunter2"), rendered=True)
    findings = judge(graph, [r for r in RULES if r.id == A + "value-is-not-in-the-state"])

    assert [f.outcome for f in findings] == ["fail"]
    assert "hunter2" not in repr(findings)
