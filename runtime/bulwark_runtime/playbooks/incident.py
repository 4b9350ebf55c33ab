"""What happened, whoever told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

Source = Literal["guardduty", "securityHub", "inspector", "trail", "alarm", "defender", "activity"]
"""The last two are of Azure; alarms are of either cloud."""

Severity = Literal["low", "medium", "high", "critical"]

SEVERITIES: tuple[Severity, ...] = get_args(Severity)

Kind = Literal[
    "access-key",
    "address",
    "bucket",
    "entra-user",
    "instance",
    "machine",
    "pool-user",
    "role",
    "role-assignment",
    "secret",
    "security-group",
    "storage-account",
    "trail",
]


class UnreadableError(Exception):
    """An event in none of the documented shapes."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an incident is about, and an action is done to."""

    kind: Kind
    name: str
    """Its id, name or ARN: never a secret."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else the event says of it and an action needs, such as the user of an access key."""

    def __str__(self) -> str:
        return f"{self.kind.replace('-', ' ')} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    id: str
    """The same whenever the same thing is told again: a finding's ARN and day, an event's id."""
    source: Source
    types: tuple[str, ...]
    """What a playbook's trigger is compared with: a finding's type, `cloudtrail:StopLogging`."""
    severity: Severity
    title: str
    account: str
    region: str
    at: datetime
    """When it happened, or was last seen."""
    subjects: tuple[Subject, ...] = ()
    actor: str | None = None
    """The unique id of who did it, such as AROA…, where the event names one."""

    def of_kind(self, kind: Kind) -> list[Subject]:
        return [subject for subject in self.subjects if subject.kind == kind]
