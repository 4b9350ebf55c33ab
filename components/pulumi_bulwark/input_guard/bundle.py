"""What is deployed beside the guard's code: the document, and where each operation goes.

`bulwark_runtime.input_guard.doors.routes` reads it. It is written here, where the document has been
checked, so that what runs has nothing to find out by itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..openapi import Document, Operation
from ..openapi.examples import Answer, answers
from ..openapi.extensions import GUARD, PREFIX
from ..openapi.grammar import walk
from ..openapi.nodes import resolved

FOLDER = "bulwark"
"""Where the files are: in a layer, which Lambda unpacks below /opt, or beside the code."""

DOCUMENT, ROUTES = "openapi.json", "routes.json"

FORMAT = "bulwark.routes/1"

_NOT_READ = {
    "operation": ("responses", "callbacks", "description", "summary", "tags", "externalDocs"),
    "components": ("responses", "examples", "links", "callbacks", "headers"),
    "schema": ("example", "externalDocs"),
    "parameter": ("example", "examples"),
    "mediaType": ("example", "examples"),
    "document": ("tags", "externalDocs", "servers"),
}
"""By the kind of object: what no check of a request needs, and each cold start would read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswersOfOurOwn:
    """What the guard's own answers carry, as those of the API do."""

    headers: Mapping[str, str]
    origins: Sequence[str] = ()
    """Web pages whose scripts may read them."""


def files(
    document: Document, own: AnswersOfOurOwn, function_arns: Mapping[str, str]
) -> dict[str, str]:
    """The files of the layer by their names, the same for the same document.

    `function_arns` has the ARN of each function that is a backend, by what the document calls it.
    """
    routes = {
        "format": FORMAT,
        "answers": {"headers": dict(own.headers), "origins": list(own.origins)},
        "routes": [
            _route(document, operation, function_arns)
            for operation in document.operations
            if operation.guarded
        ],
    }
    return {**document_file(document), f"{FOLDER}/{ROUTES}": _text(routes)}


def document_file(document: Document) -> dict[str, str]:
    """The document alone, by its name: all that a guard needs that calls no backend."""
    return {f"{FOLDER}/{DOCUMENT}": _text(for_the_guard(document))}


def not_compiled(document: Document) -> Iterator[str]:
    """What the guard itself would stumble over as it starts, and then let nothing pass."""
    from bulwark_runtime.input_guard import DocumentError, Guard

    try:
        Guard.from_openapi(for_the_guard(document))
    except DocumentError as error:
        yield from (f"{document.source.name}#{problem}" for problem in error.problems)


def for_the_guard(document: Document) -> dict[str, Any]:
    """The document with what a check of a request needs, `x-bulwark-guard` among it."""
    copy: dict[str, Any] = json.loads(json.dumps(document.body))
    for node in walk(copy):
        for name in list(node.value):
            is_ours = name.startswith(PREFIX) and name != GUARD
            if is_ours or name in _NOT_READ.get(node.kind, ()):
                del node.value[name]  # type: ignore[attr-defined]
    return copy


def _route(
    document: Document, operation: Operation, function_arns: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "operation": operation.operation_id,
        "method": operation.method.upper(),
        "path": operation.path,
        "failOpen": operation.fail_open,
        "headers": sorted(_headers(document, operation)),
        "backend": _backend(document, operation, function_arns),
    }


def _backend(
    document: Document, operation: Operation, function_arns: Mapping[str, str]
) -> dict[str, Any]:
    backend = operation.backend
    match backend.kind:
        case "http":
            private = {"private": True} if backend.vpc_link else {}
            return {"kind": "http", "url": backend.url, **private}
        case "lambda":
            return {"kind": "lambda", "function": function_arns[backend.function or ""]}
    found = answers(document.body, _node(document, operation))
    return {"kind": "mock", "answers": [_answer(one) for one in found]}


def _answer(answer: Answer) -> dict[str, Any]:
    kind = {"Content-Type": answer.media_type} if answer.media_type else {}
    return {
        "status": int(answer.status),
        "headers": {**answer.headers, **kind},
        "text": answer.text,
    }


def _headers(document: Document, operation: Operation) -> Iterator[str]:
    """The headers that an operation declares, of its path too."""
    at_path = _path(document, operation)
    for holder in (at_path, at_path[operation.method]):
        for parameter in holder.get("parameters", ()):
            node = resolved(document.body, parameter)
            if node.get("in") == "header":
                yield node["name"].lower()


def _node(document: Document, operation: Operation) -> Mapping[str, Any]:
    return _path(document, operation)[operation.method]


def _path(document: Document, operation: Operation) -> Mapping[str, Any]:
    return resolved(document.body, document.body["paths"][operation.path])


def _text(value: Any) -> str:
    # Sorted, so that the same document is the same layer however its dicts were built.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
