"""Values for the named secrets: from a person, or from nobody.

A value is in this process's memory and in one request to Secrets Manager or Key Vault, and nowhere
else. What their SDKs say is never passed on, since it can repeat what they were given.
"""

import getpass
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

from pulumi_bulwark.config import NAMESPACE
from pulumi_bulwark.spec import nearest

from ..preview import Project, UsageError
from . import azure_sdk, common
from .account import StackOf
from .secrets_aws import Accounts
from .secrets_aws import named as in_accounts
from .secrets_azure import Vaults
from .secrets_azure import named as in_vaults
from .secrets_keeper import Keeper, Named

_TERMINAL_BYTES = 1_024
"""A terminal drops what is beyond its longest line without a word; macOS has the shortest."""


class _Unechoed(click.Command):
    """A command whose arguments no message repeats: one of them may be the value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter:
            raise
        except click.UsageError:
            raise click.UsageError(
                "not understood. The value is never an argument: it is asked for, or read from "
                "standard input. If it is in your shell's history now, set another one.",
                ctx,
            ) from None


@click.group()
def secrets() -> None:
    """Give the named secrets their values, and see which have one."""


@secrets.command(
    "set", cls=_Unechoed, epilog="Example: bulwark secrets set db-password -s dev < value.txt"
)
@click.argument("name")
@common.directory
@common.stack
@click.option("--replace", is_flag=True, help="Replace the value of a generated secret, unasked.")
def set_(name: str, directory: Path, stack: str | None, *, replace: bool) -> None:
    """Give the secret NAME its value: asked for without echo, or read from standard input.

    One newline at the end of standard input is not part of the value. A generated secret reads
    neither: its value is made, on AWS by Secrets Manager, and nobody sees it.
    """
    of = _Stack.read(directory, stack)
    secret = _chosen(of.secrets, name)
    keeper = of.keeper_of(secret)
    current = keeper.version(secret)
    if secret.length:
        if current and not replace:
            _ask_to_replace(secret)
        version = keeper.generate(secret, secret.length)
    else:
        version = keeper.put(secret, _from_person(secret, keeper))
    made = f", made by {keeper.maker}" if secret.length else ""
    click.echo(f"{secret.name} of {of.name} has a new value{made} (version {version})")


@secrets.command(
    "rotate", cls=_Unechoed, epilog="Example: bulwark secrets rotate session-key -s prod"
)
@click.argument("name")
@common.directory
@common.stack
def rotate(name: str, directory: Path, stack: str | None) -> None:
    """Have the value of the secret NAME replaced by its rotation, before its days are over."""
    of = _Stack.read(directory, stack)
    secret = _chosen(of.secrets, name)
    if not secret.rotates:
        raise UsageError(
            f"{secret.name} does not rotate: give it another value with `bulwark secrets set`"
        )
    click.echo(f"{secret.name} of {of.name}: {of.keeper_of(secret).rotate(secret)}")


@secrets.command("list", epilog="Example: bulwark secrets list -s prod --format json")
@common.directory
@common.stack
@common.format_("table", "json")
@common.output
def list_(directory: Path, stack: str | None, format_: str, output: Path | None) -> None:
    """List the secrets of a stack: where each value comes from, and since when it is there."""
    of = _Stack.read(directory, stack)
    rows = [
        {
            "name": secret.name,
            "component": secret.component,
            "secret": secret.physical,
            "source": secret.source,
            **of.keeper_of(secret).state(secret),
        }
        for secret in of.secrets
    ]
    common.write(json.dumps(rows, indent=2) + "\n" if format_ == "json" else _table(rows), output)


def _table(rows: list[dict[str, str | None]]) -> str:
    shown = [
        (f"{r['component']}/{r['name']}", r["source"], r["state"], r["since"] or "") for r in rows
    ]
    name, source, state = (max(len(row[column] or "") for row in shown) for column in range(3))
    lines = (f"{n:<{name}}  {o:<{source}}  {s:<{state}}  {t}" for n, o, s, t in shown)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _chosen(known: tuple[Named, ...], name: str) -> Named:
    """The secret called `name`, or `component/name`. What there is not may be a value: no echo."""
    found = [s for s in known if name in (s.name, f"{s.component}/{s.name}")]
    if len(found) == 1:
        return found[0]
    if found:
        which = " or ".join(f"{s.component}/{s.name}" for s in found)
        raise UsageError(f"which one? Several components have a secret of this name: {which}")
    names = sorted({s.name for s in known})
    hint, everything = nearest(name, names), f"Known: {', '.join(names)}."
    raise UsageError(" ".join(dict.fromkeys(["no such secret.", hint, everything])))


@dataclass(frozen=True, kw_only=True)
class _Stack:
    """A stack's secrets, and who keeps them."""

    name: str
    secrets: tuple[Named, ...]
    keeper_of: Callable[[Named], Keeper]

    @classmethod
    def read(cls, directory: Path, stack: str | None) -> "_Stack":
        project = Project.find(directory)
        program = project.program(common.chosen(project, stack), leave=NAMESPACE)
        settings = common.settings(program.config, program.secrets)
        if settings and settings.cloud == "azure":
            graph = common.Recording.of(program, project.lookups())(rendered=False)
            account = settings.account.id
            vaults = cache(lambda: Vaults(azure_sdk.subscription(account, program.config)))
            found, component = tuple(in_vaults(graph)), "AzureSecrets"
            keeper_of: Callable[[Named], Keeper] = lambda _: vaults()  # noqa: E731
        else:
            of = StackOf.read(directory, stack)
            found, component = tuple(in_accounts(of)), "AwsSecrets"
            keeper_of = Accounts(of.owner).of
        if not found:
            raise UsageError(
                f"{program.stack} has no secrets. Name them below bulwark:secrets.named, or with "
                f"{component} in a program of your own."
            )
        return cls(name=program.stack, secrets=found, keeper_of=keeper_of)


def _ask_to_replace(secret: Named) -> None:
    told = f"{secret.name} has a value, and whatever uses it needs the new one"
    if not sys.stdin.isatty():
        raise UsageError(f"{told}. To replace it, say --replace.")
    click.confirm(f"{told}. Replace it?", abort=True, err=True)


def _from_person(secret: Named, keeper: Keeper) -> str:
    try:
        value = _typed(secret) if sys.stdin.isatty() else _piped()
        size = len(value.encode())
    except UnicodeError:
        # Its message would show the character.
        raise UsageError("the value is not UTF-8 text; encode bytes first, as base64") from None
    if not value:
        raise UsageError("the value is empty")
    if size > keeper.longest_bytes:
        raise UsageError(
            f"the value has {size} bytes; {keeper.service} takes {keeper.longest_bytes}"
        )
    if "\0" in value:
        raise UsageError("the value has a NUL character, so it is not text; encode it, as base64")
    return value


def _typed(secret: Named) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            value = click.prompt(
                f"Value of {secret.name} in {secret.stack}",
                hide_input=True,
                confirmation_prompt=True,
                err=True,
            )
        except getpass.GetPassWarning:
            raise UsageError("this terminal shows what is typed: use standard input") from None
    if len(value.encode()) >= _TERMINAL_BYTES - 1:
        raise UsageError(
            f"{_TERMINAL_BYTES - 1} bytes and more do not fit a line of every terminal, so the "
            "value may have been cut: use standard input"
        )
    return value


def _piped() -> str:
    # As bytes: a text stream would turn every \r\n into \n.
    value = sys.stdin.buffer.read().decode()
    return value.removesuffix("\n").removesuffix("\r") if value.endswith("\n") else value
