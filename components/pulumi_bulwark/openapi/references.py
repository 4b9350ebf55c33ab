"""References: local, to something of their own kind, and to an end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .grammar import LONGEST_CHAIN, REFERABLE, target, walk
from .report import Pointer, Report

_SPOKEN = {
    "path": "path item",
    "requestBody": "request body",
    "securityScheme": "security scheme",
}

_LEFT_OUT = (("webhooks",), ("components", "pathItems"))
"""What of 3.1 is not handed on. Only a path may point there: it is put in its place."""


def check(document: Mapping[str, Any], report: Report) -> None:
    """Report every `$ref` that cannot be followed. Nothing outside of the document is read."""
    known = _References(document)
    for node in walk(document):
        known.kinds[node.at] = node.kind
        if "$ref" in node.value and node.kind in REFERABLE:
            known.found.append((node.at, node.kind, node.value["$ref"]))
    for at, kind, reference in known.found:
        if problem := known.problem(kind, reference):
            report.error((*at, "$ref"), problem)


@dataclass(slots=True)
class _References:
    document: Mapping[str, Any]
    kinds: dict[Pointer, str] = field(default_factory=dict)
    """What kind of object is where."""
    found: list[tuple[Pointer, str, Any]] = field(default_factory=list)

    def problem(self, kind: str, reference: Any) -> str | None:
        seen: set[Pointer] = set()
        while True:
            if not isinstance(reference, str):
                # One further down the chain is reported where it stands.
                return None if seen else "must be text"
            if not reference.startswith("#/"):
                return None if seen else "must begin with #/: files and addresses are not read"
            found = target(self.document, reference)
            if found is None:
                return "leads nowhere"
            where, value = found
            if problem := self._misled(kind, where, value):
                return problem
            if where in seen:
                return "leads in a circle, through nothing but references"
            if len(seen) == LONGEST_CHAIN:
                return f"leads through more than {LONGEST_CHAIN} references in a row"
            seen.add(where)
            if not isinstance(value, Mapping) or "$ref" not in value:
                return None
            reference = value["$ref"]

    def _misled(self, kind: str, where: Pointer, value: Any) -> str | None:
        is_bool_schema = kind == "schema" and isinstance(value, bool)
        if self.kinds.get(where) != kind and not is_bool_schema:
            return f"leads to something that is no {_SPOKEN.get(kind, kind)}"
        if kind != "path" and (where[:1] in _LEFT_OUT or where[:2] in _LEFT_OUT):
            return "leads into a webhook or a shared path item; move what it names to components"
        return None
