"""A plan and its rollout, for a terminal and as data."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from bulwark_runtime.weaknesses import Finding

from .machines import Machine
from .plan import Plan, WavePlan
from .rollout import Step

MOST_NAMED = 10
"""Machines that a line names; the JSON has them all."""


def shown(plan: Plan) -> str:
    lines = [f"{plan.weakness}: {plan.lacking} machines of {plan.fleet.name} lack the patch", ""]
    for number, wave in enumerate(plan.waves, 1):
        lines += _wave(number, wave)
    if plan.outside:
        lines.append(f"not reached: {len(plan.outside)} weak machines in no wave of this stack")
        lines += [f"   {_outside(machine)}" for machine in plan.outside]
    if plan.rebuilt:
        lines.append("to be built and deployed anew, which no patch reaches:")
        lines += [f"   {line}" for line in _anew(plan.rebuilt)]
    lines += [f"in the way: {line}" for line in plan.obstacles()]
    return "\n".join(lines) + "\n"


def _wave(number: int, plan: WavePlan) -> Iterator[str]:
    wave, lacking = plan.wave, plan.lacking
    restart = "restarted once it is installed" if wave.restarts else "not restarted"
    yield (
        f"{number}. {wave.name} ({wave.group}): {len(lacking)} of {len(plan.machines)} machines "
        f"lack it{_named(lacking)}"
    )
    yield (
        f"   {wave.document}, {wave.at_once} at once, stops when more than {wave.errors} fail; "
        f"machines are {restart}; about {plan.minutes} minutes"
    )
    for baseline in plan.baselines:
        patches = plan.patches(baseline.system)
        names = ", ".join(sorted(patches)) or "unknown"
        yield f"   {baseline.system}: {names}; {baseline.id} {baseline.says(patches)}"
        if baseline.waits_for(patches):
            yield "      is approved by name until the wave has ended"
    if offline := [machine for machine in lacking if not machine.online]:
        yield f"   not connected to Systems Manager: {_ids(offline)}"


def _named(machines: list[Machine]) -> str:
    return f": {_ids(machines)}" if machines else ""


def _ids(machines: list[Machine]) -> str:
    ids = [machine.id for machine in machines]
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    return ", ".join(ids[:MOST_NAMED]) + more


def _outside(machine: Machine) -> str:
    if machine.system is None and machine.group:
        return f"{machine.id}: Systems Manager does not manage it, or not its system"
    tag = f"its tag PatchGroup is {machine.group}" if machine.group else "it has no tag PatchGroup"
    return f"{machine.id}: {tag}"


def _anew(findings: Iterable[Finding]) -> Iterator[str]:
    for one in findings:
        packages = ", ".join(
            f"{p.name} {p.version}" + (f" -> {p.fixed_in}" if p.fixed_in else " (no fix yet)")
            for p in one.packages
        )
        yield f"{one.kind} {one.resource}: {packages or one.weakness}. {TO_DO[one.kind]}"


TO_DO = {
    "machine": "Patch it: its window does, or `bulwark patch now`.",
    "function": "Raise the package in its lock, package it and deploy it again.",
    "image": "Build it on a mended base, push it, and deploy its new digest.",
    "other": "See what Inspector recommends.",
}


def steps(done: Iterable[Step]) -> str:
    rows = list(done)
    width = max(len(step.wave) for step in rows)
    lines = []
    for step in rows:
        lines.append(f"{step.wave:<{width}}  {step.state:<7}  {step.says}".rstrip())
        lines += [f"{'':<{width}}  {machine}: {how}" for machine, how in step.failed]
    return "\n".join(lines) + "\n"


def as_data(plan: Plan, done: Iterable[Step] | None) -> dict[str, Any]:
    return {
        "weakness": plan.weakness,
        "waves": [_wave_data(wave) for wave in plan.waves],
        "outside": [_machine_data(machine) for machine in plan.outside],
        "anew": [
            {"kind": one.kind, "resource": one.resource, "toDo": TO_DO[one.kind]}
            for one in plan.rebuilt
        ],
        "inTheWay": plan.obstacles(),
        "rollout": rollout_data(done),
    }


def rollout_data(done: Iterable[Step] | None) -> list[dict[str, Any]] | None:
    """How the waves ended, on either cloud; None where nothing was rolled out."""
    if done is None:
        return None
    return [
        {
            "wave": step.wave,
            "state": step.state,
            "says": step.says,
            "command": step.command,
            "machines": step.machines,
            "failed": [{"machine": machine, "how": how} for machine, how in step.failed],
        }
        for step in done
    ]


def _wave_data(plan: WavePlan) -> dict[str, Any]:
    wave = plan.wave
    return {
        "name": wave.name,
        "group": wave.group,
        "document": wave.document,
        "atOnce": wave.at_once,
        "errors": wave.errors,
        "restarts": wave.restarts,
        "minutes": plan.minutes,
        "machines": [_machine_data(machine) for machine in plan.machines],
        "systems": dict(Counter(machine.system for machine in plan.machines)),
        "baselines": [
            {
                "id": baseline.id,
                "system": baseline.system,
                "patches": sorted(plan.patches(baseline.system)),
                "says": baseline.says(plan.patches(baseline.system)),
            }
            for baseline in plan.baselines
        ],
    }


def _machine_data(machine: Machine) -> dict[str, Any]:
    return {
        "id": machine.id,
        "group": machine.group,
        "system": machine.system,
        "online": machine.online,
        "lacks": machine.lacks,
        "knownBy": sorted(machine.known_by),
    }
