"""Values of the graph as HTML: marked where they are secret or unknown, never a secret's text."""

import json
from collections.abc import Callable, Iterator, Mapping

from ..values import Archive, Asset, Reference, Secret, Unknown, Value
from .text import safe

ONE_LINE = 120
"""Characters of a value that stays among the text."""

LONGEST = 20_000
"""Characters of one value; an API document can have millions."""

Link = Callable[[str], str]
"""HTML that names a resource by its URN."""


def table(values: Mapping[str, Value], link: Link) -> str:
    """Rows of path and value, in the order of the graph."""
    rows = [_row(path, value, link) for path, value in leaves(values) if path]
    return f'<dl class="values">{"".join(rows)}</dl>' if rows else '<p class="none">None.</p>'


def leaves(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Everything that is not a collection, with its path."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value):
            yield from leaves(item, f"{path}[{number}]")
    else:
        yield path, value


def _row(path: str, value: Value, link: Link) -> str:
    return f"<div><dt>{safe(path)}</dt><dd>{shown(value, link)}</dd></div>"


def shown(value: Value, link: Link) -> str:
    match value:
        case Secret():
            return '<span class="mark secret">secret</span>'
        case Unknown(waits_for):
            names = ", ".join(map(link, waits_for))
            after = f" from {names}" if names else ""
            return f'<span class="mark unknown">known after up</span>{after}'
        case Asset(digest) | Archive(digest):
            return f"a file, <code>{safe(digest)}</code>"
        case Reference(urn):
            return link(urn)
        case list():
            return (
                ", ".join(shown(item, link) for item in value) or '<span class="none">none</span>'
            )
        case dict():
            return '<span class="none">empty</span>'
        case None:
            return '<span class="none">none</span>'
        case bool():
            return f"<code>{'yes' if value else 'no'}</code>"
        case str():
            return _text(value)
    return f"<code>{safe(value)}</code>"


def _text(value: str) -> str:
    document = _document(value)
    text = document or value
    more = len(text) - LONGEST
    rest = f'<p class="none">… {more:,} characters more: see --format json</p>'
    if document or "\n" in text or len(text) > ONE_LINE:
        return f'<pre class="long">{safe(text[:LONGEST])}</pre>{rest if more > 0 else ""}'
    return f"<code>{safe(text)}</code>" if text else '<span class="none">empty</span>'


def _document(value: str) -> str:
    """JSON in a readable form: policies come as text."""
    if not value.startswith(("{", "[")) or len(value) > 50 * LONGEST:
        return ""
    try:
        return json.dumps(json.loads(value), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""
