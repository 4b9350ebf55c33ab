"""Sanitised texts put back where they stood, and nothing else touched: numbers keep their digits.

A JSON text's strings come in the order in which a walk through its value meets them, keys
included, so that the n-th token belongs to the n-th string met.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .trail import Place

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')


def json_text(text: str, value: Any, edits: Mapping[Place, str]) -> str:
    places = _strings(value, ())

    def written(token: re.Match[str]) -> str:
        edit = edits.get(next(places))
        return token[0] if edit is None else json.dumps(edit, ensure_ascii=False)

    return _STRING.sub(written, text)


def _strings(value: Any, at: Place) -> Iterator[Place]:
    if isinstance(value, str):
        yield at
    elif isinstance(value, dict):
        for name, content in value.items():
            yield (*at, name, _KEY)
            yield from _strings(content, (*at, name))
    elif isinstance(value, list):
        for index, content in enumerate(value):
            yield from _strings(content, (*at, index))


_KEY = -1
"""After a name in a place: the name itself, which is never rewritten."""
