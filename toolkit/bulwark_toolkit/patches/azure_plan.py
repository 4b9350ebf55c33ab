"""What would be done about a weakness on Azure, wave by wave, and what is in its way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bulwark_runtime.weaknesses import Finding

from .azure_fleet import TAG, Machine, Wave
from .rollout import Step
from .words import MOST_NAMED, TO_DO, rollout_data


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlan:
    wave: Wave
    machines: tuple[Machine, ...]
    """All that are in the wave."""
    named: tuple[str, ...]
    """Patches that a person has named."""

    @property
    def lacking(self) -> list[Machine]:
        return [machine for machine in self.machines if machine.lacks]

    def request(self, machine: Machine) -> dict[str, Any]:
        """What Update Manager is asked to install on a machine.

        Everything urgent beside what mends the weakness, since half a patch day is one more.
        """
        wave = self.wave
        body: dict[str, Any] = {
            "maximumDuration": f"PT{wave.hours}H",
            "rebootSetting": wave.reboot,
        }
        if machine.system == "Windows":
            numbers = [name.removeprefix("KB") for name in self.named]
            body["windowsParameters"] = {
                "classificationsToInclude": ["Critical", "Security"],
                "kbNumbersToInclude": numbers,
                "kbNumbersToExclude": list(wave.numbers),
            }
        else:
            body["linuxParameters"] = {
                "classificationsToInclude": ["Critical", "Security"],
                "packageNameMasksToInclude": sorted({*machine.packages, *self.named}),
                "packageNameMasksToExclude": list(wave.packages),
            }
        return body

    def obstacles(self) -> Iterator[str]:
        """Why the wave cannot be patched, a line each."""
        wave = self.wave
        wanted = {*self.named, *(p for machine in self.lacking for p in machine.packages)}
        masks = (*wave.packages, *(f"KB{number}" for number in wave.numbers))
        rejected = sorted(p for p in wanted if any(fnmatchcase(p, mask) for mask in masks))
        if rejected:
            yield (
                f"{wave.name}: an exception leaves out {', '.join(rejected)}. End it in "
                "bulwark:patching.exceptions, and deploy"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    weakness: str
    stack: str
    waves: tuple[WavePlan, ...]
    outside: tuple[Machine, ...]
    """Weak machines that are in no wave of the stack."""
    rebuilt: tuple[Finding, ...]
    """What is not patched but built and deployed anew: images."""

    @property
    def lacking(self) -> int:
        return sum(len(wave.lacking) for wave in self.waves)

    def obstacles(self) -> list[str]:
        return [line for wave in self.waves for line in wave.obstacles()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a plan is made of."""

    weakness: str
    stack: str
    waves: Sequence[Wave]
    named: tuple[str, ...] = ()


def make_plan(asked: Asked, machines: Sequence[Machine], findings: Sequence[Finding]) -> Plan:
    groups = {wave.group for wave in asked.waves}
    return Plan(
        weakness=asked.weakness,
        stack=asked.stack,
        waves=tuple(
            WavePlan(
                wave=wave,
                machines=tuple(m for m in machines if m.group == wave.group and m.system),
                named=asked.named,
            )
            for wave in asked.waves
        ),
        outside=tuple(m for m in machines if m.lacks and (m.group not in groups or not m.system)),
        rebuilt=tuple(
            one for one in findings if one.kind == "image" and one.weakness == asked.weakness
        ),
    )


def shown(plan: Plan) -> str:
    lines = [f"{plan.weakness}: {plan.lacking} machines of {plan.stack} lack the patch", ""]
    for number, wave in enumerate(plan.waves, 1):
        lines += _wave(number, wave)
    if plan.outside:
        lines.append(f"not reached: {len(plan.outside)} weak machines in no wave of this stack")
        lines += [f"   {m.name}: {_tag(m)}" for m in plan.outside]
    if plan.rebuilt:
        lines.append("to be built and deployed anew, which no patch reaches:")
        lines += [f"   image {one.resource}. {TO_DO['image']}" for one in plan.rebuilt]
    lines += [f"in the way: {line}" for line in plan.obstacles()]
    return "\n".join(lines) + "\n"


def _wave(number: int, plan: WavePlan) -> Iterator[str]:
    wave, lacking = plan.wave, plan.lacking
    restart = "not restarted" if wave.reboot == "Never" else "restarted if the patch needs it"
    who = f": {_names(lacking)}" if lacking else ""
    yield (
        f"{number}. {wave.name} ({wave.group}): {len(lacking)} of {len(plan.machines)} machines "
        f"lack it{who}"
    )
    yield (
        f"   Update Manager, {wave.batch(len(plan.machines))} at once, stops when more than "
        f"{wave.errors}% fail; machines are {restart}; up to {wave.hours} hours each"
    )
    if off := [machine for machine in plan.machines if not machine.running]:
        yield f"   does not run, so it is left out: {_names(off)}"
    if unready := [machine for machine in plan.machines if not machine.scheduled]:
        yield (
            f"   patched now, and by no window: {_names(unready)} (patch mode AutomaticByPlatform "
            "with bypassPlatformSafetyChecksOnUserSchedule is missing)"
        )


def _tag(machine: Machine) -> str:
    return f"its tag {TAG} is {machine.group}" if machine.group else f"it has no tag {TAG}"


def _names(machines: Sequence[Machine]) -> str:
    names = [machine.name for machine in machines]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def as_data(plan: Plan, done: Sequence[Step] | None) -> dict[str, Any]:
    return {
        "weakness": plan.weakness,
        "waves": [
            {
                "name": wave.wave.name,
                "group": wave.wave.group,
                "machines": [_data(machine) for machine in wave.machines],
            }
            for wave in plan.waves
        ],
        "outside": [_data(machine) for machine in plan.outside],
        "anew": [{"kind": one.kind, "resource": one.resource} for one in plan.rebuilt],
        "inTheWay": plan.obstacles(),
        "rollout": rollout_data(done),
    }


def _data(machine: Machine) -> dict[str, Any]:
    return {
        "id": machine.id,
        "group": machine.group,
        "system": machine.system,
        "running": machine.running,
        "scheduled": machine.scheduled,
        "lacks": machine.lacks,
    }
