"""The guard's log on Azure: what was done, by which rule, and no value of a request.

A line is JSON in the message of a record: the function app's log keeps that as text, and
`bulwark guard explain` reads it.
"""

import json
import logging
from typing import Any, Final

from . import Verdict
from .doors.journal import done, entry

LOGGER: Final = "bulwark.input_guard"


class Log:
    """A line for each thing worth a look. What passes as it is leaves none."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(LOGGER)

    def reasons(self, operation: str, reference: str, verdict: Verdict) -> None:
        """What the guard saw in a request."""
        reasons = [entry(reason) for reason in verdict.reasons]
        self._write(logging.WARNING, done(verdict), operation, reference, reasons=reasons)

    def failed(self, operation: str, reference: str, error: Exception) -> None:
        """The guard itself failed."""
        # Its text may quote the request.
        kind = type(error).__name__
        self._write(logging.ERROR, "failed", operation, reference, error=kind)

    def unreadable(self, reference: str, error: Exception) -> None:
        """What came is no question."""
        self._write(logging.ERROR, "unreadable", None, reference, error=str(error))

    def _write(
        self, level: int, message: str, operation: str | None, reference: str, **more: Any
    ) -> None:
        named = {} if operation is None else {"operation": operation}
        line = {"level": logging.getLevelName(level), "message": message, **named}
        self._logger.log(level, json.dumps({**line, "reference": reference, **more}))
