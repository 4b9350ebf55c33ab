"""The guard as a service on AWS: any application that may invoke the function asks.

`doors/service.py` has the questions and answers.
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from .aws_journal import Log
from .doors.judge import Judge
from .doors.service import answer_of, question_of, within

FOLDER: Final = "BULWARK_GUARD_FOLDER"
"""The variable that says where the document is."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """An application's entry: a question in, a verdict out. An error is no verdict."""
    question = question_of(event)
    judge, log = _parts()
    verdict = within(question, judge.check(question.request))
    if verdict.reasons:
        log.reasons(question.operation, context.aws_request_id, verdict)
    return answer_of(question, verdict, context.aws_request_id)


@cache
def _parts() -> tuple[Judge, Log]:
    return Judge(Path(os.environ[FOLDER])), Log()


if FOLDER in os.environ:
    _parts()  # while the instance starts, when it has the most of a processor
