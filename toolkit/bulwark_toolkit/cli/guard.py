import json
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.openapi import Document, load

from ..preview import UsageError

if TYPE_CHECKING:
    from bulwark_runtime.input_guard import Verdict

    from ..guard.requests import Named

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_INPUT = click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)

_openapi = click.option(
    "--openapi",
    "file",
    type=_FILE,
    required=True,
    metavar="FILE",
    help="The OpenAPI document that says what a request may be.",
)


@click.group
def guard() -> None:
    """Try the input guard at a desk, and let an honest request pass."""
    if find_spec("jsonschema_rs") is None:
        raise UsageError(
            "the input guard is not installed: pip install 'bulwark-runtime[input-guard]'"
        )


@guard.command(
    epilog="Example: bulwark guard check --openapi openapi/payments.yaml --request payment.http"
)
@_openapi
@click.option(
    "--request",
    "requests",
    type=_INPUT,
    required=True,
    metavar="FILE|-",
    help="One or more requests, as HTTP writes them; a line with ### stands between two.",
)
def check(file: Path, requests: Path) -> None:
    """Ask the guard about requests: no cloud, no network. Exit status 1 if one is denied."""
    from bulwark_runtime.input_guard import DocumentError, Guard

    from ..guard.requests import read

    document = load(file)
    try:
        made = Guard.from_openapi(document.body)
    except DocumentError as error:
        raise ConfigError([f"{file}#{problem}" for problem in error.problems]) from None
    found = [(one, made.check(one.request)) for one in read(_content(requests), str(requests))]
    if not found:
        raise UsageError(f"--request {requests}: has no request")
    for one, verdict in found:
        _show(document, one, verdict)
    sys.exit(any(not verdict.allowed for _, verdict in found))


def _content(file: Path) -> bytes:
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


_COLOURS = {"denied": "red", "counted": "yellow", "sanitised": "yellow", "passes": "green"}


def _show(document: Document, one: "Named", verdict: "Verdict") -> None:
    from bulwark_runtime.input_guard import RULES

    modes = {reason.mode.value for reason in verdict.reasons}
    word = "denied" if not verdict.allowed else "counted" if "count" in modes else "passes"
    if verdict.allowed and "sanitise" in modes:
        word = "sanitised"
    unguarded = [o.operation_id for o in document.operations if not o.guarded]
    aside = "  (the API does not ask the guard here)" if verdict.operation in unguarded else ""
    operation = verdict.operation or "no operation"
    click.echo(
        f"{click.style(f'{word:9}', fg=_COLOURS[word])} {operation}  {one.name}".rstrip() + aside
    )
    for reason in verdict.reasons:
        click.echo(f"          {reason.pointer}  {reason.rule}: {RULES[reason.rule]}")
    if word == "sanitised":
        click.echo("          passed on as " + verdict.request.body.decode(errors="replace"))


@guard.command(epilog="Example: bulwark guard explain --openapi openapi/payments.yaml denied.json")
@_openapi
@click.argument("log", type=_INPUT, metavar="LOG|-")
def explain(file: Path, log: Path) -> None:
    """From lines of the guard's log to what the document must say to let those requests pass.

    LOG has the lines as JSON, one each. What is printed is the narrowest exclusion: one rule, at
    one value. Look at the request first: most of what is denied should be.
    """
    from ..guard.exclusion import narrowest

    document = load(file)
    operations = {one.operation_id: one for one in document.operations}
    shown: set[tuple[str, str]] = set()
    for operation, pointer, rule in _reasons(_content(log), log):
        if operation not in operations:
            raise UsageError(f"{log}: names an operation that {file} does not have")
        found = narrowest(document, operations[operation], pointer, rule)
        if (found.where, rule) in shown:
            continue
        shown.add((found.where, rule))
        whole = "" if found.is_field else ", and all of the operation with it"
        click.echo(f"# {rule} at {pointer} of {operation}{whole}\n# {file}#{found.where}")
        click.echo(found.text)
    if not shown:
        raise UsageError(f"{log}: has no line of the guard's log: JSON with operation and reasons")


def _reasons(content: bytes, log: Path) -> Iterator[tuple[str, str, str]]:
    for line in content.decode(errors="replace").splitlines():
        entry = _entry(line)
        for reason in entry.get("reasons") or ():
            try:
                yield str(entry["operation"]), str(reason["pointer"]), str(reason["rule"])
            except (KeyError, TypeError):
                raise UsageError(f"{log}: a line has reasons, and is none of the guard's") from None


def _entry(line: str) -> Mapping[str, Any]:
    """A line of the log; empty if it is something else."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, Mapping) else {}
