"""A resource as a rule sees it: its inputs by path, and the resources that belong to it."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bulwark_toolkit.preview.graph import Graph, Resource
from bulwark_toolkit.preview.values import Secret, Unknown

_NAMES: Final = ("id", "arn", "name", "bucket", "url", "keyId")
"""Outputs and inputs by which resources speak of each other."""


class NotKnownError(Exception):
    """A rule asked for a value that is not known before the cloud has made it, or is a secret."""

    def __init__(self, urn: str, path: str, waits_for: tuple[str, ...] = ()) -> None:
        super().__init__(path)
        self.urn, self.path, self.waits_for = urn, path, waits_for


@dataclass(frozen=True, slots=True)
class Subject:
    """The resource that is judged, in its graph."""

    resource: Resource
    graph: Graph

    @property
    def urn(self) -> str:
        return self.resource.urn

    def get(self, path: str, default: Any = None) -> Any:
        """The input at a path such as `rules[0].status`; the default where there is none.

        Raises a NotKnownError for what is unknown or secret, there or on the way there.
        """
        value: Any = self.resource.inputs
        for step in _path(path):
            self._check(value, path)
            if isinstance(step, int):
                value = value[step] if isinstance(value, list) and step < len(value) else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
            if value is None:
                return default
        self._check(value, path)
        return value

    def each(self, path: str) -> list[str]:
        """The paths of a list's items: `rules[0]`, `rules[1]`, …; none where there is no list."""
        return [f"{path}[{number}]" for number, _ in enumerate(self.get(path, []))]

    def items(self, path: str) -> list[Any]:
        """The items of a list; raises a NotKnownError if one of them is not known."""
        return [self.get(item) for item in self.each(path)]

    def has(self, path: str) -> bool:
        """Whether anything is there, known or not."""
        try:
            return self.get(path) is not None
        except NotKnownError:
            return True

    def _check(self, value: Any, path: str) -> None:
        if isinstance(value, Unknown):
            raise NotKnownError(self.urn, path, value.waits_for)
        if isinstance(value, Secret):
            raise NotKnownError(self.urn, path)

    def attached(self, token: str, by: str) -> list["Subject"]:
        """The resources of a type that name this one in their input `by`."""
        index = _Referrers.of(self.graph, token, by)
        places = {*index.by_dependency.get(self.urn, ())}
        places.update(place for name in self._names() for place in index.by_value.get(name, ()))
        return [index.subjects[place] for place in sorted(places)]

    def is_named_in(self, other: "Subject", by: str) -> bool:
        """Whether another resource's input `by` is this resource: by dependency, or by name."""
        # Dependencies are known of whole inputs only.
        if self.urn in other.resource.property_dependencies.get(_top(by), ()):
            return True
        value = other._text(by)  # noqa: SLF001 of the same class
        return value is not None and value in self._names()

    def named(self, token: str, at: str) -> "Subject | None":
        """The resource of a type that this one names in its input `at`; None if it is not here."""
        index = _Names.of(self.graph, token)
        depends = self.resource.property_dependencies.get(_top(at), ())
        places = [index.by_urn[urn] for urn in depends if urn in index.by_urn]
        if (value := self._text(at)) is not None and value in index.by_name:
            places.append(index.by_name[value])
        return index.subjects[min(places)] if places else None

    def _text(self, path: str) -> str | None:
        try:
            value = self.get(path)
        except NotKnownError:
            return None
        return value if isinstance(value, str) else None

    def _names(self) -> Iterator[str]:
        if self.resource.id:
            yield self.resource.id
        for values in (self.resource.outputs, self.resource.inputs):
            for name in _NAMES:
                if isinstance(found := values.get(name), str):
                    yield found


@dataclass(frozen=True, slots=True)
class _Referrers:
    """The resources of a type by what they name in an input: their places in `subjects`.

    Made once for a graph, since a rule asks it for each of thousands of resources.
    """

    subjects: list[Subject]
    by_dependency: dict[str, list[int]]
    by_value: dict[str, list[int]]

    @classmethod
    def of(cls, graph: Graph, token: str, by: str) -> "_Referrers":
        key = (cls, token, by)
        if key not in graph.indexes:
            graph.indexes[key] = cls._made([Subject(r, graph) for r in graph.of_type(token)], by)
        return graph.indexes[key]

    @classmethod
    def _made(cls, subjects: list[Subject], by: str) -> "_Referrers":
        made = cls(subjects, {}, {})
        for place, subject in enumerate(subjects):
            for urn in subject.resource.property_dependencies.get(_top(by), ()):
                made.by_dependency.setdefault(urn, []).append(place)
            if (value := subject._text(by)) is not None:  # noqa: SLF001 of this module
                made.by_value.setdefault(value, []).append(place)
        return made


@dataclass(frozen=True, slots=True)
class _Names:
    """The resources of a type by what others call them: the first that has the name."""

    subjects: list[Subject]
    by_urn: dict[str, int]
    by_name: dict[str, int]

    @classmethod
    def of(cls, graph: Graph, token: str) -> "_Names":
        key = (cls, token)
        if key not in graph.indexes:
            graph.indexes[key] = cls._made([Subject(r, graph) for r in graph.of_type(token)])
        return graph.indexes[key]

    @classmethod
    def _made(cls, subjects: list[Subject]) -> "_Names":
        made = cls(subjects, {}, {})
        for place, subject in enumerate(subjects):
            made.by_urn.setdefault(subject.urn, place)
            for name in subject._names():  # noqa: SLF001 of this module
                made.by_name.setdefault(name, place)
        return made


def _top(path: str) -> str:
    """The whole input that a path is in."""
    return str(_path(path)[0])


@functools.cache
def _path(path: str) -> tuple[str | int, ...]:
    """The steps of a path: rules ask for the same few over and over."""
    return tuple(_steps(path))


def _steps(path: str) -> Iterator[str | int]:
    for part in path.split("."):
        name, *indexes = part.replace("]", "").split("[")
        if name:
            yield name
        yield from map(int, indexes)
