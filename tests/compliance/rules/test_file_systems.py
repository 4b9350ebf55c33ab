import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import file_systems as rules

RULE = "aws.file_systems.file-system-is-encrypted"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0b0e1f7c"


def system(**inputs):
    return lambda: aws.efs.FileSystem("it", **inputs)


def test_it_is_the_only_rule_of_its_file():
    assert [r.id for r in vars(rules).values() if r in RULES] == [RULE]


def test_a_file_system_with_a_customer_key_passes(outcomes):
    assert outcomes(RULE, system(encrypted=True, kms_key_id=KEY)) == {"pass"}


@pytest.mark.parametrize("inputs", [{}, {"encrypted": False}, {"encrypted": True}])
def test_one_without_fails(outcomes, inputs):
    assert "fail" in outcomes(RULE, system(**inputs))


def test_it_does_not_apply_where_there_is_none(outcomes):
    assert outcomes(RULE, lambda: aws.sqs.Queue("it")) == {"not applicable"}
