"""Text for each format: what is hostile in one is harmless in another."""

import re
from typing import Final

from bulwark_toolkit.compliance.visible import visible
from bulwark_toolkit.preview.drawing.text import safe

_MARKED: Final = re.compile(r"([\\`*_\[\]<>|~&#])|(?<=:)(?=//)|(?<=www)(?=\.)")
"""What means something in Markdown or in the HTML within it, and what becomes a link by itself."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell starts that a spreadsheet would compute."""


def compact(text: str) -> str:
    """An id of letters, digits, dots and dashes: `Art 4(3)(a)` is `art-4-3-a`."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def markdown(text: str) -> str:
    return _MARKED.sub(lambda found: f"\\{found[1] or ''}", visible(text))


def code(text: str) -> str:
    """A value as it is, in a cell of a Markdown table."""
    plain = visible(text).replace("|", "\\|")
    if not plain:
        return ""
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    gap = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{gap}{plain}{gap}{fence}"


def cell(text: str) -> str:
    """A cell of a spreadsheet that is text, whatever it starts with."""
    plain = visible(text)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain


def html(text: object) -> str:
    return safe(text)
