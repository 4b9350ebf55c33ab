import json
from pathlib import Path
from typing import Any

import click

from pulumi_bulwark import config as bulwark_config

from ..preview import Project
from . import common


@click.command(epilog="Example: bulwark config -s prod")
@common.directory
@common.stack
@common.format_("table", "json")
@common.output
def config(directory: Path, stack: str | None, format_: str, output: Path | None) -> None:
    """Print a stack's settings, resolved, and where each comes from."""
    project = Project.find(directory)
    name = common.chosen(project, stack)
    values, secrets = project.config(name, leave=bulwark_config.NAMESPACE)
    resolved = bulwark_config.resolve(values, secrets)
    rows = [
        {"path": path, "value": _plain(value), "origin": resolved.origins[path]}
        for path, value in bulwark_config.settings(resolved.config)
    ]
    common.write(json.dumps(rows, indent=2) + "\n" if format_ == "json" else _table(rows), output)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _table(rows: list[dict[str, Any]]) -> str:
    shown = [(row["path"], json.dumps(row["value"]), row["origin"]) for row in rows]
    path, value = (max(len(row[column]) for row in shown) for column in (0, 1))
    return "".join(f"{p:<{path}}  {v:<{value}}  {origin}\n" for p, v, origin in shown)
