"""One text as a request, in each place where an API takes text."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from bulwark_runtime.input_guard import Request

PLACES = ("path", "query", "header", "cookie", "body")

_TEXT: Mapping[str, Any] = {"type": "string"}


def _parameter(place: str, name: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": dict(_TEXT)}


DOCUMENT: Mapping[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        "/notes": {
            "post": {
                "operationId": "addNote",
                "parameters": [
                    _parameter("query", "search"),
                    _parameter("header", "X-Note"),
                    _parameter("cookie", "note"),
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "additionalProperties": False,
                                "properties": {"memo": dict(_TEXT)},
                            }
                        }
                    }
                },
                "responses": {"200": {"description": "ok"}},
            }
        },
        "/notes/{note}": {
            "get": {
                "operationId": "getNote",
                "parameters": [_parameter("path", "note")],
                "responses": {"200": {"description": "ok"}},
            }
        },
    },
}
"""Free text everywhere, with no word that would help the guard."""

HEADERS = (
    ("Host", "api.example.com"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"),
    ("Accept", "application/json, text/plain, */*"),
)

_JSON = ("Content-Type", "application/json")


def request(place: str, text: str) -> Request:
    """As a client would send it: encoded where the place asks for it."""
    if place == "path":
        return Request("GET", f"/notes/{quote(text, safe='')}", "", HEADERS)
    query = f"search={quote_plus(text)}" if place == "query" else ""
    headers = list(HEADERS)
    if place == "header":
        headers.append(("X-Note", _one_line(text)))
    if place == "cookie":
        headers.append(("Cookie", f"session=3f9a; note={quote(text, safe='')}"))
    body = json.dumps({"memo": text}, ensure_ascii=False).encode() if place == "body" else b""
    return Request("POST", "/notes", query, [*headers, _JSON], body)


def _one_line(text: str) -> str:
    """A header has no line ends; a client sends spaces."""
    return " ".join(text.split())
