"""Patches for the machines of a stack on Azure, before their window."""

import time
from typing import TYPE_CHECKING, Any

import click

from ..preview import UsageError
from .azure_stack import AzureStackOf

if TYPE_CHECKING:  # loading it takes a while, and most commands need none of it
    from collections.abc import Sequence

    from ..patches import Step
    from ..patches.azure_fleet import Wave
    from ..patches.azure_plan import Plan


def plan(of: AzureStackOf, weakness: str, group: str | None, named: tuple[str, ...]) -> "Plan":
    """Who lacks the patch, by Defender's findings and Resource Graph's machines."""
    from bulwark_runtime.weaknesses import azure_finding

    from ..patches import azure_fleet
    from ..patches.azure_plan import Asked, make_plan

    asked = Asked(weakness=weakness, stack=of.name, waves=_waves(of, group), named=named)
    findings = [
        azure_finding.read(row)
        for row in of.subscription.ask(azure_finding.QUERY, "Defender's findings")
    ]
    rows = of.subscription.ask(azure_fleet.MACHINES, "machines")
    return make_plan(asked, azure_fleet.machines(rows, findings, weakness), findings)


def shown(plan: "Plan") -> str:
    from ..patches import azure_plan

    return azure_plan.shown(plan)


def as_data(plan: "Plan", done: "Sequence[Step] | None") -> Any:
    from ..patches import azure_plan

    return azure_plan.as_data(plan, done)


def roll_out(of: AzureStackOf, plan: "Plan", minutes: int, *, everywhere: bool) -> "Sequence[Step]":
    from ..patches.azure_rollout import Rollout

    rollout = Rollout(
        plan=plan,
        azure=of.subscription,
        sleep=time.sleep,
        tell=lambda text: click.echo(text, err=True),
        wait_minutes=minutes,
        everywhere=everywhere,
    )
    return list(rollout.run())


def _waves(of: AzureStackOf, group: str | None) -> "tuple[Wave, ...]":
    from ..patches import azure_fleet

    found = [wave for _, waves in azure_fleet.waves(of.graph) for wave in waves]
    if not found:
        raise UsageError(
            f"{of.name} patches no machine. Name their systems in bulwark:patching.systems, or "
            "use AzurePatching in a program of your own."
        )
    if not group:
        return tuple(found)
    if chosen := tuple(wave for wave in found if group in (wave.name, wave.group)):
        return chosen
    known = ", ".join(wave.name for wave in found)
    raise UsageError(f"--group: no such wave. Known: {known}.")
