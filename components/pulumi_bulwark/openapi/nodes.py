"""Parts of a document, with its references followed."""

from collections.abc import Iterator, Mapping
from typing import Any

from . import grammar
from .document import Document, Operation

Node = Mapping[str, Any]


def resolved(root: Node, node: Any) -> Any:
    """The node itself, or what its references end at."""
    return grammar.resolved(root, (), node)[1]


def each(root: Node, nodes: Node | None) -> Iterator[tuple[str, Node]]:
    """The members of a mapping such as `responses`, in the document's order, resolved."""
    for name, node in (nodes or {}).items():
        if not name.startswith("x-"):
            yield name, resolved(root, node)


def node_of(document: Document, operation: Operation) -> Node:
    """The operation as the document has it."""
    at_path = resolved(document.body, document.body["paths"][operation.path])
    return at_path[operation.method]


def in_path(path: str) -> list[str]:
    """The names of the parameters in a path."""
    return [part.strip("{+}") for part in path.split("/") if part.startswith("{")]
