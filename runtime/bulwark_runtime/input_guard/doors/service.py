"""The guard as a service: an application asks about a request, and acts itself.

Asked with `{"operationId": "createPayment", "request": {...}}`, it answers with the verdict. What
was seen is told here, because whoever asks is one of ours: it must not tell its clients.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from .. import Mode, Reason, Request, Verdict
from .journal import entry

PARTS: Final = ("path", "query", "headers", "body")
"""The parts of a request that may have to be made safe."""

_BASE64: Final = "bodyBase64"

_PLACES: Final = {"path": "path", "query": "query", "header": "headers", "cookie": "headers"}
"""By the first step of a reason's pointer, the part that it is in; any other is in the body."""


class QuestionError(ValueError):
    """The question is not as it is described here. Quotes nothing of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    operation: str
    request: Request
    replaces: frozenset[str] = frozenset(PARTS)
    """The parts that whoever asks can put a safe text into. What would have to be made safe in
    another is refused."""
    base64: bool = False
    """Whether the body came as base64, and goes back so."""


def question_of(asked: Any) -> Question:
    """The question in what was sent. Raises a QuestionError."""
    if not isinstance(asked, Mapping):
        raise QuestionError("must be a mapping of operationId and request")
    operation, request = asked.get("operationId"), asked.get("request")
    if not isinstance(operation, str) or not isinstance(request, Mapping):
        raise QuestionError("needs operationId, a text, and request, a mapping")
    return Question(
        operation=operation,
        request=_request(operation, request),
        replaces=_replaces(asked.get("replaces", PARTS)),
        base64=_BASE64 in request,
    )


def within(question: Question, verdict: Verdict) -> Verdict:
    """The verdict, as far as whoever asks can act on it."""
    beyond = changed(question.request, verdict.request) - question.replaces
    if not (verdict.allowed and beyond):
        return verdict
    reasons = tuple(
        replace(reason, mode=Mode.BLOCK) if _part(reason) in beyond else reason
        for reason in verdict.reasons
    )
    return replace(verdict, allowed=False, reasons=reasons, request=question.request)


def changed(before: Request, after: Request) -> frozenset[str]:
    """The parts of a request that were made safe."""
    return frozenset(part for part in PARTS if getattr(before, part) != getattr(after, part))


def answer_of(question: Question, verdict: Verdict, reference: str) -> dict[str, Any]:
    """The verdict, with the sanitised request if it may go on."""
    said: dict[str, Any] = {
        "allowed": verdict.allowed,
        "operation": verdict.operation,
        "reference": reference,
        "reasons": [entry(reason) for reason in verdict.reasons],
    }
    if verdict.allowed:
        said["request"] = _written(verdict.request, base64=question.base64)
    return said


def _part(reason: Reason) -> str:
    return _PLACES.get(reason.pointer.split("/")[1], "body")


def _request(operation: str, asked: Mapping[str, Any]) -> Request:
    for name in ("method", "path"):
        if not isinstance(asked.get(name), str):
            raise QuestionError(f"request.{name} must be a text")
    return Request(
        method=asked["method"],
        path=asked["path"],
        query=_text(asked, "query"),
        headers=tuple(_headers(asked.get("headers") or {})),
        body=_body(asked),
        operation_id=operation,
    )


def _replaces(given: Any) -> frozenset[str]:
    if not isinstance(given, list | tuple) or not all(part in PARTS for part in given):
        raise QuestionError(f"replaces must be a list of {', '.join(PARTS)}")
    return frozenset(given)


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name) or ""
    if not isinstance(value, str):
        raise QuestionError(f"request.{name} must be a text")
    return value


def _headers(given: Any) -> list[tuple[str, str]]:
    """Headers as a mapping, each with a text or a list of texts."""
    if not isinstance(given, Mapping):
        raise QuestionError("request.headers must be a mapping")
    pairs = [
        (name, value)
        for name, values in given.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    if not all(isinstance(value, str) for _, value in pairs):
        raise QuestionError("request.headers must hold texts, or lists of texts")
    return pairs


def _body(asked: Mapping[str, Any]) -> bytes:
    """The body: as text, or anything as base64."""
    try:
        if _BASE64 not in asked:
            return _text(asked, "body").encode()
        return b64decode(_text(asked, _BASE64), validate=True)
    except UnicodeEncodeError:
        raise QuestionError("request.body must be whole characters") from None
    except ValueError:  # letters of other alphabets are more than a binascii.Error
        raise QuestionError("request.bodyBase64 must be base64") from None


def _written(request: Request, *, base64: bool) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault(name, []).append(value)
    written = {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": headers,
    }
    if not base64:
        # A text that was made safe still is one.
        return {**written, "body": request.body.decode()}
    return {**written, _BASE64: b64encode(request.body).decode()}
