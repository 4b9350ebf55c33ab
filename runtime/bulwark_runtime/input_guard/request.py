"""What the guard is asked, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    BLOCK = "block"
    """Deny."""

    COUNT = "count"
    """Say so, and let it pass as it is."""

    SANITISE = "sanitise"
    """Make safe what can be made safe; deny the rest."""

    OFF = "off"
    """Do not look."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str

    path: str
    """As it was sent: percent-encoded, without the query."""

    query: str = ""
    """As it was sent, without the question mark."""

    headers: Sequence[tuple[str, str]] = ()
    """Names in any case; one that was sent twice is here twice."""

    body: bytes = b""

    operation_id: str | None = None
    """Which operation is meant, where the caller knows; the path must still be one of its own."""


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    operation: str
    """`operationId`, or method and path template where it has none; empty for an unknown route."""

    pointer: str
    """Where in the request: `/body/payments/0/memo`, `/query/search`. A `*` stands for a name that
    the document does not declare: such a name is the caller's text."""

    rule: str
    """One of `RULES`."""

    mode: Mode
    """What was done about it: block, count or sanitise."""


@dataclass(frozen=True, slots=True)
class Verdict:
    allowed: bool

    reasons: tuple[Reason, ...]

    request: Request
    """What may be passed on: the request itself, or with its texts made safe."""

    operation: str
    """As in `Reason`."""
