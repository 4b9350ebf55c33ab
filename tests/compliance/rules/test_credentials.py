import json

import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too
from vault_cases import of_the_policy

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import credentials

A = "aws.credentials."
ROLE = "arn:aws:iam::123456789012:role/it"
TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
HARDENED = {
    "cost": 12,
    "minimum_length": 12,
    "letters_and_digits": True,
    "history": 4,
    "tries_per_user": 5,
    "delay_seconds": 1800,
    "breached_on_failure": "closed",
    "reset_seconds": 900,
}


def nothing():
    """A program without a vault."""
    aws.s3.Bucket("it")


def function(name="it", handler="bulwark_runtime.credentials.aws.verify", **environment):
    return aws.lambda_.Function(
        name, role=ROLE, handler=handler, environment={"variables": environment}
    )


def vault(operation, **weaker):
    handler = f"bulwark_runtime.credentials.aws.{operation}"
    policy = json.dumps(HARDENED | weaker)
    return lambda: function(handler=handler, BULWARK_POLICY=policy)


def elsewhere():
    """A function of somebody else's with a setting of the same name."""
    function(handler="app.verify", BULWARK_POLICY="{}")


def rotating(**permission):
    def program():
        made = function()
        if permission:
            aws.lambda_.Permission(
                "permission", function=made.name, action="lambda:InvokeFunction", **permission
            )
        secret = aws.secretsmanager.Secret("secret")
        aws.secretsmanager.SecretRotation(
            "rotation",
            secret_id=secret.id,
            rotation_lambda_arn=made.arn,
            rotation_rules={"automatically_after_days": 30},
        )

    return program


def allowing(action, resource):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return lambda: aws.iam.RolePolicy("it", role="it", policy=policy)


MANAGER = "secretsmanager.amazonaws.com"

CASES = {
    **of_the_policy(A, vault, elsewhere, begin_reset="begin_reset"),
    A + "rotation-may-call-its-function": (
        rotating(principal=MANAGER, source_account="123456789012"),
        rotating(),
        nothing,
    ),
    A + "tables-are-used-by-name": (
        allowing("dynamodb:GetItem", f"{TABLE}users"),
        allowing("dynamodb:GetItem", "*"),
        allowing("s3:GetObject", "*"),
    ),
    A + "secrets-are-used-by-name": (
        allowing("secretsmanager:GetSecretValue", f"{SECRET}it-AbCdEf"),
        allowing("secretsmanager:GetSecretValue", f"{SECRET}*"),
        allowing("secretsmanager:GetRandomPassword", "*"),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(credentials).values() if r in RULES} == CASES.keys()


def test_fifteen_characters_are_enough_of_any_kind(outcomes):
    of_nist = vault("register", minimum_length=15, letters_and_digits=False)
    short = vault("register", minimum_length=12, letters_and_digits=False)

    assert outcomes(A + "passwords-are-long", of_nist) == {"pass"}
    assert outcomes(A + "passwords-are-long", short) == {"fail"}


def test_a_hundred_tries_are_too_many_whatever_the_wait(outcomes):
    assert "fail" in outcomes(A + "guessing-has-to-wait", vault("verify", tries_per_user=100))


def test_a_permission_for_every_account_is_none(outcomes):
    assert outcomes(A + "rotation-may-call-its-function", rotating(principal=MANAGER)) == {"fail"}


@pytest.mark.parametrize("resource", [f"{TABLE}users-*", f"{TABLE}users/index/*"])
def test_a_name_with_a_wildcard_is_a_name(outcomes, resource):
    program = allowing("dynamodb:Query", resource)

    assert outcomes(A + "tables-are-used-by-name", program) == {"pass"}


@pytest.mark.parametrize("action", ["dynamodb:*", "dynamodb:Put*", "*"])
def test_a_wildcard_of_actions_reads_and_writes_too(outcomes, action):
    assert outcomes(A + "tables-are-used-by-name", allowing(action, f"{TABLE}*")) == {"fail"}
