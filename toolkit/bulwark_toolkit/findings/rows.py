"""What is to be mended: weaknesses, patches that are missing, runtimes and images that are old."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from bulwark_runtime.weaknesses import SEVERITIES, Deadlines, Finding, by_age

from ..compliance import end_of_support

State = Literal["overdue", "due", "open", "no fix"]

_STATES: tuple[State, ...] = ("overdue", "due", "open", "no fix")

TO_DO: Mapping[str, str] = {
    "machine": "its window patches it, or `bulwark patch now`",
    "image": "build it on a mended base, push it, and deploy its new digest",
    "function": "raise the package in its lock, package it and deploy it again",
    "other": "see what Inspector recommends",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    severity: str
    weakness: str
    """The id of the weakness, or what else is wrong."""
    kind: str
    resource: str
    since: date | None
    due: date | None
    """The last day on which it may be as it is; None if it has no deadline."""
    state: State
    to_do: str


def rows(
    deadlines: Deadlines, now: datetime, *, inspector: Any, ssm: Any, functions: Any
) -> list[Row]:
    """Everything, the worst first. The last three are clients of boto3."""
    everything = [
        *_weaknesses(inspector, deadlines, now),
        *_not_scanned(inspector, now),
        *_unpatched(ssm),
        *_runtimes(functions, now.date()),
    ]
    return sorted(everything, key=worst_first)


def worst_first(row: Row) -> tuple[int, date, int, str, str]:
    """A key to sort rows by."""
    return (
        _STATES.index(row.state),
        row.due or date.max,
        SEVERITIES.index(row.severity),
        row.weakness,
        row.resource,
    )


def _weaknesses(inspector: Any, deadlines: Deadlines, now: datetime) -> Iterator[Row]:
    active = {"findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}]}
    for one in by_age(map(Finding.read, _each(inspector, "list_findings", "findings", active))):
        yield of_finding(one, deadlines, now)


def of_finding(one: Finding, deadlines: Deadlines, now: datetime) -> Row:
    """A weakness against its deadline."""
    due = one.due(deadlines)
    return Row(
        severity=one.severity,
        weakness=one.weakness,
        kind=one.kind,
        resource=one.resource,
        since=one.since.astimezone(UTC).date(),
        due=due.astimezone(UTC).date() if due else None,
        state=_state(one, deadlines, now),
        to_do=_fix(one),
    )


def _state(finding: Finding, deadlines: Deadlines, now: datetime) -> State:
    if not finding.fixable:
        return "no fix"
    if finding.overdue(deadlines, now):
        return "overdue"
    return "due" if finding.due(deadlines) else "open"


def _fix(finding: Finding) -> str:
    fixed = [f"{p.name} {p.fixed_in}" for p in finding.packages if p.fixed_in]
    return f"{', '.join(fixed)}: {TO_DO[finding.kind]}" if fixed else TO_DO[finding.kind]


_EXPIRED = "SCAN_ELIGIBILITY_EXPIRED"

_REASONS: Mapping[str, str] = {
    _EXPIRED: "build the image anew, or take it out of use: nobody looks for its weaknesses",
    "UNMANAGED_EC2_INSTANCE": "let Systems Manager manage it: nobody sees what is installed",
    "NO_INVENTORY": "see why Systems Manager has no list of what is installed on it",
    "UNSUPPORTED_OS": "move it to a system that its maker still mends",
    "UNSUPPORTED_RUNTIME": "move it to a runtime that Inspector knows",
    "AGENTLESS_INSTANCE_COLLECTION_TIME_EXCEEDED": "see why its disks could not be read in time",
    "EXCLUDED_BY_TAG": "take the tag InspectorEc2Exclusion off it: an exception has an end",
    "STALE_INVENTORY": "see why Systems Manager has had no news of it for long",
}
"""Why Inspector does not look, where somebody can mend that."""

_OF_COVERAGE = {
    "AWS_EC2_INSTANCE": "machine",
    "AWS_ECR_CONTAINER_IMAGE": "image",
    "AWS_LAMBDA_FUNCTION": "function",
}


def _not_scanned(inspector: Any, now: datetime) -> Iterator[Row]:
    inactive = {"scanStatusCode": [{"comparison": "EQUALS", "value": "INACTIVE"}]}
    for one in _each(inspector, "list_coverage", "coveredResources", inactive):
        reason = one.get("scanStatus", {}).get("reason", "")
        image = one.get("resourceMetadata", {}).get("ecrImage", {})
        if reason not in _REASONS or (reason == _EXPIRED and not image.get("inUseCount")):
            continue  # what nobody runs does no harm
        yield Row(
            severity="high",
            weakness=f"not scanned ({reason})",
            kind=_OF_COVERAGE.get(one["resourceType"], "other"),
            resource=one["resourceId"],
            since=None,
            due=now.date(),
            state="overdue",
            to_do=_REASONS[reason],
        )


def _unpatched(ssm: Any) -> Iterator[Row]:
    filters = [
        {"Key": "ComplianceType", "Values": ["Patch"], "Type": "EQUAL"},
        {"Key": "Status", "Values": ["NON_COMPLIANT"], "Type": "EQUAL"},
    ]
    pages = ssm.get_paginator("list_resource_compliance_summaries").paginate(Filters=filters)
    for page in pages:
        for one in page.get("ResourceComplianceSummaryItems", []):
            count = one.get("NonCompliantSummary", {}).get("NonCompliantCount", 0)
            severity = one.get("OverallSeverity", "").lower()
            yield Row(
                severity=severity if severity in SEVERITIES else "untriaged",
                weakness=f"{count} approved patches are missing",
                kind="machine",
                resource=one["ResourceId"],
                since=None,
                due=None,  # Patch Manager does not say since when; Inspector has the weaknesses
                state="open",
                to_do=TO_DO["machine"],
            )


def _runtimes(functions: Any, today: date) -> Iterator[Row]:
    for page in functions.get_paginator("list_functions").paginate():
        for one in page.get("Functions", []):
            runtime = one.get("Runtime")
            last = end_of_support.last_day("lambda", runtime) if runtime else None
            if last is not None and (last - today).days <= _SOON_DAYS:
                yield Row(
                    severity="high",
                    weakness=f"{runtime} is mended until {last}",
                    kind="function",
                    resource=one["FunctionArn"],
                    since=None,
                    due=last,
                    state="overdue" if last < today else "due",
                    to_do="deploy it on a newer runtime",
                )


_SOON_DAYS = 180
"""From when on the end of a runtime's support is told."""


def _each(client: Any, call: str, key: str, criteria: Any) -> Iterable[Mapping[str, Any]]:
    for page in client.get_paginator(call).paginate(filterCriteria=criteria):
        yield from page.get(key, [])
