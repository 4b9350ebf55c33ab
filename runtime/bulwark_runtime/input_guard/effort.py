"""How much of one request is read for injections, with a bound.

Each reader says what it is about to read before it does: the lexer of SQL, the parsers of markup
and of scripts. They count characters and not time, so that a request has the same effort on every
machine, and an answer does not depend on what else a processor does. The bound is the request's
and not a reader's: it stands in the context of whoever checks, and readers far below need not be
handed it.
"""

from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self

from .decode import Refused

READING = 64
"""Characters that a reading of the shortest text costs: a parser has to start."""


class Effort:
    """What is read within it is counted; past so many characters reading is `Refused`."""

    __slots__ = ("_before", "left")

    def __init__(self, most: int) -> None:
        self.left = most
        self._before: Token[Effort | None] | None = None

    def __enter__(self) -> Self:
        self._before = _effort.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._before is not None:
            _effort.reset(self._before)


_effort: ContextVar[Effort | None] = ContextVar("effort", default=None)


def spend(characters: int) -> None:
    """A reader is about to read so many characters, or what takes as long."""
    effort = _effort.get()
    if effort is not None:
        effort.left -= characters
        if effort.left < 0:
            raise Refused("limit.effort")
