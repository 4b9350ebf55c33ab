"""The guard as a service on Azure: API Management asks about each request, and so may applications.

Who may ask is not decided here: the app's own sign-in lets in the identities that it was told of.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from . import Verdict
from .azure_journal import Log
from .doors.answer import Answer, problem
from .doors.judge import Judge
from .doors.service import Question, QuestionError, answer_of, changed, question_of, within

VERDICT: Final = "X-Bulwark-Verdict"
"""The header that says how a request was judged: API Management decides by it and by the status,
and reads the body of an answer only where something was made safe."""

CHANGED: Final = "X-Bulwark-Changed"
"""The header that names the parts that were made safe, with commas."""

HEADER: Final = "X-Bulwark-Header-"
"""What is before the name of a header that was made safe; its value, percent-encoded, is the safe
one. In a body, a reader of JSON could take it for a date and write it anew."""

_REFERENCE: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
"""What finds a request in every log: API Management's ids are made of this."""


class Service:
    def __init__(self, judge: Judge, journal: Log) -> None:
        self._judge, self._journal = judge, journal
        self._names = {as_api_management_has_it(name): name for name in judge.operations}
        self._names |= {name: name for name in judge.operations}

    def answer(self, content: bytes, invocation: str) -> Answer:
        """The answer to a question. One that is no 200 is no verdict."""
        reference = invocation
        try:
            asked = json.loads(content)
            reference = _reference(asked) or invocation
            question = self._named(question_of(asked))
        except (QuestionError, ValueError, RecursionError) as error:
            self._journal.unreadable(reference, _said(error))
            return problem(HTTPStatus.BAD_REQUEST, reference)
        try:
            verdict = within(question, self._judge.check(question.request))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not open the door
            self._journal.failed(question.operation, reference, error)
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, reference)
        if verdict.reasons:
            self._journal.reasons(question.operation, reference, verdict)
        return _answered(question, verdict, reference)

    def _named(self, question: Question) -> Question:
        """The question with the operation as the document names it."""
        name = self._names.get(question.operation, question.operation)
        request = replace(question.request, operation_id=name)
        return replace(question, operation=name, request=request)


def as_api_management_has_it(operation_id: str) -> str:
    """The id of an operation after API Management has imported it."""
    return re.sub("[^a-z0-9]+", "-", operation_id.lower()).strip("-")


def _answered(question: Question, verdict: Verdict, reference: str) -> Answer:
    before = question.request
    after = verdict.request if verdict.allowed else before
    cleaned = [
        (f"{HEADER}{name}", quote(value, safe=""))
        for (name, sent), (_, value) in zip(before.headers, after.headers, strict=True)
        if sent != value
    ]
    return Answer(
        status=HTTPStatus.OK,
        headers=(
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-store"),
            (VERDICT, _word(verdict)),
            (CHANGED, ",".join(sorted(changed(before, after)))),
            *cleaned,
        ),
        body=json.dumps(answer_of(question, verdict, reference)).encode(),
    )


def _word(verdict: Verdict) -> str:
    if not verdict.allowed:
        return "denied"
    return "counted" if any(reason.mode == "count" for reason in verdict.reasons) else "passed"


def _reference(asked: Any) -> str | None:
    given = asked.get("reference") if isinstance(asked, Mapping) else None
    return given if isinstance(given, str) and _REFERENCE.fullmatch(given) else None


def _said(error: Exception) -> Exception:
    """An error whose text quotes nothing of what was sent."""
    return error if isinstance(error, QuestionError) else QuestionError("must be JSON")
