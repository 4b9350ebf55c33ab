"""Any version that is taken, as OpenAPI 3.0: what API gateways read.

docs/openapi.md has the table of what 3.1 becomes. Nothing is lost but documentation; what would
lose a check is an error.
"""

import re
from collections.abc import Callable, Mapping
from operator import ge, le
from typing import Any, TypeGuard

from .grammar import REFERABLE, children, resolved
from .report import Pointer, Report
from .text import MOST_NODES

TARGET = "3.0.3"

_DIALECTS = (
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://json-schema.org/draft/2020-12/schema",
)

_ANNOTATIONS = frozenset(("description", "summary", "title", "deprecated", "examples", "$comment"))
"""What a reader sees and no check uses: may stand beside a `$ref`, and is left out there."""

NEW_IN_31: Mapping[str, str] = {
    "$anchor": "point to components/schemas instead",
    "$defs": "move each to components/schemas",
    "$dynamicAnchor": "name the schema itself",
    "$dynamicRef": "name the schema itself",
    "$id": "point to components/schemas instead",
    "$vocabulary": "leave it out",
    "contains": "leave the check to the backend",
    "contentSchema": "leave the check to the backend",
    "dependentRequired": "leave the check to the backend",
    "dependentSchemas": "leave the check to the backend",
    "else": "describe each case as a schema, and list them in anyOf",
    "if": "describe each case as a schema, and list them in anyOf",
    "maxContains": "leave the check to the backend",
    "minContains": "leave the check to the backend",
    "patternProperties": "name the properties, or give additionalProperties a schema",
    "prefixItems": "use an object with named properties",
    "propertyNames": "name the properties",
    "then": "describe each case as a schema, and list them in anyOf",
    "unevaluatedItems": "use maxItems",
    "unevaluatedProperties": "use additionalProperties",
}
"""Keywords of 3.1's schemas that 3.0 has nothing for, with what to do."""

_ALSO_31 = frozenset(("const", "examples", "contentEncoding", "contentMediaType", "$schema"))


class TooMuchError(Exception):
    """References made the document too large. It never leaves this module."""


def as_30(document: Any, report: Report) -> dict[str, Any]:
    """The document as 3.0, made of new values that nothing else holds."""
    if not isinstance(document, Mapping):
        report.error((), "is no OpenAPI document: it must be a mapping")
        return {}
    version = document.get("openapi")
    if not isinstance(version, str) or not re.fullmatch(r"3\.[01]\.[0-9]{1,3}", version):
        hint = "convert it to OpenAPI 3.0" if "swagger" in document else 'such as "3.0.3"'
        report.error(("openapi",), f"must be 3.0 or 3.1 with its patch version, as text: {hint}")
        return {}
    try:
        return _Rebuild(document, report, is_31=version.startswith("3.1")).document()
    except TooMuchError:
        report.error((), f"has more than {MOST_NODES} values once its paths are in place")
        return {}


