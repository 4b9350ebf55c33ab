"""A difference in words, a row at a time: what the terminal and the comment have in common."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bulwark_toolkit.preview.urns import dotted
from bulwark_toolkit.preview.values import Archive, Asset, Reference, Secret, Unknown, Value

from .graphs import Difference, ResourceChange
from .values import ABSENT, SAME_DOCUMENT, Change, below, document
from .verdicts import Turn, VerdictChange

SYMBOLS: Final = {
    "add": "+",
    "remove": "-",
    "change": "~",
    "replace": "+-",
    "read": ">",
    "discard": "<",
}
"""As Pulumi writes them."""

TURNS: Final[dict[Turn, str]] = {
    "fails now": "✗",
    "fails in more places": "✗",
    "unknown now": "?",
    "not judged now": "·",
    "passes now": "✓",
}

NOT_ASKED: Final = (
    "Not asked: the provider and the account. Only the provider knows what it replaces: +- comes "
    "from a list of properties that are known to, and may be missing where it is due. Whether a "
    "secret has another value cannot be told."
)

_ALIKE: Final = 3
"""So many are told together."""

LONGEST: Final = 160
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    symbol: str
    text: str


def printable(text: str) -> str:
    """Without control, direction and line characters: nothing can move the cursor or the line."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode()
        for c in text.encode("utf-8", "replace").decode()
    )


def name_of(urn: str) -> str:
    return printable(urn.rpartition("::")[2]) or "the stack"


def headline(change: ResourceChange) -> str:
    """Name and type, and the name it had."""
    resource = change.resource
    was = name_of(change.renamed_from) if change.renamed_from else ""
    renamed = ""
    if was:
        renamed = f", was {was}" if was != name_of(resource.urn) else ", was elsewhere"
    return f"{printable(resource.name)}  {printable(dotted(resource.type))}{renamed}"


def titled(difference: Difference) -> Iterator[tuple[str, str, list[Row]]]:
    """Title, source and rows of each change; what happens alike to several resources is said once.

    A tag that changes for all is one fact, and must not hide the others.
    """
    alike: dict[tuple[Row, ...], list[ResourceChange]] = {}
    pairs = [(change, tuple(rows(change))) for change in difference.resources]
    for change, found in pairs:
        if change.kind == "change" and not change.renamed_from:
            alike.setdefault(found, []).append(change)
    for change, found in pairs:
        group = alike.get(found, [])
        one = change.kind != "change" or change.renamed_from or len(group) < _ALIKE
        if one:
            source = printable(change.resource.source)
            yield f"{SYMBOLS[change.kind]:<2} {headline(change)}", source, list(found)
        elif change is group[0]:
            names = ", ".join(printable(c.resource.name) for c in group)
            title = f"{SYMBOLS[change.kind]:<2} {len(group)} resources alike"
            yield title, "", [*found, Row(" ", f"in {names}")]


def counts(difference: Difference) -> str:
    """`+ 1 added, ~ 2 changed, 40 unchanged`."""
    words = {
        "add": "added",
        "remove": "removed",
        "change": "changed",
        "replace": "may be replaced",
        "read": "read",
        "discard": "not read any more",
    }
    found = [c.kind for c in difference.resources if c.resource.kind != "component"]
    parts = [f"{SYMBOLS[k]} {found.count(k)} {word}" for k, word in words.items() if k in found]
    return ", ".join([*(parts or ["no resource differs"]), f"{difference.unchanged} unchanged"])


def verdict_counts(difference: Difference) -> str:
    found = [v.turn for v in difference.verdicts]
    parts = [f"{found.count(turn)} {turn}" for turn in TURNS if turn in found]
    if difference.new_passes:
        parts.append(f"{difference.new_passes} more pass")
    return ", ".join(parts) or "no verdict differs"


