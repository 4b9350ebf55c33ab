"""What a caller may make as large as they like: allowed, and unwise."""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .document import Operation
from .grammar import resolved
from .operations import parameters_of
from .report import Pointer, Report

_SHORT_FORMATS = frozenset(("date", "date-time", "time", "uuid", "ipv4", "ipv6"))
"""Formats that are short by what they are."""

_MOST_PARTS = 100
"""Schemas of one composition that are looked at. Where all hold all others, it has to end."""

_LONGEST_PATTERN = 1000
"""Characters of a pattern that is looked into."""

_SIZED_NUMBERS = frozenset(("int32", "int64", "float", "double"))


def find(document: Mapping[str, Any], operations: tuple[Operation, ...], report: Report) -> None:
    """Report what is unbounded in the parameters and bodies that operations take."""
    seen: set[Pointer] = set()
    for operation in operations:
        path = ("paths", operation.path)
        item = document["paths"][operation.path]
        for at, holder in ((path, item), ((*path, operation.method), item[operation.method])):
            for where, schema in _inputs(document, at, holder):
                _find(document, where, schema, seen, report)


def _inputs(
    document: Mapping[str, Any], at: Pointer, holder: Mapping[str, Any]
) -> Iterator[tuple[Pointer, Any]]:
    for where, parameter in parameters_of(document, at, holder):
        if "schema" in parameter:
            yield (*where, "schema"), parameter["schema"]
        yield from _contents(where, parameter)
    if "requestBody" in holder:
        where, body = resolved(document, (*at, "requestBody"), holder["requestBody"])
        yield from _contents(where, body)


def _contents(at: Pointer, holder: Any) -> Iterator[tuple[Pointer, Any]]:
    content = holder.get("content") if isinstance(holder, Mapping) else None
    for name, media in content.items() if isinstance(content, Mapping) else ():
        if isinstance(media, Mapping):
            yield (*at, "content", name, "schema"), media.get("schema", {})


def _find(
    document: Mapping[str, Any], at: Pointer, schema: Any, seen: set[Pointer], report: Report
) -> None:
    waiting = [(at, schema)]
    below: set[Pointer] = set()
    while waiting:
        where, value = resolved(document, *waiting.pop())
        if where in seen or not isinstance(value, Mapping):
            continue
        seen.add(where)
        merged, parts = _merged(document, where, value)
        if text := _unbounded(merged):
            report.finding(where, text)
        for part, schema_of_part in reversed(parts):
            if part not in below:
                below.add(part)
                waiting += reversed(list(_below(part, schema_of_part)))


def _merged(
    document: Mapping[str, Any], at: Pointer, schema: Mapping[str, Any]
) -> tuple[Mapping[str, Any], list[tuple[Pointer, Mapping[str, Any]]]]:
    """All that holds for a value, from the schema and what it is composed of by allOf."""
    merged: dict[str, Any] = {}
    parts: dict[Pointer, Mapping[str, Any]] = {}
    waiting: list[tuple[Pointer, Any]] = [(at, schema)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            break
        where, value = resolved(document, *waiting.pop())
        if where in parts or not isinstance(value, Mapping):
            continue
        parts[where] = value
        for name, setting in value.items():
            merged.setdefault(name, setting)
        listed = value.get("allOf")
        for index, part in enumerate(listed if isinstance(listed, list) else ()):
            waiting.append(((*where, "allOf", str(index)), part))
    return merged, list(parts.items())


def _below(at: Pointer, schema: Mapping[str, Any]) -> Iterator[tuple[Pointer, Any]]:
    properties = schema.get("properties")
    for name, value in properties.items() if isinstance(properties, Mapping) else ():
        yield (*at, "properties", name), value
    for keyword in ("items", "additionalProperties"):
        below = schema.get(keyword)
        # An empty one allows anything, as none does: `_object` speaks of that.
        if isinstance(below, Mapping) and (below or keyword == "items"):
            yield (*at, keyword), below
    for keyword in ("anyOf", "oneOf"):
        cases = schema.get(keyword)
        for index, value in enumerate(cases if isinstance(cases, list) else ()):
            yield (*at, keyword, str(index)), value


def _unbounded(schema: Mapping[str, Any]) -> str | None:
    """What a value may be as large as, in words; None if all of it has a bound."""
    if "enum" in schema:
        return None
    kind = schema.get("type", "object" if "properties" in schema else None)
    if kind is None:
        told = schema.keys() & {"anyOf", "oneOf", "not"}
        return None if told else "may be anything; give it a type"
    check = _CHECKS.get(kind) if isinstance(kind, str) else None
    return check(schema) if check else None


def _text(schema: Mapping[str, Any]) -> str | None:
    is_bounded = (
        "maxLength" in schema
        or schema.get("format") in _SHORT_FORMATS
        or _has_an_end(schema.get("pattern"))
    )
    return None if is_bounded else "is text of any length; give it maxLength"


def _list(schema: Mapping[str, Any]) -> str | None:
    return None if "maxItems" in schema else "is a list of any length; give it maxItems"


def _number(schema: Mapping[str, Any]) -> str | None:
    if schema.get("format") in _SIZED_NUMBERS or schema.keys() >= {"minimum", "maximum"}:
        return None
    return "is a number of any size; give it minimum and maximum"


def _object(schema: Mapping[str, Any]) -> str | None:
    more = schema.get("additionalProperties", True)
    if more is False or "maxProperties" in schema:
        return None
    if isinstance(more, Mapping) and more:
        return "takes any number of properties; give it maxProperties"
    return "takes properties that it does not name; set additionalProperties to false"


_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "array": _list,
    "integer": _number,
    "number": _number,
    "object": _object,
    "string": _text,
}


def _has_an_end(pattern: Any) -> bool:
    """Whether a pattern is anchored at both ends and matches no text of any length."""
    if not isinstance(pattern, str) or len(pattern) > _LONGEST_PATTERN:
        return False
    # Python's own parser of patterns has no public name; it is the one that knows their width.
    parser, names = re._parser, re._constants  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = parser.parse(pattern)
            longest = parsed.getwidth()[1]
    except (re.error, RecursionError, OverflowError):
        return False  # Not Python's, such as \p{L}: then only maxLength tells.
    anchors = [(names.AT, names.AT_BEGINNING), (names.AT, names.AT_END)]
    return len(parsed) > 1 and [parsed[0], parsed[-1]] == anchors and longest < names.MAXREPEAT
