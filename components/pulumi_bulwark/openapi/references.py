"""References: local, to something of their own kind, and to an end."""

from collections.abc import Mapping
from typing import Any

from .grammar import LONGEST_CHAIN, REFERABLE, target, walk
from .report import Pointer, Report


def check(document: Mapping[str, Any], report: Report) -> None:
    """Report every `$ref` that cannot be followed. Nothing outside of the document is read."""
    kinds: dict[Pointer, str] = {}
    references: list[tuple[Pointer, str, Any]] = []
    for node in walk(document):
        kinds[node.at] = node.kind
        if "$ref" in node.value and node.kind in REFERABLE:
            references.append((node.at, node.kind, node.value["$ref"]))
    for at, kind, reference in references:
        if problem := _problem(document, kinds, kind, reference):
            report.error((*at, "$ref"), problem)


def _problem(
    document: Mapping[str, Any], kinds: Mapping[Pointer, str], kind: str, reference: Any
) -> str | None:
    if not isinstance(reference, str):
        return "must be text"
    if not reference.startswith("#/"):
        return "must begin with #/: files and addresses are not read"
    seen: set[Pointer] = set()
    while True:
        found = target(document, reference)
        if found is None:
            return "leads nowhere"
        where, value = found
        if kinds.get(where) != kind and not (kind == "schema" and isinstance(value, bool)):
            return f"leads to something that is no {_SPOKEN.get(kind, kind)}"
        if where in seen:
            return "leads in a circle, through nothing but references"
        if len(seen) > LONGEST_CHAIN:
            return f"leads through more than {LONGEST_CHAIN} references in a row"
        seen.add(where)
        if not isinstance(value, Mapping) or "$ref" not in value:
            return None
        reference = value["$ref"]
        if not isinstance(reference, str):
            return None  # Reported where it stands.


_SPOKEN = {
    "requestBody": "request body",
    "securityScheme": "security scheme",
    "path": "path item",
}
