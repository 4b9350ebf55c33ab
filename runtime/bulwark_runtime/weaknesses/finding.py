"""A finding of Amazon Inspector: what is weak, where, and since when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

Json = Mapping[str, Any]

Deadlines = Mapping[str, int]
"""Days for which a finding may be open, by severity; what is not in it has no deadline."""

Kind = Literal["machine", "image", "function", "other"]

SEVERITIES: Final = ("critical", "high", "medium", "low", "informational", "untriaged")
"""From the worst on, in Inspector's words."""

_KINDS: Mapping[str, Kind] = {
    "AWS_EC2_INSTANCE": "machine",
    "AWS_ECR_CONTAINER_IMAGE": "image",
    "AWS_LAMBDA_FUNCTION": "function",
}

_GROUP_TAGS = ("PatchGroup", "Patch Group")


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    fixed_in: str | None
    """The first version without the weakness; None where there is none yet, or it is not known."""
    advice: str
    """What Inspector says is to be done, or nothing."""
    of_system: bool
    """Whether the operating system's package manager has it, so that Patch Manager can mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    weakness: str
    """Id of the weakness, such as CVE-2026-12345, or what Inspector calls it where it has none."""
    severity: str
    kind: Kind
    resource: str
    """Id of the machine, image or function."""
    thing: str
    """What is mended as one: the machine, the repository, the function whatever its version."""
    group: str | None
    """The machine's tag PatchGroup."""
    since: datetime
    """When Inspector first saw it."""
    fixable: bool
    """Whether there is something to install."""
    exploited: bool
    """Whether an exploit is known."""
    packages: tuple[Package, ...] = ()

    @classmethod
    def read(cls, raw: Json) -> "Finding":
        """From an answer of ListFindings, as boto3 gives it."""
        resource = raw["resources"][0]
        details = resource.get("details", {})
        about = raw.get("packageVulnerabilityDetails", {})
        tags = resource.get("tags", {})
        return cls(
            weakness=about.get("vulnerabilityId") or raw.get("title") or raw["findingArn"],
            severity=raw["severity"].lower(),
            kind=_KINDS.get(resource["type"], "other"),
            resource=resource["id"],
            thing=_thing(resource["id"], details),
            group=next((tags[tag] for tag in _GROUP_TAGS if tag in tags), None),
            since=raw["firstObservedAt"],
            # Of what no package brings, such as code or an open port, Inspector does not say.
            fixable=raw.get("fixAvailable") != "NO",
            exploited=raw.get("exploitAvailable") == "YES",
            packages=tuple(map(_package, about.get("vulnerablePackages", ()))),
        )

    def due(self, deadlines: Deadlines) -> datetime | None:
        """When it is to be mended at the latest; None if nothing can be, or it has no deadline."""
        days = deadlines.get(self.severity)
        return self.since + timedelta(days=days) if days is not None and self.fixable else None

    def overdue(self, deadlines: Deadlines, now: datetime) -> bool:
        due = self.due(deadlines)
        return due is not None and due < now


def by_age(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, oldest first, each as old as its weakness is in the same thing.

    Else an image that is built again with the old weakness in it would be new.
    """
    found = list(findings)
    since: dict[tuple[str, str], datetime] = {}
    for one in found:
        key = one.thing, one.weakness
        since[key] = min(one.since, since.get(key, one.since))
    aged = (replace(one, since=since[one.thing, one.weakness]) for one in found)
    return sorted(aged, key=lambda one: (one.since, one.weakness, one.resource))


def _thing(resource: str, details: Json) -> str:
    if image := details.get("awsEcrContainerImage"):
        return f"{image['registry']}/{image['repositoryName']}"
    if function := details.get("awsLambdaFunction"):
        return function["functionName"]
    return resource


def _package(raw: Json) -> Package:
    fixed = raw.get("fixedInVersion")
    return Package(
        name=raw["name"],
        version=raw["version"],
        fixed_in=None if fixed in (None, "NotAvailable") else fixed,
        advice=raw.get("remediation", ""),
        of_system=raw.get("packageManager") == "OS",
    )
