"""The machines of a stack's waves on Azure, as Resource Graph has them, and who lacks a patch."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from bulwark_runtime.weaknesses import Finding

from ..preview import Graph

System = Literal["Linux", "Windows"]

TAG: Final = "PatchGroup"

MACHINES: Final = f"""
resources
| where type in~ ("microsoft.compute/virtualmachines", "microsoft.hybridcompute/machines")
| extend profile = coalesce(properties.osProfile, dynamic({{}}))
| extend settings = coalesce(
    profile.linuxConfiguration.patchSettings, profile.windowsConfiguration.patchSettings)
| project id, location, group = tostring(tags["{TAG}"]),
    system = tostring(coalesce(properties.storageProfile.osDisk.osType, properties.osType)),
    state = tostring(coalesce(properties.extended.instanceView.powerState.code, properties.status)),
    mode = tostring(settings.patchMode),
    bypass = tobool(settings.automaticByPlatformSettings.bypassPlatformSafetyChecksOnUserSchedule)
""".strip()
"""Every machine that Update Manager can patch, of Azure itself and of Arc."""

_RUNNING: Final = frozenset({"powerstate/running", "connected"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    name: str
    group: str
    """Value of the tag PatchGroup."""
    at_once: int
    """How many machines are patched at the same time, in percent."""
    errors: int
    """How many may fail, likewise."""
    reboot: str
    hours: int
    """Hours that an installation may take."""
    packages: tuple[str, ...]
    """Packages of Linux that an exception leaves out, with wildcards."""
    numbers: tuple[str, ...]
    """Numbers of Windows that one leaves out."""

    def batch(self, machines: int) -> int:
        return max(1, machines * self.at_once // 100)

    def may_fail(self, machines: int) -> int:
        return machines * self.errors // 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    id: str
    """In small letters, as every id here."""
    group: str
    system: System | None
    running: bool
    scheduled: bool
    """Whether it lets a window patch it; one of Arc always does."""
    packages: tuple[str, ...] = ()
    """What mends the weakness, as far as Defender says so."""
    lacks: bool = False

    @property
    def name(self) -> str:
        return self.id.rpartition("/")[2]


def waves(graph: Graph) -> Iterator[tuple[str, tuple[Wave, ...]]]:
    """What the program patches, by component, if anything."""
    for component in graph.of_type("bulwark:index:AzurePatching"):
        if found := tuple(_wave(one) for one in component.outputs["waves"]):
            yield component.name, found


def _wave(one: Mapping[str, Any]) -> Wave:
    return Wave(
        name=one["name"],
        group=one["group"],
        at_once=int(one["atOnce"].removesuffix("%")),
        errors=int(one["errors"].removesuffix("%")),
        reboot=one["reboot"],
        hours=int(one["hours"]),
        packages=tuple(one["rejected"]["packages"]),
        numbers=tuple(one["rejected"]["numbers"]),
    )


def machines(
    rows: Iterable[Mapping[str, Any]], findings: Iterable[Finding], weakness: str
) -> list[Machine]:
    """The machines of the rows; those lack the patch of which a finding says so."""
    weak: dict[str, list[str]] = {}
    for one in findings:
        if one.kind == "machine" and one.weakness == weakness:
            weak.setdefault(one.resource, []).extend(package.name for package in one.packages)
    found = [_machine(row, weak) for row in rows]
    return sorted(found, key=lambda machine: (machine.group, machine.id))


def _machine(row: Mapping[str, Any], weak: Mapping[str, list[str]]) -> Machine:
    id_ = row["id"].lower()
    system: System | None = _SYSTEMS.get((row.get("system") or "").lower())
    of_arc = "/microsoft.hybridcompute/" in id_
    by_platform = row.get("mode") == "AutomaticByPlatform" and row.get("bypass") is True
    return Machine(
        id=id_,
        group=row.get("group") or "",
        system=system,
        running=(row.get("state") or "").lower() in _RUNNING,
        scheduled=of_arc or by_platform,
        packages=tuple(sorted(set(weak.get(id_, ())))),
        lacks=id_ in weak,
    )


_SYSTEMS: Mapping[str, System] = {"linux": "Linux", "windows": "Windows"}
