"""Parts of a document, with its references followed."""

from collections.abc import Iterator, Mapping
from typing import Any

from . import grammar

Node = Mapping[str, Any]


def resolved(root: Node, node: Any) -> Any:
    """The node itself, or what its references end at."""
    return grammar.resolved(root, (), node)[1]


def each(root: Node, nodes: Node | None) -> Iterator[tuple[str, Node]]:
    """The members of a mapping such as `responses`, in the document's order, resolved."""
    for name, node in (nodes or {}).items():
        if not name.startswith("x-"):
            yield name, resolved(root, node)
