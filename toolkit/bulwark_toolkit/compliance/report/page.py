"""A report as one page."""

from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from itertools import groupby
from typing import Final

from bulwark_toolkit.preview.drawing.document import document

from .assess import ALL_OUTCOMES, MEANING, Assessed, Assessment, Evidence, Outcome
from .facts import Facts
from .formats import ABOUT
from .text import html

_PACKAGE: Final = __name__.rpartition(".")[0]

_LABEL: Final[dict[Outcome, str]] = {
    "fail": "Fails",
    "waived": "Waived",
    "unknown": "Not known",
    "pass": "Pass",
    "not applicable": "Nothing to judge",
    "manual": "By a person",
}
_SIGN: Final[dict[Outcome, str]] = {
    "fail": "✕",
    "waived": "◷",
    "unknown": "?",
    "pass": "✓",
    "not applicable": "∅",
    "manual": "☐",
}
_SERVED: Final = {
    "enforced": (
        "Enforced by configuration",
        "The setting of a resource does it; the evidence is the setting.",
    ),
    "detected": (
        "Detected",
        "Something watches and tells; the evidence is that it is on.",
    ),
    "manual": ("Manual", "A person does it; here is what."),
}


def as_html(assessment: Assessment, facts: Facts) -> str:
    return document(
        title=facts.title,
        generator="bulwark report",
        style=_file("report.css"),
        script=_file("report.js"),
        body=_body(assessment, facts),
    )


def _file(name: str) -> str:
    return (resources.files(_PACKAGE) / name).read_text(encoding="utf-8")


def _body(assessment: Assessment, facts: Facts) -> Iterator[str]:
    yield '<a class="skip" href="#controls">Skip to the controls</a>'
    yield f"<header><h1>{html(facts.title)}</h1><p>{html(ABOUT)}</p></header>"
    yield "<main>"
    yield '<div class="top"><section aria-labelledby="facts-title">'
    yield '<h2 id="facts-title">What was looked at</h2><dl class="facts">'
    yield from (_fact(name, value) for name, value in facts.rows())
    yield "</dl></section>"
    yield '<section aria-labelledby="left-title"><h2 id="left-title">What was not assessed</h2><ul>'
    yield from (f"<li>{html(line)}</li>" for line in facts.not_assessed)
    yield "</ul></section></div>"
    yield from _summary(assessment)
    yield from _open_points(assessment)
    yield from _legend()
    yield '<section id="controls" aria-labelledby="controls-title">'
    yield '<h2 id="controls-title">The controls</h2>'
    yield from _tools(assessment)
    for framework in assessment.frameworks:
        yield f'<section class="framework" id="{framework.id}" data-framework="{framework.id}">'
        yield f"<h3>{html(framework.name)}</h3>"
        yield f'<p class="quiet">{html(framework.scope)}.</p>'
        yield from _groups(assessment.of(framework))
        yield "</section>"
    yield "</section></main>"
    yield "<footer><p>Titles of controls are our own words: read the framework's text beside them. "
    yield "A pass is of the rules alone; whether a control is met is for whoever judges. "
    yield "A secret's value is nowhere in this page.</p></footer>"


def _fact(name: str, value: str) -> str:
    return f"<div><dt>{html(name)}</dt><dd>{html(value)}</dd></div>"


def _summary(assessment: Assessment) -> Iterator[str]:
    yield '<section aria-labelledby="summary-title"><h2 id="summary-title">Summary</h2>'
    yield '<p class="quiet">Each control counts once, by the worst verdict under it. '
    yield "Choose a number to see those controls.</p>"
    yield '<div class="wide"><table class="summary"><thead><tr><th scope="col">Framework</th>'
    yield from (f'<th scope="col">{_chip(outcome)}</th>' for outcome in ALL_OUTCOMES)
    yield '<th scope="col">All</th></tr></thead><tbody>'
    for framework in assessment.frameworks:
        counts = assessment.counts(framework)
        yield f'<tr><th scope="row"><a href="#{framework.id}" data-pick="{framework.id}">'
        yield f"{html(framework.name)}</a></th>"
        yield from (_number(framework.id, o, counts[o]) for o in ALL_OUTCOMES)
        yield f'<td data-of="All">{counts.total()}</td></tr>'
    yield "</tbody></table></div></section>"


