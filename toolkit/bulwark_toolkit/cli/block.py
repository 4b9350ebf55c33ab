"""The block list: keep addresses out for a time, and see who is kept out, and why."""

import contextlib
import io
import json
import logging
import re
import shlex
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from bulwark_runtime.block_list import Entry, Network, Request, RequestError, Rules, read
from bulwark_runtime.block_list.networks import NetworkError, parse
from bulwark_runtime.block_list.requests import FORMAT, as_text

from ..preview import UsageError
from . import block_azure, common
from .account import StackOf
from .azure_stack import AzureStackOf
from .block_aws import AwsBlockList
from .block_azure import AzureBlockList
from .block_list import Asked, BlockList

Command = TypeVar("Command", bound=Callable[..., None])

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST_SECONDS: Final = 10 * 365 * _UNITS["d"]
_SHOWN: Final = 20

_ANY_WIDTH: Final = Rules(widest={4: 1, 6: 1})
"""How wide a network may be is in the stack's settings, and the writer's to say."""

_EXIT_FINDINGS: Final = 1


class _Duration(click.ParamType):
    """Such as 30m or 4h; None is for ever."""

    name = "duration"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if value == "ever":
            return None
        found = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", str(value))
        if not found:
            self.fail("must be a number and s, m, h, d or w, such as 4h, or ever", param, ctx)
        seconds = int(found[1]) * _UNITS[found[2]]
        if seconds > _LONGEST_SECONDS:
            self.fail("is more than ten years: say ever", param, ctx)
        return seconds


def _place(command: Command) -> Command:
    """The options by which a block list is found: a stack's, or by its parts."""
    for option in reversed(
        (
            common.directory,
            common.stack,
            click.option(
                "--queue",
                envvar="BULWARK_BLOCK_QUEUE",
                metavar="NAME|URL",
                help="The queue of requests, instead of the stack's; on Azure its address.  "
                "[env: BULWARK_BLOCK_QUEUE]",
            ),
            click.option(
                "--table",
                envvar="BULWARK_BLOCK_TABLE",
                metavar="NAME|URL",
                help="The table, instead of the stack's; on Azure its address.  "
                "[env: BULWARK_BLOCK_TABLE]",
            ),
            click.option(
                "--endpoint-url",
                metavar="URL",
                help="Where AWS is, for an emulator.  [env: AWS_ENDPOINT_URL]",
            ),
            click.option(
                "--list",
                "name",
                default="blocked",
                show_default=True,
                metavar="NAME",
                help="Which list, where the stack has several.",
            ),
        )
    ):
        command = option(command)
    return command


_waits = click.option(
    "--wait/--no-wait",
    default=True,
    show_default=True,
    help="Whether to wait until it is done, a minute at most.",
)
_reason = click.option(
    "--reason", default="", metavar="TEXT", help="Why: whoever looks at the list reads it."
)


@click.group()
def block() -> None:
    """Keep addresses out for a time, at every edge, and see who is kept out."""


@block.command(
    epilog='Example: bulwark block add 203.0.113.7 --for 4h --reason "Guesses passwords" -s prod'
)
@click.argument("networks", nargs=-1, required=True, metavar="IP|NETWORK|-...")
@_place
@click.option(
    "--for",
    "seconds",
    type=_Duration(),
    required=True,
    metavar="TIME",
    help="For how long: a number and s, m, h, d or w, such as 4h; or ever.",
)
@_reason
@_waits
@common.format_("text", "json")
@common.output
def add(
    networks: tuple[str, ...],
    seconds: int | None,
    reason: str,
    format_: str,
    output: Path | None,
    *,
    name: str,
    wait: bool,
    **place: Any,
) -> None:
    """Block addresses or networks. `-` reads them from standard input, one a line."""
    until = None if seconds is None else int(time.time()) + seconds
    request = _request("add", networks, name, until=until, reason=reason)
    _ask(request, _found(**place), format_, output, wait=wait)


@block.command(epilog="Example: bulwark block remove 203.0.113.7 -s prod")
@click.argument("networks", nargs=-1, required=True, metavar="IP|NETWORK|-...")
@_place
@_reason
@_waits
@common.format_("text", "json")
@common.output
def remove(
    networks: tuple[str, ...],
    reason: str,
    format_: str,
    output: Path | None,
    *,
    name: str,
    wait: bool,
    **place: Any,
) -> None:
    """Take addresses or networks, and all that is in them, out of the list."""
    request = _request("remove", networks, name, until=None, reason=reason)
    _ask(request, _found(**place), format_, output, wait=wait)


@block.command("list", epilog="Example: bulwark block list 203.0.113.7 -s prod --format json")
@click.argument("networks", nargs=-1, metavar="[IP|NETWORK...]")
@_place
@common.format_("table", "json")
@common.output
def list_(
    networks: tuple[str, ...], format_: str, output: Path | None, *, name: str, **place: Any
) -> None:
    """List who is kept out: why, who asked, since when and until when, and whether it is so."""
    wanted = _parsed(networks)
    rows = [_row(*each) for each in _found(**place).held(name, wanted)]
    if format_ == "json":
        common.write(json.dumps(rows, indent=2) + "\n", output)
    elif rows:
        common.write(_table(rows), output)
    else:
        common.write("nothing is blocked\n", output)


