"""What the responder reads: events on one queue, decisions on another, and what it gave up on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ..naming import logical, physical

ATTEMPTS = 5
"""How often a message is tried, six times the function's timeout apart."""

_DAY_SECONDS = 24 * 60 * 60
_KEPT_DAYS = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsInboxArgs:
    region: str
    """AWS region of the queues."""
    key_arn: pulumi.Input[str]
    """KMS key of the messages; it must admit EventBridge, which sends no source to it."""
    reader_seconds: int
    """Seconds that the reader may take."""
    patterns: Mapping[str, str]
    """Events that are wanted, as EventBridge writes patterns, by a short name."""
    approvers: Sequence[str] = ()
    """ARNs of the roles and users who may decide."""


class AwsInbox(pulumi.ComponentResource):
    """Two encrypted queues and one for what was given up on, with the rules that fill the first.

    Nobody but EventBridge's own rules puts an event on it, and nobody but an approver a decision:
    the queues' policies deny it even to who may do everything.
    """

    events_arn: pulumi.Output[str]
    """ARN of the queue of events."""

    events_name: pulumi.Output[str]
    """Name of that queue."""

    decisions_arn: pulumi.Output[str]
    """ARN of the queue of decisions."""

    decisions_name: str
    """Name of that queue, by which the command line finds it."""

    dead_letters_name: pulumi.Output[str]
    """Name of the queue with what was given up on."""

    def __init__(
        self, name: str, args: AwsInboxArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsInbox", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        self.decisions_name = physical(
            "queue", pulumi.get_project(), pulumi.get_stack(), name, "decisions"
        )
        dead = self._queue("dead-letters", message_retention_seconds=_KEPT_DAYS * _DAY_SECONDS)
        events = self._read("events", dead)
        decisions = self._read("decisions", dead, name=self.decisions_name)
        rules = {source: self._rule(source, each) for source, each in args.patterns.items()}
        from_rules = _from_rules([rule.arn for rule in rules.values()])
        ready = [
            self._policy("dead-letters", dead, from_rules),
            self._policy("events", events, [*from_rules, _ONLY_RULES]),
        ]
        self._policy("decisions", decisions, [_only(args.approvers)])
        for source, rule in rules.items():
            self._target(source, rule, events, dead, ready)

        self.events_arn, self.decisions_arn = events.arn, decisions.arn
        self.events_name, self.dead_letters_name = events.name, dead.name
        self.register_outputs(
            {
                "eventsArn": self.events_arn,
                "eventsName": self.events_name,
                "decisionsArn": self.decisions_arn,
                "decisionsName": self.decisions_name,
                "deadLettersName": self.dead_letters_name,
            }
        )

    def _read(self, what: str, dead: aws.sqs.Queue, **how: Any) -> aws.sqs.Queue:
        return self._queue(
            what,
            # AWS asks for six times what the reader takes.
            visibility_timeout_seconds=6 * self._args.reader_seconds,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead.arn, "maxReceiveCount": ATTEMPTS}
            ),
            **how,
        )

    def _queue(self, what: str, **how: Any) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            logical("queue", f"{self._name}-{what}"),
            region=self._args.region,
            kms_master_key_id=self._args.key_arn,
            kms_data_key_reuse_period_seconds=300,
            **how,
            opts=self._child,
        )

    def _policy(
        self, what: str, queue: aws.sqs.Queue, statements: Sequence[Mapping[str, Any]]
    ) -> aws.sqs.QueuePolicy:
        all_ = [{**each, "Resource": queue.arn} for each in (_OVER_TLS, *statements)]
        return aws.sqs.QueuePolicy(
            f"{self._name}-{what}-policy",
            region=self._args.region,
            queue_url=queue.url,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": all_}),
            opts=self._child,
        )

    def _rule(self, source: str, pattern: str) -> aws.cloudwatch.EventRule:
        return aws.cloudwatch.EventRule(
            logical("event-rule", f"{self._name}-{source.replace('_', '-')}"),
            description=f"What playbooks are for, of {source.replace('_', ' ')}",
            event_pattern=pattern,
            region=self._args.region,
            opts=self._child,
        )

    def _target(
        self,
        source: str,
        rule: aws.cloudwatch.EventRule,
        queue: aws.sqs.Queue,
        dead: aws.sqs.Queue,
        ready: Sequence[pulumi.Resource],
    ) -> None:
        aws.cloudwatch.EventTarget(
            logical("event-target", f"{self._name}-{source.replace('_', '-')}-target"),
            rule=rule.name,
            arn=queue.arn,
            dead_letter_config={"arn": dead.arn},
            region=self._args.region,
            # Before the policies, EventBridge would lose what it sends, in silence.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(ready)),
        )


_OVER_TLS = {
    "Sid": "OnlyOverTls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}

_ONLY_RULES = {
    "Sid": "OnlyRules",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:SendMessage",
    "Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}},
}
"""Nobody makes up an event."""


def _from_rules(rule_arns: Sequence[pulumi.Input[str]]) -> list[Mapping[str, Any]]:
    if not rule_arns:
        return []
    return [
        {
            "Sid": "Events",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Condition": {"ArnEquals": {"aws:SourceArn": list(rule_arns)}},
        }
    ]


def _only(approvers: Sequence[str]) -> Mapping[str, Any]:
    """Whoever is none of these is refused; a session's principal ARN is that of its role."""
    refused = {
        "Sid": "OnlyApprovers",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:SendMessage",
    }
    if not approvers:
        return refused
    return refused | {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": list(approvers)}}}
