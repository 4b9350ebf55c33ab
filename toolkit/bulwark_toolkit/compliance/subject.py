"""A resource as a rule sees it: its inputs by path, and the resources that belong to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from bulwark_toolkit.preview.graph import Graph, Resource
from bulwark_toolkit.preview.values import Secret, Unknown

_NAMES: Final = ("id", "arn", "name", "bucket", "url", "keyId")
"""Outputs and inputs by which resources speak of each other."""


class NotKnownError(Exception):
    """A rule asked for a value that is not known before the cloud has made it, or is a secret."""

    def __init__(self, urn: str, path: str, waits_for: tuple[str, ...] = (), why: str = "") -> None:
        super().__init__(path)
        self.urn, self.path, self.waits_for, self.why = urn, path, waits_for, why


class NotReadableError(Exception):
    """A rule found text at a path that is not the document it has to be: no rule can pass that."""

    def __init__(self, urn: str, path: str, what: str) -> None:
        super().__init__(f"{path} is no {what} that can be read")
        self.urn = urn


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
        for step in _steps(path):
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
        naming = self.graph.once((token, by), lambda: self._naming(token, by))
        found = {r.urn: r for key in (self.urn, *self._names()) for r in naming.get(key, ())}
        return [Subject(other, self.graph) for other in found.values()]

    def output(self, name: str) -> Any:
        """An output, or the input of that name; None where it is not known to anybody yet."""
        value = self.resource.outputs.get(name, self.resource.inputs.get(name))
        return None if isinstance(value, Unknown | Secret) else value

    def elsewhere(self, path: str, what: str) -> NotKnownError:
        """The error of a rule that needs what this input names, where the graph does not have it.

        It is raised as well where the input itself is not known.
        """
        self.get(path)
        return NotKnownError(self.urn, path, why=f"{what} is not in this program")

    def named(self, token: str, at: str) -> "Subject | None":
        """The resource of a type that this one names in its input `at`; None if it is not here."""
        by_name = self.graph.once(token, lambda: self._by_name(token))
        found = (by_name[key] for key in self._named_at(at) if key in by_name)
        return next(found, None)

    def _naming(self, token: str, by: str) -> dict[str, list[Resource]]:
        """The resources of a type by what they name in an input."""
        found: dict[str, list[Resource]] = {}
        for other in self.graph.of_type(token):
            subject = Subject(other, self.graph)
            for key in subject._named_at(by):
                found.setdefault(key, []).append(other)
        return found

    def _by_name(self, token: str) -> dict[str, "Subject"]:
        """The resources of a type by URN and by all their names."""
        found: dict[str, Subject] = {}
        for other in self.graph.of_type(token):
            subject = Subject(other, self.graph)
            for key in (subject.urn, *subject._names()):
                found.setdefault(key, subject)
        return found

    def _named_at(self, path: str) -> Iterator[str]:
        """What an input names: the URNs that it depends on, or the names that it is or lists."""
        # Dependencies are known of whole inputs only.
        yield from self.resource.property_dependencies.get(str(_steps(path)[0]), ())
        try:
            value = self.get(path)
        except NotKnownError:
            return
        listed = value if isinstance(value, list) else [value]
        yield from (name for name in listed if isinstance(name, str))

    def _names(self) -> Iterator[str]:
        if self.resource.id:
            yield self.resource.id
        for values in (self.resource.outputs, self.resource.inputs):
            for name in _NAMES:
                if isinstance(found := values.get(name), str):
                    yield found


@cache
def _steps(path: str) -> tuple[str | int, ...]:
    """Rules ask for the same few paths of thousands of resources."""
    return tuple(_split(path))


def _split(path: str) -> Iterator[str | int]:
    for part in path.split("."):
        name, *indexes = part.replace("]", "").split("[")
        if name:
            yield name
        yield from map(int, indexes)
