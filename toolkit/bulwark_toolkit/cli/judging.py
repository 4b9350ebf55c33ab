"""A stack's verdicts, for the verbs that show them."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import replace

from pulumi import RunError

from ..compliance import clock, judge, waivers
from ..compliance.rule import GRAVE, Rule
from ..compliance.rules import RULES
from ..compliance.verdicts import Verdicts
from ..compliance.words import said
from ..preview import Failure, Graph, Project
from . import common
from .places import Places


def verdicts(graph: Graph, project: Project | None, own: Sequence[Rule] = ()) -> Verdicts:
    """What our rules and `own` say of a graph, with the waivers of its project."""
    listed = waivers.load(project.root / waivers.FILE) if project else ()
    found, faults = waivers.waive(judge(graph, (*RULES, *own)), listed, graph, clock.today())
    places = Places(graph, project)
    # A pass needs no line: nothing is to be mended there.
    found = tuple(
        replace(f, source=places.of(f)) if f.outcome in ("fail", "unknown") else f for f in found
    )
    return Verdicts(graph=graph, findings=found, faults=faults)


def beside(graph: Graph, recording: common.Recording, project: Project) -> Verdicts | None:
    """The verdicts on a stack whose graph was recorded with what only the cloud knows unknown.

    They need placeholders, so the program runs once more, unheard. None where it does not run
    with them: what it raises is for `bulwark check` to tell.
    """
    if graph.mode == "rendered":
        return verdicts(graph, project)
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            rendered = recording(rendered=True)
        except RunError:
            return None
    return verdicts(rendered, project)


def line(found: Verdicts | None) -> str:
    if found is None:
        return "Rules: not judged; bulwark check says why."
    late = f", {len(found.faults)} waivers to see to" if found.faults else ""
    return f"Rules: {found.summary}{late}; bulwark check shows them."


def failures(found: Verdicts | None) -> dict[str, list[Failure]]:
    """What fails by URN, for a drawing."""
    by_urn: dict[str, list[Failure]] = {}
    for finding in found.failed if found else ():
        rule = finding.rule
        failure = Failure(said(finding), rule.remediation, rule.severity in GRAVE)
        by_urn.setdefault(finding.urn, []).append(failure)
    return by_urn
