"""Bytes to values, in the one way that every reader agrees on; anything else is refused."""

import json
import re
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes


class Refused(Exception):  # noqa: N818 - an answer, which never leaves the guard
    """What was read breaks a rule."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


_NOT_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


def percent(text: str) -> str:
    """Percent-encoded text."""
    if _NOT_ESCAPE.search(text):
        raise Refused("decode.percent")
    try:
        return utf8(unquote_to_bytes(text))
    except UnicodeEncodeError:
        raise Refused("decode.utf8") from None


def utf8(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Refused("decode.utf8") from None


def json_value(text: str) -> Any:
    """A JSON text, without what only some readers take."""
    try:
        return _JSON.decode(text)
    except RecursionError:
        raise Refused("limit.depth") from None
    except ValueError:
        # A number of too many digits is a ValueError as well.
        raise Refused("decode.json") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("decode.duplicate")
    return found


def _constant(_: str) -> NoReturn:
    raise Refused("decode.number")


_JSON = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
