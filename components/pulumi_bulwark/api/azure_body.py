"""The document that API Management imports: operations, what they take, and nothing of ours.

It is written anew from the checked document: an import drops what it does not know in silence. Who
may call what, limits and backends are the policy's, since an import reads no security. Answers are
left out but for their statuses: nothing checks them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..openapi import Document, Operation
from ..openapi.examples import is_json
from ..openapi.nodes import Node, each, in_path, node_of, resolved
from .azure_operations import id_of
from .azure_schemas import Schemas

LARGEST = 4 * 1024 * 1024
"""Bytes of a document that is imported in place."""

_NOT_PARAMETERS = frozenset({"accept", "authorization", "content-type"})
"""Headers that OpenAPI says are none: they are described elsewhere."""

_DESCRIBED = ("name", "in", "required", "description", "style", "explode", "allowReserved")


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """The document for API Management, and what was not put into it."""

    text: str
    unchecked: Mapping[str, Sequence[str]]
    """What API Management does not check of a request, with the pointers where."""


def build(document: Document) -> Body:
    """The body for a document that was checked."""
    schemas = Schemas(document.body)
    paths: dict[str, Any] = {}
    for operation in document.operations:
        at_path = paths.setdefault(operation.path, {})
        at_path[operation.method] = _operation(document, operation, schemas)
    info = document.body.get("info", {})
    content = {
        "openapi": "3.0.1",
        "info": {key: info[key] for key in ("title", "description", "version") if key in info},
        "paths": paths,
        "components": {"schemas": schemas.found},
    }
    # Sorted, so that the same document is the same text however its dicts were built.
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Body(text=text, unchecked=dict(schemas.unchecked))


def _operation(document: Document, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    root, node = document.body, node_of(document, operation)
    made: dict[str, Any] = {"operationId": id_of(operation)}
    made |= {key: node[key] for key in ("summary", "description") if key in node}
    if parameters := list(_parameters(document, operation, schemas)):
        made["parameters"] = parameters
    if content := _checked(document, operation, schemas):
        body = resolved(root, node["requestBody"])
        made["requestBody"] = {"required": body.get("required", False), "content": content}
    described = {
        str(status): {"description": response.get("description", "")}
        for status, response in each(root, node.get("responses"))
        if str(status).isdigit()
    }
    made["responses"] = described or {"200": {"description": "OK"}}
    return made


def _parameters(
    document: Document, operation: Operation, schemas: Schemas
) -> Iterator[dict[str, Any]]:
    root = document.body
    at_path = resolved(root, root["paths"][operation.path])
    listed = [*at_path.get("parameters", ()), *node_of(document, operation).get("parameters", ())]
    nodes = {(node["in"], node["name"]): node for node in (resolved(root, one) for one in listed)}
    for name in in_path(operation.path):
        nodes.setdefault(("path", name), {"in": "path", "name": name, "schema": {"type": "string"}})
    for (place, name), node in nodes.items():
        if place == "header" and name.lower() in _NOT_PARAMETERS:
            continue
        pointer = f"{operation.pointer}/parameters"
        made = {key: node[key] for key in _DESCRIBED if key in node}
        made["schema"] = schemas.written_out(_schema_of(node), pointer)
        yield made | ({"required": True} if place == "path" else {})


def _schema_of(node: Node) -> Any:
    """A parameter's schema, which may stand below a media type."""
    held = next(iter((node.get("content") or {}).values()), node)
    return held.get("schema") or {"type": "string"}


def _content(root: Node, node: Node) -> Mapping[str, Any]:
    return (resolved(root, node.get("requestBody")) or {}).get("content") or {}


def media_types(document: Document, operation: Operation) -> dict[str, bool]:
    """The content types that an operation takes, and whether each is checked as JSON."""
    content = _content(document.body, node_of(document, operation))
    return {kind: is_json(kind) and bool(media.get("schema")) for kind, media in content.items()}


def _checked(document: Document, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    """All the types that an operation takes: what is not listed here is refused."""
    content = _content(document.body, node_of(document, operation))
    made: dict[str, Any] = {}
    for kind, media in content.items():
        if is_json(kind) and media.get("schema"):
            escaped = kind.replace("/", "~1")
            pointer = f"{operation.pointer}/requestBody/content/{escaped}/schema"
            reference = schemas.of_body(media["schema"], pointer, operation.operation_id, kind)
            made[kind] = {"schema": reference}
        else:
            made[kind] = {}
    return made
