"""Documents for the tests of the API, made by hand as `openapi.load` makes them."""

from pathlib import Path

import pytest

from pulumi_bulwark.openapi import Backend, Document, Operation, Scope
from pulumi_bulwark.openapi.report import written

READ = Scope("payments", "read", "See payments")
WRITE = Scope("payments", "write", "Make payments")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@pytest.fixture(scope="session")
def document():
    return _document


@pytest.fixture(scope="session")
def one():
    """A document with one operation, called `op`."""

    def make(*, method="get", path="/payments", responses=None, node=None, **more):
        operation = {
            "operationId": "op",
            "responses": responses or {"200": {"description": "Fine"}},
            **(node or {}),
        }
        return _document({path: {method: operation}}, **more)

    return make


def _document(
    paths,
    *,
    backends=None,
    limits=None,
    keyed=(),
    public=(),
    components=None,
    findings=(),
    request_headers=(),
    scopes=(READ,),
    guards=None,
):
    """What `x-bulwark-*` would say is by operation id."""
    found = tuple(
        Operation(
            pointer=written(("paths", path, method)),
            path=path,
            method=method,
            operation_id=node["operationId"],
            scopes=() if node["operationId"] in public else scopes,
            public="For everybody" if node["operationId"] in public else None,
            backend=(backends or {}).get(node["operationId"], Backend("mock")),
            rate_limit=(limits or {}).get(node["operationId"]),
            api_key=node["operationId"] in keyed,
            guard=(guards or {}).get(node["operationId"]),
        )
        for path, at_path in paths.items()
        for method, node in at_path.items()
        if method in METHODS
    )
    return Document(
        source=Path("payments.yaml"),
        title="Payments",
        version="1.0.0",
        body={
            "openapi": "3.0.3",
            "info": {"title": "Payments", "version": "1.0.0", "description": "Moves money"},
            "paths": paths,
            "components": components or {},
        },
        scheme="oauth",
        api_key_scheme="key" if keyed else None,
        operations=found,
        scopes=(READ, WRITE),
        findings=findings,
        request_headers=request_headers,
        methods=tuple(sorted({operation.method.upper() for operation in found})),
    )
