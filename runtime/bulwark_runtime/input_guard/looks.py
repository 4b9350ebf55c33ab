"""How often a validator looks at the parts of a value.

A schema that leads back to itself in two ways (a filter with alternatives for `and` and `or`, say)
is looked at twice at each level, and so four, eight, sixteen times: a few hundred bytes can take
days. The looks are counted before the validator takes one, without taking them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .effort import spend
from .fields import Resolve
from .schemas import Validator

if TYPE_CHECKING:
    import jsonschema_rs

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")
_CONDITIONS = ("if", "then", "else", "not")
_OF_ANY_NAME = ("additionalProperties", "unevaluatedProperties")
_OF_ANY_ITEM = ("items", "contains", "additionalItems", "unevaluatedItems")

_DEEPEST = 16
"""Schemas in the place of others."""

_A_LOOK = 4
"""Characters that take as long as a look."""

Schema = Mapping[str, Any]
_Seen = dict[int, tuple[Schema, int]]
"""Schemas that speak about a value, by identity, and how often each is asked."""


def bounded(validator: Validator, schema: object, resolve: Resolve) -> Validator:
    """The validator of a schema, which is asked only what a request may spend.

    One whose schema never leads back to itself is it already.
    """
    looks = Looks(validator, schema, resolve)
    return looks if looks.is_recursive() else validator


class Looks:
    def __init__(self, validator: Validator, schema: object, resolve: Resolve) -> None:
        self._validator = validator
        self._root = schema
        self._resolve = resolve
        self._known: dict[int, list[Schema]] = {}

    def is_valid(self, instance: Any) -> bool:
        if isinstance(self._root, Mapping):
            self._spend(instance, {id(self._root): (self._root, 1)})
        return self._validator.is_valid(instance)

    def iter_errors(self, instance: Any) -> "Iterable[jsonschema_rs.ValidationError]":
        return self._validator.iter_errors(instance)

    def _spend(self, value: Any, schemas: _Seen) -> None:
        parts = [(part, ways) for schema, ways in schemas.values() for part in self._parts(schema)]
        spend(_A_LOOK * sum(ways for _, ways in parts))
        if isinstance(value, dict):
            for name, content in value.items():
                self._spend(content, _inside(parts, name))
        elif isinstance(value, list) and value:
            items = _inside(parts, None)
            for content in value:
                self._spend(content, items)

    def _parts(self, schema: Schema) -> list[Schema]:
        """What is asked in the place of a schema, as often as it is."""
        known = self._known.get(id(schema))
        if known is None:
            known = self._known[id(schema)] = list(_in_place(schema, self._resolve))
        return known

    def is_recursive(self) -> bool:
        """Whether some schema is reached from itself."""
        done: set[int] = set()
        open_: set[int] = set()

        def leads_back(schema: object) -> bool:
            if not isinstance(schema, Mapping) or id(schema) in done:
                return False
            if id(schema) in open_:
                return True
            open_.add(id(schema))
            found = any(
                leads_back(sub) for part in self._parts(schema) for sub in _all_inside(part)
            )
            open_.discard(id(schema))
            done.add(id(schema))
            return found

        return leads_back(self._root)


def _in_place(schema: object, resolve: Resolve, depth: int = 0) -> Iterator[Schema]:
    schema = resolve(schema)
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    yield schema
    others = [schema[name] for name in _CONDITIONS if name in schema]
    others += [part for name in _ALTERNATIVES for part in schema.get(name, ())]
    others += schema.get("dependentSchemas", {}).values()
    for other in others:
        yield from _in_place(other, resolve, depth + 1)


def _inside(parts: Iterable[tuple[Schema, int]], name: str | None) -> _Seen:
    """What is asked about a property, or an item, and how often."""
    found: _Seen = {}
    for part, ways in parts:
        for sub in _items(part) if name is None else _named(part, name):
            if isinstance(sub, Mapping):
                found[id(sub)] = (sub, ways + found.get(id(sub), (sub, 0))[1])
    return found


def _named(schema: Schema, name: str) -> Iterator[object]:
    properties = schema.get("properties", {})
    if name in properties:
        yield properties[name]
    else:
        yield from (schema[other] for other in _OF_ANY_NAME if other in schema)
    yield from schema.get("patternProperties", {}).values()


def _items(schema: Schema) -> Iterator[object]:
    yield from (schema[name] for name in _OF_ANY_ITEM if name in schema)
    yield from schema.get("prefixItems", ())


def _all_inside(schema: Schema) -> Iterator[object]:
    yield from schema.get("properties", {}).values()
    yield from (schema[name] for name in _OF_ANY_NAME if name in schema)
    yield from schema.get("patternProperties", {}).values()
    yield from _items(schema)
