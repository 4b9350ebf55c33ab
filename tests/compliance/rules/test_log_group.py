import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import log_group

A = "aws.log_group."
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"


def group(**inputs):
    return lambda: aws.cloudwatch.LogGroup("it", **inputs)


def nothing():
    """A program without a log group."""
    aws.s3.Bucket("it")


CASES = {
    A + "log-group-keeps-a-year": (
        group(retention_in_days=365),
        group(retention_in_days=180),
        nothing,
    ),
    A + "log-group-is-encrypted-with-a-key": (group(kms_key_id=KEY), group(), nothing),
    A + "log-group-refuses-deletion": (group(deletion_protection_enabled=True), group(), nothing),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(log_group).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize("inputs", [{}, {"retention_in_days": 0}])
def test_a_group_without_an_end_keeps_its_logs_for_ever(outcomes, inputs):
    assert outcomes(A + "log-group-keeps-a-year", group(**inputs)) == {"pass"}
