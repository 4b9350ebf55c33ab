"""The Lambda function between API Gateway and the backends: `handler` is its entry point."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from .aws_event import Event, EventError, arrival_of, reference_of, response_of
from .aws_journal import Log
from .doors.answer import problem
from .doors.judge import Judge
from .doors.mock import Mock
from .doors.passing import Sender
from .doors.proxy import Proxy
from .doors.routes import ROUTES, Routes

FOLDER: Final = "BULWARK_GUARD_FOLDER"
"""The variable that says where the document and the routes are."""

SECONDS: Final = "BULWARK_BACKEND_SECONDS"
"""The variable that says how long a function behind the guard may take."""


def handler(event: Event, context: Any) -> dict[str, Any]:
    """API Gateway's entry: an event in, an answer out."""
    seconds = context.get_remaining_time_in_millis() / 1000
    proxy = _proxy()
    try:
        arrival = arrival_of(event)
    except EventError as error:
        reference = reference_of(event)
        proxy.journal.unreadable(reference, error)
        return response_of(problem(HTTPStatus.BAD_REQUEST, reference))
    return response_of(proxy.answer(arrival, seconds))


@cache
def _proxy() -> Proxy:
    """Made once in the life of a function's instance."""
    folder = Path(os.environ[FOLDER])
    routes = Routes.read(folder / ROUTES)
    kinds = {route.backend.kind for route in routes.by_place.values()}
    return Proxy(
        check=Judge(folder).check,
        routes=routes,
        senders={kind: _SENDERS[kind]() for kind in kinds},
        journal=Log(),
    )


# What none of the backends needs is not loaded.


def _https() -> Sender:
    from .doors.https import Https

    return Https()


def _function() -> Sender:
    from .aws_function import Function, clients

    return Function(client=clients(float(os.environ[SECONDS])))


_SENDERS: Mapping[str, Callable[[], Sender]] = {"mock": Mock, "http": _https, "lambda": _function}


if FOLDER in os.environ:
    _proxy()  # while the instance starts, when it has the most of a processor
