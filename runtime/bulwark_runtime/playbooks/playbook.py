"""A playbook: which incidents it is for, what it does about them, and within which bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .incident import SEVERITIES, Incident, Severity, Source

Mode = Literal["notify", "approve", "auto"]
Told = Literal["page", "ticket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    name: str
    source: Source
    types: tuple[str, ...]
    """What the types of its incidents begin with."""
    least: Severity = "low"
    """The least severity; alarms and calls have none of their own."""
    severity: Told = "page"
    """How loudly people are told."""
    mode: Mode = "notify"
    action: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limit_per_hour: int = 10
    """Times that it acts by itself in an hour; what is beyond that waits for approval."""
    dry_run: bool = False
    approval_minutes: int = 60

    def matches(self, incident: Incident) -> bool:
        return (
            incident.source == self.source
            and SEVERITIES.index(incident.severity) >= SEVERITIES.index(self.least)
            and any(_begins(kind, prefix) for kind in incident.types for prefix in self.types)
        )

    @classmethod
    def load(cls, name: str, value: Mapping[str, Any]) -> "Playbook":
        """Of the settings that the component writes."""
        return cls(name=name, **{**value, "types": tuple(value["types"])})


def _begins(text: str, prefix: str) -> bool:
    """Whether it begins with the prefix as words go: `security-control/S3.8` is no S3.80."""
    rest = text.removeprefix(prefix)
    if not text.startswith(prefix):
        return False
    return not rest or not prefix[-1:].isalnum() or not rest[0].isalnum()
