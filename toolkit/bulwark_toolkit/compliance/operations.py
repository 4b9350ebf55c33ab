"""OpenAPI documents of API Gateway as rules read them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from .subject import NotReadableError, Subject

_METHODS: Final = {
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
    "x-amazon-apigateway-any-method",
}

ANY: Final = "ANY"
"""Method of an operation that answers to all of them."""

OPENLY: Final = frozenset({"OPTIONS"})
"""Methods that browsers ask with before they may send a token along."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What answers to one method at one path."""

    method: str
    """In capitals."""
    path: str
    content: Mapping[str, Any]
    item: Mapping[str, Any]
    """What the path says for all of its methods."""
    document: Mapping[str, Any]

    @property
    def place(self) -> str:
        """Where it is in the API's inputs."""
        return f"body.paths.{self.path}.{self.method.lower()}"

    @property
    def security(self) -> list[Mapping[str, list[str]]] | None:
        """The alternatives, one of which a caller needs; empty if public, None if not said."""
        return self.content.get("security", self.document.get("security"))

    @property
    def integration(self) -> Mapping[str, Any]:
        return self.content.get("x-amazon-apigateway-integration", {})

    @property
    def parameters(self) -> list[Mapping[str, Any]]:
        """Its own parameters and its path's, each where its reference leads to."""
        found = [*self.item.get("parameters", []), *self.content.get("parameters", [])]
        return [self._resolved(parameter) for parameter in found]

    @property
    def takes_a_body(self) -> bool:
        return "requestBody" in self.content or any(p.get("in") == "body" for p in self.parameters)

    def scheme(self, name: str) -> Mapping[str, Any]:
        """A security scheme, in the words of OpenAPI 3 or of Swagger 2."""
        schemes = self.document.get("components", {}).get("securitySchemes")
        return (schemes or self.document.get("securityDefinitions", {})).get(name, {})

    def _resolved(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Any = part
        if reference := part.get("$ref"):
            found = self.document
            for step in reference.removeprefix("#/").split("/"):
                found = found.get(step.replace("~1", "/").replace("~0", "~"), {})
        return found


def document(api: Subject) -> Mapping[str, Any]:
    """The document that an API is made of; empty where it is made of single resources.

    Raises a NotReadableError if it is none.
    """
    text = api.get("body")
    if not text:
        return {}
    # Several rules read the same long text.
    try:
        return api.graph.once(("document", api.urn), lambda: _read(text))
    except (ValueError, AttributeError, RecursionError, yaml.YAMLError):
        raise NotReadableError(api.urn, "body", "OpenAPI document") from None


def operations(api: Subject) -> Iterator[Operation]:
    """Every operation of the API's document."""
    found = document(api)
    for path, item in found.get("paths", {}).items():
        for word, content in item.items():
            if word in _METHODS:
                method = ANY if word.startswith("x-") else word.upper()
                yield Operation(method, path, content, item, found)


def _read(text: str) -> Mapping[str, Any]:
    found = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    return found if isinstance(found, dict) else {}
