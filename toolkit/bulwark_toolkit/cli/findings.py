"""What is known to be weak in a stack's account, against the deadlines of its patches."""

import sys
from importlib import metadata
from pathlib import Path

import click

from ..compliance.clock import now
from ..preview import Project, UsageError
from . import common
from .account import Account

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

    Inspector's findings by their age, what it cannot scan, machines that lack approved patches, and
    functions whose runtime is at its end. The deadlines are those of bulwark:patching; what
    bulwark:securityTesting.exceptions leaves out is not here until it comes back. The exit status
    is 1 if anything is overdue.
    """
    from .. import findings as of

    project = Project.find(directory)
    recording = common.recording(project, stack, None)
    if recording.settings is None:
        raise UsageError("no deadlines: this program has no settings of Bulwark")
    config, settings = recording.program.config, recording.settings.config
    account = Account(config.get("aws:profile"), config.get("aws:region"))
    account.check(settings.account.id)
    with account.refusals():
        rows = of.rows(
            settings.patching.deadlines(),
            now(),
            inspector=account.client("inspector2"),
            ssm=account.client("ssm"),
            functions=account.client("lambda"),
        )
    late = [row for row in rows if row.state == "overdue"]
    shown = late if overdue else rows
    match format_:
        case "json":
            text = of.as_json(shown)
        case "junit":
            text = of.junit(shown)
        case "sarif":
            file = project.stack_file(recording.program.stack) or project.root / "Pulumi.yaml"
            text = of.sarif(shown, metadata.version("pulumi-bulwark"), file.name)
        case _:
            text = of.table(shown, click.style)
    common.write(text, output)
    if late:
        sys.exit(_EXIT_OVERDUE)
