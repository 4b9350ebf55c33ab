"""The account's trail: AWS CloudTrail."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore
from ..naming import physical
from ..object_store import LifecycleRuleSpec, ObjectStoreSpec
from ..object_store.aws import AwsObjectStore, AwsObjectStoreArgs
from ..object_store.aws_policy import Delivery
from ..role.aws import AwsRole, AwsRoleArgs, service_trust
from .aws_queries import QUERIES
from .spec import AuditLogSpec

_SERVICE = "cloudtrail.amazonaws.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsTrailArgs:
    spec: AuditLogSpec
    store: AwsLogStore
    """How the environment keeps its logs."""
    access_logs_arn: pulumi.Input[str]
    """ARN of the bucket that logs who reads the trail's files."""
    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the role with which CloudTrail writes to CloudWatch Logs."""
    delete_contents: bool = False
    """Whether the bucket may be deleted with its files, for the moment of a teardown."""


class AwsTrail(pulumi.ComponentResource):
    """What is done in the account, in all regions, as files that can be verified.

    They are delivered to a locked bucket, and to a log group where they can be searched.
    """

    arn: pulumi.Output[str]
    """ARN of the trail."""

    archive_id: pulumi.Output[str]
    """Name of the bucket with the trail's files."""

    events_id: pulumi.Output[str]
    """Name of the log group with the trail's events."""

    archive_arn: pulumi.Output[str]
    """ARN of the bucket with the trail's files."""

    events_arn: pulumi.Output[str]
    """ARN of the log group with the trail's events."""

    def __init__(
        self, name: str, args: AwsTrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsTrail", name, None, opts)
        spec, store = args.spec, args.store

        # The policies of the bucket and the role speak of the trail before it exists.
        trail_name = physical("trail", pulumi.get_project(), pulumi.get_stack(), name)
        trail_arn = store.arn("cloudtrail", f"trail/{trail_name}")
        archive_id, archive_arn, key_arn = self._archive(name, args, trail_arn)
        group = AwsLogGroup(
            f"{name}-events",
            AwsLogGroupArgs(store=store),
            pulumi.ResourceOptions(parent=self),
        )
        role = self._role(name, args, trail_arn, group)
        trail = aws.cloudtrail.Trail(
            f"{name}-trail",
            name=trail_name,
            is_multi_region_trail=True,
            include_global_service_events=True,
            is_organization_trail=spec.organization_id is not None,
            enable_logging=True,
            enable_log_file_validation=True,
            kms_key_id=key_arn,
            s3_bucket_name=archive_id,
            cloud_watch_logs_group_arn=pulumi.Output.format("{0}:*", group.arn),
            cloud_watch_logs_role_arn=role.arn,
            advanced_event_selectors=_selectors(spec, archive_arn, args.access_logs_arn),
            insight_selectors=_INSIGHTS if spec.insights else None,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=store.deletion_protection,
                retain_on_delete=store.deletion_protection,
            ),
        )
        for title, query in QUERIES.items():
            aws.cloudwatch.QueryDefinition(
                f"{name}-{title.replace(' ', '-').replace(',', '')}",
                name=f"{trail_name}/{title}",
                log_group_names=[group.id],
                query_string=query,
                opts=pulumi.ResourceOptions(parent=self),
            )

        _tell(self, spec)
        self.arn, self.archive_id, self.events_id = trail.arn, archive_id, group.id
        self.archive_arn, self.events_arn = archive_arn, group.arn
        self.register_outputs(
            {
                "arn": self.arn,
                "archiveId": self.archive_id,
                "eventsId": self.events_id,
                "archiveArn": self.archive_arn,
                "eventsArn": self.events_arn,
            }
        )

    def _archive(
        self, name: str, args: AwsTrailArgs, trail_arn: str
    ) -> tuple[pulumi.Output[str], pulumi.Output[str], pulumi.Input[str]]:
        """Name, ARN and key of the bucket with the files: the one that exists, or our own."""
        spec, store = args.spec, args.store
        if there := spec.log_archive:
            known = pulumi.Output.from_input
            return known(there.bucket), known(store.bucket(there.bucket)), there.key_arn
        delivery = Delivery(
            sid="CloudTrail",
            service=_SERVICE,
            prefixes=[
                f"AWSLogs/{owner}" for owner in (store.account_id, spec.organization_id) if owner
            ],
            condition={"StringEquals": {"aws:SourceArn": trail_arn}},
        )
        expiry = LifecycleRuleSpec(expire_after_days=spec.archive_days)
        archive = AwsObjectStore(
            f"{name}-archive",
            AwsObjectStoreArgs(
                spec=ObjectStoreSpec(lock=spec.lock, lifecycle=(expiry,)),
                region=store.region,
                key_arn=store.key_arn,
                deliveries=[delivery],
                access_logs_bucket=store.access_logs_id,
                reports_loosened=False,
                deletion_protection=store.deletion_protection,
                delete_contents=args.delete_contents,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return archive.id, archive.arn, store.key_arn

    def _role(self, name: str, args: AwsTrailArgs, trail_arn: str, group: AwsLogGroup) -> AwsRole:
        source = {"aws:SourceAccount": args.store.account_id, "aws:SourceArn": trail_arn}
        return AwsRole(
            f"{name}-delivery",
            AwsRoleArgs(
                description="Lets CloudTrail write to its log group",
                # Nothing says that CloudTrail sends its source here; if it does, it must be ours.
                trust=[service_trust(_SERVICE, {"StringEqualsIfExists": source})],
                boundary_arn=args.boundary_arn,
                statements=[
                    {
                        "Effect": "Allow",
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Resource": pulumi.Output.format("{0}:log-stream:*", group.arn),
                    }
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )


_INSIGHTS: Any = [
    {"insight_type": "ApiCallRateInsight"},
    {"insight_type": "ApiErrorRateInsight"},
]


def _selectors(
    spec: AuditLogSpec, archive_arn: pulumi.Input[str], access_logs_arn: pulumi.Input[str]
) -> list[Any]:
    # Named even if it is the only one: with any other selector, management events are off.
    management = _selector("Management", "Management")
    if not spec.data_events:
        return [management]
    logs = [pulumi.Output.format("{0}/", arn) for arn in (archive_arn, access_logs_arn)]
    arn = "resources.ARN"
    return [
        management,
        # A log of writing the log would never end; who reads the logs is logged (PCI 10.2.1.3).
        _data("Objects", "AWS::S3::Object", {"field": arn, "not_starts_withs": logs}),
        _data(
            "Reading of logs",
            "AWS::S3::Object",
            {"field": arn, "starts_withs": logs},
            {"field": "readOnly", "equals": ["true"]},
        ),
        _data("Items of tables", "AWS::DynamoDB::Table"),
        _data("Calls of functions", "AWS::Lambda::Function"),
    ]


def _data(name: str, kind: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return _selector(name, "Data", {"field": "resources.type", "equals": [kind]}, *fields)


def _selector(name: str, category: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "field_selectors": [{"field": "eventCategory", "equals": [category]}, *fields],
    }


def _tell(trail: AwsTrail, spec: AuditLogSpec) -> None:
    notes.cost(
        trail,
        "CloudTrail's first copy of management events is free; CloudWatch Logs bills what it "
        "takes in, about 0.60 USD a GB",
    )
    if spec.data_events:
        notes.cost(trail, "data events: about 0.10 USD for 100,000")
    if spec.insights:
        notes.cost(trail, "insights: about 0.35 USD for 100,000 events and kind of insight")
    if spec.organization_id:
        notes.limit(trail, "the organisation must trust CloudTrail: AWS Organizations, Services")
    if spec.log_archive:
        notes.limit(trail, "the owner of the log archive decides on its lock and retention")
