"""What is watched, as a stack hands it over: names and ids of what other capabilities make."""

from dataclasses import dataclass

import pulumi

from .kinds import AlarmKind, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedQueue:
    namespace_id: pulumi.Input[str]
    """Full id of the Service Bus namespace."""
    name: pulumi.Input[str]
    """Name of the queue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedLine:
    """What a function app says in its log."""

    app: pulumi.Input[str]
    """Name of the function app."""
    words: str
    """What the line has in it, such as `"event":"overdue"`: no other line has."""
    number: str | None = None
    """Set: what counts is not how many lines there are, but the highest that they say under this
    name of their JSON, such as fill_percent."""
    threshold: float = 1
    """From what on there is an alarm: so many lines in five minutes, or such a number."""
    latest_minutes: int | None = None
    """Set, with `number`: only the last such line counts, if it is no older: as `silent_minutes`.
    So what is said a few times a day is one alarm, until something else is said."""
    silent_minutes: int | None = None
    """Set: there is an alarm when no such line comes for so long: 15 minutes to a day, one of the
    spans of Azure's (15, 30, 60, 120, … 360, 1440)."""
    kind: AlarmKind = "watched-metric"
    """What the alarm is."""
    severity: Severity | None = None
    """How loudly it tells, where it is not as the kind does."""
    says: str = ""
    """What it means, in a few words for the alarm."""
