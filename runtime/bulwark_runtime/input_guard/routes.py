"""Which operation a method and a path belong to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

_ANY = ""
"""How a parameter is kept beside literal segments: those are never empty."""

_REST = "/"
"""Likewise one that takes the rest of a path, `{name+}`: no segment has a slash."""


@dataclass(slots=True)
class _Node(Generic[T]):
    below: "dict[str, _Node[T]]" = field(default_factory=dict)
    operations: dict[str, T] = field(default_factory=dict)


class Routes(Generic[T]):
    """Path templates as a tree of segments: a look-up takes as long as the path has segments."""

    def __init__(self, prefixes: Iterable[str] = ()) -> None:
        self._root: _Node[T] = _Node()
        self._prefixes = sorted({*filter(None, prefixes), ""}, key=len, reverse=True)

    def add(self, method: str, template: str, operation: T) -> None:
        node = self._root
        for segment in template.split("/")[1:]:
            is_rest = segment.endswith("+}")
            name = _REST if is_rest else _ANY if "{" in segment else segment
            node = node.below.setdefault(name, _Node())
        node.operations[method] = operation

    def find(self, method: str, path: str) -> tuple[T, list[str]] | None:
        """The operation, and the path's segments as they were sent; literal segments win."""
        for prefix in self._prefixes:
            if path.startswith(f"{prefix}/"):
                segments = path[len(prefix) :].split("/")[1:]
                for operations in self._ends(segments):
                    if method in operations:
                        return operations[method], segments
        return None

    def _ends(self, segments: list[str]) -> Iterable[dict[str, T]]:
        nodes = [self._root]
        rests: list[dict[str, T]] = []
        for segment in segments:
            rests += [node.below[_REST].operations for node in nodes if _REST in node.below]
            # Nodes stay in the order of how literal they are, and are as many as templates at most.
            nodes = [
                below
                for node in nodes
                for name in ((segment, _ANY) if segment else (_ANY,))
                if (below := node.below.get(name)) is not None
            ]
        return [*(node.operations for node in nodes), *reversed(rests)]