def _open_points(assessment: Assessment) -> Iterator[str]:
    """What an auditor asks first: what fails, and which exceptions somebody answers for."""
    failing, waived = assessment.failing, assessment.waived
    yield '<section id="open-points" aria-labelledby="open-title">'
    yield '<h2 id="open-title">Failures and exceptions</h2>'
    if not failing:
        yield "<p>Nothing fails that nobody answers for.</p>"
    for rule, found in failing.items():
        yield f'<div class="point"><p>{_chip("fail")} <b>{html(rule.requires)}.</b> '
        yield f'<span class="quiet">{html(rule.id)} · {rule.severity}</span></p>'
        yield f"<p>{_resources(found)}</p><p><b>To mend it:</b> {html(rule.remediation)}</p></div>"
    for waiver, found in waived.items():
        rule = found[0].rule
        yield f'<div class="point"><p>{_chip("waived")} <b>{html(rule.requires)}.</b> '
        yield f'<span class="quiet">{html(rule.id)} · {rule.severity}</span></p>'
        yield f"<p>Not so for {_resources(found)}</p><dl>"
        yield _fact("Why", waiver.reason)
        yield _fact("Instead", waiver.compensating_control)
        yield _fact("Owner", f"{waiver.owner}, until {waiver.expires} ({waiver.ticket})")
        yield "</dl></div>"
    yield "</section>"


def _resources(found: Sequence[Evidence]) -> str:
    return ", ".join(f"<code>{html(n)}</code>" for n in dict.fromkeys(e.resource for e in found))


def _number(framework: str, outcome: Outcome, number: int) -> str:
    if not number:
        return f'<td class="none" data-of="{_LABEL[outcome]}">0</td>'
    return (
        f'<td data-of="{_LABEL[outcome]}"><a href="#{framework}" data-pick="{framework}" '
        f'data-outcome="{outcome}" '
        f'aria-label="{number} {html(_LABEL[outcome])}">{number}</a></td>'
    )


def _chip(outcome: Outcome, number: int | None = None) -> str:
    said = _LABEL[outcome] if number is None else f"{number} {_LABEL[outcome].lower()}"
    return (
        f'<span class="chip {outcome.partition(" ")[0]}"><span aria-hidden="true">'
        f"{_SIGN[outcome]}</span> {said}</span>"
    )


def _legend() -> Iterator[str]:
    yield '<details class="legend" open><summary>How to read it</summary>'
    yield "<p>A <em>control</em> is one thing that a framework asks. <em>Rules</em> serve it: each "
    yield "looks at one property of one kind of resource. Open a control for its evidence: which "
    yield "resource, which property, which value, and the verdict.</p>"
    yield '<div class="two"><dl>'
    yield from (f"<div><dt>{_chip(o)}</dt><dd>{html(MEANING[o])}</dd></div>" for o in ALL_OUTCOMES)
    yield "</dl><dl>"
    for name, meaning in _SERVED.values():
        yield f"<div><dt>{name}</dt><dd>{meaning}</dd></div>"
    yield "<div><dt>Id not verified</dt><dd>The id was written from memory, and nobody has "
    yield "compared it with the framework's own text yet.</dd></div></dl></div></details>"


def _tools(assessment: Assessment) -> Iterator[str]:
    yield '<div class="tools" hidden><label>Search <input type="search" id="find" '
    yield 'autocomplete="off" spellcheck="false" placeholder="id, word, resource, value">'
    yield '<kbd aria-hidden="true">/</kbd></label>'
    yield '<label>Framework <select id="framework"><option value="">all</option>'
    for framework in assessment.frameworks:
        yield f'<option value="{framework.id}">{html(framework.name)}</option>'
    yield '</select></label><label>Served <select id="served"><option value="">any way</option>'
    yield from (f'<option value="{key}">{name}</option>' for key, (name, _) in _SERVED.items())
    yield "</select></label><fieldset><legend>Verdict</legend>"
    for outcome in ALL_OUTCOMES:
        yield f'<label><input type="checkbox" name="outcome" value="{outcome}" checked> '
        yield f"{_LABEL[outcome]}</label>"
    yield '</fieldset><div class="buttons"><button type="button" id="open">Open all shown</button>'
    yield '<button type="button" id="close">Close all</button>'
    yield '<button type="button" id="reset">Show everything</button>'
    yield '<button type="button" id="print">Print what is shown</button> '
    yield '<span class="quiet">a closed control prints without its evidence</span></div></div>'
    yield '<p id="shown" role="status"></p>'


