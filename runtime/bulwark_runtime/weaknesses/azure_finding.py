"""A weakness as Defender for Cloud has it: a sub-assessment of a recommendation, by Resource Graph.

Defender says when a weakness became known, and when it first looked at the machine or image, but
not when it saw the one in the other. That is never before the later of the two, so no finding is
taken for younger than it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from .finding import Finding, Kind, Package

QUERY: Final = """
securityresources
| where type =~ "microsoft.security/assessments/subassessments"
| where properties.status.code =~ "Unhealthy"
| extend assessment = tolower(tostring(split(tolower(id), "/subassessments/")[0]))
| join kind=leftouter (
    securityresources
    | where type =~ "microsoft.security/assessments"
    | project assessment = tolower(id), looked = tostring(properties.status.firstEvaluationDate)
) on assessment
| project id, properties, looked
""".strip()
"""All open weaknesses of the subscription that is asked."""

_KINDS: Mapping[str, Kind] = {
    "microsoft.compute/virtualmachines": "machine",
    "microsoft.hybridcompute/machines": "machine",
}

_NO_FIX = frozenset({"nofixavailable", "willnotfix"})


def read(row: Mapping[str, Any]) -> Finding:
    """From a row of the query."""
    about = row["properties"]
    data = about.get("additionalData", {})
    known = data.get("vulnerabilityDetails", {})
    software = data.get("softwareDetails", {})
    resource, thing, kind = _where(about, data.get("artifactDetails", {}))
    severity = known.get("severity") or about.get("status", {}).get("severity", "")
    exploit = known.get("exploitabilityAssessment", {})
    return Finding(
        weakness=_weakness(about, data, known),
        severity=severity.lower() or "untriaged",
        kind=kind,
        resource=resource,
        thing=thing,
        group=None,
        since=_since(
            row.get("looked"), known.get("publishedDate") or data.get("publishedTime"), about
        ),
        fixable=data.get("patchable") is not False
        and software.get("fixStatus", "").lower() not in _NO_FIX,
        exploited=bool(exploit.get("isInExploitKit") or exploit.get("exploitStepsPublished")),
        packages=(_package(software),) if software.get("packageName") else (),
    )


def _weakness(about: Mapping[str, Any], data: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    listed = [one.get("title", "") for one in data.get("cve", ())]
    return known.get("cveId") or next(iter(listed), "") or about.get("displayName") or about["id"]


def _where(about: Mapping[str, Any], image: Mapping[str, Any]) -> tuple[str, str, Kind]:
    """The machine or image, what is mended as one, and which of the two it is."""
    if image.get("digest"):
        repository = f"{image.get('registryHost', '')}/{image.get('repositoryName', '')}"
        return f"{repository}@{image['digest']}", repository, "image"
    resource = about.get("resourceDetails", {}).get("id", "").lower()
    kind = "/".join(resource.rpartition("/providers/")[2].split("/")[:2])
    return resource, resource, _KINDS.get(kind, "other")


def _since(looked: str | None, published: str | None, about: Mapping[str, Any]) -> datetime:
    said = [datetime.fromisoformat(_short(time)) for time in (looked, published) if time]
    return max(said) if said else datetime.fromisoformat(_short(about["timeGenerated"]))


def _short(time: str) -> str:
    """Python reads six digits of a second's fraction, and Azure writes seven."""
    whole, _, _ = time.removesuffix("Z").partition(".")
    return f"{whole}+00:00"


def _package(software: Mapping[str, Any]) -> Package:
    return Package(
        name=software["packageName"],
        version=software.get("version", ""),
        fixed_in=software.get("fixedVersion") or None,
        advice=software.get("fixReference", {}).get("description", "")
        if isinstance(software.get("fixReference"), Mapping)
        else "",
        of_system=software.get("category", "").lower() in ("os", ""),
    )
