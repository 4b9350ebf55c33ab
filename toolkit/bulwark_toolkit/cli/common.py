"""Options that every verb spells the same."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import click

from pulumi_bulwark.config import NAMESPACE, Resolved, resolve
from pulumi_bulwark.stacks import StackConfig

from ..preview import Graph, Lookups, Program, Project, UsageError, place_of, record

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


@dataclass(frozen=True, slots=True)
class Recording:
    """How to record a stack, as often as one likes."""

    program: Program
    lookups: Path | None
    settings: Resolved | None
    """The stack's settings if it has any of ours."""

    @classmethod
    def of(cls, program: Program, lookups: Path | None) -> "Recording":
        """Of a program whose settings are checked before it runs."""
        return cls(program, lookups, resolved(program.config, program.secrets))

    def __call__(self, *, rendered: bool) -> Graph:
        """What the stack would deploy; rendered, with what only the cloud knows filled in."""
        place = place_of(self.program.config)
        if self.settings and (account := self.settings.config.account.id):
            named = "account" if self.settings.config.cloud == "aws" else "subscription"
            place = replace(place, **{named: account})
        answers = Lookups.load(place, self.lookups)
        return record(self.program, lookups=answers, place=place, rendered=rendered)

    def with_config(self, config: Mapping[str, str]) -> "Recording":
        """The same program with another config. Raises a ConfigError if it is none."""
        return self.of(replace(self.program, config=config), self.lookups)


def recording(project: Project, stack: str | None, lookups: Path | None) -> Recording:
    program = project.program(chosen(project, stack), leave=NAMESPACE)
    return Recording.of(program, lookups or project.lookups())


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
