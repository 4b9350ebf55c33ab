"""What a verb judges: a program, which is run, or the file of what one would deploy or has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from ..compliance.folder import rules_in
from ..compliance.rule import Rule
from ..compliance.rules import RULES
from ..compliance.state import read_state
from ..preview import Graph, Project, UsageError
from ..preview.graph_file import read_graph
from . import common

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)

_OPTIONS = (
    click.option(
        "--rules",
        "folder",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        metavar="DIR",
        help="Rules of your own beside ours: Python files that hold them.",
    ),
    click.option(
        "--state",
        type=_FILE,
        metavar="FILE",
        help="Judge what is deployed: what `pulumi stack export` wrote.",
    ),
    click.option(
        "--graph",
        "graph_file",
        type=_FILE,
        metavar="FILE",
        help="Judge a graph that `bulwark preview --rendered --format json` wrote.",
    ),
    common.lookups,
)


def options(command: common.Command) -> common.Command:
    """The options that say what is judged, and by which rules."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    graph: Graph
    project: Project | None
    """The project that it is of, if that is around: it has waivers and lines."""
    recording: common.Recording | None = None
    """How it was recorded; None of what a file holds."""


def judged(
    directory: Path,
    stack: str | None,
    state: Path | None,
    graph_file: Path | None,
    lookups: Path | None,
) -> Judged:
    """What the options ask for. Raises a UsageError if they ask for two things, or for nothing."""
    if state and graph_file:
        raise UsageError("--state and --graph: judge one of the two")
    graph = read_state(state) if state else read_graph(graph_file) if graph_file else None
    if graph is None:
        project = Project.find(directory)
        recording = common.recording(project, stack, lookups)
        graph = recording(rendered=True)
        _some(graph, "the program makes")
        return Judged(graph=graph, project=project, recording=recording)
    _some(graph, f"{state or graph_file} holds")
    if stack and stack.rpartition("/")[2] != graph.stack:
        raise UsageError(f"-s {stack}: the file is of stack {graph.stack}")
    return Judged(graph=graph, project=_project_of(graph, directory))


def own_rules(folder: Path | None) -> Sequence[Rule]:
    """The rules of a team's own folder; none without one."""
    return rules_in(folder, RULES) if folder else ()


def _some(graph: Graph, what: str) -> None:
    """Nothing is no pass: whoever waits for a verdict has named the wrong file or folder."""
    if not any(r.kind == "custom" and not r.is_provider for r in graph.resources):
        raise UsageError(f"there is nothing to judge: {what} no resource of a cloud")


def _project_of(graph: Graph, directory: Path) -> Project | None:
    try:
        found = Project.find(directory)
    except UsageError:
        return None
    return found if found.name == graph.project else None
