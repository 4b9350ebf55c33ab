"""What machines do about an incident: how often, on whose word, and with which rights.

What the responder of bulwark-runtime does is in its function's environment, whoever deploys it:
`BULWARK_PLAYBOOKS`.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from bulwark_toolkit.compliance.policies import Statement, statements
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

FUNCTION: Final = "aws:lambda/function:Function"
MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
QUEUE: Final = "aws:sqs/queue:Queue"
QUEUE_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"
ROLE: Final = "aws:iam/role:Role"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"

_HANDLER: Final = "bulwark_runtime.playbooks.aws.handler"
_PLAYBOOKS: Final = "environment.variables.BULWARK_PLAYBOOKS"
_PATH: Final = "/respond/"
_MOST_AN_HOUR: Final = 60
_WIDENS: Final = ("iam:AttachRolePolicy", "iam:PutRolePolicy")


@rule(
    "aws.playbooks.what-acts-by-itself-is-limited",
    FUNCTION,
    severity="high",
    requires="What playbooks do by themselves they do sixty times an hour at most",
    remediation="Set limit_per_hour to 60 or less (limitPerHour of the playbook).",
    reference="PCI 12.10.5",
)
def what_acts_by_itself_is_limited(function: Subject) -> Iterator[Verdict]:
    for name, playbook in _playbooks(function):
        if playbook.get("mode") == "auto":
            limit = playbook.get("limit_per_hour", 10)
            yield Verdict(limit <= _MOST_AN_HOUR, f"{_PLAYBOOKS}.{name}.limit_per_hour", limit)


@rule(
    "aws.playbooks.queues-take-only-what-they-are-for",
    FUNCTION,
    severity="high",
    requires="Nobody but EventBridge puts an event before the responder, and nobody but approvers "
    "a decision",
    remediation="Deny sqs:SendMessage in the queue's policy to whoever is no service, or none of "
    "the roles that are named.",
    reference="PCI 7.2.5",
    alone=False,
)
def queues_take_only_what_they_are_for(function: Subject) -> Iterator[Verdict]:
    if function.get("handler") != _HANDLER:
        return
    for mapping in function.attached(MAPPING, by="functionName"):
        queue = mapping.named(QUEUE, "eventSourceArn")
        if queue is None:
            raise mapping.elsewhere("eventSourceArn", "its queue")
        policies = queue.attached(QUEUE_POLICY, by="queueUrl")
        held = any(_holds_senders(each) for one in policies for each in statements(one, "policy"))
        text = "" if held else "whoever IAM lets may send"
        yield Verdict(held, "policy", held, text, urn=queue.urn)


def _holds_senders(statement: Statement) -> bool:
    keys = {key for _, key, _ in statement.conditions()}
    return (
        statement.effect == "Deny"
        and "*" in statement.principals
        and statement.covers("sqs:SendMessage")
        and keys <= {"aws:principalarn", "aws:principalisawsservice"}
    )


@rule(
    "aws.playbooks.action-is-taken-by-one",
    ROLE,
    severity="high",
    requires="The role of an action trusts one role, the responder's",
    remediation="Name the responder's role, and nothing else, in the trust policy.",
    reference="PCI 7.2.5",
)
def action_is_taken_by_one(role: Subject) -> Iterator[Verdict]:
    if role.get("path") != _PATH:
        return
    for statement in statements(role, "assumeRolePolicy"):
        whom = statement.whom
        one = len(statement.principals) == 1 and ":role/" in statement.principals[0]
        yield Verdict(one and not statement.services, statement.place, whom)


@rule(
    "aws.playbooks.who-writes-policies-stays-inside",
    ROLE_POLICY,
    severity="critical",
    requires="A role that puts policies on other roles does so only on those inside a boundary",
    remediation="Add the condition StringEquals on iam:PermissionsBoundary.",
    reference="PCI 7.2.5",
)
def who_writes_policies_stays_inside(holder: Subject) -> Iterator[Verdict]:
    for statement in statements(holder, "policy"):
        widens = [action for action in _WIDENS if statement.covers(action)]
        if statement.effect == "Allow" and widens:
            inside = any(
                key == "iam:permissionsboundary" and operator in ("StringEquals", "ArnEquals")
                for operator, key, _ in statement.conditions()
            )
            yield Verdict(inside, statement.place, ", ".join(widens))


def _playbooks(function: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
    if function.get("handler") == _HANDLER and function.has(_PLAYBOOKS):
        yield from json.loads(function.get(_PLAYBOOKS)).items()
