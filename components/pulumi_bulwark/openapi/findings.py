"""What a caller may make as large as they like: allowed, and unwise."""

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from .document import Operation
from .grammar import resolved
from .operations import parameters_of
from .report import Pointer, Report

_SHORT_FORMATS = frozenset(("date", "date-time", "time", "uuid", "ipv4", "ipv6"))
"""Formats that are short by what they are."""

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
    while waiting:
        where, value = resolved(document, *waiting.pop())
        if where in seen or not isinstance(value, Mapping):
            continue
        seen.add(where)
        merged, parts = _merged(document, where, value)
        for text in _unbounded(merged):
            report.finding(where, text)
        for part, schema_of_part in reversed(parts):
            waiting += reversed(list(_below(part, schema_of_part)))


def _merged(
    document: Mapping[str, Any], at: Pointer, schema: Mapping[str, Any]
) -> tuple[Mapping[str, Any], list[tuple[Pointer, Mapping[str, Any]]]]:
    """All that holds for a value, from the schema and what it is composed of by allOf."""
    merged: dict[str, Any] = {}
    parts: dict[Pointer, Mapping[str, Any]] = {}
    waiting: list[tuple[Pointer, Any]] = [(at, schema)]
    while waiting:
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
        if isinstance(schema.get(keyword), Mapping):
            yield (*at, keyword), schema[keyword]
    for keyword in ("anyOf", "oneOf"):
        cases = schema.get(keyword)
        for index, value in enumerate(cases if isinstance(cases, list) else ()):
            yield (*at, keyword, str(index)), value


def _unbounded(schema: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        return
    match schema.get("type"):
        case "string":
            if not _is_bounded(schema):
                yield "is text of any length; give it maxLength"
        case "array":
            if "maxItems" not in schema:
                yield "is a list of any length; give it maxItems"
        case "object":
            yield from _open(schema)
        case "integer" | "number":
            if schema.get("format") not in _SIZED_NUMBERS and not (
                "minimum" in schema and "maximum" in schema
            ):
                yield "is a number of any size; give it minimum and maximum"
        case None:
            if not schema.keys() & {"anyOf", "oneOf", "properties", "not"}:
                yield "may be anything; give it a type"
            elif "properties" in schema:
                yield from _open(schema)


def _open(schema: Mapping[str, Any]) -> Iterator[str]:
    more = schema.get("additionalProperties", True)
    if more is False:
        return
    if "maxProperties" not in schema:
        if isinstance(more, Mapping) and more:
            yield "takes any number of properties; give it maxProperties"
        else:
            yield "takes properties that it does not name; set additionalProperties to false"


def _is_bounded(schema: Mapping[str, Any]) -> bool:
    return (
        "maxLength" in schema
        or schema.get("format") in _SHORT_FORMATS
        or _has_an_end(schema.get("pattern"))
    )


def _has_an_end(pattern: Any) -> bool:
    """Whether a pattern is anchored at both ends and matches no text of any length."""
    if not isinstance(pattern, str):
        return False
    parser, constants = re._parser, re._constants  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = parser.parse(pattern)
            longest = parsed.getwidth()[1]
    except (re.error, RecursionError, OverflowError):
        return False  # Not Python's, such as \\p{L}: then only maxLength tells.
    if len(parsed) < 2:  # noqa: PLR2004 both anchors
        return False
    ends = [parsed[0], parsed[-1]]
    wanted = [
        (constants.AT, constants.AT_BEGINNING),
        (constants.AT, constants.AT_END),
    ]
    return ends == wanted and longest < constants.MAXREPEAT
