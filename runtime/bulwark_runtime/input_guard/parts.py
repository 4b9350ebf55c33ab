"""A multipart form, taken apart in the one way that every reader agrees on, and put together again.

A library finds the parts; what it forgives is refused here. A form is always written anew from
what was read, so that whoever comes next has nothing else to read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    content_disposition_quote,
)

from .decode import Refused

MULTIPART = "multipart/form-data"

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?-]{1,70}")

_DISPOSITION = re.compile(
    r"""form-data;[ ]?name=(?:"[^"\\]*"|[\w!#$&+.^-]+)"""
    r"""(?:;[ ]?filename=(?:"[^"\\]*"|[\w!#$&+.^-]+))?""",
    re.IGNORECASE,
)
"""With each name once: no `filename*`, which forms must not have and some readers prefer, and no
backslashes, which some take for an escape and some for a folder."""

_HEADERS = frozenset({"content-disposition", "content-length", "content-type"})
_ENCODING = "content-transfer-encoding"
_PLAIN = frozenset({"7bit", "8bit", "binary"})
"""Encodings that change nothing: old clients name them, and nobody needs to be told."""

_LONGEST_HEADER = 1_024


@dataclass(slots=True)
class Part:
    name: str
    filename: str | None
    """None for a field; what a client calls a file."""

    media: str | None
    """Its Content-Type as it was sent."""

    headers: Mapping[str, str]
    """The others, by their names in small letters."""

    content: bytes


def boundary(content_type: str) -> str:
    """What stands between the parts, if a header says it once."""
    found: dict[str, str] = {}
    for parameter in content_type.split(";")[1:]:
        name, _, text = parameter.partition("=")
        name = name.strip().lower()
        if name in found:
            raise Refused("decode.form")
        found[name] = text.strip()
    mark = found.get("boundary", "")
    if mark[:1] == mark[-1:] == '"':
        mark = mark[1:-1]
    if not _BOUNDARY.fullmatch(mark) or not found.keys() <= {"boundary", "charset"}:
        raise Refused("decode.form")
    return mark


def split(content: bytes, mark: str, most: int) -> list[Part]:
    """The parts, at most so many."""
    line = f"--{mark}".encode()
    end = 0 if content.startswith(line + b"--") else content.find(b"\r\n" + line + b"--") + 2
    # Text before the first part and after the last is read by some and skipped by others.
    if not content.startswith(line) or content[end:] not in (line + b"--", line + b"--\r\n"):
        raise Refused("decode.form")
    try:
        return list(_parts(content, mark, most))
    except ParserLimitReached:
        raise Refused("limit.parts") from None
    except MultipartError:
        raise Refused("decode.form") from None


def _parts(content: bytes, mark: str, most: int) -> Iterator[Part]:
    parser = PushMultipartParser(
        mark, max_header_size=_LONGEST_HEADER, max_segment_count=most, strict=True
    )
    with parser:
        part: Part | None = None
        for event in parser.parse(content):
            if isinstance(event, MultipartSegment):
                part = _part(event)
            elif part is not None and event is not None:
                part.content += event
            elif part is not None:
                yield part


def _part(segment: MultipartSegment) -> Part:
    headers = {name.lower(): text for name, text in segment.headerlist}
    if len(headers) != len(segment.headerlist):
        raise Refused("decode.form")
    if not _DISPOSITION.fullmatch(headers.pop("content-disposition")):
        raise Refused("decode.form")
    if headers.pop(_ENCODING, "binary").strip().lower() not in _PLAIN:
        raise Refused("decode.charset")
    media = headers.get("content-type")
    others = {name: text for name, text in headers.items() if name not in _HEADERS}
    return Part(segment.name or "", segment.filename, media, others, b"")


def join(parts: Iterable[Part], mark: str) -> bytes:
    """The form with these parts."""
    lines: list[bytes] = []
    for part in parts:
        lines += [f"--{mark}".encode(), _head(part), b"", part.content]
    return b"\r\n".join([*lines, f"--{mark}--".encode(), b""])


def _head(part: Part) -> bytes:
    named = f"Content-Disposition: form-data; name={content_disposition_quote(part.name)}"
    if part.filename is not None:
        named += f"; filename={content_disposition_quote(part.filename)}"
    lines = [named]
    if part.media is not None:
        lines.append(f"Content-Type: {part.media}")
    lines += [f"{name.title()}: {text}" for name, text in part.headers.items()]
    return "\r\n".join(lines).encode()
