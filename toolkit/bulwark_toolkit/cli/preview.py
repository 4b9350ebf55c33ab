import sys
from pathlib import Path

import click

from pulumi_bulwark.config import NAMESPACE, Resolved, settings

from ..compliance.verdicts import Verdicts
from ..preview import (
    Graph,
    Project,
    Setting,
    UsageError,
    draw_html,
    draw_svg,
    tree,
)
from . import common, judging

DRAWN = {".html": "html", ".svg": "svg"}


@click.command(
    epilog="Example: bulwark preview -s prod --rendered --format json -o build/prod.json"
)
@common.directory
@common.stack
@common.format_("tree", "json", "html", "svg")
@common.output
@click.option(
    "--drawing",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE",
    help="Draw the architecture here as well, in the same run: a page (.html) or a picture (.svg).",
)
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    metavar="N",
    help="Levels of the tree below the stack's own components.  [default: all]",
)
@click.option(
    "--rendered",
    is_flag=True,
    help="Fill what only the cloud knows (ids, ARNs, endpoints) with well-formed placeholders.",
)
@common.lookups
def preview(
    directory: Path,
    stack: str | None,
    format_: str,
    output: Path | None,
    drawing: Path | None,
    *,
    depth: int | None,
    rendered: bool,
    lookups: Path | None,
) -> None:
    """Show what a stack would deploy: no login, no Pulumi CLI, no network.

    Exit status 1 when an input is not what the provider's SDK declares.
    """
    if drawing and drawing.suffix not in DRAWN:
        raise UsageError(f"--drawing {drawing}: name a file that ends in .html or .svg")
    project = Project.find(directory)
    record, resolved = common.recording(project, stack, lookups)
    graph = record(rendered)
    judged = format_ != "json" or drawing
    found = judging.beside(graph, record, project) if judged else None
    common.write(_shown(graph, format_, resolved, found, depth), output)
    if drawing:
        common.write(_shown(graph, DRAWN[drawing.suffix], resolved, found), drawing)
        click.echo(f"drawing: {drawing}", err=True)
    for problem in graph.problems:
        click.echo(f"{click.style('input:', fg='red')} {problem}", err=True)
    sys.exit(1 if graph.problems else 0)


def _shown(
    graph: Graph,
    format_: str,
    resolved: Resolved | None,
    verdicts: Verdicts | None,
    depth: int | None = None,
) -> str:
    failing = judging.failures(verdicts)
    match format_:
        case "json":
            return graph.to_json()
        case "html":
            return draw_html(graph, _settings(resolved) if resolved else None, failing)
        case "svg":
            return draw_svg(graph, failing)
    return tree(graph, click.style, depth=depth, rules=judging.line(verdicts))


def _settings(resolved: Resolved) -> dict[str, list[Setting]]:
    """Each setting with the component it is for; what is for all is with the stack."""
    found: dict[str, list[Setting]] = {}
    for path, value in settings(resolved.config):
        shown = list(value) if isinstance(value, tuple) else value
        setting = Setting(path, shown, resolved.origins[path])
        found.setdefault(_token(path, resolved.config.cloud), []).append(setting)
    return found


def _token(path: str, cloud: str) -> str:
    """`bulwark:auditLog.days` belongs to AwsAuditLog; `bulwark:tags.owner` to AwsStack."""
    section, inner, _ = path.removeprefix(f"{NAMESPACE}:").partition(".")
    stack = not inner or section in ("protection", "tags")
    name = "Stack" if stack else section[:1].upper() + section[1:]
    return f"{NAMESPACE}:index:{cloud.capitalize()}{name}"
