import sys
from collections.abc import Sequence
from pathlib import Path

import click

from pulumi_bulwark.config import NAMESPACE, Resolved, settings

from ..compliance import diff, waivers
from ..compliance.verdicts import Verdicts
from ..compliance.waivers import Waiver
from ..preview import (
    Graph,
    Project,
    Setting,
    UsageError,
    draw_html,
    draw_svg,
    read_graph,
    tree,
)
from . import common, judging

COMPARED = ("diff", "diff-markdown")
DRAWN = {".html": "html", ".svg": "svg"}


@click.command(
    epilog="Example: bulwark preview -s prod --rendered --format json -o build/prod.json"
)
@common.directory
@common.stack
@common.format_("tree", "json", "html", "svg", *COMPARED)
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
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What `--rendered --format json` wrote of another commit: with --format diff or "
    "diff-markdown, show what has changed since.",
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
    against: Path | None,
    lookups: Path | None,
) -> None:
    """Show what a stack would deploy: no login, no Pulumi CLI, no network.

    Exit status 1 when an input is not what the provider's SDK declares.
    """
    if drawing and drawing.suffix not in DRAWN:
        raise UsageError(f"--drawing {drawing}: name a file that ends in .html or .svg")
    if (against is not None) != (format_ in COMPARED):
        raise UsageError("--against FILE and --format diff or diff-markdown go together")
    base = read_graph(against) if against else None
    project = Project.find(directory)
    recording = common.recording(project, stack, lookups)
    graph = recording(rendered=rendered or base is not None)
    shows_verdicts = drawing or not (base or format_ == "json")
    found = judging.beside(graph, recording, project) if shows_verdicts else None
    if base:
        listed = waivers.load(project.root / waivers.FILE)
        common.write(_compared(base, graph, listed, format_, against), output)
    else:
        common.write(_shown(graph, format_, recording.settings, found, depth), output)
    if drawing:
        common.write(_shown(graph, DRAWN[drawing.suffix], recording.settings, found), drawing)
        click.echo(f"drawing: {drawing}", err=True)
    for problem in graph.problems:
        click.echo(f"{click.style('input:', fg='red')} {problem}", err=True)
    sys.exit(1 if graph.problems and not base else 0)


def _compared(
    base: Graph, graph: Graph, listed: Sequence[Waiver], format_: str, against: Path | None
) -> str:
    try:
        found = diff.difference(base, graph, waivers=listed)
    except UsageError as error:
        raise UsageError(f"{against}: {error}") from None
    return diff.markdown(found) if format_ == "diff-markdown" else diff.text(found, click.style)


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
