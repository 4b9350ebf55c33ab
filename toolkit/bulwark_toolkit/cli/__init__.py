"""The `bulwark` command: one verb a file."""

import atexit
import gc
import sys
import warnings
from importlib import import_module

import click
from pulumi import RunError

from pulumi_bulwark.errors import ConfigError

from ..preview import UsageError

EXIT_FINDINGS, EXIT_USAGE, EXIT_RAISED = 1, 2, 3

VERBS = (
    "preview",
    "check",
    "report",
    "config",
    "schema",
    "secrets",
    "block",
    "patch",
    "findings",
    "respond",
    "bootstrap",
    "guard",
    "package",
    "publish",
    "teardown",
)
"""Each is a module here, with a command of its name in it."""


class _Verbs(click.Group):
    """Loads a verb when it is asked for: what one needs, the others need not wait for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        return getattr(import_module(f".{cmd_name}", __name__), cmd_name)


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 fine, 1 findings, 2 usage or config error, 3 the program raised.",
)
@click.version_option(package_name="pulumi-bulwark", prog_name="bulwark")
def cli() -> None:
    """Bulwark: security as code, seen before it is deployed."""


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
