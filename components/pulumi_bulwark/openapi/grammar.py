"""What stands where in an OpenAPI document: the kinds of object, and which leads to which.

A walk by these tables never takes a name for a keyword, such as a property that is called `$ref`,
nor an example for a schema.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from .report import Pointer

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The methods that OpenAPI knows, in its order."""

Shape = Literal["one", "list", "map"]


class _Step(NamedTuple):
    shape: Shape
    kind: str


def _one(kind: str) -> _Step:
    return _Step("one", kind)


def _list(kind: str) -> _Step:
    return _Step("list", kind)


def _map(kind: str) -> _Step:
    return _Step("map", kind)


_DESCRIBED = {
    "schema": _one("schema"),
    "content": _map("mediaType"),
    "examples": _map("example"),
}

GRAMMAR: Mapping[str, Mapping[str, _Step]] = {
    "document": {
        "info": _one("info"),
        "servers": _list("server"),
        "paths": _one("paths"),
        "webhooks": _map("path"),
        "components": _one("components"),
        "tags": _list("tag"),
        "externalDocs": _one("externalDocs"),
    },
    "info": {"contact": _one("contact"), "license": _one("license")},
    "contact": {},
    "license": {},
    "externalDocs": {},
    "tag": {"externalDocs": _one("externalDocs")},
    "server": {"variables": _map("serverVariable")},
    "serverVariable": {},
    "components": {
        "schemas": _map("schema"),
        "responses": _map("response"),
        "parameters": _map("parameter"),
        "examples": _map("example"),
        "requestBodies": _map("requestBody"),
        "headers": _map("header"),
        "securitySchemes": _map("securityScheme"),
        "links": _map("link"),
        "callbacks": _map("callback"),
        "pathItems": _map("path"),
    },
    "paths": {"*": _one("path")},
    "path": {
        **dict.fromkeys(METHODS, _one("operation")),
        "servers": _list("server"),
        "parameters": _list("parameter"),
    },
    "operation": {
        "parameters": _list("parameter"),
        "requestBody": _one("requestBody"),
        "responses": _one("responses"),
        "callbacks": _map("callback"),
        "servers": _list("server"),
        "externalDocs": _one("externalDocs"),
    },
    "parameter": _DESCRIBED,
    "header": _DESCRIBED,
    "requestBody": {"content": _map("mediaType")},
    "mediaType": {
        "schema": _one("schema"),
        "examples": _map("example"),
        "encoding": _map("encoding"),
    },
    "encoding": {"headers": _map("header")},
    "responses": {"*": _one("response")},
    "response": {
        "headers": _map("header"),
        "content": _map("mediaType"),
        "links": _map("link"),
    },
    "callback": {"*": _one("path")},
    "example": {},
    "link": {"server": _one("server")},
    "securityScheme": {"flows": _one("flows")},
    "flows": {"*": _one("flow")},
    "flow": {},
    "schema": {
        **dict.fromkeys(
            ("properties", "patternProperties", "$defs", "dependentSchemas"), _map("schema")
        ),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _list("schema")),
        **dict.fromkeys(
            (
                "items",
                "not",
                "additionalProperties",
                "if",
                "then",
                "else",
                "contains",
                "propertyNames",
                "unevaluatedItems",
                "unevaluatedProperties",
            ),
            _one("schema"),
        ),
        "externalDocs": _one("externalDocs"),
        "discriminator": _one("discriminator"),
        "xml": _one("xml"),
    },
    "discriminator": {},
    "xml": {},
}

REFERABLE = frozenset(
    (
        "schema",
        "response",
        "parameter",
        "example",
        "requestBody",
        "header",
        "securityScheme",
        "link",
        "callback",
        "path",
    )
)
"""The kinds that a `$ref` may stand for."""


_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")

LONGEST_CHAIN = 20
"""References that lead to references. Nobody needs two, and a chain of all would take an hour."""


class Node(NamedTuple):
    at: Pointer
    kind: str
    value: Mapping[str, Any]


def walk(document: Any, kind: str = "document", at: Pointer = ()) -> Iterator[Node]:
    """Every object with its kind, in the order of the document. References are not followed."""
    waiting: list[tuple[Pointer, str, Any]] = [(at, kind, document)]
    while waiting:
        here, kind_here, value = waiting.pop()
        if not isinstance(value, Mapping):
            continue
        yield Node(here, kind_here, value)
        waiting += reversed(list(children(here, kind_here, value)))


def children(
    at: Pointer, kind: str, value: Mapping[str, Any]
) -> Iterator[tuple[Pointer, str, Any]]:
    """The parts of an object that have a kind of their own."""
    steps = GRAMMAR[kind]
    for name, part in value.items():
        step = steps.get(name) or (None if name.startswith("x-") else steps.get("*"))
        if step is None:
            continue
        if step.shape == "one":
            yield (*at, name), step.kind, part
        elif step.shape == "list" and isinstance(part, list):
            for index, item in enumerate(part):
                yield (*at, name, str(index)), step.kind, item
        elif step.shape == "map" and isinstance(part, Mapping):
            for key, item in part.items():
                yield (*at, name, key), step.kind, item


def target(document: Any, reference: str) -> tuple[Pointer, Any] | None:
    """Where a local reference leads, and what is there; None if it leads nowhere."""
    if not reference.startswith("#/"):
        return None
    names = [
        unquote(part).replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/")
    ]
    found = document
    for name in names:
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list) and _INDEX.fullmatch(name) and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return tuple(names), found


def resolved(document: Any, at: Pointer, value: Any) -> tuple[Pointer, Any]:
    """What stands at a place, references followed to their end.

    A reference that leads nowhere or in a circle gives an empty object: it is reported elsewhere.
    """
    seen: set[str] = set()
    while isinstance(value, Mapping) and "$ref" in value:
        reference = value["$ref"]
        if not isinstance(reference, str) or reference in seen or len(seen) > LONGEST_CHAIN:
            return at, {}
        found = target(document, reference)
        if found is None:
            return at, {}
        seen.add(reference)
        at, value = found
    return at, value
