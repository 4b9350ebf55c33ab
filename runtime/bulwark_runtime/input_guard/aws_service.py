"""The guard as a service: any application that may invoke the function asks, and acts itself.

Asked with `{"operationId": "createPayment", "request": {...}}`, it answers with the verdict. What
was seen is told here, because the caller is an application of ours: it must not tell its clients.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from . import Request, Verdict
from .aws_journal import Log, entry
from .doors.judge import Judge

FOLDER: Final = "BULWARK_GUARD_FOLDER"
"""The variable that says where the document is."""


class QuestionError(ValueError):
    """The question is not as it is described here. Quotes nothing of it."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """An application's entry: a question in, a verdict out. An error is no verdict."""
    operation, request = question_of(event)
    judge, log = _parts()
    verdict = judge.check(request)
    if verdict.reasons:
        log.reasons(operation, context.aws_request_id, verdict)
    return verdict_of(verdict, context.aws_request_id)


def question_of(event: Mapping[str, Any]) -> tuple[str, Request]:
    """The operation and the request of a question. Raises a QuestionError."""
    if not isinstance(event, Mapping):
        raise QuestionError("must be a mapping of operationId and request")
    operation, asked = event.get("operationId"), event.get("request")
    if not isinstance(operation, str) or not isinstance(asked, Mapping):
        raise QuestionError("needs operationId, a text, and request, a mapping")
    for name in ("method", "path"):
        if not isinstance(asked.get(name), str):
            raise QuestionError(f"request.{name} must be a text")
    return operation, Request(
        method=asked["method"],
        path=asked["path"],
        query=_text(asked, "query"),
        headers=tuple(_headers(asked.get("headers") or {})),
        body=_body(asked),
        operation_id=operation,
    )


def verdict_of(verdict: Verdict, reference: str) -> dict[str, Any]:
    """The verdict, with the sanitised request if it may go on."""
    said: dict[str, Any] = {
        "allowed": verdict.allowed,
        "operation": verdict.operation,
        "reference": reference,
        "reasons": [entry(reason) for reason in verdict.reasons],
    }
    if verdict.allowed:
        said["request"] = _written(verdict.request)
    return said


@cache
def _parts() -> tuple[Judge, Log]:
    return Judge(Path(os.environ[FOLDER])), Log()


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
        if "bodyBase64" not in asked:
            return _text(asked, "body").encode()
        return b64decode(_text(asked, "bodyBase64"), validate=True)
    except UnicodeEncodeError:
        raise QuestionError("request.body must be whole characters") from None
    except ValueError:  # letters of other alphabets are more than a binascii.Error
        raise QuestionError("request.bodyBase64 must be base64") from None


def _written(request: Request) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        headers.setdefault(name, []).append(value)
    written = {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": headers,
    }
    try:
        return {**written, "body": request.body.decode()}
    except UnicodeDecodeError:
        return {**written, "bodyBase64": b64encode(request.body).decode()}


if FOLDER in os.environ:
    _parts()  # while the instance starts, when it has the most of a processor
