import sys
from pathlib import Path

import pytest

from bulwark_runtime.input_guard import Guard, Request

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))


def document(operation=None, *, schema=None, version="3.0.3", parameters=(), path="/notes", **top):
    content = {"operationId": "op", "parameters": list(parameters), **(operation or {})}
    if schema is not None:
        content["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return {"openapi": version, "info": {}, "paths": {path: {"post": content}}, **top}


@pytest.fixture
def guard_of():
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
