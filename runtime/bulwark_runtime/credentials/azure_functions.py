"""The functions of the vault on Azure: one for each operation that an app is told to have.

Each takes an event as `events.SCHEMAS` says in the body of a POST, and answers a Result as JSON,
without what is empty. Who calls is known by Entra ID: the platform checks the token, and says whose
it is; here is only looked who may ask for what. Logs have every operation, and never a value.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache, partial
from http import HTTPStatus
from time import monotonic, time
from typing import Any, cast

import azure.functions as func

from . import azure
from .answers import Json, answered
from .azure import Settings
from .azure_log import Log, request_id
from .results import Operation, RequestError
from .upkeep import UPKEEP

CALLER = "X-MS-CLIENT-PRINCIPAL-ID"
"""Object id of whoever showed the token. The platform sets it, and drops what a caller sends."""

UPKEEP_SECONDS = 120
"""For what goes through all users: Azure's balancer gives an answer up after 230 seconds."""

HOURLY = "0 17 * * * *"

Answer = Callable[[Any], Json]
"""From an event to what is answered, by one operation."""


def app_of(settings: Settings) -> func.FunctionApp:
    """An app that does what the settings say; its stores are reached at the first call."""
    # The SDK writes a line for each request.
    logging.getLogger("azure").setLevel(logging.WARNING)
    log = Log(settings.vault)
    # The platform asks Entra ID before it calls: a key beside that would be one more to keep.
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    for name, answer in _answers(settings, log).items():
        route = app.route(route=name, methods=["POST"], trigger_arg_name="request")
        serving = _serving(name, settings.operations[name], answer, log)
        app.function_name(name.replace("-", "_"))(route(serving))
    if settings.drops_expired:
        hourly = app.timer_trigger(arg_name="timer", schedule=HOURLY)
        app.function_name("drop_expired")(hourly(_dropping(settings, log)))
    return app


def _answers(settings: Settings, log: Log) -> Mapping[str, Answer]:
    vault = cache(partial(azure.vault_of, settings, log.audited))
    users = cache(partial(azure.users_of, settings))

    def of_users(name: str) -> Answer:
        return lambda event: _kept_up(UPKEEP[name], event, users())

    def of_a_user(name: str) -> Answer:
        operation = cast("Operation", name.replace("-", "_"))
        return lambda event: answered(operation, event, vault)

    return {
        name: of_users(name) if name in UPKEEP else of_a_user(name) for name in settings.operations
    }


def _serving(
    name: str, callers: frozenset[str], answer: Answer, log: Log
) -> Callable[..., func.HttpResponse]:
    def serve(request: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        request_id.set(context.invocation_id)
        if request.headers.get(CALLER) not in callers:
            log.say("forbidden", level=logging.WARNING, operation=name)
            return _response(HTTPStatus.FORBIDDEN, {"outcome": "forbidden"})
        found = answer(_json(request))
        if found.get("outcome") == "invalid":
            log.invalid(name, found["problem"])
            return _response(HTTPStatus.BAD_REQUEST, found)
        if name in UPKEEP:
            log.say(name, **found)
        return _response(HTTPStatus.OK, found)

    return serve


def _dropping(settings: Settings, log: Log) -> Callable[..., None]:
    attempts = cache(partial(azure.attempts_of, settings))

    def drop(timer: func.TimerRequest, context: func.Context) -> None:  # noqa: ARG001 the worker's
        request_id.set(context.invocation_id)
        log.say("dropped", attempts=attempts().drop_expired(int(time()), may_go_on=_until_late()))

    return drop


def _kept_up(done: Callable[..., Any], event: Any, users: Any) -> Json:
    cursor = event.get("cursor") if isinstance(event, dict) else None
    try:
        return asdict(done(users, cursor=cursor, may_go_on=_until_late()))
    except RequestError as error:
        return {"outcome": "invalid", "problem": str(error)}


def _until_late() -> Callable[[], bool]:
    end = monotonic() + UPKEEP_SECONDS
    return lambda: monotonic() < end


def _json(request: func.HttpRequest) -> Any:
    try:
        return request.get_json()
    except ValueError:
        return None  # which no schema takes


def _response(status: HTTPStatus, body: Json) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(body),
        status_code=status,
        mimetype="application/json",
        headers={"Cache-Control": "no-store"},
    )
