"""CloudWatch log groups, and what they have in common in one environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from ..naming import logical, physical
from ..place import AwsPlace

Kind = Literal["event-log-group", "log-group", "vended-log-group", "waf-log-group"]
"""A row of `naming.RULES`: some services write only to groups with a name of theirs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsLogStore(AwsPlace):
    """How an environment keeps its logs: the same for every capability that writes some."""

    key_arn: pulumi.Input[str]
    """KMS key of the logs."""
    retention_days: int
    """Days that logs can be read: one of the numbers that CloudWatch takes."""
    access_logs_id: pulumi.Input[str]
    """Bucket, encrypted with S3's own key and not locked, for what cannot go to a log group."""
    deletion_protection: bool
    """Whether Pulumi and CloudWatch both refuse to delete a log group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Writer:
    """A service that writes into a log group by the group's own policy, and not by a role."""

    service: str
    """The service's principal, such as delivery.logs.amazonaws.com."""
    condition: Mapping[str, Mapping[str, Any]]
    """The source that the service sends, which holds it to this account."""


def vended_logs(store: AwsLogStore) -> Writer:
    """The service that delivers the logs of WAF, API Gateway, Cognito and flow logs."""
    logs = store.arn("logs", "*")
    return Writer(
        service="delivery.logs.amazonaws.com",
        condition={
            "StringEquals": {"aws:SourceAccount": store.account_id},
            "ArnLike": {"aws:SourceArn": logs},
        },
    )


def event_logs(store: AwsLogStore) -> list[Writer]:
    """The services that deliver the events of EventBridge's rules."""
    rules = store.arn("events", "rule/*")
    # Nothing says that the source is sent when a stream is made; when it is, it must be ours.
    ours = {"ArnLikeIfExists": {"aws:SourceArn": rules}}
    services = ("events.amazonaws.com", "delivery.logs.amazonaws.com")
    return [Writer(service=service, condition=ours) for service in services]


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsLogGroupArgs:
    store: AwsLogStore
    """How the environment keeps its logs."""
    kind: Kind = "log-group"
    """What the writer wants of the name."""
    name: pulumi.Input[str] | None = None
    """The whole name, where the writer leaves no choice."""
    writers: Sequence[Writer] = ()
    """The services that write by the group's own policy; a role needs none."""


class AwsLogGroup(pulumi.ComponentResource):
    """An encrypted log group with a retention, and a policy of its own for who writes to it."""

    id: pulumi.Output[str]
    """Name of the group, known once its writers are let in."""

    arn: pulumi.Output[str]
    """ARN of the group, without the `:*` of its streams, known once its writers are let in."""

    def __init__(
        self, name: str, args: AwsLogGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsLogGroup", name, None, opts)
        store = args.store

        # A service's prefix forces a name of ours; Pulumi names the others.
        label, given = logical("log-group", f"{name}-group"), args.name
        if args.kind != "log-group":
            given = physical(args.kind, pulumi.get_project(), pulumi.get_stack(), name)
        group = aws.cloudwatch.LogGroup(
            label,
            name=given,
            region=store.region,
            kms_key_id=store.key_arn,
            retention_in_days=store.retention_days,
            deletion_protection_enabled=store.deletion_protection,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=store.deletion_protection,
                retain_on_delete=store.deletion_protection,
            ),
        )
        self.id, self.arn = group.name, group.arn
        if args.writers:
            policy = aws.cloudwatch.LogResourcePolicy(
                f"{name}-policy",
                # The group's own: the account's are ten a region, and services that add to them
                # (WAF, API Gateway) outgrow their 5,120 characters.
                resource_arn=group.arn,
                region=store.region,
                policy_document=_document(group.arn, args.writers),
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.id, self.arn = (
                pulumi.Output.all(value, policy.urn).apply(lambda all_: all_[0])
                for value in (group.name, group.arn)
            )
        self.register_outputs({"id": self.id, "arn": self.arn})


def _document(arn: pulumi.Output[str], writers: Sequence[Writer]) -> pulumi.Output[str]:
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": writer.service},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": pulumi.Output.format("{0}:log-stream:*", arn),
            "Condition": {operator: dict(keys) for operator, keys in writer.condition.items()},
        }
        for writer in writers
    ]
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements})
