"""A report as Markdown, CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, Final

from bulwark_toolkit.preview.wire import to_json

from .assess import ALL_OUTCOMES, MEANING, SERVED, Assessed, Assessment, Evidence
from .facts import Facts
from .text import cell, code, markdown

FORMAT: Final = "bulwark.report/1"

ABOUT: Final = (
    "What the configuration of one stack shows of what frameworks ask: evidence for whoever "
    "judges, not a judgement."
)


def as_markdown(assessment: Assessment, facts: Facts) -> str:
    return "\n".join(_markdown(assessment, facts)) + "\n"


def _markdown(assessment: Assessment, facts: Facts) -> Iterator[str]:
    yield f"# {markdown(facts.title)}\n"
    yield f"{ABOUT}\n"
    yield _row("", "")
    yield _row("---", "---")
    for name, value in facts.rows():
        yield _row(name, markdown(value))
    yield "\n## Summary\n"
    yield "Controls by the worst verdict under them:\n"
    yield _row("framework", *ALL_OUTCOMES)
    yield _row("---", *("--:" for _ in ALL_OUTCOMES))
    for framework in assessment.frameworks:
        counts = assessment.counts(framework)
        yield _row(markdown(framework.name), *(str(counts[o]) for o in ALL_OUTCOMES))
    yield ""
    yield from (f"- **{outcome}**: {MEANING[outcome]}" for outcome in ALL_OUTCOMES)
    yield "\n## Not assessed\n"
    yield from (f"- {markdown(line)}" for line in facts.not_assessed)
    for framework in assessment.frameworks:
        yield f"\n## {markdown(framework.name)}\n\n{markdown(framework.scope)}."
        for control in assessment.of(framework):
            yield from _control(control)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _control(assessed: Assessed) -> Iterator[str]:
    control = assessed.control
    yield f"\n### {markdown(control.id)} {markdown(control.title)}\n"
    yield f"**{assessed.outcome}** · {SERVED[control.served]}{_counted(assessed)}"
    yield from (f"\n{line}." for line in map(markdown, remarks(assessed)))
    if assessed.evidence:
        yield ""
        yield _row("resource", "property", "value", "verdict", "rule")
        yield _row(*["---"] * 5)
        yield from (_evidence(evidence) for evidence in assessed.evidence)


def remarks(assessed: Assessed) -> Iterator[str]:
    """What is to be said of a control beside its evidence."""
    control = assessed.control
    if control.applies:
        yield f"Applies: {control.applies}"
    if control.person:
        yield f"A person must: {control.person}"
    if not control.verified:
        yield "This id was not yet compared with the framework's own text"


def _counted(assessed: Assessed) -> str:
    counts = [f"{assessed.counts[o]} {o}" for o in ALL_OUTCOMES if assessed.counts[o]]
    return f" · {', '.join(counts)}" if counts else ""


def _evidence(evidence: Evidence) -> str:
    said = f": {markdown(evidence.said)}" if evidence.said else ""
    return _row(
        code(evidence.resource),
        code(evidence.finding.property),
        code(evidence.value),
        f"{evidence.outcome}{said}",
        code(evidence.rule.id),
    )


_COLUMNS: Final = (
    "framework",
    "control",
    "title",
    "served",
    "applies",
    "a person must",
    "id verified",
    "verdict of control",
    "rule",
    "severity",
    "requires",
    "resource",
    "type",
    "urn",
    "property",
    "value",
    "verdict",
    "says",
    "source",
    "project",
    "stack",
    "graph",
    "commit",
    "time",
)


def as_csv(assessment: Assessment, facts: Facts) -> str:
    """A row for each piece of evidence, and one for each control that has none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    about = (facts.project, facts.stack, facts.digest, facts.commit, facts.time)
    for assessed in assessment.controls:
        control = assessed.control
        head = (
            assessed.framework.name,
            control.id,
            control.title,
            SERVED[control.served],
            control.applies or "",
            control.person or "",
            "yes" if control.verified else "no",
            assessed.outcome,
        )
        for cells in [_cells(e) for e in assessed.evidence] or [("",) * 11]:
            writer.writerow([cell(text) for text in (*head, *cells, *about)])
    return text.getvalue()


def _cells(evidence: Evidence) -> tuple[str, ...]:
    rule, finding = evidence.rule, evidence.finding
    return (
        rule.id,
        rule.severity,
        rule.requires,
        evidence.resource,
        evidence.type,
        finding.urn,
        finding.property,
        evidence.value,
        evidence.outcome,
        evidence.said,
        finding.source,
    )


def as_json(assessment: Assessment, facts: Facts) -> str:
    document = {
        "format": FORMAT,
        "about": ABOUT,
        "project": facts.project,
        "stack": facts.stack,
        "mode": facts.mode,
        "graph": facts.digest,
        "commit": facts.commit,
        "time": facts.time,
        "tools": dict(facts.tools),
        "resources": facts.resources,
        "rules": facts.rules,
        "notAssessed": list(facts.not_assessed),
        "frameworks": [
            {
                "id": framework.id,
                "name": framework.name,
                "scope": framework.scope,
                "counts": {o: assessment.counts(framework)[o] for o in ALL_OUTCOMES},
                "controls": [_json_of(control) for control in assessment.of(framework)],
            }
            for framework in assessment.frameworks
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _json_of(assessed: Assessed) -> dict[str, Any]:
    control = assessed.control
    return {
        "id": control.id,
        "title": control.title,
        "served": control.served,
        "applies": control.applies,
        "person": control.person,
        "verified": control.verified,
        "outcome": assessed.outcome,
        "rules": [rule.id for rule in assessed.rules],
        "evidence": [_evidence_json(evidence) for evidence in assessed.evidence],
    }


def _evidence_json(evidence: Evidence) -> dict[str, Any]:
    finding = evidence.finding
    found: dict[str, Any] = {
        "rule": evidence.rule.id,
        "severity": evidence.rule.severity,
        "urn": finding.urn,
        "property": finding.property,
        "value": to_json(finding.value),
        "outcome": evidence.outcome,
        "text": finding.text,
        "source": finding.source,
    }
    if finding.waiver:
        found["waiver"] = finding.waiver.model_dump(mode="json", by_alias=True)
    return found