def verdict_places(change: VerdictChange) -> Iterator[str]:
    """Where, and what is there, of each finding."""
    for finding in change.findings:
        where = f"{name_of(finding.urn)}: " if finding.urn != change.urn else ""
        value = "" if finding.value is None else f" = {shown(finding.value)}"
        text = f"  {printable(finding.text)}" if finding.text != change.rule.requires else ""
        if finding.property or text:
            yield f"{where}{printable(finding.property)}{value}{text}"
        if finding.waiver:
            yield printable(finding.waiver.words)


def rows(change: ResourceChange) -> Iterator[Row]:
    """What a change does to a resource, property by property."""
    for remark in change.remarks:
        yield Row("!", remark)
    for item in change.changes:
        for row in change_rows(item):
            note = ""
            if item.path in change.replaces and row.symbol != " ":
                note = "  (may replace)"
            elif item.path in change.ignored:
                note = "  (ignored: ignoreChanges)"
            yield Row(row.symbol, row.text + note)


def change_rows(change: Change) -> Iterator[Row]:
    path = printable(change.path)
    if change.note:
        order = f": {shown(change.old)} → {shown(change.new)}"
        short = change.note == SAME_DOCUMENT or isinstance(change.old, Secret)
        yield Row("~", f"{path}: {change.note}{'' if short else order}")
    elif change.old is ABSENT:
        yield from (Row("+", f"{printable(at)}: {shown(v)}") for at, v in _leaves(change, "new"))
    elif change.new is ABSENT:
        yield from (Row("-", f"{printable(at)}: {shown(v)}") for at, v in _leaves(change, "old"))
    elif _many_lines(change.old) and _many_lines(change.new):
        yield Row("~", f"{path}:")
        yield from _line_rows(change.old, change.new)
    else:
        old, new = _around(change.old, change.new)
        yield Row("~", f"{path}: {old} → {new}")


def shown(value: Value) -> str:
    """On one line, and cut where it is long."""
    text = _written(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _written(value: Value) -> str:
    match value:
        case Secret():
            return "[secret]"
        case Unknown(waits_for):
            names = ", ".join(map(name_of, waits_for))
            return f"[known after up{': ' + names if names else ''}]"
        case Asset(digest) | Archive(digest):
            return f"[file {printable(digest)}]"
        case Reference(urn):
            return f"[resource {name_of(urn)}]"
        case str():
            return printable(json.dumps(value, ensure_ascii=False))
        case dict():
            return (
                "{"
                + ", ".join(f"{printable(str(k))}: {_written(v)}" for k, v in value.items())
                + "}"
            )
        case list() | tuple():
            return "[" + ", ".join(map(_written, value)) + "]"
        case None | bool() | int() | float():
            return json.dumps(value)
    return printable(str(value))


def _around(old: Value, new: Value) -> tuple[str, str]:
    """Both in short; of long texts the part where they begin to differ."""
    before, after = _written(old), _written(new)
    if max(len(before), len(after)) <= LONGEST:
        return before, after
    pairs = enumerate(zip(before, after, strict=False))
    first = next((place for place, (a, b) in pairs if a != b), min(len(before), len(after)))
    start = max(0, first - 20)
    cut = [f"{'…' if start else ''}{text[start : start + LONGEST]}" for text in (before, after)]
    ends = ["…" if len(text) > start + LONGEST else "" for text in (before, after)]
    return cut[0] + ends[0], cut[1] + ends[1]


def _many_lines(value: Value) -> bool:
    return isinstance(value, str) and "\n" in value.strip()


def _line_rows(old: str, new: str) -> Iterator[Row]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm="")
    for line in list(lines)[2:]:
        if line.startswith("@@"):
            yield Row(" ", "    …")
        else:
            yield Row(line[0], f"    {printable(line[1:])[:LONGEST]}")


def _leaves(change: Change, side: str) -> Iterator[tuple[str, Value]]:
    yield from _below(getattr(change, side), change.path)


def _below(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    found = document(value)
    value = value if found is None else found
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _below(item, below(path, key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value):
            yield from _below(item, f"{path}[{number}]")
    else:
        yield path, value
