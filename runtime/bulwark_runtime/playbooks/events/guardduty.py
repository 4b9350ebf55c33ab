"""A finding of GuardDuty's (GuardDuty User Guide, "Finding format")."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..incident import Incident, Subject
from .fields import caller, listed, mapping, on_its_day, once, severity, time, unique_id


def read(event: Mapping[str, Any]) -> Iterator[Incident]:
    finding = event["detail"]
    key = mapping(finding["resource"].get("accessKeyDetails"))
    at = time(finding["updatedAt"])
    yield Incident(
        id=on_its_day(finding["arn"], at),
        source="guardduty",
        types=(finding["type"],),
        severity=severity(float(finding["severity"])),
        title=finding["title"],
        account=finding["accountId"],
        region=finding["region"],
        at=at,
        subjects=once(_subjects(finding)),
        actor=unique_id(key.get("principalId")),
    )


def _subjects(finding: Mapping[str, Any]) -> Iterator[Subject]:
    resource = finding["resource"]
    if machine := mapping(resource.get("instanceDetails")).get("instanceId"):
        yield Subject("instance", machine)
    for bucket in listed(resource.get("s3BucketDetails")):
        yield Subject("bucket", bucket["name"])
    key = mapping(resource.get("accessKeyDetails"))
    # Of a role's session, GuardDuty calls the role's name the user's.
    name = key.get("userName")
    yield from caller(key.get("userType", ""), key.get("accessKeyId"), name, name)
    for address in _addresses(mapping(mapping(finding.get("service")).get("action"))):
        yield Subject("address", address)


_WITH_AN_ADDRESS = (
    "networkConnectionAction",
    "awsApiCallAction",
    "kubernetesApiCallAction",
    "rdsLoginAttemptAction",
)


def _addresses(action: Mapping[str, Any]) -> Iterator[str]:
    for name in _WITH_AN_ADDRESS:
        yield from _remote(mapping(action.get(name)))
    for probe in listed(mapping(action.get("portProbeAction")).get("portProbeDetails")):
        yield from _remote(probe)


def _remote(action: Mapping[str, Any]) -> Iterator[str]:
    # Where our machine called somebody, there is nobody to be kept out by the firewall.
    if action.get("connectionDirection") == "OUTBOUND":
        return
    remote = mapping(action.get("remoteIpDetails"))
    if address := remote.get("ipAddressV4") or remote.get("ipAddressV6"):
        yield address
