"""The guard of a deployed document."""

import json
from collections.abc import Collection
from pathlib import Path

from .. import Guard, Request, Verdict
from .routes import DOCUMENT


class Judge:
    """Compiled once.

    One that cannot be made fails at each check, so that the door decides what an operation wants in
    that case, and the log says so.
    """

    def __init__(self, folder: Path) -> None:
        self._error: Exception | None = None
        try:
            self._guard = Guard.from_openapi(json.loads((folder / DOCUMENT).read_bytes()))
        except Exception as error:  # noqa: BLE001 - also what nobody thought of fails closed
            self._error = error

    @property
    def operations(self) -> Collection[str]:
        """The names of the operations; none where there is no guard."""
        return () if self._error else self._guard.operations.keys()

    def check(self, request: Request) -> Verdict:
        """The guard's verdict, or the error with which it failed."""
        if self._error:
            raise self._error
        return self._guard.check(request)
