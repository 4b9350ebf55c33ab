"""What the document says of bodies and parameters, as API Management's import reads it.

It takes OpenAPI 3.0, with three gaps: a schema that stands in an operation is dropped, so each gets
a name among the components; a schema that holds itself is refused, so it ends at its second level;
what parameters refer to is not followed, so they are written out.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ..naming import physical
from ..openapi.nodes import Node, resolved

CIRCULAR = "a schema that holds itself from its second level on"

_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "items", "additionalProperties")
_NO_CHECK = frozenset({"example", "default", "deprecated", "discriminator", "externalDocs", "xml"})
"""Keywords that hold no request to anything."""

_NAMED = "#/components/schemas/"


class Schemas:
    """The schemas that are needed, under names of their own."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._open: list[str] = []
        self.found: dict[str, Any] = {}
        """As `components.schemas` of the body."""
        self.unchecked: defaultdict[str, list[str]] = defaultdict(list)
        """Where a constraint was left out, by the reason."""

    def of_body(self, schema: Node, pointer: str, *parts: str) -> dict[str, str]:
        """A reference to a body's schema. `parts` are its name, if it has none of its own."""
        if "$ref" in schema:
            return self._referred(schema["$ref"], pointer)
        name = physical("api-model", *parts)
        self.found[name] = self._copied(schema, pointer)
        return {"$ref": f"{_NAMED}{name}"}

    def written_out(self, schema: Any, pointer: str) -> Any:
        """A parameter's schema without a reference in it."""
        return self._copied(schema, pointer, flat=True)

    def _referred(self, reference: str, pointer: str) -> dict[str, str]:
        name = reference.removeprefix(_NAMED)
        if reference in self._open:
            self.unchecked[CIRCULAR].append(pointer)
            return {}
        if "/" in name:
            name = physical("api-model", reference)
        if name not in self.found:
            self._open.append(reference)
            schema = resolved(self._root, {"$ref": reference})
            self.found[name] = self._copied(schema, reference.removeprefix("#"))
            self._open.pop()
        return {"$ref": f"{_NAMED}{name}"}

    def _copied(self, schema: Any, pointer: str, *, flat: bool = False) -> Any:
        if not isinstance(schema, Mapping):
            return schema  # of `additionalProperties`: a switch
        if "$ref" in schema:
            if not flat:
                return self._referred(schema["$ref"], pointer)
            return self._unfolded(schema["$ref"], pointer)
        kept = {k: v for k, v in schema.items() if not k.startswith("x-") and k not in _NO_CHECK}
        for key in _LISTS:
            if key in kept:
                kept[key] = [
                    self._copied(one, f"{pointer}/{key}/{number}", flat=flat)
                    for number, one in enumerate(kept[key])
                ]
        for key in _SINGLE:
            if key in kept:
                kept[key] = self._copied(kept[key], f"{pointer}/{key}", flat=flat)
        if "properties" in kept:
            kept["properties"] = {
                name: self._copied(one, f"{pointer}/properties/{name}", flat=flat)
                for name, one in kept["properties"].items()
            }
        self._require_what_a_client_sends(kept, schema)
        return kept

    def _unfolded(self, reference: str, pointer: str) -> Any:
        if reference in self._open:
            self.unchecked[CIRCULAR].append(pointer)
            return {}
        self._open.append(reference)
        made = self._copied(resolved(self._root, {"$ref": reference}), pointer, flat=True)
        self._open.pop()
        return made

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
