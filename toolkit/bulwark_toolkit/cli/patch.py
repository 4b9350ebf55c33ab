"""Patches for the machines of a stack, before their window."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..preview import UsageError
from . import common, patch_azure
from .account import Account, StackOf
from .azure_stack import AzureStackOf

if TYPE_CHECKING:  # loading it takes a while, and most commands need none of it
    from ..patches import Fleet, Plan, Step

_WEAKNESS = re.compile(r"CVE-\d{4}-\d{4,}|[A-Z]{2,}[A-Z0-9]*(-[A-Za-z0-9:.]+)+")

_EXIT_UNFINISHED = 1


@click.group()
def patch() -> None:
    """Patch the machines of a stack."""


@patch.command(epilog="Example: bulwark patch now CVE-2026-12345 -s prod --group canary")
@click.argument("weakness", metavar="CVE")
@common.directory
@common.stack
@click.option("--group", metavar="WAVE", help="This wave alone, by its name or its tag's value.")
@click.option(
    "--patch",
    "named",
    multiple=True,
    metavar="PATCH",
    help="A patch that mends it, where nobody knows: a KB number, or a package of Ubuntu.",
)
@click.option("--yes", is_flag=True, help="Roll it out without asking: for pipelines.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and ask nothing.")
@click.option("--everywhere", is_flag=True, help="Also waves in which nobody is known to lack it.")
@click.option("--again", is_flag=True, help="Also waves that have had it. Not on Azure.")
@click.option(
    "--wait",
    "minutes",
    type=click.IntRange(1, 24 * 60),
    default=180,
    show_default=True,
    metavar="MINUTES",
    help="How long to wait for a wave.",
)
@common.format_("table", "json")
@common.output
def now(  # noqa: PLR0917 one argument an option
    weakness: str,
    directory: Path,
    stack: str | None,
    group: str | None,
    named: tuple[str, ...],
    minutes: int,
    format_: str,
    output: Path | None,
    *,
    yes: bool,
    dry_run: bool,
    everywhere: bool,
    again: bool,
) -> None:
    """Show who lacks the patch for a CVE and what is in its way, and roll it out in waves.

    The canary wave is first, and each further one follows only if the one before ended well. A
    baseline that would wait approves the patch by name until the wave has ended. On a terminal it
    asks first; elsewhere it only shows the plan, unless --yes says otherwise. Run again, it goes on
    where it stopped.
    """
    from ..patches import Rollout
    from ..patches.words import as_data, shown

    if not _WEAKNESS.fullmatch(weakness):
        raise UsageError("CVE: must be the id of one weakness, such as CVE-2026-12345")
    if azure := AzureStackOf.read(directory, stack):
        if again:
            raise UsageError(
                "--again: on Azure no wave is left out for having had it, so leave it away. Each "
                "run patches whoever lacks the patch by Defender's last look."
            )
        found = patch_azure.plan(azure, weakness, group, named)
        steps_of_azure = None
        if _agreed(found, patch_azure.shown, yes=yes, dry_run=dry_run, everywhere=everywhere):
            steps_of_azure = patch_azure.roll_out(azure, found, minutes, everywhere=everywhere)
        _write(
            patch_azure.shown(found),
            patch_azure.as_data(found, steps_of_azure),
            steps_of_azure,
            format_,
            output,
        )
        return
    of, fleet = _fleet(directory, stack, group)
    account = of.account()
    machines = f"the machines of {of.name}"
    with account.refusals(machines):
        plan = _plan(account, fleet, weakness, named)
    done = None
    if _agreed(plan, shown, yes=yes, dry_run=dry_run, everywhere=everywhere):
        rollout = Rollout(
            plan=plan,
            ssm=account.client("ssm"),
            sleep=time.sleep,
            tell=lambda text: click.echo(text, err=True),
            wait_minutes=minutes,
            everywhere=everywhere,
            again=again,
        )
        with account.refusals(machines):
            done = list(rollout.run())
    _write(shown(plan), as_data(plan, done), done, format_, output)


def _write(
    plan: str, data: Any, done: "Sequence[Step] | None", format_: str, output: Path | None
) -> None:
    """The plan, or what became of it; the exit status tells of a wave that did not end well."""
    from ..patches.words import steps

    table = plan if done is None else steps(done)
    common.write(json.dumps(data, indent=2) + "\n" if format_ == "json" else table, output)
    if done and not all(step.well for step in done):
        sys.exit(_EXIT_UNFINISHED)


def _fleet(directory: Path, stack: str | None, group: str | None) -> tuple[StackOf, "Fleet"]:
    """The stack, and its machines."""
    from ..patches import fleets

    of = StackOf.read(directory, stack)
    found = list(fleets(of.graph))
    if not found:
        raise UsageError(
            f"{of.name} patches no machine. Name their systems in "
            "bulwark:patching.systems, or use AwsPatching in a program of your own."
        )
    if len(found) > 1 and not group:
        names = ", ".join(wave.group for fleet in found for wave in fleet.waves)
        raise UsageError(f"which one? Several components patch machines; say --group: {names}")
    return of, _of_group(found, group) if group else found[0]


def _of_group(found: list["Fleet"], group: str) -> "Fleet":
    for fleet in found:
        if waves := tuple(wave for wave in fleet.waves if group in (wave.name, wave.group)):
            return replace(fleet, waves=waves)
    known = ", ".join(wave.name for fleet in found for wave in fleet.waves)
    raise UsageError(f"--group: no such wave. Known: {known}.")


def _plan(account: Account, fleet: "Fleet", weakness: str, named: tuple[str, ...]) -> "Plan":
    from botocore.exceptions import ClientError

    from bulwark_runtime.weaknesses import Finding

    from ..patches import make_plan

    try:
        findings = [Finding.read(raw) for raw in _findings(account.client("inspector2"), weakness)]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "AccessDeniedException":
            raise
        # In an emergency, half of what is known is better than nothing.
        click.echo(
            "Inspector is off, or denies its findings: Patch Manager alone is asked", err=True
        )
        findings = []
    return make_plan(fleet, account.client("ssm"), weakness, findings, named)


def _findings(inspector: Any, weakness: str) -> Iterator[dict[str, Any]]:
    """Inspector's findings of one weakness, those that an exception leaves out too."""
    criteria = {
        "vulnerabilityId": [{"comparison": "EQUALS", "value": weakness}],
        "findingStatus": [
            {"comparison": "EQUALS", "value": status} for status in ("ACTIVE", "SUPPRESSED")
        ],
    }
    pages = inspector.get_paginator("list_findings").paginate(filterCriteria=criteria)
    for page in pages:
        yield from page.get("findings", [])


def _agreed(
    plan: Any, shown: Callable[[Any], str], *, yes: bool, dry_run: bool, everywhere: bool
) -> bool:
    """Whether it is to be rolled out: only after a look at the plan."""
    if dry_run or not (plan.lacking or everywhere):
        return False
    if not (yes or sys.stdin.isatty()):
        click.echo("this is the plan; to roll it out, say --yes", err=True)
        return False
    click.echo(shown(plan), err=True)
    if obstacles := plan.obstacles():
        raise UsageError(obstacles[0])
    if not yes:
        click.confirm("Roll it out?", abort=True, err=True)
    return True