def _groups(controls: Iterable[Assessed]) -> Iterator[str]:
    by_id = {c.control.id: c for c in controls}
    framework = next(iter(by_id.values())).framework
    for group in framework.groups:
        yield f'<div class="group"><h4>{html(group.title)}</h4>'
        yield from (_control(by_id[control.id]) for control in group.controls)
        yield "</div>"


def _control(assessed: Assessed) -> str:
    control, outcome = assessed.control, assessed.outcome
    if assessed.evidence:
        counted = "".join(_chip(o, assessed.counts[o]) for o in ALL_OUTCOMES if assessed.counts[o])
    else:
        counted = ""
    return (
        f'<details class="control" id="{assessed.key}" data-outcome="{outcome}" '
        f'data-served="{control.served}"><summary><span class="id">{html(control.id)}</span>'
        f'<span class="title">{html(control.title)}</span>'
        f'<span class="quiet served">{_served(assessed)}</span>'
        f'<span class="verdict">{_chip(outcome)}</span></summary><div class="inside">'
        f"{''.join(_remarks(assessed))}"
        f'<p class="chips">{counted}</p>{"".join(_evidence(assessed))}</div></details>'
    )


def _served(assessed: Assessed) -> str:
    """How, and whether a person has a part in it: a pass is then not all of it."""
    also = " · and a person" if assessed.control.person and assessed.rules else ""
    return f"{_SERVED[assessed.control.served][0]}{also}"


def _remarks(assessed: Assessed) -> Iterator[str]:
    control = assessed.control
    if control.person:
        yield f'<p class="person"><b>A person must:</b> {html(control.person)}.</p>'
    if control.applies:
        yield f"<p><b>Applies:</b> {html(control.applies)}.</p>"
    if not control.verified:
        yield '<p class="quiet">Id not verified: see “How to read it”.</p>'
    if assessed.idle:
        names = ", ".join(rule.requires for rule in assessed.idle)
        yield '<details class="idle"><summary class="quiet">Rules that found nothing to judge: '
        yield f"{len(assessed.idle)}</summary><p>{html(names)}.</p></details>"


def _evidence(assessed: Assessed) -> Iterator[str]:
    if not assessed.evidence:
        return
    yield '<div class="wide"><table class="evidence"><thead><tr><th scope="col">Resource</th>'
    yield '<th scope="col">Property</th><th scope="col">Value</th><th scope="col">Verdict</th>'
    yield "</tr></thead>"
    for rule, found in groupby(assessed.evidence, key=lambda evidence: evidence.rule):
        yield f'<tbody><tr><th colspan="4" scope="rowgroup">{html(rule.requires)} '
        yield f'<span class="quiet">{html(rule.id)} · {rule.severity}</span></th></tr>'
        yield from map(_row, found)
        yield "</tbody>"
    yield "</table></div>"


def _row(evidence: Evidence) -> str:
    finding = evidence.finding
    said = f'<span class="said">{html(evidence.said)}</span>' if evidence.said else ""
    return (
        f'<tr><td data-of="Resource"><span title="{html(finding.urn)}">{html(evidence.resource)}'
        f'</span><span class="quiet kind">{html(evidence.type)}</span></td>'
        f'<td data-of="Property">{html(finding.property)}</td>'
        f'<td data-of="Value"><code>{html(evidence.value)}</code></td>'
        f'<td data-of="Verdict">{_chip(evidence.outcome)}{said}</td></tr>'
    )
