"""What is to be mended in a subscription: Defender's findings, and patches that are missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from bulwark_runtime.weaknesses import Deadlines, azure_finding, by_age
from bulwark_runtime.weaknesses.azure_accepted import Accepted, not_accepted
from bulwark_runtime.weaknesses.azure_patches import UNPATCHED

from .rows import Row, of_finding, worst_first

UNSCANNED: Final = """
securityresources
| where type =~ "microsoft.security/assessments"
| where name in~ ("ffff0522-1e88-47fc-8382-2a80ba848f5d")
| where properties.status.code =~ "Unhealthy"
| project resource = tostring(properties.resourceDetails.Id)
""".strip()
"""Machines that Defender cannot scan: its own recommendation to let it."""


class Subscription(Protocol):
    def ask(self, query: str, about: str) -> list[Mapping[str, Any]]:
        """The rows of Resource Graph for a query."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the stack says of its findings."""

    deadlines: Deadlines
    accepted: Sequence[Accepted]

    @classmethod
    def read(cls, outputs: Mapping[str, Any]) -> "Known":
        """From the outputs of AzureSecurityTesting."""
        return cls(
            deadlines={severity: int(days) for severity, days in outputs["deadlines"].items()},
            accepted=tuple(map(Accepted.read, outputs["exceptions"])),
        )


def rows(subscription: Subscription, known: Known, now: datetime) -> list[Row]:
    """Everything, the worst first."""
    everything = [
        *_weaknesses(subscription, known, now),
        *_unscanned(subscription, now),
        *_unpatched(subscription),
    ]
    return sorted(everything, key=worst_first)


def _weaknesses(subscription: Subscription, known: Known, now: datetime) -> Iterator[Row]:
    found = subscription.ask(azure_finding.QUERY, "Defender's findings")
    today = now.astimezone(UTC).date()
    for one in not_accepted(by_age(map(azure_finding.read, found)), known.accepted, today):
        yield of_finding(one, known.deadlines, now)


def _unscanned(subscription: Subscription, now: datetime) -> Iterator[Row]:
    for row in subscription.ask(UNSCANNED, "machines that are not scanned"):
        yield Row(
            severity="high",
            weakness="not scanned",
            kind="machine",
            resource=row["resource"].lower(),
            since=None,
            due=now.date(),
            state="overdue",
            to_do="let Defender for Endpoint on it: nobody sees what is installed",
        )


def _unpatched(subscription: Subscription) -> Iterator[Row]:
    for row in subscription.ask(UNPATCHED, "patches that are missing"):
        urgent, other = int(row["urgent"] or 0), int(row["other"] or 0)
        yield Row(
            severity="high" if urgent else "untriaged",
            weakness=f"{urgent + other} patches are missing",
            kind="machine",
            resource=row["resource"],
            since=None,
            due=None,  # Update Manager does not say since when; Defender has the weaknesses
            state="open",
            to_do="its window patches it, or `bulwark patch now`",
        )
