"""Findings for a terminal, and as data."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict

from .rows import Row

Style = Callable[..., str]
"""As click.style: text and a colour, bold or dim, to text."""

_COLOURS = {"overdue": "red", "due": "yellow", "open": "cyan", "no fix": "white"}


def table(rows: Sequence[Row], style: Style = lambda text, **_: text) -> str:
    weakness = max((len(row.weakness) for row in rows), default=0)
    lines = []
    for row in rows:
        state = style(f"{row.state:<7}", fg=_COLOURS[row.state])
        due = f"{row.due}" if row.due else "-"
        lines.append(
            f"{state}  {due:<10}  {row.severity:<8}  {row.weakness:<{weakness}}  {row.kind:<8}  "
            f"{row.resource}"
        )
        if row.state == "overdue":
            lines.append(style(f"         {row.to_do}", dim=True))
    counts = Counter(row.state for row in rows)
    lines.append(", ".join(f"{counts[state]} {state}" for state in _COLOURS) + ".")
    return "\n".join(lines) + "\n"


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps([asdict(row) for row in rows], indent=2, default=str) + "\n"
