import json

import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import playbooks

A = "aws.playbooks."
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/it"
OURS = "bulwark_runtime.playbooks.aws.handler"


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def function(handler=OURS, **playbook):
    settings = {"BULWARK_PLAYBOOKS": json.dumps({"it": playbook})}
    return aws.lambda_.Function(
        "it", role=ROLE, handler=handler, environment={"variables": settings}
    )


def runs(handler=OURS, **playbook):
    return lambda: function(handler, **playbook)


def reading(*, handler=OURS, **statement):
    def program():
        queue = aws.sqs.Queue("queue")
        aws.sqs.QueuePolicy("policy", queue_url=queue.url, policy=document(**statement))
        made = function(handler)
        aws.lambda_.EventSourceMapping("reads", event_source_arn=queue.arn, function_name=made.arn)

    return program


NOBODY = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
IN_THE_CLEAR = NOBODY | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
STRANGERS = NOBODY | {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": [ROLE]}}}


def trusting(path="/respond/", **principal):
    policy = document(Effect="Allow", Principal=principal, Action="sts:AssumeRole")
    return lambda: aws.iam.Role("it", path=path, assume_role_policy=policy)


def allowing(action, **condition):
    held = {"Condition": condition} if condition else {}
    policy = document(Effect="Allow", Action=action, Resource="*", **held)
    return lambda: aws.iam.RolePolicy("it", role="it", policy=policy)


CASES = {
    A + "what-acts-by-itself-is-limited": (
        runs(mode="auto", limit_per_hour=60),
        runs(mode="auto", limit_per_hour=61),
        runs(mode="approve", limit_per_hour=200),
    ),
    A + "queues-take-only-what-they-are-for": (
        reading(**STRANGERS),
        reading(**IN_THE_CLEAR),
        reading(handler="app.main", **IN_THE_CLEAR),
    ),
    A + "action-is-taken-by-one": (
        trusting(AWS=ROLE),
        trusting(AWS=f"arn:aws:iam::{ACCOUNT}:root"),
        trusting(path="/", AWS=f"arn:aws:iam::{ACCOUNT}:root"),
    ),
    A + "who-writes-policies-stays-inside": (
        allowing("iam:PutRolePolicy", StringEquals={"iam:PermissionsBoundary": ROLE}),
        allowing("iam:Put*"),
        allowing("iam:GetRole"),
    ),
}


def test_every_rule_of_this_file_has_its_three_cases():
    assert set(CASES) == {r.id for r in RULES if r in vars(playbooks).values()}


@pytest.mark.parametrize("rule_id", CASES)
def test_rule(rule_id, outcomes):
    passes, fails, neither = CASES[rule_id]

    assert outcomes(rule_id, passes) == {"pass"}
    assert "fail" in outcomes(rule_id, fails)
    assert outcomes(rule_id, neither) == {"not applicable"}


def test_to_nobody_a_queue_is_closed_as_well(outcomes):
    rule_id = A + "queues-take-only-what-they-are-for"

    assert outcomes(rule_id, reading(**NOBODY)) == {"pass"}


def test_a_service_does_not_take_an_action(outcomes):
    rule_id = A + "action-is-taken-by-one"

    assert outcomes(rule_id, trusting(Service="lambda.amazonaws.com")) == {"fail"}