@block.command(epilog="Example: bulwark block emulate > emulator.env &")
@click.option("--port", type=int, default=5005, show_default=True, help="Where it listens.")
@click.option(
    "--every",
    type=_Duration(),
    default="1s",
    show_default=True,
    help="How often the lists are looked over; in the cloud, each minute.",
)
def emulate(port: int, every: int | None) -> None:
    """Run a block list on this machine: the real writer, on services of moto's. Ctrl-C ends it.

    What it prints are the variables by which the other commands find it, for a shell to read.
    """
    try:
        # The writer's log goes where the messages go, and its metrics to nobody.
        with contextlib.redirect_stdout(sys.stderr):
            from bulwark_runtime.block_list import aws  # noqa: F401

            from ..emulated import block_list as emulator

        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
        with emulator.emulated(port) as of, emulator.environment(of):
            for name, value in of.environment.items():
                click.echo(f"export {name}={shlex.quote(value)}")
            with contextlib.redirect_stdout(io.StringIO()):
                emulator.run(of, threading.Event(), tick_seconds=every or 60)
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"{missing.name} is not installed: pip install 'pulumi-bulwark[aws,emulated]'"
        ) from None
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


def _found(
    *,
    directory: Path,
    stack: str | None,
    queue: str | None,
    table: str | None,
    endpoint_url: str | None,
) -> BlockList:
    if bool(queue) != bool(table):
        raise UsageError("--queue and --table go together: a block list has both")
    if queue and table:
        by_address = table.startswith("https://")
        return (
            AzureBlockList.at(queue, table)
            if by_address
            else AwsBlockList.at(queue, table, endpoint_url)
        )
    if azure := AzureStackOf.read(directory, stack):
        return block_azure.of_stack(azure)
    return AwsBlockList.of_stack(StackOf.read(directory, stack), endpoint_url)


def _request(
    action: str, networks: Sequence[str], name: str, *, until: int | None, reason: str
) -> Request:
    """What is asked for. Raises a UsageError with all that is wrong with it, a line each."""
    body = {
        "format": FORMAT,
        "action": action,
        "list": name,
        "networks": list(_written(networks)),
        "until": None if until is None else as_text(until),
        "reason": reason,
        "source": "cli",
        "id": str(uuid.uuid4()),
    }
    try:
        found = read(json.dumps(body), lists=[name], rules=_ANY_WIDTH, now=time.time())
    except RequestError as error:
        raise UsageError("\n".join(["nothing was asked for:", *error.problems])) from None
    assert isinstance(found, Request)
    return found


def _written(networks: Sequence[str]) -> Iterator[str]:
    for each in networks:
        if each == "-":
            yield from filter(None, (line.strip() for line in sys.stdin))
        else:
            yield each


def _parsed(networks: Sequence[str]) -> list[Network]:
    found, wrong = [], []
    for text in networks:
        try:
            found.append(parse(text))
        except NetworkError as error:
            wrong.append(f"{text}: {error}")
    if wrong:
        raise UsageError("\n".join(wrong))
    return found


def _ask(request: Request, of: BlockList, format_: str, output: Path | None, *, wait: bool) -> None:
    asked = of.send(request)
    outcomes = list(of.outcomes(asked)) if wait else []
    if format_ == "json":
        answer = {"requests": [a.id for a in asked], "outcomes": outcomes}
        common.write(json.dumps(answer, indent=2) + "\n", output)
    else:
        common.write(_said(request, asked, outcomes, wait=wait), output)
    done = [o for o in outcomes if o["outcome"] == "applied"]
    if wait and len(done) < len(asked):
        raise click.exceptions.Exit(_EXIT_FINDINGS)


def _said(
    request: Request,
    asked: Sequence[Asked],
    outcomes: Sequence[Mapping[str, Any]],
    *,
    wait: bool,
) -> str:
    lines = [note for outcome in outcomes for note in outcome["notes"]]
    if any(outcome["outcome"] == "rejected" for outcome in outcomes):
        return "".join(f"{line}\n" for line in ["refused:", *lines])
    if len(outcomes) < len(asked):
        late = "it is not done yet" if wait else "it is asked for"
        return f"{late}: see bulwark block list. Request {', '.join(a.id for a in asked)}\n"
    if request.action == "add":
        end = (
            "until it is taken out" if request.until is None else f"until {as_text(request.until)}"
        )
        what = f"blocked {end}"
    else:
        what = "no longer in the list"
    # A note says itself what became of its network.
    noted = {line.partition(" ")[0] for line in lines}
    some = [str(network) for network in request.networks if str(network) not in noted]
    few = [f"{network} is {what}" for network in some]
    lines += few if len(few) <= _SHOWN else [f"{len(few):,} networks are {what}"]
    return "".join(f"{line}\n" for line in lines)


def _row(entry: Entry, in_sets: str) -> dict[str, str | None]:
    return {
        "network": str(entry.network),
        "until": None if entry.until is None else as_text(entry.until),
        "since": as_text(entry.since),
        "who": entry.who,
        "source": entry.source,
        "inSets": in_sets,
        "reason": entry.reason,
        "request": entry.id,
    }


_COLUMNS: Final = {
    "network": "NETWORK",
    "until": "UNTIL",
    "since": "SINCE",
    "inSets": "IN SETS",
    "who": "WHO",
    "reason": "REASON",
}


def _table(rows: Sequence[Mapping[str, str | None]]) -> str:
    shown = [tuple(_COLUMNS.values()), *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = ("  ".join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)) for row in shown)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _cells(row: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(row[name] or "taken out" for name in _COLUMNS)
