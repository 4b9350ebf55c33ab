"""The waves of a stack's machines, as its program declares them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..preview import Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    name: str
    group: str
    """Value of the tag PatchGroup."""
    at_once: str
    """How many machines are patched at the same time, such as 25%."""
    errors: str
    """How many may fail, likewise."""
    document: str
    """What Systems Manager runs on each machine."""
    parameters: Mapping[str, str]

    @property
    def restarts(self) -> bool:
        return self.parameters.get("RebootOption") != "NoReboot"

    def may_fail(self, machines: int) -> int:
        """How many of so many machines may fail: as Systems Manager counts, rounded down."""
        return machines * int(self.errors.removesuffix("%")) // 100


@dataclass(frozen=True, slots=True)
class Fleet:
    """The machines that one component patches."""

    name: str
    waves: tuple[Wave, ...]
    """In their order, the canary first."""
    systems: tuple[str, ...]
    """As Patch Manager calls them."""


def fleets(graph: Graph) -> Iterator[Fleet]:
    """What the program patches, if anything."""
    for component in graph.of_type("bulwark:index:AwsPatching"):
        waves = tuple(
            Wave(
                name=wave["name"],
                group=wave["group"],
                at_once=wave["atOnce"],
                errors=wave["errors"],
                document=wave["document"],
                parameters=wave["parameters"],
            )
            for wave in component.outputs["waves"]
        )
        if waves:
            yield Fleet(component.name, waves, tuple(component.outputs["systems"]))
