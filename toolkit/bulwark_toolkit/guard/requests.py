"""Requests in a file, as editors and HTTP clients write them (`.http`).

A request is a line with its method and target, headers, an empty line and the body. A line that
begins with `###` ends one and names the next.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, parse_headers
from urllib.parse import urlsplit

from bulwark_runtime.input_guard import Request

from ..preview import UsageError

_BETWEEN = re.compile(rb"^###[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE)

_FIRST = re.compile(r"([A-Z]+)[ \t]+(\S+)(?:[ \t]+HTTP/[0-9.]+)?")


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    """What its file calls it; empty if it does not."""
    request: Request


def read(content: bytes, file: str) -> Iterator[Named]:
    """Every request of a file. Raises a UsageError that quotes nothing of it."""
    before, *parts = _BETWEEN.split(content)
    texts = [("", before), *zip((name.decode() for name in parts[::2]), parts[1::2], strict=True)]
    for number, (name, text) in enumerate((pair for pair in texts if pair[1].strip()), start=1):
        yield Named(name, _request(text.lstrip(b"\r\n"), f"{file}: request {number}"))


def _request(text: bytes, at: str) -> Request:
    stream = io.BytesIO(text)
    match = _FIRST.fullmatch(stream.readline().decode("latin-1").strip())
    if match is None:
        raise UsageError(f"{at}: begins with no method and target, such as POST /payments HTTP/1.1")
    try:
        headers = parse_headers(stream).items()
        target = urlsplit(match[2])
    except (HTTPException, ValueError) as error:
        raise UsageError(f"{at}: cannot be read ({type(error).__name__})") from None
    return Request(
        method=match[1],
        path=target.path,
        query=target.query,
        headers=tuple(headers),
        body=_body(stream.read(), {name.lower(): value for name, value in headers}),
    )


def _body(rest: bytes, headers: dict[str, str]) -> bytes:
    """The rest of the text. What an editor puts at the end of a file was not sent."""
    length = headers.get("content-length", "")
    return rest[: int(length)] if length.isdecimal() else rest.rstrip(b"\r\n")
