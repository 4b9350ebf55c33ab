"""What would be done about a weakness, wave by wave, and what is in its way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bulwark_runtime.weaknesses import Finding

from . import baselines
from .baselines import Baseline
from .machines import UBUNTU, WINDOWS, Machine, machines
from .waves import Fleet, Wave

MINUTES_EACH = 20
"""A machine's installation and restart, for the estimate: no service of AWS says it beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlan:
    wave: Wave
    machines: tuple[Machine, ...]
    """All that are in the wave."""
    baselines: tuple[Baseline, ...]
    """One for each system of the wave's machines."""
    weakness: str
    named: tuple[str, ...]

    @property
    def lacking(self) -> list[Machine]:
        return [machine for machine in self.machines if machine.lacks]

    def patches(self, system: str) -> set[str]:
        """What the system's baseline is to approve, as it calls it."""
        if system not in (WINDOWS, UBUNTU):
            return {self.weakness, *self.named}  # dnf knows the CVE itself
        found = {p for one in self.lacking if one.system == system for p in one.patches}
        return found | set(self.named)

    def mentioned(self, system: str) -> set[str]:
        """All names by which a baseline may reject it."""
        found = {p for one in self.lacking if one.system == system for p in one.patches}
        return found | self.patches(system)

    @property
    def minutes(self) -> int:
        percent = int(self.wave.at_once.removesuffix("%"))
        at_once = max(1, len(self.machines) * percent // 100)
        return -(-len(self.machines) // at_once) * MINUTES_EACH

    def obstacles(self) -> Iterator[str]:
        """Why the wave cannot be patched, a line each."""
        weak = {machine.system for machine in self.lacking}
        for baseline in self.baselines:
            patches = self.patches(baseline.system)
            if not patches and baseline.system in weak:
                yield (
                    f"{self.wave.name}: nobody knows which patch of {baseline.system} mends "
                    f"{self.weakness}. Name it with --patch, such as --patch KB5034123"
                )
            elif rejected := baseline.in_the_way(self.mentioned(baseline.system)):
                yield (
                    f"{self.wave.name}: the baseline {baseline.id} rejects {', '.join(rejected)}. "
                    "End that exception in bulwark:patching.exceptions, and deploy"
                )
            elif not baselines.room_for(baseline, patches):
                yield (
                    f"{self.wave.name}: the baseline {baseline.id} has no room for another patch "
                    "that is approved by name. Take some out"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    weakness: str
    fleet: Fleet
    waves: tuple[WavePlan, ...]
    outside: tuple[Machine, ...]
    """Weak machines that are in no wave of the stack."""
    rebuilt: tuple[Finding, ...]
    """What is not patched but built or deployed anew: functions, images."""

    @property
    def lacking(self) -> int:
        return sum(len(wave.lacking) for wave in self.waves)

    def obstacles(self) -> list[str]:
        return [line for wave in self.waves for line in wave.obstacles()]


def make_plan(
    fleet: Fleet, ssm: Any, weakness: str, findings: Iterable[Finding], named: Iterable[str]
) -> Plan:
    """From what the program declares, Inspector's findings, and Systems Manager as it is now."""
    findings, named = list(findings), tuple(named)
    weak = [one for one in findings if one.kind == "machine"]
    everyone = machines(ssm, fleet.waves, weakness, weak, set(named))
    groups = {wave.group for wave in fleet.waves}
    return Plan(
        weakness=weakness,
        fleet=fleet,
        waves=tuple(_wave(ssm, wave, everyone, weakness, named) for wave in fleet.waves),
        outside=tuple(one for one in everyone if one.group not in groups or one.system is None),
        rebuilt=tuple(one for one in findings if one.kind in ("function", "image")),
    )


def _wave(
    ssm: Any, wave: Wave, everyone: list[Machine], weakness: str, named: tuple[str, ...]
) -> WavePlan:
    inside = tuple(one for one in everyone if one.group == wave.group and one.system)
    systems = sorted({one.system for one in inside if one.system})
    return WavePlan(
        wave=wave,
        machines=inside,
        baselines=tuple(baselines.read(ssm, wave.group, system) for system in systems),
        weakness=weakness,
        named=named,
    )