class _Rebuild:
    def __init__(self, document: Mapping[str, Any], report: Report, *, is_31: bool) -> None:
        self._source, self._report, self._is_31 = document, report, is_31
        self._nodes = 0

    def document(self) -> dict[str, Any]:
        source = dict(self._source)
        source["openapi"] = TARGET
        if self._is_31:
            self._head(source)
        elif "webhooks" in source:
            self._report.error(("webhooks",), "is of OpenAPI 3.1, and the document says 3.0")
            del source["webhooks"]
        result = self._object((), "document", source)
        components = result.get("components")
        if self._is_31 and isinstance(components, dict):
            # Each is where it is used by now.
            components.pop("pathItems", None)
        return result

    def _head(self, source: dict[str, Any]) -> None:
        dialect = source.pop("jsonSchemaDialect", _DIALECTS[0])
        if dialect not in _DIALECTS:
            self._report.error(("jsonSchemaDialect",), "is another dialect than OpenAPI 3.1's own")
        if source.pop("webhooks", None):
            self._report.finding(
                ("webhooks",), "are calls that the API makes; they are documentation here"
            )
        if isinstance(info := source.get("info"), Mapping):
            source["info"] = {name: part for name, part in info.items() if name != "summary"}
            if isinstance(licence := info.get("license"), Mapping) and "identifier" in licence:
                source["info"]["license"] = {k: v for k, v in licence.items() if k != "identifier"}

    def _any(self, at: Pointer, kind: str | None, value: Any) -> Any:
        if kind == "schema" and self._is_31 and isinstance(value, bool) and not _may_be_bool(at):
            return {} if value else {"not": {}}
        if isinstance(value, Mapping):
            return self._object(at, kind, value)
        self._count()
        if isinstance(value, list):
            return [self._any((*at, str(i)), None, item) for i, item in enumerate(value)]
        return value

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise TooMuchError

    def _object(self, at: Pointer, kind: str | None, value: Mapping[str, Any]) -> dict[str, Any]:
        self._count()
        if kind is None:
            return {name: self._any((*at, name), None, part) for name, part in value.items()}
        if "$ref" in value and kind in REFERABLE:
            return self._reference(at, kind, value)
        if kind == "schema" and self._is_31:
            value = self._without_null(at, value)
        parts = {where: (kind_of, part) for where, kind_of, part in children(at, kind, value)}
        result = {name: self._part((*at, name), parts, part) for name, part in value.items()}
        return self._schema(at, result) if kind == "schema" and self._is_31 else result

    def _part(self, at: Pointer, parts: Mapping[Pointer, tuple[str, Any]], value: Any) -> Any:
        """A part of an object, which is of a kind, or holds some in a list or a mapping."""
        if at in parts:
            return self._any(at, *parts[at])
        if isinstance(value, list):
            self._count()
            return [
                self._any((*at, str(i)), *parts.get((*at, str(i)), (None, item)))
                for i, item in enumerate(value)
            ]
        if isinstance(value, Mapping):
            self._count()
            return {
                name: self._any((*at, name), *parts.get((*at, name), (None, item)))
                for name, item in value.items()
            }
        return self._any(at, None, value)

    def _reference(self, at: Pointer, kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
        beside = {name: part for name, part in value.items() if name != "$ref"}
        if kind == "path":
            return self._path(at, value, beside)
        reference = {"$ref": value["$ref"]}
        if kind == "schema" and self._is_31 and not beside.keys() <= _ANNOTATIONS:
            both = self._object(at, kind, beside)
            first = both.pop("allOf", [])
            first = first if isinstance(first, list) else []
            for index in range(len(first)):
                self._report.moved((*at, "allOf", str(index + 1)), (*at, "allOf", str(index)))
            self._report.moved((*at, "allOf", "0"), at)
            return {"allOf": [reference, *first], **both}
        for name in sorted(beside.keys() - _ANNOTATIONS):
            self._report.error(
                (*at, name), "stands beside $ref, where it is ignored; put both in an allOf"
            )
        return reference

    def _path(
        self, at: Pointer, value: Mapping[str, Any], beside: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What the reference leads to, in its place: no gateway follows it."""
        if at[:-1] != ("paths",):
            return {}  # Of a callback, which is documentation and could lead back here.
        if beside:
            self._report.error(at, "has more than the $ref; move it to where that leads")
        where, found = resolved(self._source, at, value)
        self._report.moved(at, where)
        return self._object(at, "path", found) if isinstance(found, Mapping) else {}

    def _without_null(self, at: Pointer, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """`anyOf: [X, {type: "null"}]` as X that may be null."""
        for keyword in ("anyOf", "oneOf"):
            cases = value.get(keyword)
            if not isinstance(cases, list) or {"type": "null"} not in cases:
                continue
            rest = [case for case in cases if case != {"type": "null"}]
            beside = {name: part for name, part in value.items() if name != keyword}
            only = rest[0] if len(rest) == 1 and isinstance(rest[0], Mapping) else {}
            clash = beside.keys() & only.keys() - _ANNOTATIONS
            if not isinstance(only.get("type"), str) or "const" in only or clash:
                self._report.error(
                    (*at, keyword),
                    'has null as a case; write type: [X, "null"] in the schema that may be null',
                )
                return beside
            value = {**only, **beside, "type": [only["type"], "null"]} | _or_null(only)
        return value

    def _schema(self, at: Pointer, schema: dict[str, Any]) -> dict[str, Any]:
        for name in [name for name in schema if name in NEW_IN_31]:
            self._report.error((*at, name), f"has no counterpart in OpenAPI 3.0; {NEW_IN_31[name]}")
            del schema[name]
        schema.pop("$comment", None)
        if schema.get("required") == []:
            del schema["required"]  # It asks for nothing, and 3.0 has no empty list here.
        for name, convert in _CONVERT.items():
            if name in schema:
                convert(self, at, schema)
        if schema.get("type") == "array":
            schema.setdefault("items", {})
        return schema

    def _dialect(self, at: Pointer, schema: dict[str, Any]) -> None:
        if schema.pop("$schema") not in _DIALECTS:
            self._report.error((*at, "$schema"), "is another dialect than OpenAPI 3.1's own")

    def _nullable(self, at: Pointer, schema: dict[str, Any]) -> None:
        del schema["nullable"]
        self._report.error(
            (*at, "nullable"), 'means nothing in OpenAPI 3.1; write type: [X, "null"]'
        )

    def _type(self, at: Pointer, schema: dict[str, Any]) -> None:
        named = schema["type"]
        types = named if isinstance(named, list) else [named]
        rest = [name for name in types if name != "null"]
        if len(rest) == 1:
            schema["type"] = rest[0]
            if len(types) > 1:
                schema["nullable"] = True
            return
        del schema["type"]
        self._report.error(
            (*at, "type"), 'must be one type, or one and "null": OpenAPI 3.0 has no list of types'
        )

    def _const(self, at: Pointer, schema: dict[str, Any]) -> None:
        only = schema.pop("const")
        if "enum" in schema:
            self._report.error((*at, "const"), "stands beside enum; keep one of them")
        else:
            schema["enum"] = [only]

    def _examples(self, at: Pointer, schema: dict[str, Any]) -> None:
        examples = schema.pop("examples")
        if not isinstance(examples, list):
            self._report.error((*at, "examples"), "must be a list of values in a schema")
        elif examples:
            schema.setdefault("example", examples[0])

    def _minimum(self, at: Pointer, schema: dict[str, Any]) -> None:
        self._exclusive(at, schema, "Minimum", ge)

    def _maximum(self, at: Pointer, schema: dict[str, Any]) -> None:
        self._exclusive(at, schema, "Maximum", le)

    def _exclusive(
        self,
        at: Pointer,
        schema: dict[str, Any],
        end: str,
        is_tighter: Callable[[float, float], bool],
    ) -> None:
        bound, inclusive = schema.pop(f"exclusive{end}"), schema.get(end.lower())
        if not _is_number(bound):
            self._report.error((*at, f"exclusive{end}"), "must be a number in OpenAPI 3.1")
        elif inclusive is None or (_is_number(inclusive) and is_tighter(bound, inclusive)):
            schema |= {end.lower(): bound, f"exclusive{end}": True}

    def _encoding(self, at: Pointer, schema: dict[str, Any]) -> None:
        if schema.pop("contentEncoding") != "base64" or "format" in schema:
            self._report.error(
                (*at, "contentEncoding"), "has no counterpart in OpenAPI 3.0, but for base64"
            )
        else:
            schema["format"] = "byte"

    def _media_type(self, _: Pointer, schema: dict[str, Any]) -> None:
        # What is in a text is documentation.
        if schema.pop("contentMediaType") == "application/octet-stream" and "format" not in schema:
            schema["format"] = "binary"


_CONVERT: Mapping[str, Callable[[_Rebuild, Pointer, dict[str, Any]], None]] = {
    "$schema": _Rebuild._dialect,  # noqa: SLF001
    "nullable": _Rebuild._nullable,  # noqa: SLF001
    "type": _Rebuild._type,  # noqa: SLF001
    "const": _Rebuild._const,  # noqa: SLF001
    "examples": _Rebuild._examples,  # noqa: SLF001
    "exclusiveMinimum": _Rebuild._minimum,  # noqa: SLF001
    "exclusiveMaximum": _Rebuild._maximum,  # noqa: SLF001
    "contentEncoding": _Rebuild._encoding,  # noqa: SLF001
    "contentMediaType": _Rebuild._media_type,  # noqa: SLF001
}


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema's enum with null in it: to be null, a value must be there as well."""
    enum = schema.get("enum")
    return {"enum": [*enum, None]} if isinstance(enum, list) and None not in enum else {}


def _may_be_bool(at: Pointer) -> bool:
    return at[-1:] == ("additionalProperties",) and at[-2:-1] != ("properties",)


def is_of_31(keyword: str) -> bool:
    """Whether a schema of 3.1 may have this keyword, and one of 3.0 not."""
    return keyword in NEW_IN_31 or keyword in _ALSO_31
