"""What the document says about a value: what it is called, how it is guarded, whether it is prose.

A field is made of the schemas that may speak about a value, and finds those of what is inside when
it is asked the first time. Each set of schemas has one field, however deep it comes again: of
recursive schemas a request makes no more fields than the document has.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .settings import EXTENSION, Settings, inherit

Resolve = Callable[[object], object]
"""A schema, or what its `$ref` leads to."""

_TYPED_FORMATS = frozenset(
    {"bic", "byte", "date", "date-time", "duration", "iban", "ipv4", "ipv6", "time", "uuid"}
)
"""Formats that are enforced and leave no room for anything else."""

_BOUND_PATTERN = re.compile(r"\^(?:[^|^\\]|\\.)*\$")
_OPEN_PATTERN = re.compile(
    r"""(?<!\\)\.|\[\^|\\[SWDPpsxuc'"(<`;=]|["'`<;=%$&]"""
    r"""|(?![a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9])[^\\]-[^\]]"""
)
"""Parts of a pattern that let through characters that languages are made of."""

_COMBINED = ("allOf", "anyOf", "oneOf")


class Field:
    __slots__ = ("_all", "_items", "_resolve", "_schemas", "declared", "known", "settings", "typed")

    def __init__(
        self,
        schemas: Iterable[object],
        resolve: Resolve,
        settings: Settings,
        *,
        declared: bool,
        all_: "dict[object, Field] | None" = None,
    ) -> None:
        self._all: dict[object, Field] = {} if all_ is None else all_
        given = [resolve(schema) for schema in schemas]
        self._schemas = [s for schema in given for s in _parts(schema, resolve)]
        self._resolve = resolve
        self.known: dict[str, Field] = {}
        """Fields of the properties that were asked for."""

        self._items: Field | None = None
        self.declared = declared
        self.settings = _settings(self._schemas, settings)
        self.typed = (
            bool(given)
            and "schema.value" not in self.settings.exclude
            and all(_is_typed(schema, resolve) for schema in given)
        )

    def property(self, name: str) -> "Field":
        """The field of a property. One that no schema names is one for all such."""
        known = self.known.get(name)
        if known is None:
            schemas = [s["properties"][name] for s in self._schemas if name in _properties(s)]
            if not schemas:
                return self._undeclared(name)
            known = self.known[name] = self._child(schemas, declared=True)
        return known

    def items(self) -> "Field":
        if self._items is None:
            schemas = [
                part
                for schema in self._schemas
                for part in (schema.get("items"), *schema.get("prefixItems", ()))
                if isinstance(part, Mapping)
            ]
            self._items = self._child(schemas, declared=True)
        return self._items

    def types(self) -> set[str]:
        """The types that a parameter's text may stand for."""
        return self.said("type")

    def said(self, keyword: str) -> set[str]:
        """What the schemas say of it by a keyword."""
        found: set[str] = set()
        for schema in self._schemas:
            word = schema.get(keyword, ())
            found.update([word] if isinstance(word, str) else word)
        return found

    def _undeclared(self, name: str) -> "Field":
        other = self.known.get("")
        if other is None:
            schemas = [
                part
                for schema in self._schemas
                for part in (
                    schema.get("additionalProperties"),
                    schema.get("unevaluatedProperties"),
                    *schema.get("patternProperties", {}).values(),
                )
                if isinstance(part, Mapping)
            ]
            other = self._child(schemas, declared=False)
            if name:
                self.known[""] = other
        return other

    def _child(self, schemas: Sequence[object], *, declared: bool) -> "Field":
        once = {id(schema): schema for schema in schemas}
        key = (frozenset(once), self.settings, declared)
        known = self._all.get(key)
        if known is None:
            known = self._all[key] = Field(
                once.values(), self._resolve, self.settings, declared=declared, all_=self._all
            )
        return known


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return schema.get("properties", {})


def _parts(schema: object, resolve: Resolve, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """A schema and those that it combines."""
    if isinstance(schema, Mapping) and depth < _DEEPEST:
        yield schema
        for name in _COMBINED:
            for part in schema.get(name, ()):
                yield from _parts(resolve(part), resolve, depth + 1)


_DEEPEST = 8
"""Combinations in combinations: one that refers to itself has no end."""


def _settings(schemas: Iterable[Mapping[str, Any]], settings: Settings) -> Settings:
    for schema in schemas:
        settings = inherit(settings, schema.get(EXTENSION), (), [])
    return settings


def _is_typed(schema: object, resolve: Resolve, depth: int = 0) -> bool:
    """Whether a valid value leaves no room for text of the caller's own."""
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return False
    kind = schema.get("type", "string")
    kinds = [kind] if isinstance(kind, str) else kind
    if "enum" in schema or "const" in schema or "string" not in kinds:
        return True
    if str(schema.get("format")) in _TYPED_FORMATS or _is_closed(schema.get("pattern")):
        return True
    if any(_is_typed(resolve(part), resolve, depth + 1) for part in schema.get("allOf", ())):
        return True
    return any(
        bool(schema.get(name))
        and all(_is_typed(resolve(part), resolve, depth + 1) for part in schema[name])
        for name in ("anyOf", "oneOf")
    )


def _is_closed(pattern: object) -> bool:
    return (
        isinstance(pattern, str)
        and _BOUND_PATTERN.fullmatch(pattern) is not None
        and _OPEN_PATTERN.search(pattern[1:-1]) is None
    )
