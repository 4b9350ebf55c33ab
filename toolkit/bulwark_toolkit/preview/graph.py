"""What a program would deploy: resources, exports, notes and problems."""

import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal, TypeVar

from .values import Value
from .wire import to_json

T = TypeVar("T")

FORMAT = "bulwark.graph/1"

Mode = Literal["engine", "rendered"]
"""`engine`: what only the cloud knows is unknown; `rendered`: well-formed placeholders for it."""

Kind = Literal["custom", "component", "read"]
"""`read`: it exists already and is not managed here."""

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Pulumi's resource options, as far as they were given."""

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """URNs the resource used to have."""
    deleted_with: str = ""
    import_id: str = ""
    timeouts: Mapping[str, str] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    urn: str
    type: str
    name: str
    parent: str
    """URN; empty for the stack itself."""
    kind: Kind
    inputs: dict[str, Value]
    outputs: dict[str, Value]
    """Of a component what it registered; of a rendered resource its placeholders."""
    id: str = ""
    """Of a read or a rendered resource; empty where only the cloud knows it."""
    provider: str = ""
    """URN of an explicit provider; empty for the default one."""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Options = Options()
    source: str = ""
    """File and line that made it, relative to the project."""

    @property
    def is_provider(self) -> bool:
        return self.type.startswith("pulumi:providers:")


@dataclass(frozen=True, slots=True)
class Note:
    """What a resource tells its readers: see the `notes` of the components."""

    kind: str
    """`cost`, `limit`, `loosened`, `overdue`, or `warning` and `error` for a log message of the
    program."""
    urn: str
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that the provider's SDK does not know or take."""

    urn: str
    text: str
    source: str = ""

    def __str__(self) -> str:
        name = self.urn.rsplit("::", 1)[-1]
        where = f" ({self.source})" if self.source else ""
        return f"{name}{where}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class Graph:
    project: str
    stack: str
    mode: Mode
    resources: tuple[Resource, ...]
    """In the order the program makes them; the stack itself first."""
    outputs: dict[str, Value]
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]

    def __getitem__(self, name: str) -> Resource:
        """The one resource with this logical name, or with this URN."""
        found = [r for r in self.resources if name in (r.name, r.urn)]
        if len(found) != 1:
            known = ", ".join(sorted(r.name for r in self.resources))
            raise KeyError(f"{len(found)} resources are named {name}; there are: {known}")
        return found[0]

    def of_type(self, token: str) -> list[Resource]:
        return self._by_type.get(token, [])

    def dependents(self, urn: str) -> list[Resource]:
        """The resources that are made of this one's outputs, or wait for it."""
        return self._by_dependency.get(urn, [])

    def waits_for(self, urn: str) -> set[str]:
        """URNs of all that is made before this resource because of it, near and far."""
        found: set[str] = set()
        waiting = [urn]
        while waiting:
            resource = self._by_urn.get(waiting.pop())
            fresh = set(resource.dependencies) - found if resource else set()
            found |= fresh
            waiting += fresh
        return found

    def children(self, urn: str) -> list[Resource]:
        return self._by_parent.get(urn, [])

    def below(self, urn: str) -> Iterator[Resource]:
        """Every descendant."""
        for child in self.children(urn):
            yield child
            yield from self.below(child.urn)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` works out of this graph, and is asked for again and again under `key`."""
        if key not in self._worked_out:
            self._worked_out[key] = make()
        return self._worked_out[key]

    @cached_property
    def _worked_out(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found

    @cached_property
    def _by_parent(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.parent, []).append(resource)
        return found

    @cached_property
    def _by_urn(self) -> dict[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _by_dependency(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            for urn in resource.dependencies:
                found.setdefault(urn, []).append(resource)
        return found

    def to_json(self) -> str:
        document = {
            "format": FORMAT,
            "mode": self.mode,
            "project": self.project,
            "stack": self.stack,
            "resources": [_as_json(r) for r in self.resources],
            "outputs": to_json(self.outputs),
            "notes": [_as_json(n) for n in self.notes],
            "problems": [_as_json(p) for p in self.problems],
        }
        return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def _as_json(item: Any) -> dict[str, Any]:
    """A dataclass without what was left at its default, in camelCase."""
    found: dict[str, Any] = {}
    for f in fields(item):
        value = getattr(item, f.name)
        if isinstance(value, Options):
            value = _as_json(value)
        if value or f.name in ("inputs", "outputs"):
            found[camel(f.name)] = to_json(list(value) if isinstance(value, tuple) else value)
    return found


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)
