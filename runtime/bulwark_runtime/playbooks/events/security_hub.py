"""Findings in Security Hub's format, ASFF, with which it tells of those of all products."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..incident import SEVERITIES, Incident, Kind, Severity, Subject
from .fields import listed, mapping, on_its_day, once, time

_KINDS: Mapping[str, tuple[Kind, Callable[[str], str]]] = {
    "AwsEc2Instance": ("instance", lambda arn: arn.rpartition("/")[2]),
    "AwsEc2SecurityGroup": ("security-group", lambda arn: arn.rpartition("/")[2]),
    "AwsIamRole": ("role", lambda arn: arn.rpartition("/")[2]),
    "AwsS3Bucket": ("bucket", lambda arn: arn.rpartition(":")[2]),
    "AwsSecretsManagerSecret": ("secret", str),
    "AwsCloudTrailTrail": ("trail", str),
}
"""By the type of a resource: what it is to a playbook, and how its name is got from its ARN."""


def read(event: Mapping[str, Any]) -> Iterator[Incident]:
    for finding in event["detail"]["findings"]:
        if not _is_open(finding):
            continue
        at = time(finding["UpdatedAt"])
        yield Incident(
            id=on_its_day(finding["Id"], at),
            source="securityHub",
            types=(finding["GeneratorId"], *listed(finding.get("Types"))),
            severity=_severity(finding["Severity"]),
            title=finding["Title"],
            account=finding["AwsAccountId"],
            region=finding.get("Region", event["region"]),
            at=at,
            subjects=once(_subjects(finding)),
        )


def _is_open(finding: Mapping[str, Any]) -> bool:
    """A check that passes is a finding too; so is what somebody has put away."""
    workflow = mapping(finding.get("Workflow")).get("Status", "NEW")
    return (
        finding.get("RecordState", "ACTIVE") == "ACTIVE"
        and workflow in ("NEW", "NOTIFIED")
        and mapping(finding.get("Compliance")).get("Status") != "PASSED"
    )


def _severity(said: Mapping[str, Any]) -> Severity:
    label = said["Label"].lower()
    return label if label in SEVERITIES else "low"  # it also has INFORMATIONAL


def _subjects(finding: Mapping[str, Any]) -> Iterator[Subject]:
    for resource in finding["Resources"]:
        if resource["Type"] == "AwsIamAccessKey":
            yield from _key(resource)
        elif found := _KINDS.get(resource["Type"]):
            kind, name = found
            yield Subject(kind, name(resource["Id"]))
    for address in _sources(finding):
        yield Subject("address", address)


def _key(resource: Mapping[str, Any]) -> Iterator[Subject]:
    details = mapping(mapping(resource.get("Details")).get("AwsIamAccessKey"))
    if (key := details.get("AccessKeyId")) and key.startswith("AKIA"):
        user = details.get("PrincipalName")
        yield Subject("access-key", key, {"user": user} if user else {})


def _sources(finding: Mapping[str, Any]) -> Iterator[str]:
    network = mapping(finding.get("Network"))
    if network.get("Direction") == "IN":
        yield from filter(None, (network.get("SourceIpV4"), network.get("SourceIpV6")))
