"""Characters that no honest text needs, and other spellings of the same text."""

import re

_CONTROL = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0001"
    "\U000e0020-\U000e007f]"
)
"""C0 but tab and line ends, C1 but the old line end, surrogates, non-characters, and tags, which
hide text from people."""

_BREAK = re.compile("[\r\n\x85\u2028\u2029]")

_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a]{2,6}\U000e007f")
"""The flags of England, Scotland and Wales are spelt with tags."""

_ORDER = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OVERRIDE = re.compile("[\u202a\u202b\u202c\u202d\u202e]")


def refused(text: str, *, one_line: bool = False) -> str | None:
    """The rule that a text breaks by its characters alone."""
    if text.isascii() and text.isprintable():
        return None
    if one_line and _BREAK.search(text):
        return "decode.control"
    if _CONTROL.search(text) and _CONTROL.search(_FLAG.sub("", text)):
        return "decode.control"
    if not text.isascii() and _ORDER.search(text) and not _is_isolated(text):
        return "decode.bidi"
    return None


def _is_isolated(text: str) -> bool:
    """Whether direction changes only inside isolates that are closed again, as Unicode advises."""
    if _OVERRIDE.search(text):
        return False
    depth = 0
    for mark in _ORDER.findall(text):
        depth += -1 if mark == "\u2069" else 1
        if depth < 0:
            return False
    return depth == 0


def cleaned(text: str) -> str:
    """The text without the characters that are refused."""
    return _ORDER.sub("", _CONTROL.sub("", text))
