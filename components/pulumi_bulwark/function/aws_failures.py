"""Where events go that an asynchronous function could not handle."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ..naming import logical


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsFailuresArgs:
    region: str
    """AWS region of the function."""
    key_arn: pulumi.Input[str]
    """KMS key of the events."""
    days: int
    """Days for which an event is kept."""


class AwsFailures(pulumi.ComponentResource):
    """An encrypted queue that keeps what a function could not handle, for a person to look at."""

    arn: pulumi.Output[str]
    """ARN of the queue, known once its policy is in place."""

    name: pulumi.Output[str]
    """Name of the queue."""

    def __init__(
        self, name: str, args: AwsFailuresArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsFailures", name, None, opts)
        queue = aws.sqs.Queue(
            logical("queue", f"{name}-queue"),
            region=args.region,
            kms_master_key_id=args.key_arn,
            kms_data_key_reuse_period_seconds=300,
            message_retention_seconds=args.days * 24 * 60 * 60,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.sqs.QueuePolicy(
            f"{name}-policy",
            region=args.region,
            queue_url=queue.url,
            policy=pulumi.Output.json_dumps(_only_over_tls(queue.arn)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = queue.name
        self.arn = pulumi.Output.all(queue.arn, policy.urn).apply(lambda all_: all_[0])
        self.register_outputs({"arn": self.arn, "name": self.name})


def _only_over_tls(queue_arn: pulumi.Input[str]) -> dict[str, Any]:
    # Who sends and receives is IAM's to say: within the account its word is enough.
    statement = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue_arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
