import sys
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import click

from ..compliance import baseline, waivers
from ..compliance.as_json import as_json
from ..compliance.folder import rules_in
from ..compliance.junit import junit
from ..compliance.rules import RULES
from ..compliance.sarif import Tool, sarif
from ..compliance.state import read_state
from ..compliance.table import table
from ..compliance.verdicts import FAIL_ON, FailOn, Verdicts
from ..preview import Graph, Project, UsageError, yaml_file
from ..preview.graph_file import read_graph
from . import common, judging
from .places import Places

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A graph, and the project that it is of if that is known."""

    graph: Graph
    project: Project | None


@click.command(epilog="Example: bulwark check -s prod --format sarif -o build/bulwark.sarif")
@common.directory
@common.stack
@common.format_("table", "sarif", "junit", "json")
@common.output
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="high",
    show_default=True,
    help="Exit with status 1 for a failure that is as severe as this, or more.",
)
@click.option(
    "--rules",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Rules of your own beside ours: Python files that hold them.",
)
@click.option(
    "--baseline",
    "accepted",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What failed when the stack was first looked at: fail only on what is new.",
)
@click.option("--write-baseline", is_flag=True, help="Write all that fails now into the baseline.")
@click.option(
    "--state",
    type=_FILE,
    metavar="FILE",
    help="Judge what is deployed: what `pulumi stack export` wrote.",
)
@click.option(
    "--graph",
    "graph_file",
    type=_FILE,
    metavar="FILE",
    help="Judge a graph that `bulwark preview --rendered --format json` wrote.",
)
@common.lookups
def check(
    directory: Path,
    stack: str | None,
    format_: str,
    output: Path | None,
    *,
    fail_on: FailOn,
    folder: Path | None,
    accepted: Path | None,
    write_baseline: bool,
    state: Path | None,
    graph_file: Path | None,
    lookups: Path | None,
) -> None:
    """Judge a stack by the rules, and say what to mend: no login, no Pulumi CLI, no network.

    Exit status 1 for a failure at or above --fail-on, and for a waiver that has expired, matches
    nothing or is not needed.
    """
    if write_baseline and not accepted:
        raise UsageError("--write-baseline: name the file, with --baseline FILE")
    if state and graph_file:
        raise UsageError("--state and --graph: judge one of the two")
    judged = _judged(directory, stack, state, graph_file, lookups)
    own = rules_in(folder, RULES) if folder else ()
    places = Places(judged.graph, judged.project)
    verdicts = judging.verdicts(judged.graph, judged.project, own)
    if accepted and (accepted.exists() or not write_baseline):
        verdicts = replace(verdicts, accepted=baseline.read(accepted))
    if accepted and write_baseline:
        common.write(baseline.written(verdicts), accepted)
        verdicts = replace(verdicts, accepted=baseline.read(accepted))
    common.write(_shown(verdicts, format_, judged, places), output)
    for problem in judged.graph.problems:
        click.echo(f"{click.style('input:', fg='red')} {problem}", err=True)
    if output:
        click.echo(f"{verdicts.summary}: {output}", err=True)
    sys.exit(verdicts.fails(fail_on))


def _judged(
    directory: Path,
    stack: str | None,
    state: Path | None,
    graph_file: Path | None,
    lookups: Path | None,
) -> _Judged:
    if not (state or graph_file):
        project = Project.find(directory)
        record, _ = common.recording(project, stack, lookups)
        return _Judged(record(True), project)
    graph = read_state(state) if state else read_graph(graph_file) if graph_file else None
    assert graph
    if stack and stack.rpartition("/")[2] != graph.stack:
        raise UsageError(f"-s {stack}: the file is of stack {graph.stack}")
    return _Judged(graph, _project_of(graph, directory))


def _project_of(graph: Graph, directory: Path) -> Project | None:
    """The project around, if it is the one that a file is of: it has waivers and lines."""
    try:
        found = Project.find(directory)
    except UsageError:
        return None
    return found if found.name == graph.project else None


def _shown(verdicts: Verdicts, format_: str, judged: _Judged, places: Places) -> str:
    match format_:
        case "sarif":
            tool = Tool(metadata.version("pulumi-bulwark"))
            return sarif(verdicts, tool, _lines_of_faults(verdicts, judged, places))
        case "junit":
            return junit(verdicts)
        case "json":
            return as_json(verdicts)
    return table(verdicts, click.style)


def _lines_of_faults(verdicts: Verdicts, judged: _Judged, places: Places) -> list[str]:
    if not verdicts.faults or not judged.project:
        return []
    file = judged.project.root / waivers.FILE
    lines, listed = yaml_file.lines(file), waivers.load(file)
    numbers = (str(listed.index(fault.waiver)) for fault in verdicts.faults)
    return [places.of_line(file, lines["waivers", number]) for number in numbers]
