"""What is known to be weak in a stack's account, against the deadlines of its patches."""

import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..compliance.clock import now
from ..preview import Project, UsageError
from . import common
from .account import StackOf
from .azure_stack import AzureStackOf

if TYPE_CHECKING:  # loading it takes a while, and most commands need none of it
    from ..findings import Row

_EXIT_OVERDUE = 1


@click.command(epilog="Example: bulwark findings -s prod --overdue --format junit -o findings.xml")
@common.directory
@common.stack
@click.option("--overdue", is_flag=True, help="Only what is open for too long.")
@common.format_("table", "json", "sarif", "junit")
@common.output
def findings(
    directory: Path, stack: str | None, format_: str, output: Path | None, *, overdue: bool
) -> None:
    """List what is known to be weak in the account, and by when it is to be mended.

    Inspector's findings by their age, or Defender's, what they cannot scan, machines that lack
    patches, and functions of Lambda whose runtime is at its end. The deadlines are those of
    bulwark:patching; what bulwark:securityTesting.exceptions leaves out is not here until it comes
    back. The exit status is 1 if anything is overdue.
    """
    from .. import findings as of

    if azure := AzureStackOf.read(directory, stack):
        name, rows = azure.name, _on_azure(azure)
    else:
        aws = StackOf.read(directory, stack)
        name, rows = aws.name, _on_aws(aws)
    late = [row for row in rows if row.state == "overdue"]
    shown = late if overdue else rows
    match format_:
        case "json":
            text = of.as_json(shown)
        case "junit":
            text = of.junit(shown)
        case "sarif":
            file = Project.find(directory).stack_file(name)
            shown_in = file.name if file else "Pulumi.yaml"
            text = of.sarif(shown, metadata.version("pulumi-bulwark"), shown_in)
        case _:
            text = of.table(shown, click.style)
    common.write(text, output)
    if late:
        sys.exit(_EXIT_OVERDUE)


def _on_aws(of: StackOf) -> "list[Row]":
    from .. import findings

    account = of.account()
    with account.refusals(f"the account of {of.name}"):
        return findings.rows(
            _deadlines(of),
            now(),
            inspector=account.client("inspector2"),
            ssm=account.client("ssm"),
            functions=account.client("lambda"),
        )


def _on_azure(of: AzureStackOf) -> "list[Row]":
    from ..findings import azure_rows

    for component in of.graph.of_type("bulwark:index:AzureSecurityTesting"):
        known = azure_rows.Known.read(component.outputs)
        return azure_rows.rows(of.subscription, known, now())
    raise UsageError(
        f"{of.name} has no deadlines: they are the stack's own, or those of AzureSecurityTesting"
    )


def _deadlines(of: StackOf) -> dict[str, int]:
    for component in of.graph.of_type("bulwark:index:AwsSecurityTesting"):
        return {severity: int(days) for severity, days in component.outputs["deadlines"].items()}
    raise UsageError(
        f"{of.name} has no deadlines: they are the stack's own, or those of AwsSecurityTesting"
    )
