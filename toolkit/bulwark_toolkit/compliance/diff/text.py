"""A difference for a terminal."""

from collections.abc import Callable, Iterator
from typing import Final

from .graphs import Difference
from .rows import (
    NOT_ASKED,
    TURNS,
    change_rows,
    counts,
    name_of,
    printable,
    titled,
    verdict_counts,
    verdict_places,
)
from .verdicts import VerdictChange

Style = Callable[..., str]
"""As click.style: text and a colour, bold or dim, to text."""

_COLOURS: Final = {
    "+": "green",
    "-": "red",
    "~": "yellow",
    "+-": "magenta",
    ">": "cyan",
    "<": "cyan",
    "!": "yellow",
    "✗": "red",
    "?": "yellow",
    "✓": "green",
}


def text(difference: Difference, style: Style = lambda text, **_: text) -> str:
    """Verdicts first, since they are what a reviewer asks for; secrets are masked."""
    stack = f"{printable(difference.stack)} of {printable(difference.project)}"
    if difference.empty:
        return f"{style(f'Nothing changes in {stack}.', bold=True)}\n"
    sections = (
        [style(f"What changes in {stack}", bold=True), f"  {counts(difference)}"],
        _titled("Verdicts", _verdicts(difference, style), style),
        _titled("Notes", _notes(difference, style), style),
        _titled("Resources", _resources(difference, style), style),
        _titled("Exports", _exports(difference, style), style),
        _titled("Provider versions", _versions(difference, style), style),
        [style(NOT_ASKED, dim=True)],
    )
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _titled(title: str, lines: Iterator[str], style: Style) -> list[str]:
    found = list(lines)
    return [style(title, bold=True), *found] if found else []


def _mark(symbol: str, style: Style) -> str:
    return style(f"{symbol:<2}", fg=_COLOURS.get(symbol))


def _verdicts(difference: Difference, style: Style) -> Iterator[str]:
    yield f"  {verdict_counts(difference)}"
    for change in difference.verdicts:
        yield from _verdict(change, style)


def _verdict(change: VerdictChange, style: Style) -> Iterator[str]:
    rule = change.rule
    where = style(name_of(change.urn), bold=True)
    severity = style(rule.severity, dim=True)
    yield f"  {_mark(TURNS[change.turn], style)} {change.turn}  {where}  {rule.id}  {severity}"
    if change.turn in ("fails now", "fails in more places", "unknown now"):
        yield f"       {printable(rule.requires)} ({printable(rule.reference)})."
        yield from (f"       {place}" for place in verdict_places(change))
    if change.turn in ("fails now", "fails in more places"):
        yield style(f"       {printable(rule.remediation)}", dim=True)


def _notes(difference: Difference, style: Style) -> Iterator[str]:
    for symbol, note in difference.notes:
        yield f"  {_mark(symbol, style)} {note.kind}  {name_of(note.urn)}: {printable(note.text)}"
    for symbol, problem in difference.problems:
        yield f"  {_mark(symbol, style)} input  {name_of(problem.urn)}: {printable(problem.text)}"


def _resources(difference: Difference, style: Style) -> Iterator[str]:
    for title, source, found in titled(difference):
        symbol, _, words = title.partition(" ")
        head = f"  {_mark(symbol, style)} {style(words.strip(), bold=True)}"
        yield f"{head}  {style(source, dim=True)}" if source else head
        yield from (f"       {_mark(row.symbol, style)} {row.text}" for row in found)


def _exports(difference: Difference, style: Style) -> Iterator[str]:
    for change in difference.exports:
        yield from (f"  {_mark(row.symbol, style)} {row.text}" for row in change_rows(change))


def _versions(difference: Difference, style: Style) -> Iterator[str]:
    for package, before, now, count in difference.versions:
        was, is_ = printable(before) or "any", printable(now) or "any"
        yield f"  {_mark('~', style)} {printable(package)}: {was} → {is_} ({count} resources)"
