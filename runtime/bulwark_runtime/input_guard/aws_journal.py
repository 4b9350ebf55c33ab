"""The guard's log and metrics on AWS: what was done, by which rule, and no value of a request."""

import os
from typing import Final

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from . import Verdict
from .doors.journal import DONE, done, entry
from .doors.passing import BackendError
from .doors.routes import Route

NAMESPACE: Final = "Bulwark/InputGuard"


class Log:
    """A line and a metric for each thing worth a look. What passes as it is leaves neither."""

    def __init__(self) -> None:
        self._logger = Logger(service="input-guard", log_uncaught_exceptions=False)
        self._function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local")

    def judged(self, route: Route, reference: str, verdict: Verdict) -> None:
        self.reasons(route.operation, reference, verdict)

    def reasons(self, operation: str, reference: str, verdict: Verdict) -> None:
        """What the guard saw in a request."""
        self._logger.warning(
            done(verdict),
            extra={
                "operation": operation,
                "reference": reference,
                "reasons": [entry(reason) for reason in verdict.reasons],
            },
        )
        for rule, mode in sorted({(reason.rule, reason.mode) for reason in verdict.reasons}):
            self._count(DONE[mode].capitalize(), rule=rule)

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
