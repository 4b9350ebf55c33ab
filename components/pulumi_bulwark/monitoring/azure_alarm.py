"""Alarms as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi

from .azure_kql import Query
from .kinds import AlarmKind, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryAlarm:
    """Raised when a query over the workspace says so."""

    kind: AlarmKind
    name: str
    """The kind, and what tells it from others of its kind."""
    query: Query
    """Its result has one row with the column `value`, or one for each of `split`."""
    threshold: float = 1
    """From what value on there is an alarm."""
    split: Sequence[str] = ()
    """Columns by whose values each has an alarm of its own."""
    minutes: int | None = None
    """How far the query looks back, where it is not as its severity says."""
    severity: Severity | None = None
    """How loudly, where it is not the kind's own."""
    about: str = ""
    """Which one of several, for the description."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityAlarm:
    """Raised by each event of the Activity Log that all conditions hold for."""

    kind: AlarmKind
    name: str
    conditions: Sequence[Mapping[str, Any]]
    """As Azure writes them, the category first."""
    severity: Severity | None = None
    about: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueAlarm:
    """Raised by a number that Service Bus counts of a queue."""

    kind: AlarmKind
    name: str
    namespace_id: pulumi.Input[str]
    queue: pulumi.Input[str]
    metric: Literal["ActiveMessages", "DeadletteredMessages"]
    statistic: Literal["Minimum", "Maximum"]
    severity: Severity | None = None
    about: str = ""


Alarm = QueryAlarm | ActivityAlarm | QueueAlarm
