"""Policies of API Management as rules read them.

In raw XML an expression may hold quotes and angle brackets as they are. They are escaped first, so
that the rest can be read as what it is.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape, unescape

from .subject import NotReadableError, Subject

_BEGINS: Final = re.compile(r"@[({]")
_CLOSING: Final = {"(": ")", "{": "}"}
_QUOTES: Final = {'"': "&quot;", "'": "&apos;"}


def policy(subject: Subject) -> Element:
    """The document that a policy resource has. Raises a NotReadableError where it is none."""
    text = subject.get("value", "")
    try:
        return fromstring(_escaped(text))  # noqa: S314 the program's own text
    except ParseError:
        raise NotReadableError(subject.urn, "value", "policy") from None


def inbound(root: Element) -> Element | None:
    """What a request meets first; a fragment has no sections, and is met wherever it is named."""
    return root if root.tag == "fragment" else root.find("inbound")


def each(root: Element, *tags: str) -> Iterator[Element]:
    """The policies of some names in the inbound section, wherever in it."""
    section = inbound(root)
    for node in section.iter() if section is not None else ():
        if node.tag in tags:
            yield node


def texts(node: Element, tag: str) -> list[str]:
    return [(found.text or "").strip() for found in node.iter(tag)]


def _escaped(text: str) -> str:
    made, at = "", 0
    while begins := _BEGINS.search(text, at):
        end = _end(text, begins.end() - 1)
        # What is escaped already is so once only.
        code = unescape(text[begins.start() : end], {"&quot;": '"', "&apos;": "'"})
        made += text[at : begins.start()] + escape(code, _QUOTES)
        at = end
    return made + text[at:]


def _end(text: str, at: int) -> int:
    """Where the bracket at a place is closed, strings aside; the end of the text if nowhere."""
    opening, depth, quoted = text[at], 0, False
    for place in range(at, len(text)):
        mark = text[place]
        if mark == '"' and text[place - 1] != "\\":
            quoted = not quoted
        elif quoted:
            continue
        elif mark == opening:
            depth += 1
        elif mark == _CLOSING[opening]:
            depth -= 1
            if depth == 0:
                return place + 1
    return len(text)
