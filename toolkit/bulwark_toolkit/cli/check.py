import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import click

from ..compliance import baseline, waivers
from ..compliance.as_json import as_json
from ..compliance.junit import junit
from ..compliance.sarif import Tool, sarif
from ..compliance.table import table
from ..compliance.verdicts import FAIL_ON, FailOn, Verdicts, key
from ..preview import Project, UsageError, yaml_file
from . import common, judged, judging
from .causes import causes
from .places import Places, line_of


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
    "--baseline",
    "accepted",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What failed when the stack was first looked at: fail only on what is new.",
)
@click.option("--write-baseline", is_flag=True, help="Write all that fails now into the baseline.")
@judged.options
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
    own = judged.own_rules(folder)
    what = judged.judged(directory, stack, state, graph_file, lookups)
    verdicts = judging.verdicts(what.graph, what.project, own)
    if all(finding.outcome == "not applicable" for finding in verdicts.findings):
        raise UsageError("there is nothing to judge: no rule is for any resource that is here")
    if accepted and (accepted.exists() or not write_baseline):
        verdicts = replace(verdicts, accepted=baseline.read(accepted))
    if accepted and write_baseline:
        common.write(baseline.written(verdicts), accepted)
        verdicts = replace(verdicts, accepted=baseline.read(accepted))
    verdicts = _traced(verdicts, what)
    common.write(_shown(verdicts, format_, what.project), output)
    for problem in what.graph.problems:
        click.echo(f"{click.style('input:', fg='red')} {problem}", err=True)
    if output:
        click.echo(f"{verdicts.summary}: {output}", err=True)
    sys.exit(verdicts.fails(fail_on))


def _traced(verdicts: Verdicts, what: judged.Judged) -> Verdicts:
    """The verdicts with what fails at the setting that makes it fail, if that is in the file."""
    if what.recording is None:
        return verdicts
    places = Places(what.graph, what.project)
    ours = [finding for finding in verdicts.failed if places.blocks(finding)]
    blocks = {block for finding in ours for block in places.blocks(finding)}
    found = causes(what.recording, ours, what.graph, blocks)
    traced = (
        replace(f, source=places.of_setting(found[key(f)])) if key(f) in found else f
        for f in verdicts.findings
    )
    return replace(verdicts, findings=tuple(traced))


def _shown(verdicts: Verdicts, format_: str, project: Project | None) -> str:
    match format_:
        case "sarif":
            tool = Tool(metadata.version("pulumi-bulwark"))
            return sarif(verdicts, tool, _lines_of_faults(verdicts, project))
        case "junit":
            return junit(verdicts)
        case "json":
            return as_json(verdicts)
    return table(verdicts, click.style)


def _lines_of_faults(verdicts: Verdicts, project: Project | None) -> list[str]:
    if not verdicts.faults or not project:
        return []
    file = project.root / waivers.FILE
    lines, listed = yaml_file.lines(file), waivers.load(file)
    numbers = (str(listed.index(fault.waiver)) for fault in verdicts.faults)
    return [line_of(file, lines["waivers", number]) for number in numbers]
