"""What several shapes have in common."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ..incident import Severity, Subject

_LONG_LIVED = "AKIA"
"""What the id of a user's own key begins with. A session's, ASIA, cannot be disabled by itself."""


def time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found


def on_its_day(finding: str, at: datetime) -> str:
    """The id of a finding that goes on: its service tells it again and again under the same one.

    What is told of the same day is the same; on another day it is worth another look, since a
    block may be over by then, or what was closed be open once more.
    """
    return f"{finding}@{at.astimezone(UTC):%Y-%m-%d}"


def severity(number: float) -> Severity:
    """GuardDuty's scale of 1 to 10, in words."""
    if number >= 9:  # noqa: PLR2004 GuardDuty User Guide, "Severity levels"
        return "critical"
    if number >= 7:  # noqa: PLR2004
        return "high"
    return "medium" if number >= 4 else "low"  # noqa: PLR2004


def caller(kind: str, key: str | None, user: str | None, role: str | None) -> Iterator[Subject]:
    """Whose credentials were used: a user's key, or a role's session."""
    if kind == "IAMUser" and key and key.startswith(_LONG_LIVED):
        yield Subject("access-key", key, {"user": user} if user else {})
    if kind == "AssumedRole" and role:
        yield Subject("role", role)


def unique_id(principal_id: Any) -> str | None:
    """Of `AROA…:session`, the part that stays the same."""
    return principal_id.partition(":")[0] if isinstance(principal_id, str) else None


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def once(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """Each subject once, as it was first said."""
    found: dict[tuple[str, str], Subject] = {}
    for subject in subjects:
        found.setdefault((subject.kind, subject.name), subject)
    return tuple(found.values())
