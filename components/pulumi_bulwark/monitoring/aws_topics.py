"""Amazon SNS topics that alarms tell, one for each severity, and who listens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

import pulumi
import pulumi_aws as aws

from .. import notes
from ..naming import logical
from ..place import AwsPlace
from .kinds import Severity
from .spec import RecipientSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsAlarmTopicsArgs(AwsPlace):
    recipients: Mapping[str, RecipientSpec]
    """Who is told, by name."""
    key_arn: pulumi.Input[str]
    """KMS key, of the region, whose policy admits CloudWatch and AWS Budgets."""
    budgets: bool = True
    """Whether AWS Budgets, which has no region, tells these topics too."""


class AwsAlarmTopics(pulumi.ComponentResource):
    """An encrypted topic for pages and one for tickets, in one region.

    CloudWatch, and AWS Budgets where it should, publish for this account only; EventBridge for its
    rules; people by IAM.
    """

    arns: dict[Severity, pulumi.Output[str]]
    """ARN of each topic, known once its publishers are let in."""

    names: dict[Severity, pulumi.Output[str]]
    """Name of each topic, by which CloudWatch has its metrics."""

    def __init__(
        self, name: str, args: AwsAlarmTopicsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsAlarmTopics", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        self.arns, self.names = {}, {}
        for severity in get_args(Severity):
            self._topic(severity)
        self._say()
        self.register_outputs({"arns": self.arns, "names": self.names})

    def _topic(self, severity: Severity) -> None:
        args, label = self._args, f"{self._name}-{severity}"
        topic = aws.sns.Topic(
            logical("topic", label),
            kms_master_key_id=args.key_arn,
            region=args.region,
            opts=self._child,
        )
        policy = aws.sns.TopicPolicy(
            f"{label}-policy",
            arn=topic.arn,
            policy=pulumi.Output.json_dumps(_policy(topic.arn, args)),
            region=args.region,
            opts=self._child,
        )
        # An alarm that is raised before its topic lets it in tells nobody.
        self.arns[severity] = pulumi.Output.all(topic.arn, policy.urn).apply(lambda all_: all_[0])
        self.names[severity] = topic.name
        for recipient, spec in args.recipients.items():
            endpoint = _endpoint(spec)
            if endpoint and severity in spec.told:
                protocol, address = endpoint
                aws.sns.TopicSubscription(
                    f"{label}-{recipient}",
                    topic=topic.arn,
                    protocol=protocol,
                    endpoint=address,
                    delivery_policy=json.dumps(_PATIENCE) if protocol == "https" else None,
                    region=args.region,
                    opts=self._child,
                )

    def _say(self) -> None:
        recipients, region = self._args.recipients, self._args.region
        for severity in get_args(Severity):
            if not any(severity in spec.told for spec in recipients.values()):
                notes.limit(
                    self,
                    f"nobody is told of a {severity} in {region}: name recipients in "
                    "bulwark:monitoring",
                )
        for recipient, spec in recipients.items():
            if endpoint := _endpoint(spec):
                protocol, _ = endpoint
                whose = "a mail with a link" if protocol == "email" else "a message with a link"
                notes.limit(
                    self,
                    f"{recipient} is told nothing of {region} before they have confirmed, which "
                    f"SNS asks in {whose} for each topic",
                )


_PATIENCE: Final = {
    "healthyRetryPolicy": {
        "minDelayTarget": 5,
        "maxDelayTarget": 120,
        "numRetries": 20,
        "backoffFunction": "exponential",
    }
}
"""How long SNS tries an address that does not answer: half an hour or so, and not a minute. SNS
takes no policy that could last longer than an hour."""


def _endpoint(spec: RecipientSpec) -> tuple[str, str] | None:
    """Protocol and address of a subscription; None for a chat, which subscribes itself."""
    if spec.mail:
        return "email", spec.mail
    if spec.https:
        return "https", spec.https
    return None


def _policy(topic_arn: pulumi.Output[str], args: AwsAlarmTopicsArgs) -> dict[str, Any]:
    sources = {"cloudwatch.amazonaws.com": args.arn("cloudwatch", "alarm:*")}
    if args.budgets:
        sources["budgets.amazonaws.com"] = args.global_arn("budgets", "*")
    allowed = [
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": args.account_id},
                "ArnLike": {"aws:SourceArn": source},
            },
        }
        for service, source in sources.items()
    ]
    # EventBridge sends no source to a topic: with a condition its events are lost in silence. Who
    # makes a rule of this account that tells the topic is for IAM to say.
    events = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic_arn,
    }
    only_by_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": topic_arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [*allowed, events, only_by_tls]}
