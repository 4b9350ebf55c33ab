"""The function that counts what is open for too long, twice a day, and asks for the inventory.

Settings are the environment variables in `Settings`. What is suppressed is not counted: the
exceptions are Inspector's own filters, and end by themselves.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from .finding import Deadlines, Finding, by_age
from .inventory import Every, moment

SERVICE = "weaknesses"
OVERDUE, OPEN, UNPATCHED = "Overdue", "Open", "UnpatchedMachines"
PREFIX = "inventories"
"""What the keys of an inventory begin with, before its day."""

_MOST_LOGGED = 100
"""Overdue findings that get a line of their own: `bulwark findings` has them all."""

logger = Logger(service=SERVICE)


class NoInventoryError(Exception):
    """The inventory that was asked for in the morning is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    namespace: str
    """BULWARK_METRICS_NAMESPACE: where the metrics go."""
    deadlines: Deadlines
    """BULWARK_DEADLINES: JSON, the days for which a finding may be open, by severity."""
    bucket: str | None = None
    """BULWARK_INVENTORY_BUCKET: where the inventory goes; without it there is none."""
    key_arn: str = ""
    """BULWARK_INVENTORY_KEY_ARN: KMS key of the inventory."""
    every: Every = "week"
    """BULWARK_INVENTORY_EVERY: day, week (Mondays) or month (the first)."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        return cls(
            namespace=environment["BULWARK_METRICS_NAMESPACE"],
            deadlines=json.loads(environment["BULWARK_DEADLINES"]),
            bucket=environment.get("BULWARK_INVENTORY_BUCKET"),
            key_arn=environment.get("BULWARK_INVENTORY_KEY_ARN", ""),
            every=_every(environment.get("BULWARK_INVENTORY_EVERY", "week")),
        )


def _every(written: str) -> Every:
    for known in get_args(Every):
        if written == known:
            return known
    raise ValueError(f"BULWARK_INVENTORY_EVERY: {', '.join(get_args(Every))}")


def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 Lambda's signature
    settings = Settings.read(os.environ)
    called = _called(event)
    _count(settings, called)
    match settings.bucket and moment(called, settings.every):
        case "make":
            _make(settings, called)
        case "check":
            _check(settings, called)


def _count(settings: Settings, now: datetime) -> None:
    findings = by_age(map(Finding.read, active(_client("inspector2"))))
    late = [one for one in findings if one.overdue(settings.deadlines, now)]
    for one in late[:_MOST_LOGGED]:
        logger.warning(
            "overdue",
            weakness=one.weakness,
            severity=one.severity,
            resource=one.resource,
            since=one.since.isoformat(),
        )
    unpatched = sum(1 for _ in without_patches(_client("ssm")))
    counts = {OVERDUE: len(late), OPEN: len(findings), UNPATCHED: unpatched}
    metrics = Metrics(namespace=settings.namespace, service=SERVICE)
    for name, count in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
    metrics.flush_metrics()
    logger.info("counted", extra=counts)


def active(inspector: Any) -> Iterator[Mapping[str, Any]]:
    """All findings that are neither closed nor suppressed. `inspector` is a client of boto3."""
    criteria = {"findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}]}
    pages = inspector.get_paginator("list_findings").paginate(filterCriteria=criteria)
    for page in pages:
        yield from page.get("findings", [])


def without_patches(ssm: Any) -> Iterator[Mapping[str, Any]]:
    """The machines that lack a patch which their baseline approves. `ssm` is a client of boto3."""
    filters = [
        {"Key": "ComplianceType", "Values": ["Patch"], "Type": "EQUAL"},
        {"Key": "Status", "Values": ["NON_COMPLIANT"], "Type": "EQUAL"},
    ]
    pages = ssm.get_paginator("list_resource_compliance_summaries").paginate(Filters=filters)
    for page in pages:
        yield from page.get("ResourceComplianceSummaryItems", [])


def _make(settings: Settings, called: datetime) -> None:
    made = _client("inspector2").create_sbom_export(
        reportFormat="CYCLONEDX_1_4",
        s3Destination={
            "bucketName": settings.bucket,
            "keyPrefix": f"{PREFIX}/{called:%Y-%m-%d}",
            "kmsKeyArn": settings.key_arn,
        },
    )
    logger.info("asked for the inventory", report=made["reportId"])


def _check(settings: Settings, called: datetime) -> None:
    found = _client("s3").list_objects_v2(
        Bucket=settings.bucket, Prefix=f"{PREFIX}/{called:%Y-%m-%d}", MaxKeys=1
    )
    if not found["KeyCount"]:
        raise NoInventoryError(
            f"Inspector has delivered no inventory on {called:%Y-%m-%d}: see the answer of "
            "GetSbomExport, whose errorCode tells of permissions and of the key"
        )


def _called(event: Mapping[str, Any]) -> datetime:
    """When the call was due: EventBridge says so, also when it comes late or once more."""
    time = event.get("time")
    return datetime.fromisoformat(time) if isinstance(time, str) else datetime.now(UTC)


@cache
def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    patience = Config(
        retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=2, read_timeout=20
    )
    return boto3.client(service, config=patience)
