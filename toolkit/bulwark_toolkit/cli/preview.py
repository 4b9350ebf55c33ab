import sys
from dataclasses import replace
from pathlib import Path

import click

from pulumi_bulwark.config import NAMESPACE

from ..preview import Lookups, Project, place_of, record, tree
from . import common


@click.command(
    epilog="Example: bulwark preview -s prod --rendered --format json -o build/prod.json"
)
@common.directory
@common.stack
@common.format_("tree", "json")
@common.output
@click.option(
    "--rendered",
    is_flag=True,
    help="Fill what only the cloud knows (ids, ARNs, endpoints) with well-formed placeholders.",
)
@click.option(
    "--lookups",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Answers to look-ups and other stacks' outputs.  [default: bulwark.lookups.yaml beside "
    "Pulumi.yaml, if there]",
)
def preview(
    directory: Path,
    stack: str | None,
    format_: str,
    output: Path | None,
    *,
    rendered: bool,
    lookups: Path | None,
) -> None:
    """Show what a stack would deploy: no login, no Pulumi CLI, no network.

    Exit status 1 when an input is not what the provider's SDK declares.
    """
    project = Project.find(directory)
    program = project.program(common.chosen(project, stack), leave=NAMESPACE)
    settings = common.settings(program.config, program.secrets)
    place = place_of(program.config)
    if settings and settings.account.id:
        place = replace(place, account=settings.account.id)
    answers = Lookups.load(place, lookups or project.lookups())
    graph = record(program, lookups=answers, place=place, rendered=rendered)
    common.write(graph.to_json() if format_ == "json" else tree(graph, click.style), output)
    for problem in graph.problems:
        click.echo(f"{click.style('input:', fg='red')} {problem}", err=True)
    sys.exit(1 if graph.problems else 0)
