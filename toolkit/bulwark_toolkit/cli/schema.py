import json
from pathlib import Path

import click

from pulumi_bulwark import config

from . import common, reference


@click.command(epilog="Example: bulwark schema -o stack.schema.json")
@common.format_("json", "markdown")
@common.output
def schema(format_: str, output: Path | None) -> None:
    """Print the JSON schema of a stack file, with which editors complete it."""
    text = reference.markdown() if format_ == "markdown" else _json()
    common.write(text, output)


def _json() -> str:
    return json.dumps(config.schema(), indent=2) + "\n"
