"""Other texts that an application may read where this one is written."""

import html
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote

_ESCAPE = re.compile(r"%(?:u[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2})")
_WIDE_ESCAPE = re.compile(r"%u([0-9A-Fa-f]{4})")
_ENTITY = re.compile(r"&(?:#[0-9]|#[xX][0-9A-Fa-f]|[A-Za-z]{2,8};|lt|gt|quot)")
_CODED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2}))")
_OVERLONG = re.compile(r"%(?:[cC][01]|[eE]0%80)%([89abAB][0-9a-fA-F])")
_SHIFTED = re.compile(r"\+A[A-Za-z0-9+/]{2,40}-")

_MOST = 8
"""Texts that are looked at for one: each is as long as it at most."""


def variants(text: str) -> Iterator[str]:
    """The text itself, then what decoding it once more, in any of the usual ways, makes of it."""
    seen = {text}
    waiting = [text]
    yield text
    while waiting:
        current = waiting.pop()
        for marker, decode in _DECODERS:
            if marker in current:
                other = decode(current)
                if other not in seen and len(seen) < _MOST:
                    seen.add(other)
                    waiting.append(other)
                    yield other
        if not current.isascii():
            other = narrow(current)
            if other not in seen and len(seen) < _MOST:
                seen.add(other)
                waiting.append(other)
                yield other


def narrow(text: str) -> str:
    """Full-width and other compatible forms as the ASCII that some conversions make of them."""
    if unicodedata.is_normalized("NFKC", text) and not _ALIKES.search(text):
        return text
    other = unicodedata.normalize("NFKC", text.translate(_LOOKALIKES))
    return other if len(_ASCII.findall(other)) != len(_ASCII.findall(text)) else text


_ASCII = re.compile(r"[!-~]")


def _percent(text: str) -> str:
    if not _ESCAPE.search(text):
        return text
    text = _OVERLONG.sub(_narrowed, text)
    text = _WIDE_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return unquote(text, errors="replace").replace("\0", "")


def _narrowed(found: re.Match[str]) -> str:
    """An overlong form of an ASCII character, such as %c0%a7 for an apostrophe."""
    lead = int(found[0][1:3], 16) & 1
    return chr(lead << 6 | int(found[1], 16) & 0x3F)


def _spaced(text: str) -> str:
    """A form's spaces; `1 + 1` has real ones and keeps its sign."""
    return text.replace("+", " ") if " " not in text and _PLUS.search(text) else text


_PLUS = re.compile(
    r"[<'\"`(]|\+(?:x?or|and|union|select|from|where|order|group|having|like|exec|limit)\b",
    re.IGNORECASE,
)
"""Something that a plus for a space could be an attack with; base64 is full of pluses."""


def _entities(text: str) -> str:
    return html.unescape(text) if _ENTITY.search(text) else text


def _escapes(text: str) -> str:
    decoded = _CODED.sub(_character, text).replace("\0", "")
    if not _BYTE.search(text):
        return decoded
    try:
        return decoded.encode("latin-1").decode()
    except UnicodeError:
        return decoded


_BYTE = re.compile(r"\\x[89a-fA-F]")
"""Part of a character, where the escapes are bytes of UTF-8."""


def _character(found: re.Match[str]) -> str:
    point = int(found[1] or found[2] or found[3], 16)
    return chr(point) if point <= sys.maxunicode and point not in _SURROGATES else found[0]


_SURROGATES = range(0xD800, 0xE000)
"""Halves of characters."""


def _utf7(text: str) -> str:
    if not _SHIFTED.search(text) or not text.isascii():
        return text
    return text.encode().decode("utf-7", "replace")


_ALIKE = {"'": "\u02b9\u02bc\u2032", '"': "\u02ba\u2033\xa2", "<": "\xbc", ">": "\xbe"}
_ALIKES = re.compile("[" + "".join(_ALIKE.values()) + "]")
_LOOKALIKES = {ord(alike): plain for plain, alikes in _ALIKE.items() for alike in alikes}
"""What conversions of character sets, or the loss of a byte's eighth bit, turn into quotes and
brackets, beside what NFKC does. Not the typographic
apostrophe: honest
names are full of it, and no conversion that is used makes a quote of it."""

_DECODERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("%", _percent),
    ("+", _spaced),
    ("&", _entities),
    ("\\", _escapes),
    ("+A", _utf7),
)
