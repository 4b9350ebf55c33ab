"""A finding of Amazon Inspector's (Inspector User Guide, "Amazon EventBridge event schema")."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..incident import SEVERITIES, Incident, Severity, Subject
from .fields import mapping, on_its_day, once, time

EXPLOIT: Final = "EXPLOIT_AVAILABLE"


def read(event: Mapping[str, Any]) -> Iterator[Incident]:
    finding = event["detail"]
    if finding["status"] != "ACTIVE":
        return
    # The finding has times of its own, in two forms that Inspector has written so far.
    at = time(event["time"])
    yield Incident(
        id=on_its_day(finding["findingArn"], at),
        source="inspector",
        types=tuple(_types(finding)),
        severity=_severity(finding["severity"]),
        title=finding["title"],
        account=finding["awsAccountId"],
        region=event["region"],
        at=at,
        subjects=once(
            Subject("instance", resource["id"])
            for resource in finding["resources"]
            if resource["type"] == "AWS_EC2_INSTANCE"
        ),
    )


def _types(finding: Mapping[str, Any]) -> Iterator[str]:
    yield finding["type"]
    if weakness := mapping(finding.get("packageVulnerabilityDetails")).get("vulnerabilityId"):
        yield weakness
    if finding.get("exploitAvailable") == "YES":
        yield EXPLOIT


def _severity(said: str) -> Severity:
    word = said.lower()
    return word if word in SEVERITIES else "low"  # it also has INFORMATIONAL and UNTRIAGED
