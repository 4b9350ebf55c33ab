"""From a line of the guard's log to the narrowest exclusion that would have let it pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from pulumi_bulwark.openapi import Document, Operation
from pulumi_bulwark.openapi.examples import is_json
from pulumi_bulwark.openapi.extensions import GUARD
from pulumi_bulwark.openapi.grammar import resolved
from pulumi_bulwark.openapi.operations import parameters_of
from pulumi_bulwark.openapi.report import Pointer, written

_DEEPEST = 20
"""Combinations in combinations; a schema may hold itself."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What a part of the document becomes."""

    at: Pointer
    content: Mapping[str, Any]
    """The part's own words, without what stays as it is."""
    is_field: bool
    """Whether it is one value. Else the log names none that the document describes, and all of the
    operation is meant."""

    @property
    def where(self) -> str:
        return written(self.at)

    @property
    def text(self) -> str:
        """The part as YAML, under its own name."""
        name = self.at[-1] if self.at else ""
        content: Any = {name: self.content}
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def narrowest(document: Document, operation: Operation, pointer: str, rule: str) -> Exclusion:
    """Where to say that a rule does not hold, for as little as the document can name."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    found = next(_fields(document, operation, steps), None) if steps else None
    if found is None:
        at = ("paths", operation.path, operation.method)
        node = document.body["paths"][operation.path][operation.method]
        return Exclusion(at, {GUARD: _excluding(node.get(GUARD), rule)}, is_field=False)
    at, node = found
    if "$ref" in node:
        # Beside a reference nothing counts, and what it leads to is others' as well.
        content = {"allOf": [{"$ref": node["$ref"]}], GUARD: _excluding(None, rule)}
        return Exclusion(at, content, is_field=True)
    return Exclusion(at, {GUARD: _excluding(node.get(GUARD), rule)}, is_field=True)


def _excluding(present: Any, rule: str) -> dict[str, Any]:
    settings = {"mode": present} if isinstance(present, str) else dict(present or {})
    rules = [*settings.pop("exclude", ()), rule]
    return {**settings, "exclude": list(dict.fromkeys(rules))}


Place = tuple[Pointer, Mapping[str, Any]]


def _fields(document: Document, operation: Operation, steps: list[str]) -> Iterator[Place]:
    """The schemas that speak of a value, as they are written there."""
    place, *rest = steps
    for at, schema in _roots(document, operation, place, rest):
        below = rest if place == "body" else rest[1:]
        yield from _below(document.body, at, schema, below, 0)


def _roots(
    document: Document, operation: Operation, place: str, rest: list[str]
) -> Iterator[Place]:
    body = document.body
    item = body["paths"][operation.path]
    at = ("paths", operation.path, operation.method)
    if place == "body":
        where, request = resolved(
            body, (*at, "requestBody"), item[operation.method].get("requestBody", {})
        )
        content = request.get("content", {})
        for name in sorted(content, key=lambda name: not is_json(name)):
            if isinstance(schema := content[name].get("schema"), Mapping):
                yield (*where, "content", name, "schema"), schema
        return
    for holder_at, holder in ((at, item[operation.method]), (at[:2], item)):
        for where, parameter in parameters_of(body, holder_at, holder):
            is_named = rest and str(parameter.get("name")).lower() == rest[0].lower()
            if is_named and parameter.get("in") == place and "schema" in parameter:
                yield (*where, "schema"), parameter["schema"]


def _below(
    body: Mapping[str, Any], at: Pointer, schema: Any, steps: list[str], depth: int
) -> Iterator[Place]:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    if not steps:
        yield at, schema
        return
    where, found = resolved(body, at, schema)
    step, *rest = steps
    if step in found.get("properties", {}):
        inner = found["properties"][step]
        yield from _below(body, (*where, "properties", step), inner, rest, depth + 1)
    if step.isdecimal() and "items" in found:
        yield from _below(body, (*where, "items"), found["items"], rest, depth + 1)
    for name in ("allOf", "anyOf", "oneOf"):
        for number, part in enumerate(found.get(name, ())):
            yield from _below(body, (*where, name, str(number)), part, steps, depth + 1)
