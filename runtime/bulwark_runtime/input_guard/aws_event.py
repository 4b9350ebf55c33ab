"""API Gateway's event of a Lambda proxy integration (REST API), read and written."""

from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from . import Request
from .doors.answer import Answer
from .doors.passing import Arrival, BackendError, Passed, parameters

Event = Mapping[str, Any]

_SAFE_IN_A_PATH: Final = "/%:@!$&'()*+,;=~-._"

_CLAIMS: Final = {"subject": "sub", "client": "client_id", "scopes": "scope"}
"""What is known of a caller by the claims of a token, which API Gateway has checked."""

_STATUSES: Final = range(100, 600)


class EventError(ValueError):
    """An event that is none of API Gateway's, in the format 1.0. Quotes nothing of it."""

    def __init__(self) -> None:
        super().__init__("the event is not one of API Gateway's proxy integration, format 1.0")


def request_of(event: Event) -> Request:
    """The request as the client sent it, or as near as API Gateway tells.

    Raises an EventError for what API Gateway does not send: format 2.0 of an HTTP API, for one.
    """
    try:
        return _request(event)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise EventError from None


def _request(event: Event) -> Request:
    return Request(
        method=event["httpMethod"],
        # A REST API hands the path over as it was written; what cannot be in one was not.
        path=quote(event["path"], safe=_SAFE_IN_A_PATH),
        # The query is decoded once by then. Written again, a second encoding stays one.
        query=urlencode(list(_pairs(event, "queryStringParameters"))),
        headers=tuple(_pairs(event, "headers")),
        body=_body(event),
    )


def arrival_of(event: Event) -> Arrival:
    """The request with what API Gateway knows of it. Raises an EventError."""
    request = request_of(event)
    try:
        context = event["requestContext"]
        return Arrival(
            method=event["httpMethod"],
            path=event["resource"],
            request=request,
            reference=reference_of(event),
            caller=dict(_caller(context)),
            received_ms=int(context.get("requestTimeEpoch") or 0),
            native=event,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise EventError from None


def reference_of(event: Event) -> str:
    """The id that is in API Gateway's own answers and access log, and no client can choose."""
    context = event.get("requestContext")
    if not isinstance(context, Mapping):
        return ""
    return str(context.get("extendedRequestId") or context.get("requestId") or "")


def with_request(event: Event, request: Request) -> Event:
    """The event with another request in it, for a function that expects one from API Gateway."""
    query = parse_qsl(request.query, keep_blank_values=True)
    values = parameters(event["resource"], request.path)
    return {
        **event,
        "path": request.path,
        "pathParameters": values or None,
        "headers": dict(request.headers) or None,
        "multiValueHeaders": _listed(request.headers) or None,
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _listed(query) or None,
        **_written(request.body),
    }


def event_of(passed: Passed) -> Event:
    """The event for a backend that is a function: API Gateway's, with what may pass."""
    return with_request(passed.arrival.native, passed.request)


def response_of(answer: Answer) -> dict[str, Any]:
    """What API Gateway wants of an answer."""
    return {
        "statusCode": answer.status,
        "multiValueHeaders": _listed(answer.headers),
        **{key: value for key, value in _written(answer.body).items() if value is not None},
    }


def answer_of(response: Any) -> Answer:
    """The answer in what a function returned. Raises a BackendError if it is none."""
    if not isinstance(response, Mapping):
        raise BackendError("answer is no mapping")
    status = response.get("statusCode")
    if not isinstance(status, int | str) or not str(status).isdecimal():
        raise BackendError("answer has no status")
    if int(status) not in _STATUSES:
        raise BackendError("answer has no status")
    try:
        body = _body(response)
    except (ValueError, TypeError, AttributeError):
        raise BackendError("answer has an unreadable body") from None
    return Answer(status=int(status), headers=tuple(_pairs(response, "headers")), body=body)


def _caller(context: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    claims = (context.get("authorizer") or {}).get("claims") or {}
    identity = context.get("identity") or {}
    known = {name: claims.get(claim) for name, claim in _CLAIMS.items()}
    known |= {"source-ip": identity.get("sourceIp"), "api-key-id": identity.get("apiKeyId")}
    for name, value in known.items():
        # A claim is signed, but what is in it may be a user's own words.
        if isinstance(value, str) and value.isascii() and value.isprintable():
            yield name, value


def _pairs(event: Event, name: str) -> Iterator[tuple[str, str]]:
    """Names with values: both of API Gateway's forms, which may stand beside each other."""
    several = event.get(f"multiValue{name[0].upper()}{name[1:]}") or {}
    for key, values in several.items():
        for value in values or ():
            yield str(key), _text(value)
    for key, value in (event.get(name) or {}).items():
        if key not in several:
            yield str(key), _text(value)


def _text(value: Any) -> str:
    """A header's value as text: functions write numbers and switches as they are."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return dict(found)


def _body(event: Event) -> bytes:
    body = event.get("body")
    if body is None:
        return b""
    return b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()


def _written(body: bytes) -> dict[str, Any]:
    try:
        return {"body": body.decode() or None, "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": b64encode(body).decode(), "isBase64Encoded": True}
