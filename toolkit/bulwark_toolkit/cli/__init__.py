"""The `bulwark` command: one verb a file."""

import atexit
import gc
import sys
import warnings

import click
from pulumi import RunError

from pulumi_bulwark.errors import ConfigError

from ..preview import UsageError
from .bootstrap import bootstrap
from .check import check
from .config import config
from .guard import guard
from .package import package
from .preview import preview
from .report import report
from .schema import schema
from .secrets import secrets
from .teardown import teardown

EXIT_FINDINGS, EXIT_USAGE, EXIT_RAISED = 1, 2, 3


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 fine, 1 findings, 2 usage or config error, 3 the program raised.",
)
@click.version_option(package_name="pulumi-bulwark", prog_name="bulwark")
def cli() -> None:
    """Bulwark: security as code, seen before it is deployed."""


for verb in (
    preview,
    check,
    report,
    config,
    schema,
    secrets,
    guard,
    package,
    bootstrap,
    teardown,
):
    cli.add_command(verb)


def main() -> None:
    """Entry point: what a user can mend is one message and an exit status, no traceback."""
    gc.disable()  # nothing lives longer than the command
    # Nor is it looked through once more as the interpreter ends: for an SDK that takes as long as
    # to load it.
    atexit.register(gc.freeze)
    # What the SDK leaves behind when a program fails is not the program's fault.
    warnings.filterwarnings("ignore", "coroutine 'Output\\..*' was never awaited", RuntimeWarning)
    try:
        cli()
    except (ConfigError, UsageError) as error:
        _fail(error, EXIT_USAGE)
    except RunError as error:
        _fail(error, EXIT_RAISED)


def _fail(error: RunError, status: int) -> None:
    click.echo(f"{click.style('error:', fg='red')} {error}", err=True)
    sys.exit(status)
