"""Requests that are made to be dear: texts that the guard's readers find as hard as they know.

Each is within the default limits of size. What they cost is bounded by `Limits.effort`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bulwark_runtime.input_guard import Request

PIECES = (
    "case ",
    "a or ",
    "(select ",
    "/* * ",
    "1.e(",
    "or a=",
    "' or a is b ",
    "\u00e9' or b like c ",
    '\' or a is b and %25&amp;\\x27\uff07 `x` "y" $$ */ ; c ',
    "\uff07 or x ",
    "<b x='",
    "<a x=\"<a x='<a x=`<",
    "<b><i><a><p>",
    "<div>",
    "<b><div>",
    "<svg><style>",
    "<noscript><p>",
    "<table><td><b>",
    "<svg><style><template>",
    "&lt;",
    "&amp;lt;b x='&#39;",
    "%253cb x=%2527",
    "');a(",
    "{{a(",
    "{{a(b)}}",
    "'-(a)-",
    "';a(b);'",
    "`${a(`",
    "(a,b)=>{",
    "<b x-a='a(b)' @b='c(d)'>",
    "<p style='a:b(' href='javascript:a(b'>",
    "[a](javascript:b",
    "\\u0027+or+1",
    "data:text/html,<b x='",
)
LENGTHS = (12, 40, 120, 400, 4_000, 120_000)
LARGEST = 1_040_000


_NOTES: Mapping[str, Any] = {
    "type": "object",
    "properties": {"notes": {"type": "array", "items": {"type": "string"}}},
}

DOCUMENT: Mapping[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        "/notes": {
            "post": {
                "operationId": "addNotes",
                "requestBody": {"content": {"application/json": {"schema": _NOTES}}},
                "responses": {"200": {"description": "ok"}},
            }
        }
    },
}


def bodies() -> Iterator[tuple[str, int, Request]]:
    """A piece, its text's length, and as much JSON of such texts as the limits let in."""
    for piece in PIECES:
        for length in LENGTHS:
            text = (piece * (length // len(piece) + 1))[:length]
            size = len(json.dumps(text, ensure_ascii=False).encode()) + 1
            texts = [text] * min(19_990, LARGEST // size)
            body = json.dumps({"notes": texts}, ensure_ascii=False, separators=(",", ":"))
            yield piece, length, Request("POST", "/notes", body=body.encode())
