"""What the document says of request bodies, as the models with which API Gateway checks them.

API Gateway imports OpenAPI 3.0 and checks with JSON schema, draft 4; its "important notes" list
what is lost on the way. Here nothing is lost in silence: a constraint is put as draft 4 has it, or
left out and reported, so that an honest request is never refused by one that was misread.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ..naming import physical
from ..openapi.nodes import Node, resolved

NULLABLE = "the type, and the list of values, of what may be null"
EXCLUSIVE = "that a number is not its exclusive bound"
CIRCULAR = "a schema that holds itself from its second level on"
COUNTED = "the number of items in a list"

_SAME = (
    "title",
    "description",
    "type",
    "enum",
    "required",
    "minimum",
    "maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)
"""Keywords that mean the same in OpenAPI 3.0 and in draft 4. What is in neither this list nor the
next ones is no constraint (example, xml, externalDocs), or API Gateway has no word for it
(discriminator, readOnly, writeOnly, default, deprecated)."""

_LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf")
_SCHEMAS = ("not", "items", "additionalProperties")

_FORMATS = frozenset({"date-time", "email", "hostname", "ipv4", "ipv6", "uri"})
"""Those of draft 4. API Gateway refuses int32, int64 and decimal, and knows no others."""

_LONGEST_NAME = 128


class Models:
    """The models that bodies need, under names that API Gateway takes: letters and digits only."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._open: list[str] = []
        self.schemas: dict[str, Any] = {}
        """As `components.schemas` of the body."""
        self.unchecked: defaultdict[str, list[str]] = defaultdict(list)
        """Where a constraint was left out, by the reason."""

    def of_body(self, schema: Node, pointer: str, *parts: str) -> dict[str, str]:
        """A reference to the model of a body: API Gateway takes no schema in its place.

        `parts` are what it is called after, if it has no name of its own.
        """
        if "$ref" in schema:
            return self._referred(schema["$ref"], pointer)
        name = physical("api-model", *parts)
        self.schemas[name] = self._adapted(schema, pointer)
        return _reference(name)

    def _referred(self, reference: str, pointer: str) -> dict[str, Any]:
        if reference in self._open:
            self.unchecked[CIRCULAR].append(pointer)
            return {}
        name = _name(reference)
        if name not in self.schemas:
            self._open.append(reference)
            self.schemas[name] = self._adapted(
                resolved(self._root, {"$ref": reference}), reference.removeprefix("#")
            )
            self._open.pop()
        return _reference(name)

    def _adapted(self, schema: Any, pointer: str) -> Any:
        if not isinstance(schema, Mapping):
            return schema  # of `additionalProperties`: a switch
        if "$ref" in schema:
            return self._referred(schema["$ref"], pointer)
        kept = {key: schema[key] for key in _SAME if key in schema}
        if schema.get("format") in _FORMATS:
            kept["format"] = schema["format"]
        for key in _LISTS_OF_SCHEMAS:
            if key in schema:
                kept[key] = [
                    self._adapted(one, f"{pointer}/{key}/{number}")
                    for number, one in enumerate(schema[key])
                ]
        for key in _SCHEMAS:
            if key in schema:
                kept[key] = self._adapted(schema[key], f"{pointer}/{key}")
        if "properties" in schema:
            kept["properties"] = {
                name: self._adapted(one, f"{pointer}/properties/{name}")
                for name, one in schema["properties"].items()
            }
        self._require_what_a_client_sends(kept, schema)
        self._bound(kept, schema, pointer)
        if "minItems" in kept or "maxItems" in kept:
            self.unchecked[COUNTED].append(pointer)
        return self._or_null(kept, pointer) if _may_be_null(schema) else kept

    def _require_what_a_client_sends(self, kept: dict[str, Any], schema: Node) -> None:
        """A property that only answers have is not required of a request."""
        properties = schema.get("properties", {})
        needed = [
            name
            for name in kept.pop("required", ())
            if not (resolved(self._root, properties.get(name)) or {}).get("readOnly")
        ]
        if needed:
            kept["required"] = needed

    def _bound(self, kept: dict[str, Any], schema: Node, pointer: str) -> None:
        """Exclusive bounds, which API Gateway does not read."""
        for bound, exclusive, step in (
            ("minimum", "exclusiveMinimum", 1),
            ("maximum", "exclusiveMaximum", -1),
        ):
            if not schema.get(exclusive) or bound not in kept:
                continue
            if schema.get("type") == "integer":
                kept[bound] += step
            else:
                self.unchecked[EXCLUSIVE].append(pointer)

    def _or_null(self, kept: dict[str, Any], pointer: str) -> dict[str, Any]:
        # Null passes every other keyword of a string, a number, a list or an object. Another
        # schema's keywords it may not pass.
        self.unchecked[NULLABLE].append(pointer)
        if not {"allOf", "anyOf", "oneOf", "not"}.isdisjoint(kept):
            return {key: kept[key] for key in ("title", "description") if key in kept}
        return {key: value for key, value in kept.items() if key not in ("type", "enum")}


def _may_be_null(schema: Node) -> bool:
    return schema.get("nullable") is True


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _name(reference: str) -> str:
    name = reference.rpartition("/")[2]
    plain = name.isascii() and name.isalnum() and len(name) <= _LONGEST_NAME
    if plain and reference == f"#/components/schemas/{name}":
        return name
    return physical("api-model", reference)
