"""What ARM templates make: resources that a program declares within one resource of its own.

A preview shows the deployment alone. A rule that is about a kind of resource names the classes of
its deployments beside the kind's own class, and asks here for what there is to judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bulwark_toolkit.preview.graph import Graph

from .rule import Verdict
from .subject import Subject

DEPLOYMENTS: Final = (
    "azure-native:resources:Deployment",
    "azure-native:resources:DeploymentAtSubscriptionScope",
)

_RESOURCES: Final = "properties.template.resources"


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource that is one of the program's own, or within a template of its."""

    subject: Subject
    name: str
    inside: str = ""
    """The path of the resource in the template; empty for one of the program's own."""

    def at(self, path: str) -> str:
        """The path of a property, as the subject has it."""
        return f"{self.inside}.properties.{path}" if self.inside else path

    def get(self, path: str, default: Any = None) -> Any:
        return self.subject.get(self.at(path), default)

    def each(self, path: str) -> list[str]:
        """The paths of a list's items, from the resource on."""
        return [f"{path}[{number}]" for number, _ in enumerate(self.get(path, []))]

    def verdict(self, passes: bool, path: str, value: Any = None, text: str = "") -> Verdict:  # noqa: FBT001 as Verdict has it
        return Verdict(passes, self.at(path), value, text, urn=self.subject.urn)

    @property
    def waits_for(self) -> str:
        """All that its template says it waits for; empty for one of the program's own."""
        return " ".join(self.subject.get(f"{self.inside}.dependsOn", ())) if self.inside else ""


def declared(subject: Subject, kind: str, named: str) -> Iterator[Declared]:
    """The resources of an ARM type, such as Microsoft.Security/pricings, that a subject is or has.

    `named` is the input with the name, in the class of that type.
    """
    if subject.resource.type not in DEPLOYMENTS:
        yield Declared(subject, subject.get(named, ""))
        return
    for inside in _paths(subject):
        if subject.get(f"{inside}.type", "").lower() == kind.lower():
            yield Declared(subject, subject.get(f"{inside}.name", ""), inside)


def everywhere(graph: Graph, token: str, kind: str, named: str) -> Iterator[Declared]:
    """All resources of a type in a program, within its templates and beside them."""
    for one in (token, *DEPLOYMENTS):
        for resource in graph.of_type(one):
            yield from declared(Subject(resource, graph), kind, named)


def _paths(subject: Subject) -> Iterator[str]:
    """The resources of a template, which lists them, or has them by symbolic name."""
    found = subject.get(_RESOURCES, [])
    if isinstance(found, dict):
        yield from (f"{_RESOURCES}.{name}" for name in found)
    else:
        yield from subject.each(_RESOURCES)
