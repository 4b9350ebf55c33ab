"""Options that every verb spells the same."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from pulumi_bulwark.config import NAMESPACE, Resolved, resolve
from pulumi_bulwark.stacks import StackConfig

from ..preview import Graph, Lookups, Project, UsageError, place_of, record

Command = TypeVar("Command", bound=Callable[..., None])

directory = click.option(
    "-C",
    "directory",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    metavar="DIR",
    help="The project's folder, or one below it.  [default: this one]",
)

stack = click.option(
    "-s",
    "--stack",
    envvar="PULUMI_STACK",
    metavar="STACK",
    help="The stack to look at; not needed where there is only one.",
)

output = click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE",
    help="Write the result here instead of standard output.",
)

lookups = click.option(
    "--lookups",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Answers to look-ups and other stacks' outputs.  [default: bulwark.lookups.yaml beside "
    "Pulumi.yaml, if there]",
)


def format_(*choices: str) -> Callable[[Command], Command]:
    return click.option(
        "--format",
        "format_",
        type=click.Choice(choices),
        default=choices[0],
        show_default=True,
        help="How to print the result.",
    )


def chosen(project: Project, stack: str | None) -> str:
    """The stack that was asked for, or the only one."""
    known = project.stacks()
    if stack:
        return stack
    if len(known) == 1:
        return known[0]
    there = ", ".join(known) or "none"
    raise UsageError(f"which stack? use -s STACK; there are: {there}")


Record = Callable[[bool], Graph]
"""From whether to fill what only the cloud knows, to what a stack would deploy."""


def recording(
    project: Project, stack: str | None, lookups: Path | None
) -> tuple[Record, Resolved | None]:
    """How to record a stack, and its settings if it has any of ours: they are checked first."""
    program = project.program(chosen(project, stack), leave=NAMESPACE)
    settings = resolved(program.config, program.secrets)
    place = place_of(program.config)
    if settings and settings.config.account.id:
        place = replace(place, account=settings.config.account.id)
    answers = Lookups.load(place, lookups or project.lookups())
    return lambda rendered: record(
        program, lookups=answers, place=place, rendered=rendered
    ), settings


def resolved(config: Mapping[str, str], secrets: Collection[str]) -> Resolved | None:
    """Bulwark's settings, checked before anything runs; None where a program has none."""
    if any(key.startswith(f"{NAMESPACE}:") for key in config):
        return resolve(config, secrets)
    return None


def settings(config: Mapping[str, str], secrets: Collection[str]) -> StackConfig | None:
    """The same without where each comes from."""
    found = resolved(config, secrets)
    return found.config if found else None


def write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(click.unstyle(text), encoding="utf-8")
