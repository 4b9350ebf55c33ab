"""The guard's log and metrics on AWS: what was done, by which rule, and no value of a request."""

import os
from collections.abc import Mapping
from typing import Any, Final

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from . import Mode, Reason, Verdict
from .doors.passing import BackendError
from .doors.routes import Route

NAMESPACE: Final = "Bulwark/InputGuard"

_DONE: Final = {Mode.BLOCK: "denied", Mode.COUNT: "counted", Mode.SANITISE: "sanitised"}
"""What a rule did by its mode: the word in the log, and in capitals the metric."""

_LONGEST: Final = 512
"""Characters of a pointer: a client may choose the names in it."""


class Log:
    """A line and a metric for each thing worth a look. What passes as it is leaves neither."""

    def __init__(self) -> None:
        self._logger = Logger(service="input-guard", log_uncaught_exceptions=False)
        self._function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local")

    def judged(self, route: Route, reference: str, verdict: Verdict) -> None:
        self.reasons(route.operation, reference, verdict)

    def reasons(self, operation: str, reference: str, verdict: Verdict) -> None:
        """What the guard saw in a request."""
        modes = {reason.mode for reason in verdict.reasons}
        passing = Mode.COUNT if Mode.COUNT in modes else Mode.SANITISE
        self._logger.warning(
            _DONE[passing if verdict.allowed else Mode.BLOCK],
            extra={
                "operation": operation,
                "reference": reference,
                "reasons": [entry(reason) for reason in verdict.reasons],
            },
        )
        for rule, mode in sorted({(reason.rule, reason.mode) for reason in verdict.reasons}):
            self._count(_DONE[mode].capitalize(), rule=rule)

    def failed(self, route: Route, reference: str, error: Exception) -> None:
        self._logger.error(
            "failed",
            extra={
                "operation": route.operation,
                "reference": reference,
                "open": route.fail_open,
                # Its text may quote the request.
                "error": type(error).__name__,
            },
        )
        self._count("Failed", operation=route.operation)

    def unanswered(self, route: Route, reference: str, error: BackendError) -> None:
        self._logger.error(
            "unanswered",
            extra={
                "operation": route.operation,
                "reference": reference,
                "error": str(error) or type(error).__name__,
            },
        )
        self._count("Unanswered", operation=route.operation)

    def unreadable(self, reference: str, error: Exception) -> None:
        self._logger.error("unreadable", extra={"reference": reference, "error": str(error)})
        self._count("Unreadable")

    def unknown(self, method: str, path: str, reference: str) -> None:
        self._logger.error(
            "unknown", extra={"method": method, "path": path, "reference": reference}
        )
        self._count("Unknown")

    def _count(self, name: str, **dimensions: str) -> None:
        with single_metric(
            name=name,
            unit=MetricUnit.Count,
            value=1,
            namespace=NAMESPACE,
            default_dimensions={"function": self._function, **dimensions},
        ):
            pass


def entry(reason: Reason) -> Mapping[str, Any]:
    """A reason as the log has it. `bulwark guard explain` reads it."""
    pointer = "".join(c if c.isprintable() else "?" for c in reason.pointer[:_LONGEST])
    return {"pointer": pointer, "rule": reason.rule, "mode": reason.mode}
