"""Verdicts for a terminal: what fails, the most severe first, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from .judge import Finding
from .rule import Rule
from .verdicts import Verdicts
from .words import detail, name

Style = Callable[..., str]
"""As click.style: text and a colour, bold or dim, to text."""

_COLOURS = {"critical": "red", "high": "red", "medium": "yellow", "low": "cyan"}
_UNITED = 8
"""Characters of the longest severity."""


def table(verdicts: Verdicts, style: Style = lambda text, **_: text) -> str:
    graph = verdicts.graph
    sections = [
        [style(f"Stack {graph.stack} of {graph.project}", bold=True)],
        _section("Fails", verdicts.failed, style),
        _waived(verdicts, style),
        _section("In the baseline", verdicts.old, style),
        _section("Not known", verdicts.unknown, style),
        _faults(verdicts, style),
        list(_last(verdicts)),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _section(title: str, findings: list[Finding], style: Style) -> list[str]:
    if not findings:
        return []
    lines = [style(title, bold=True)]
    for rule, found in groupby(findings, key=lambda finding: finding.rule):
        fix = f"{style('fix', fg='green')}: {rule.remediation}"
        lines += _rule(rule, found, fix, style)
    return lines


def _rule(rule: Rule, findings: Iterable[Finding], end: str, style: Style) -> Iterator[str]:
    severity = style(f"{rule.severity:<{_UNITED}}", fg=_COLOURS[rule.severity])
    yield f"  {severity}  {style(rule.id, bold=True)} ({rule.reference})"
    yield f"  {'':{_UNITED}}  {rule.requires}"
    for finding in findings:
        where = style(f"  {finding.source}", dim=True) if finding.source else ""
        yield f"  {'':{_UNITED}}    {name(finding)}: {detail(finding)}{where}"
    yield f"  {'':{_UNITED}}  {end}"


def _waived(verdicts: Verdicts, style: Style) -> list[str]:
    """Each waiver once, below all that it covers."""
    lines: list[str] = []
    for waiver in dict.fromkeys(finding.waiver for finding in verdicts.waived if finding.waiver):
        covered = [finding for finding in verdicts.waived if finding.waiver == waiver]
        lines += _rule(covered[0].rule, covered, waiver.words, style)
    return [style("Waived", bold=True), *lines] if lines else []


def _faults(verdicts: Verdicts, style: Style) -> list[str]:
    if not verdicts.faults:
        return []
    lines = [f"  {style(f'{fault.kind:<9}', fg='red')}  {fault}" for fault in verdicts.faults]
    return [style("Waivers", bold=True), *lines]


def _last(verdicts: Verdicts) -> Iterator[str]:
    yield f"{verdicts.summary}."
    if verdicts.mended:
        yield f"{len(verdicts.mended)} of the baseline fail no more: write it anew."
