"""The guard before a Lambda handler of your own, in your own function."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from . import Guard
from .aws_event import Event, EventError, reference_of, request_of, response_of, with_request
from .aws_journal import Log
from .doors.answer import problem

Handler = Callable[[Event, Any], Any]


def guarded(guard: Guard) -> Callable[[Handler], Handler]:
    """Before a handler of API Gateway's events: it gets the sanitised one, or is not called.

    What is refused is answered and logged as by the function in front of a backend. An error of the
    guard is not caught: API Gateway makes a 502 of it.
    """
    log = Log()

    def wrap(handler: Handler) -> Handler:
        @wraps(handler)
        def checked(event: Event, context: Any) -> Any:
            reference = reference_of(event)
            try:
                request = request_of(event)
            except EventError as error:
                log.unreadable(reference, error)
                return response_of(problem(HTTPStatus.BAD_REQUEST, reference))
            verdict = guard.check(request)
            if verdict.reasons:
                log.reasons(verdict.operation or "", reference, verdict)
            if not verdict.allowed:
                return response_of(problem(HTTPStatus.BAD_REQUEST, reference))
            return handler(with_request(event, verdict.request), context)

        return checked

    return wrap
