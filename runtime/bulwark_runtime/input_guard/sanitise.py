"""Text made safe: rich text by a sanitiser that parses as browsers do, plain text unmarked."""

import html

import nh3

from .characters import cleaned
from .effort import spend

characters = cleaned


def rich(text: str) -> str:
    """HTML with what formats text and nothing that runs, loads a frame or restyles the page."""
    spend(len(text))
    return nh3.clean(_whole(text))


def plain(text: str) -> str:
    """Text without its markup; what only looks like markup stays readable."""
    spend(len(text))
    return html.unescape(nh3.clean(_whole(text), tags=set()))


def _whole(text: str) -> str:
    """Without halves of characters, which no parser takes."""
    return text.encode("utf-8", "replace").decode()
