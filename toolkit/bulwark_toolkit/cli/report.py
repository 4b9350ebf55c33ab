import hashlib
import platform
import subprocess
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import click

from ..compliance import clock
from ..compliance import report as reports
from ..compliance.controls import IDS, Framework, frameworks
from ..compliance.rule import Rule
from ..compliance.rules import RULES
from ..preview import Graph, Project
from . import common, judged, judging

_FORMATS = {
    "md": reports.as_markdown,
    "csv": reports.as_csv,
    "json": reports.as_json,
    "oscal": reports.as_oscal,
    "html": reports.as_html,
}

_TOOLS = ("pulumi-bulwark", "pulumi", "pulumi-aws", "pulumi-azure-native")
"""Distributions whose versions a verdict depends on."""


@click.command(epilog="Example: bulwark report -s prod --format html -o build/evidence.html")
@common.directory
@common.stack
@common.format_(*_FORMATS)
@common.output
@click.option(
    "--framework",
    "wanted",
    multiple=True,
    type=click.Choice(IDS),
    help="Only this framework; can be given several times.  [default: all]",
)
@judged.options
def report(
    directory: Path,
    stack: str | None,
    format_: str,
    output: Path | None,
    *,
    wanted: tuple[str, ...],
    folder: Path | None,
    state: Path | None,
    graph_file: Path | None,
    lookups: Path | None,
) -> None:
    """Show the evidence: control, resource, property, value, verdict.

    It judges nobody, so its exit status is 0 whatever fails: `bulwark check` is the gate.
    """
    chosen = [framework for framework in frameworks() if not wanted or framework.id in wanted]
    own = judged.own_rules(folder)
    what = judged.judged(directory, stack, state, graph_file, lookups)
    found = judging.verdicts(what.graph, what.project, own)
    rules = (*RULES, *own)
    assessment = reports.assess(chosen, found.findings, rules)
    late = [f"A waiver does not hold: {fault}." for fault in found.faults]
    facts = _facts(what.graph, what.project, rules, [*late, *_left_out(chosen, assessment)])
    common.write(_FORMATS[format_](assessment, facts), output)
    for problem in what.graph.problems:
        click.echo(f"{click.style('input:', fg='red')} {problem}", err=True)
    if output:
        click.echo(f"evidence: {output}", err=True)


def _facts(
    graph: Graph, project: Project | None, rules: tuple[Rule, ...], notes: list[str]
) -> reports.Facts:
    problems = [f"Not as the provider declares it: {problem}." for problem in graph.problems]
    services = _services(graph)
    digest = hashlib.sha256(graph.to_json().encode()).hexdigest()
    return reports.Facts(
        project=graph.project,
        stack=graph.stack,
        mode=graph.mode,
        digest=f"sha256:{digest}",
        commit=_commit(project.root) if project else "",
        time=clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        tools=tuple(_versions()),
        resources=sum(number for _, number in services),
        services=tuple(services),
        rules=len(rules),
        notes=(*notes, *problems),
    )


def _services(graph: Graph) -> list[tuple[str, int]]:
    """How many resources of each service there are."""
    made = (r for r in graph.resources if r.kind == "custom" and not r.is_provider)
    return sorted(Counter(_service(r.type) for r in made).items())


def _service(token: str) -> str:
    """`s3` of `aws:s3/bucket:Bucket`; the package's name where it is of one service only."""
    package, module, *_ = token.split(":")
    service = module.partition("/")[0]
    return package if service == "index" else service


def _left_out(chosen: list[Framework], assessment: reports.Assessment) -> Iterator[str]:
    if left := [f.name for f in frameworks() if f not in chosen]:
        yield f"Frameworks that were not asked for: {', '.join(left)}."
    waiting = sum(control.outcome == "unknown" for control in assessment.controls)
    if waiting:
        yield f"Values that are not known, or secret: they leave {waiting} controls open."


def _commit(root: Path) -> str:
    """The commit of a project's folder; empty where there is no git or no repository."""
    head = _git(root, "rev-parse", "HEAD")
    if not head:
        return ""
    changed = _git(root, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"{head} with changes that are not committed" if changed else head


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 no shell, and words of our own
            ["git", "-C", str(root), *arguments],  # noqa: S607 the user's own git
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _versions() -> Iterator[tuple[str, str]]:
    for name in _TOOLS:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    yield "python", platform.python_version()
