"""Answers from the document's own examples: what a mock backend gives.

The first success is the answer. A request with the header `Prefer: code=404` gets the one that the
document has for that status, so that a client can be built against every answer there is.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .nodes import Node, each, resolved

JSON = "application/json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is answered with one status."""

    status: str
    media_type: str | None = None
    """None: there is no body."""
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def answers(root: Node, operation: Node) -> list[Answer]:
    """An answer for each status, the default first; 200 without a body where there is no status."""
    found = [_answer(root, status, node) for status, node in _statuses(root, operation)]
    first = next((one for one in found if one.status.startswith("2")), None)
    if first:
        return [first, *(one for one in found if one is not first)]
    return found or [Answer(status="200")]


def is_json(media_type: str) -> bool:
    """Whether a body of this type is JSON: also with a suffix, as application/problem+json."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain == JSON or plain.endswith("+json")


def _statuses(root: Node, operation: Node) -> Iterator[tuple[str, Node]]:
    """The statuses that can be given: `default` and `2XX` are 200 where nothing says 200."""
    responses = dict(each(root, operation.get("responses")))
    concrete = {s: node for s, node in responses.items() if re.fullmatch(r"[1-5][0-9]{2}", s)}
    yield from concrete.items()
    if not any(status.startswith("2") for status in concrete):
        vague = responses.get("2XX") or (None if concrete else responses.get("default"))
        if vague is not None:
            yield "200", vague


def _answer(root: Node, status: str, response: Node) -> Answer:
    headers = {
        name: str(value)
        for name, node in each(root, response.get("headers"))
        if (value := _given(root, node)) is not None
        and name.lower() != "content-type"
        and _is_plain(str(value))
    }
    content = response.get("content") or {}
    if not content or status in ("204", "304"):
        return Answer(status=status, headers=headers)
    media_type = next(filter(is_json, content), next(iter(content)))
    value = _given(root, content[media_type])
    if isinstance(value, str) and not is_json(media_type):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return Answer(status=status, media_type=media_type, text=text, headers=headers)


def has_example(root: Node, response: Node) -> bool:
    """Whether something can be answered for the body that a response has."""
    content = response.get("content") or {}
    return not content or any(_given(root, media) is not None for media in content.values())


def _is_plain(value: str) -> bool:
    """Whether a value can stand in a mapping, which sets it in quotes and has no escape."""
    return value.isascii() and value.isprintable() and "'" not in value


def _given(root: Node, node: Node) -> Any:
    """The example of a media type, a header or a parameter; None if there is none."""
    if "example" in node:
        return node["example"]
    for _, example in each(root, node.get("examples")):
        if "value" in example:
            return example["value"]
    return _of_schema(root, node.get("schema") or {}, 0)


_DEEPEST = 12
"""Levels down to which an example is put together; a schema may hold itself."""


def _of_schema(root: Node, schema: Node, depth: int) -> Any:
    """An example put together from those of the parts; None if there is none."""
    schema = resolved(root, schema)
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return None
    for key in ("example", "default"):
        if key in schema:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    if "items" in schema:
        item = _of_schema(root, schema["items"], depth + 1)
        return None if item is None else [item]
    return _of_object(root, schema, depth + 1) or _of_one(root, schema, depth + 1)


def _of_object(root: Node, schema: Node, depth: int) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        if isinstance(value := _of_schema(root, part, depth), Mapping):
            whole |= value
    for name, part in (schema.get("properties") or {}).items():
        if (value := _of_schema(root, part, depth)) is not None:
            whole[name] = value
    return whole


def _of_one(root: Node, schema: Node, depth: int) -> Any:
    parts = (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ()))
    found = (_of_schema(root, part, depth) for part in parts)
    return next((value for value in found if value is not None), None)
