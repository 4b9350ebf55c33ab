"""The one queue that requests to the block list go through, and what could not be applied."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..naming import logical, physical

GROUP: Final = "block-list"
"""All messages are of one group, so that SQS gives them out in order, to one reader at a time."""

_DAY_SECONDS: Final = 24 * 60 * 60
_KEPT_DAYS: Final = 14
_TRIES: Final = 10
"""How often a message is tried. The writer makes the pauses longer each time: twenty minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsBlockListQueueArgs:
    region: str
    """AWS region of the queue."""
    key_arn: pulumi.Input[str]
    """KMS key of the messages."""
    reader_seconds: int
    """Seconds that the reader may take."""
    events: Mapping[str, Mapping[str, Any]]
    """What of EventBridge goes to the queue, by a short name: a rule's own arguments."""


class AwsBlockListQueue(pulumi.ComponentResource):
    """An encrypted queue in order, with a second one for what was given up on, and its rules."""

    arn: pulumi.Output[str]
    """ARN of the queue."""

    url: pulumi.Output[str]
    """URL of the queue."""

    name: str
    """Name of the queue, which the command line finds it by."""

    dead_letters_name: pulumi.Output[str]
    """Name of the queue with what was given up on."""

    def __init__(
        self, name: str, args: AwsBlockListQueueArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsBlockListQueue", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        # The command line names the queue without asking the cloud, as it does a secret.
        self.name = f"{physical('queue', pulumi.get_project(), pulumi.get_stack(), name)}.fifo"
        dead = self._queue(
            "dead-letters", None, message_retention_seconds=_KEPT_DAYS * _DAY_SECONDS
        )
        queue = self._queue(
            "queue",
            self.name,
            message_retention_seconds=_DAY_SECONDS,
            # AWS asks for six times what the reader takes.
            visibility_timeout_seconds=6 * args.reader_seconds,
            content_based_deduplication=True,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead.arn, "maxReceiveCount": _TRIES}
            ),
        )
        rules = self._rules()
        self._policy("dead-letters", dead, [])
        policy = self._policy("queue", queue, [rule.arn for rule in rules.values()])
        self._targets(rules, queue, policy)

        self.arn, self.url, self.dead_letters_name = queue.arn, queue.url, dead.name
        self.register_outputs(
            {
                "arn": self.arn,
                "url": self.url,
                "name": self.name,
                "deadLettersName": self.dead_letters_name,
            }
        )

    def _queue(self, role: str, name: str | None, **how: Any) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            logical("queue", f"{self._name}-{role}"),
            name=name,
            region=self._args.region,
            fifo_queue=True,
            kms_master_key_id=self._args.key_arn,
            kms_data_key_reuse_period_seconds=300,
            **how,
            opts=self._child,
        )

    def _rules(self) -> dict[str, aws.cloudwatch.EventRule]:
        return {
            what: aws.cloudwatch.EventRule(
                logical("event-rule", f"{self._name}-{what}"),
                region=self._args.region,
                **of,
                opts=self._child,
            )
            for what, of in self._args.events.items()
        }

    def _policy(
        self, role: str, queue: aws.sqs.Queue, rule_arns: Sequence[pulumi.Output[str]]
    ) -> aws.sqs.QueuePolicy:
        document = _policy(queue.arn, rule_arns)
        return aws.sqs.QueuePolicy(
            f"{self._name}-{role}-policy",
            region=self._args.region,
            queue_url=queue.url,
            policy=pulumi.Output.json_dumps(document),
            opts=self._child,
        )

    def _targets(
        self,
        rules: Mapping[str, aws.cloudwatch.EventRule],
        queue: aws.sqs.Queue,
        policy: aws.sqs.QueuePolicy,
    ) -> None:
        for what, rule in rules.items():
            aws.cloudwatch.EventTarget(
                logical("event-target", f"{self._name}-{what}-target"),
                region=self._args.region,
                rule=rule.name,
                arn=queue.arn,
                sqs_target={"message_group_id": GROUP},
                # Before it, EventBridge would lose what it sends, in silence.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
            )


def _policy(queue_arn: pulumi.Input[str], rule_arns: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    # Who else sends and receives is IAM's to say: within the account its word is enough.
    over_tls = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue_arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    from_rules = {
        "Sid": "Events",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": list(rule_arns)}},
    }
    return {"Version": "2012-10-17", "Statement": [over_tls, *([from_rules] if rule_arns else [])]}


def requests(detail_type: str, account_id: str, sources: Sequence[str]) -> dict[str, Any]:
    """The rule for events of these sources, and of this account, that ask for a block."""
    pattern = {"account": [account_id], "source": list(sources), "detail-type": [detail_type]}
    return {
        "description": "Events that ask for an address to be blocked",
        "event_pattern": json.dumps(pattern),
    }


def every_minute() -> dict[str, Any]:
    """The rule that has the lists looked over."""
    return {
        "description": "Has the block list looked over: what is over, and what is not as it was",
        "schedule_expression": "rate(1 minute)",
    }
