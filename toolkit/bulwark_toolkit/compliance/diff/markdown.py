"""A difference as a comment on a pull request.

Names and values are other people's: in prose every sign that could mean something to Markdown, HTML
or the host is written as a reference, and values stand in fences that are longer than what is in
them. The length is held, since a longer comment is refused whole.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from .graphs import Difference
from .rows import (
    NOT_ASKED,
    TURNS,
    Row,
    change_rows,
    counts,
    name_of,
    printable,
    titled,
    verdict_counts,
    verdict_places,
)
from .verdicts import VerdictChange

LIMIT: Final = 65_536
"""Of GitHub, in characters; we count bytes, of which there are never fewer."""

_ROOM: Final = {"verdicts": 20_000, "notes": 8_000, "exports": 6_000, "resources": 26_000}
"""Bytes of each section, which leaves some for what is around them."""

_MOST_ROWS: Final = 120
"""Of one resource."""

_LONGEST_CODE: Final = 200

_OPEN_UP_TO: Final = 30
"""Rows in all that are shown without being asked for."""


def markdown(difference: Difference) -> str:
    """The comment. Its hidden first line is the same in every run, so a CI step finds it."""
    stack = f"{_code(difference.stack)} of {_code(difference.project)}"
    head = f"{marker(difference)}\n### What changes in {stack}\n"
    if difference.empty:
        return f"{head}\nNothing.\n"
    resources, verdicts = _prose(counts(difference)), _prose(verdict_counts(difference))
    parts = [
        head,
        f"**Resources:** {resources}  \n**Verdicts:** {verdicts}\n",
        _verdicts(difference),
        _folded("Notes", list(_notes(difference)), _ROOM["notes"], opened=True),
        _resources(difference),
        _folded("Exports", list(_exports(difference)), _ROOM["exports"], opened=False),
        f"<sub>{_prose(NOT_ASKED)}</sub>\n",
    ]
    return "\n".join(part for part in parts if part)


def marker(difference: Difference) -> str:
    """`<!-- bulwark-diff project/stack -->`, without what could end it."""
    names = [re.sub(r"[^\w.]+", "_", n)[:100] for n in (difference.project, difference.stack)]
    return f"<!-- bulwark-diff {'/'.join(names)} -->"


def _prose(text: str) -> str:
    """As text that means nothing: no mark-up, no mention, no link to an issue."""
    escaped = "".join(_reference(c) for c in printable(text))
    unlinked = escaped.replace("www", "ww&#119;")
    return re.sub(r"(&#(?:64|35);)", "\\1\u200b", unlinked)


def _reference(sign: str) -> str:
    plain = sign.isalnum() or sign in " .,;/()'\"→…✗✓?·+-=%!" or ord(sign) > 127  # noqa: PLR2004 ASCII
    return sign if plain else f"&#{ord(sign)};"


def _code(text: str) -> str:
    short = text if len(text) <= _LONGEST_CODE else f"{text[:_LONGEST_CODE]}…"
    return f"<code>{_prose(short)}</code>"


def _fence(lines: list[str]) -> str:
    longest = max((len(run) for run in re.findall(r"`+", "\n".join(lines))), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}diff", *lines, fence])


def _line(row: Row) -> str:
    """In a `diff` fence the first sign gives the colour."""
    return f"{ {'+-': '!', '~': '!', '<': '-', '>': '+'}.get(row.symbol, row.symbol) } {row.text}"


def _verdicts(difference: Difference) -> str:
    lines = [_verdict(change) for change in difference.verdicts]
    kept = _fitting(lines, _ROOM["verdicts"])
    return "\n".join([*kept, *_left_out(len(lines) - len(kept), "verdict"), ""] if lines else [])


def _verdict(change: VerdictChange) -> str:
    rule = change.rule
    head = (
        f"- {TURNS[change.turn]} **{change.turn}** {_code(name_of(change.urn))} {_code(rule.id)} "
        f"({rule.severity})"
    )
    if change.turn in ("passes now", "not judged now"):
        return head
    places = [_code(place) for place in list(verdict_places(change))[:5]]
    fix = "" if change.turn == "unknown now" else f" {rule.remediation}"
    said = _prose(f"{rule.requires} ({rule.reference}).{fix}")
    return "  \n  ".join([f"{head}: {said}", *places])


def _notes(difference: Difference) -> Iterator[str]:
    found = chain(
        ((s, f"{n.kind}  {name_of(n.urn)}: {n.text}") for s, n in difference.notes),
        ((s, f"input  {name_of(p.urn)}: {p.text}") for s, p in difference.problems),
        (("~", _version(*version)) for version in difference.versions),
    )
    yield from (_line(Row(symbol, printable(text))) for symbol, text in found)


def _version(package: str, before: str, now: str, count: int) -> str:
    return f"provider {package}: {before or 'any'} → {now or 'any'} ({count} resources)"


def _exports(difference: Difference) -> Iterator[str]:
    for change in difference.exports:
        yield from map(_line, change_rows(change))


def _resources(difference: Difference) -> str:
    found = list(titled(difference))
    opened = sum(len(lines) for _, _, lines in found) <= _OPEN_UP_TO
    blocks = [_resource(title, lines, opened=opened) for title, _, lines in found]
    kept = _fitting(blocks, _ROOM["resources"])
    return "\n".join([*kept, *_left_out(len(blocks) - len(kept), "resource")])


def _resource(title: str, found: list[Row], *, opened: bool) -> str:
    lines = [_line(row) for row in found[:_MOST_ROWS]]
    if len(found) > _MOST_ROWS:
        lines.append(f"  … and {len(found) - _MOST_ROWS} more")
    return _folded(title, lines, _ROOM["resources"], opened=opened)


def _folded(title: str, lines: list[str], room: int, *, opened: bool) -> str:
    """A part that opens on a click."""
    if not lines:
        return f"- {_code(title)}\n" if title.startswith(tuple("+-~<>")) else ""
    kept = _fitting(lines, room - 500)
    if len(kept) < len(lines):
        kept.append(f"  … and {len(lines) - len(kept)} more")
    start = "<details open>" if opened else "<details>"
    return f"{start}<summary>{_code(title)}</summary>\n\n{_fence(kept)}\n\n</details>\n"


def _fitting(parts: list[str], room: int) -> list[str]:
    kept: list[str] = []
    for part in parts:
        room -= len(part.encode()) + 1
        if room < 0:
            break
        kept.append(part)
    return kept


def _left_out(count: int, noun: str) -> list[str]:
    if not count:
        return []
    plural = "" if count == 1 else "s"
    return [f"\n… and {count} more {noun}{plural}: `bulwark preview --format diff` shows all."]
