"""Weaknesses that are accepted for a time: Defender exempts no single one, so we leave it out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A weakness that is left out for a time."""

    weaknesses: frozenset[str]
    resources: frozenset[str]
    """In small letters; none means all."""
    until: date

    @classmethod
    def read(cls, one: Mapping[str, Any]) -> "Accepted":
        """From an exception among the outputs of AzureSecurityTesting."""
        return cls(
            weaknesses=frozenset(one["weaknesses"]),
            resources=frozenset(resource.lower() for resource in one["resources"]),
            until=date.fromisoformat(one["until"]),
        )

    def holds(self, finding: Finding, today: date) -> bool:
        here = not self.resources or finding.resource.lower() in self.resources
        return finding.weakness in self.weaknesses and here and today <= self.until


def not_accepted(
    findings: Iterable[Finding], accepted: Sequence[Accepted], today: date
) -> Iterator[Finding]:
    return (one for one in findings if not any(each.holds(one, today) for each in accepted))
