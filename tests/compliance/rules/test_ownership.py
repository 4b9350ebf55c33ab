import json

import pulumi_aws as aws
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import ownership

ONE_OWNER = "aws.ownership.attribute-has-one-owner"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


def queue(*policies, inline=None):
    def program():
        it = aws.sqs.Queue("it", policy=inline)
        for name in policies:
            aws.sqs.QueuePolicy(name, queue_url=it.url, policy=POLICY)

    return program


def role(*names, inline=False):
    def program():
        it = aws.iam.Role(
            "it",
            assume_role_policy=POLICY,
            inline_policies=[{"name": "inline", "policy": POLICY}] if inline else None,
        )
        for name in names:
            aws.iam.RolePolicy(name, role=it.name, policy=POLICY)

    return program


CASES = {ONE_OWNER: (queue("policy"), queue("policy", inline=POLICY), queue())}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(ownership).values() if r in RULES} == CASES.keys()


def test_two_policies_of_one_queue_are_two_owners(outcomes):
    assert outcomes(ONE_OWNER, queue("one", "two")) == {"fail"}


def test_a_role_has_as_many_policies_as_it_likes(outcomes):
    assert outcomes(ONE_OWNER, role("one", "two")) == {"pass"}


def test_but_not_beside_those_that_it_lists_itself(outcomes):
    assert outcomes(ONE_OWNER, role("one", inline=True)) == {"fail"}


def test_an_owner_is_found_before_names_are_known(outcomes):
    program = queue("policy", inline=POLICY)

    assert outcomes(ONE_OWNER, program, rendered=False) == {"fail"}
