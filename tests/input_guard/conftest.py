import sys
from pathlib import Path

import pytest

from bulwark_runtime.input_guard import Guard, Request

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "benchmarks")]


@pytest.fixture
def guard_of():
    from guard_documents import document

    def build(*args, **kwargs):
        return Guard.from_openapi(document(*args, **kwargs))

    return build


@pytest.fixture
def rules():
    """The rules that a request breaks, with where."""

    def find(guard, *, path="/notes", query="", headers=(), body=b"", method="POST"):
        verdict = guard.check(Request(method, path, query, headers, body))
        return [(reason.pointer, reason.rule) for reason in verdict.reasons]

    return find
