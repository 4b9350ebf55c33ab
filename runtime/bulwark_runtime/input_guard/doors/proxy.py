"""The guard in front of a backend: what it lets pass goes on, and nothing else does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from time import perf_counter_ns
from typing import Final, Protocol

from .. import Reason, Request, Verdict
from .answer import Answer, first, problem
from .passing import Arrival, BackendError, BackendTimeoutError, Passed, Sender, may_pass, ours
from .routes import Route, Routes

MARGIN_SECONDS: Final = 0.5
"""What is kept back for an answer of our own, where a backend takes all the time there is."""


class Journal(Protocol):
    """Where it is written what was done: never a value of a request."""

    def judged(self, route: Route, reference: str, verdict: Verdict) -> None:
        """The guard had something to say of a request."""
        ...

    def failed(self, route: Route, reference: str, error: Exception) -> None:
        """The guard itself failed."""
        ...

    def unanswered(self, route: Route, reference: str, error: BackendError) -> None:
        """A backend did not answer."""
        ...

    def unreadable(self, reference: str, error: Exception) -> None:
        """The gateway sent what is no request."""
        ...

    def unknown(self, method: str, path: str, reference: str) -> None:
        """The gateway sent what the guard has no route for."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Proxy:
    check: Callable[[Request], Verdict]
    routes: Routes
    senders: Mapping[str, Sender]
    """By the kind of backend."""
    journal: Journal

    def answer(self, arrival: Arrival, seconds: float) -> Answer:
        """The answer to a request, within `seconds`."""
        route = self.routes.at(arrival.method, arrival.path)
        if route is None:
            self.journal.unknown(arrival.method, arrival.path, arrival.reference)
            return self._own(problem(HTTPStatus.NOT_FOUND, arrival.reference), arrival)
        started = perf_counter_ns()
        judged = self._judged(route, arrival)
        if isinstance(judged, Answer):
            return self._own(judged, arrival)
        request, verdict = judged
        known = {
            **arrival.caller,
            "request-id": arrival.reference,
            "operation": route.operation,
            "verdict": verdict,
            "received-ms": str(arrival.received_ms),
            "guard-us": str((perf_counter_ns() - started) // 1000),
            "deadline-ms": str(max(0, int((seconds - MARGIN_SECONDS) * 1000))),
        }
        request = replace(request, headers=(*request.headers, *ours(known)))
        return self._sent(route, Passed(request=request, arrival=arrival), seconds)

    def _judged(self, route: Route, arrival: Arrival) -> Answer | tuple[Request, str]:
        """What goes on, with a word on how it was judged; or the answer that it does not."""
        asked = replace(
            arrival.request,
            headers=may_pass(route, arrival.request.headers),
            # By the gateway's own word: the two must not route a request differently.
            operation_id=route.operation,
        )
        try:
            verdict = self.check(asked)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not open the door
            self.journal.failed(route, arrival.reference, error)
            if route.fail_open:
                return asked, "unchecked"
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, arrival.reference)
        if verdict.reasons:
            self.journal.judged(route, arrival.reference, verdict)
        if not verdict.allowed:
            return problem(HTTPStatus.BAD_REQUEST, arrival.reference)
        return verdict.request, "counted" if _counted(verdict.reasons) else "passed"

    def _sent(self, route: Route, passed: Passed, seconds: float) -> Answer:
        arrival, kind = passed.arrival, route.backend.kind
        try:
            answer = self.senders[kind].send(route, passed, seconds - MARGIN_SECONDS)
        except BackendTimeoutError as error:
            self.journal.unanswered(route, arrival.reference, error)
            return self._own(problem(HTTPStatus.GATEWAY_TIMEOUT, arrival.reference), arrival)
        except BackendError as error:
            self.journal.unanswered(route, arrival.reference, error)
            return self._own(problem(HTTPStatus.BAD_GATEWAY, arrival.reference), arrival)
        return self._own(answer, arrival) if kind == "mock" else answer

    def _own(self, answer: Answer, arrival: Arrival) -> Answer:
        return self.routes.trimmings.on(answer, first(arrival.request.headers, "origin"))


def _counted(reasons: tuple[Reason, ...]) -> bool:
    return any(reason.mode == "count" for reason in reasons)
