"""The guard: a compiled document, and what it answers about a request."""

import re
from collections.abc import Mapping
from typing import Any, Self

from .checking import Checking
from .document import Document, Operation
from .effort import Effort
from .limits import Limits
from .reading import Reading
from .request import Mode, Reason, Request, Verdict, is_well_made
from .settings import Settings

_LIMITS = Limits()

_NO_PATH = re.compile(r"[\0-\x20\x7f?#\\]")
"""What no path has, and what some readers end a path at, or read as a slash."""


class Guard:
    def __init__(self, document: Document, limits: Limits) -> None:
        self._document = document
        self._limits = limits

    @classmethod
    def from_openapi(cls, document: Mapping[str, Any], limits: Limits = _LIMITS) -> Self:
        """Compile a document; a `DocumentError` lists everything that stands in the way."""
        return cls(Document(document), limits)

    @property
    def operations(self) -> Mapping[str, Settings]:
        """How each operation is guarded."""
        return {name: op.settings for name, op in self._document.operations.items()}

    def check(self, request: Request) -> Verdict:
        found = self._route(request)
        if isinstance(found, str):
            reason = Reason("", "/path", found, Mode.BLOCK)
            return Verdict(allowed=False, reasons=(reason,), request=request, operation="")
        operation, segments = found
        if operation.settings.mode is Mode.OFF:
            return Verdict(allowed=True, reasons=(), request=request, operation=operation.name)
        checking = Checking(operation, self._limits)
        with Effort(self._limits.effort):
            passed = Reading(checking, request, segments).read()
        return Verdict(checking.allowed, tuple(checking.reasons), passed, operation.name)

    def _route(self, request: Request) -> tuple[Operation, list[str]] | str:
        if not is_well_made(request):
            return "decode.request"
        if len(request.path) > self._limits.path_bytes:
            return "limit.path"
        found = self._document.routes.find(request.method, request.path)
        if (
            found is None
            or _NO_PATH.search(request.path)
            or request.operation_id not in (None, found[0].name)
        ):
            return "route.unknown"
        return found
