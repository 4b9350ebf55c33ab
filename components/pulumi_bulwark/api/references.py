"""Where the document says `$ref`: what stands there."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

Node = Mapping[str, Any]


def at(root: Node, reference: str) -> Any:
    """What a reference within the document, such as `#/components/schemas/Payment`, points at."""
    node: Any = root
    for part in reference.removeprefix("#/").split("/"):
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


def resolved(root: Node, node: Any) -> Any:
    """The node itself, or what its chain of references ends at."""
    seen: set[str] = set()
    while isinstance(node, Mapping) and (reference := node.get("$ref")) and reference not in seen:
        seen.add(reference)
        node = at(root, reference)
    return node


def each(root: Node, node: Node | None) -> Iterator[tuple[str, Node]]:
    """The members of a mapping such as `responses`, in the document's order, resolved."""
    for key, member in (node or {}).items():
        if not str(key).startswith("x-"):
            yield str(key), resolved(root, member)


def pointer(*parts: str) -> str:
    """A JSON pointer in a URL's form."""
    return "#" + "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
