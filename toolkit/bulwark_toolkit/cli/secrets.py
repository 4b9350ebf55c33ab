"""Values for the named secrets: from a person, or from Secrets Manager itself.

A value is in this process's memory and in one request to Secrets Manager, and nowhere else. What
boto3 says is never passed on, since its messages can repeat what it was given.
"""

import contextlib
import getpass
import json
import logging
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from pulumi_bulwark.spec import nearest

from ..preview import UsageError
from . import common
from .account import Account, Place, StackOf

_LONGEST_BYTES = 65_536
"""Secrets Manager's quota for a value."""

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
    neither: Secrets Manager makes its value, and nobody sees it.
    """
    of = _Stack.read(directory, stack)
    secret = _chosen(of.secrets, name)
    account = of.account_of(secret)
    with account.refusals(secret):
        held = account.manager.describe_secret(SecretId=secret.physical)
    if "DeletedDate" in held:
        raise UsageError(_DELETED.format(secret=secret))
    if secret.length:
        if _current(held) and not replace:
            _ask_to_replace(secret)
        version = account.generate(secret, secret.length)
    else:
        version = account.put(secret, _from_person(secret))
    made = ", made by Secrets Manager" if secret.length else ""
    click.echo(f"{secret.name} of {of.name} has a new value{made} (version {version})")


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
            **of.account_of(secret).state(secret),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Secret:
    """A container that the program makes."""

    name: str
    """What the stack file calls it."""
    component: str
    physical: str
    """What Secrets Manager calls it."""
    length: int | None
    """Characters of the value that Secrets Manager makes; None where a person gives it."""
    stack: str
    region: str | None
    profile: str | None

    @property
    def source(self) -> str:
        return "generated" if self.length else "person"

    def __str__(self) -> str:
        return f"{self.name} ({self.physical})"


def _secrets(of: StackOf) -> Iterator[_Secret]:
    for component in of.graph.of_type("bulwark:index:AwsSecrets"):
        below = {child.name: child for child in of.graph.children(component.urn)}
        for name, physical in component.outputs["names"].items():
            profile, region = of.place_of(below[f"{component.name}-{name}"])
            yield _Secret(
                name=name,
                component=component.name,
                physical=physical,
                length=component.outputs["generated"].get(name),
                stack=of.name,
                region=region,
                profile=profile,
            )


def _chosen(known: tuple[_Secret, ...], name: str) -> _Secret:
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
    """A stack's secrets, and the accounts they are in."""

    of: StackOf
    secrets: tuple[_Secret, ...]
    _accounts: dict[Place, "_Account"] = field(default_factory=dict)

    @classmethod
    def read(cls, directory: Path, stack: str | None) -> "_Stack":
        of = StackOf.read(directory, stack, _Account)
        found = tuple(_secrets(of))
        if not found:
            raise UsageError(
                f"{of.name} has no secrets. Name them below bulwark:secrets.named, or with "
                "AwsSecrets in a program of your own."
            )
        return cls(of=of, secrets=found)

    @property
    def name(self) -> str:
        return self.of.name

    def account_of(self, secret: _Secret) -> "_Account":
        place = secret.profile, secret.region
        if place not in self._accounts:
            self._accounts[place] = _Account(*place)
        account = self._accounts[place]
        self.of.check(account)
        return account


class _Account(Account):
    """The secrets of an account, in one region."""

    @cached_property
    def manager(self) -> Any:
        return self.client("secretsmanager")

    def put(self, secret: _Secret, value: str) -> str:
        """Store the value, and return the id of its version."""
        with self.refusals(secret), _unlogged():
            done = self.manager.put_secret_value(SecretId=secret.physical, SecretString=value)
        return done["VersionId"]

    def generate(self, secret: _Secret, length: int) -> str:
        with self.refusals(secret), _unlogged():
            made = self.manager.get_random_password(
                PasswordLength=length, RequireEachIncludedType=True
            )
        return self.put(secret, made["RandomPassword"])

    def state(self, secret: _Secret) -> dict[str, str | None]:
        with self.refusals(secret):
            try:
                held = self.manager.describe_secret(SecretId=secret.physical)
            except self.manager.exceptions.ResourceNotFoundException:
                return {"state": "not deployed", "since": None}
            since = self._since(secret, _current(held))
        if "DeletedDate" in held:
            return {"state": "scheduled for deletion", "since": None}
        return {"state": "has a value" if since else "no value", "since": since}

    def _since(self, secret: _Secret, version: str | None) -> str | None:
        # The secret's own last change may have been one of its description.
        found = self.manager.list_secret_version_ids(SecretId=secret.physical)["Versions"]
        since = (v["CreatedDate"].astimezone(UTC) for v in found if v["VersionId"] == version)
        return next((f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in since), None)

    def refused(self, error: Any, about: Any) -> str:
        code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        match code:
            case "AccessDeniedException" if about and "kms" in said.lower():
                return _KEY_DENIED.format(who=self.identity["Arn"], secret=about)
            case "AccessDeniedException" if about:
                who, call = self.identity["Arn"], error.operation_name
                return _DENIED.format(who=who, call=call, secret=about)
            case "EncryptionFailure" | "DecryptionFailure":
                return f"{about}: its KMS key is disabled or scheduled for deletion"
            case "ResourceNotFoundException" if about:
                return f"{about} is not there; deploy the stack first: pulumi up -s {about.stack}"
            case "InvalidRequestException" if "deletion" in said:
                return _DELETED.format(secret=about)
        return super().refused(error, about)


_DENIED = (
    "{who} may not {call} on {secret}. Allow it in IAM; where bulwark:secrets.administrators names "
    "any, name its role there too"
)

_KEY_DENIED = (
    "{who} may not use the KMS key of {secret}. Allow its role kms:GenerateDataKey and kms:Decrypt "
    "on that key in IAM; an administrator of the key itself is denied its use"
)

_DELETED = (
    "{secret} is scheduled for deletion. Take it back with `aws secretsmanager restore-secret`, or "
    "wait until its recoveryDays are over and deploy the stack again"
)


def _current(held: Mapping[str, Any]) -> str | None:
    """The version whose value readers get."""
    stages = held.get("VersionIdsToStages", {})
    return next((version for version, of in stages.items() if "AWSCURRENT" in of), None)


def _ask_to_replace(secret: _Secret) -> None:
    told = f"{secret.name} has a value, and whatever uses it needs the new one"
    if not sys.stdin.isatty():
        raise UsageError(f"{told}. To replace it, say --replace.")
    click.confirm(f"{told}. Replace it?", abort=True, err=True)


def _from_person(secret: _Secret) -> str:
    try:
        value = _typed(secret) if sys.stdin.isatty() else _piped()
        size = len(value.encode())
    except UnicodeError:
        # Its message would show the character.
        raise UsageError("the value is not UTF-8 text; encode bytes first, as base64") from None
    if not value:
        raise UsageError("the value is empty")
    if size > _LONGEST_BYTES:
        raise UsageError(f"the value has {size} bytes; Secrets Manager takes {_LONGEST_BYTES}")
    if "\0" in value:
        raise UsageError("the value has a NUL character, so it is not text; encode it, as base64")
    return value


def _typed(secret: _Secret) -> str:
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


@contextlib.contextmanager
def _unlogged() -> Iterator[None]:
    """Botocore logs whole requests and answers to whoever has turned its debug log on."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
