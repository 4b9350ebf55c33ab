import json

import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import security_testing

T = "aws.security_testing."
EVERYTHING = ("EC2", "ECR", "LAMBDA", "LAMBDA_CODE")
NAMED = {"vulnerability_ids": [{"comparison": "EQUALS", "value": "CVE-2026-12345"}]}
ENDING = {"last_observed_ats": [{"end_inclusive": "2027-01-31T23:59:59Z"}]}


def nothing():
    """A program that leaves the account's defaults to others: an application's."""
    aws.s3.Bucket("it")


def scanning(*kinds):
    return lambda: aws.inspector2.Enabler(
        "it", account_ids=["123456789012"], resource_types=list(kinds)
    )


def owning(*others):
    def program():
        aws.ebs.EncryptionByDefault("disks")
        for other in others:
            other()

    return program


def accepting(criteria, action="SUPPRESS", reason="The image has no shell"):
    return lambda: aws.inspector2.Filter(
        "it", action=action, reason=reason, filter_criterias=[criteria]
    )


def listing(action="s3:PutObject"):
    def program():
        scanning(*EVERYTHING)()
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "inspector2.amazonaws.com"},
            "Action": action,
            "Resource": "arn:aws:s3:::lists/inventories/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
        aws.s3.BucketPolicy(
            "policy",
            bucket="lists",
            policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

    return program


WHOLE = accepting(NAMED | ENDING)
FOR_LOOKING = accepting({}, action="NONE")

CASES = {
    "account-is-scanned": (owning(scanning(*EVERYTHING)), owning(), nothing),
    "inspector-scans-all-it-can": (scanning(*EVERYTHING), scanning(*EVERYTHING[:3]), nothing),
    "accepted-weakness-has-a-reason": (WHOLE, accepting(NAMED, reason=None), FOR_LOOKING),
    "accepted-weakness-comes-back": (WHOLE, accepting(NAMED), FOR_LOOKING),
    "accepted-weakness-is-named": (WHOLE, accepting(ENDING), FOR_LOOKING),
    "what-is-installed-is-listed": (listing(), listing("s3:GetObject"), nothing),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    ours = {r.id for r in vars(security_testing).values() if r in RULES}

    assert ours == {T + name for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_passes_fails_and_does_not_apply(outcomes, name):
    passes, fails, neither = CASES[name]

    assert outcomes(T + name, passes) == {"pass"}
    assert "fail" in outcomes(T + name, fails)
    assert outcomes(T + name, neither) == {"not applicable"}


def test_a_range_without_an_end_never_ends(outcomes):
    since = {"last_observed_ats": [{"start_inclusive": "2026-01-01T00:00:00Z"}]}

    assert outcomes(T + "accepted-weakness-comes-back", accepting(NAMED | since)) == {"fail"}


def test_to_leave_out_a_severity_is_to_leave_out_what_comes(outcomes):
    low = {"severities": [{"comparison": "EQUALS", "value": "LOW"}]}

    assert outcomes(T + "accepted-weakness-is-named", accepting(low | ENDING)) == {"fail"}
