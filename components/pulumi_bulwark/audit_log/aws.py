"""Where an environment's logs go on AWS: the log store always, the account's trail if owned."""

from dataclasses import dataclass

import pulumi

from .. import notes
from ..log_group.aws import AwsLogStore
from ..object_store import LifecycleRuleSpec, ObjectStoreSpec
from ..object_store.aws import AwsObjectStore, AwsObjectStoreArgs
from ..object_store.aws_policy import Delivery
from ..place import AwsPlace
from .aws_trail import AwsTrail, AwsTrailArgs
from .spec import AuditLogSpec

TRAIL = "trail"


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsAuditLogArgs(AwsPlace):
    spec: AuditLogSpec
    key_arn: pulumi.Input[str]
    """KMS key of the logs. Its policy admits CloudTrail and CloudWatch Logs."""
    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the role with which CloudTrail writes to CloudWatch Logs."""
    baseline: str | None = None
    """Who owns the account's trail, if it is not this stack: an account pays for a second one."""
    deletion_protection: bool = True
    """Whether Pulumi and the services both refuse to delete what holds logs."""
    delete_contents: bool = False
    """Whether buckets may be deleted with their logs, for the moment of a teardown."""


class AwsAuditLog(pulumi.ComponentResource):
    """The environment's log store, and the account's trail unless another stack owns it.

    The trail's files are in a locked bucket. What services deliver that cannot write to a locked
    one (AWS Config, and S3's own access logs) is in another.
    """

    access_logs_id: pulumi.Output[str]
    """Name of the bucket for what services deliver."""

    trail_arn: pulumi.Output[str] | None
    """ARN of the trail; None where another stack owns it."""

    archive_id: pulumi.Output[str] | None
    """Name of the bucket with the trail's files; None where another stack owns it."""

    events_id: pulumi.Output[str] | None
    """Name of the log group with the trail's events; None where another stack owns it."""

    evidence_arns: tuple[pulumi.Output[str], ...]
    """ARNs of the trail's bucket and log group; none where another stack owns the trail."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the account, in words."""

    def __init__(
        self, name: str, args: AwsAuditLogArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsAuditLog", name, None, opts)

        bucket = self._access_logs(name, args)
        self.access_logs_id = bucket.id
        self._store = AwsLogStore(
            **args.as_place(),
            key_arn=args.key_arn,
            retention_days=args.spec.retention_days,
            access_logs_id=bucket.id,
            deletion_protection=args.deletion_protection,
        )
        self.trail_arn = self.archive_id = self.events_id = None
        self.owned, self.evidence_arns = (), ()
        if args.baseline is None:
            trail = AwsTrail(
                f"{name}-trail",
                AwsTrailArgs(
                    spec=args.spec,
                    store=self._store,
                    access_logs_arn=bucket.arn,
                    boundary_arn=args.boundary_arn,
                    delete_contents=args.delete_contents,
                ),
                pulumi.ResourceOptions(parent=self),
            )
            self.trail_arn, self.archive_id = trail.arn, trail.archive_id
            self.events_id, self.owned = trail.events_id, (TRAIL,)
            self.evidence_arns = (trail.archive_arn, trail.events_arn)
        else:
            notes.limit(self, f"what is done in the account is logged by {args.baseline}")

        notes.loosened(self, "bulwark:auditLog", args.spec)
        self.register_outputs(
            {
                "accessLogsId": self.access_logs_id,
                "trailArn": self.trail_arn,
                "archiveId": self.archive_id,
                "eventsId": self.events_id,
                "evidenceArns": list(self.evidence_arns),
                "owned": list(self.owned),
            }
        )

    @property
    def store(self) -> AwsLogStore:
        """How the environment keeps its logs, for the capabilities that write some."""
        return self._store

    def _access_logs(self, name: str, args: AwsAuditLogArgs) -> AwsObjectStore:
        return AwsObjectStore(
            f"{name}-access",
            AwsObjectStoreArgs(
                spec=ObjectStoreSpec(
                    lifecycle=(LifecycleRuleSpec(expire_after_days=args.spec.retention_days),)
                ),
                region=args.region,
                deliveries=_deliveries(args),
                deletion_protection=args.deletion_protection,
                delete_contents=args.delete_contents,
            ),
            pulumi.ResourceOptions(parent=self),
        )


def _deliveries(args: AwsAuditLogArgs) -> list[Delivery]:
    """The services that deliver logs to a bucket, however many resources they do it for."""
    account = {"StringEquals": {"aws:SourceAccount": args.account_id}}

    def source(arn: str) -> dict[str, dict[str, str]]:
        return account | {"ArnLike": {"aws:SourceArn": arn}}

    return [
        Delivery(
            sid="AccessLogs",
            service="logging.s3.amazonaws.com",
            prefixes=["s3"],
            condition=source(args.bucket("*")),
            checks=(),
            gives_ownership=False,  # S3 sends no ACL with its own logs
        ),
        Delivery(
            sid="LogDelivery",
            service="delivery.logs.amazonaws.com",
            prefixes=[f"AWSLogs/{args.account_id}"],
            condition=source(args.arn("logs", "*")),
            checks=("s3:GetBucketAcl", "s3:ListBucket"),
        ),
        Delivery(
            sid="Config",
            service="config.amazonaws.com",
            prefixes=[f"AWSLogs/{args.account_id}/Config"],
            condition=account,
            checks=("s3:GetBucketAcl", "s3:ListBucket"),
        ),
    ]
