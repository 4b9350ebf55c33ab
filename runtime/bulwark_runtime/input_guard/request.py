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
    """A request as it was sent. One that is made of anything else is denied, not guessed at."""

    method: str
    """In capitals: methods that differ in that are different methods."""

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


def is_well_made(request: Request) -> bool:
    """Whether everything in a request is of its type: nobody has checked that before."""
    return (
        isinstance(request.method, str)
        and isinstance(request.path, str)
        and isinstance(request.query, str)
        and isinstance(request.body, bytes)
        and (request.operation_id is None or isinstance(request.operation_id, str))
        and isinstance(request.headers, _SEQUENCES)
        and all(
            isinstance(pair, _SEQUENCES)
            and len(pair) == _TWO
            and isinstance(pair[0], str)
            and isinstance(pair[1], str)
            for pair in request.headers
        )
    )


_SEQUENCES = (tuple, list)
_TWO = 2
