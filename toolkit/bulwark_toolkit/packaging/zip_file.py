"""Writes a zip whose bytes follow from the files in it, and from nothing else.

Not by zipfile, because of its compressor: zlib, and what stands in for it on some systems, give
other bytes from version to version. libdeflate comes with the package that pins it.
"""

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import deflate

from .errors import PackagingError

_DATE = (1980 - 1980) << 9 | 1 << 5 | 1
"""The oldest day that a zip can tell: the first of January 1980."""

_MODE = (0o100644 << 16) & 0xFFFFFFFF
"""A file that everybody may read; Lambda runs the code as a user of its own."""

_UNIX, _NEEDS, _UTF8, _DEFLATED, _STORED = 3, 20, 0x0800, 8, 0
_LEVEL = 12
_MOST_FILES = 65_535


def write(path: Path, files: Mapping[str, bytes], comment: str) -> None:
    """Write `files`, by their path in the zip; under another name until all is written."""
    if len(files) > _MOST_FILES:
        raise PackagingError(f"{len(files):,} files are more than a zip has room for")
    content = _zip(files, comment.encode())
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _zip(files: Mapping[str, bytes], comment: bytes) -> bytes:
    body, directory = bytearray(), bytearray()
    for name in sorted(files):
        method, data = _compressed(files[name])
        encoded = name.encode()
        # Needed version, flags, method, time, date, CRC, sizes, length of name, of extras.
        common = struct.pack(
            "<HHHHHIIIHH",
            *(_NEEDS, _UTF8, method, 0, _DATE),
            *(zlib.crc32(files[name]), len(data), len(files[name]), len(encoded), 0),
        )
        directory += struct.pack("<4sBB", b"PK\x01\x02", _NEEDS, _UNIX) + common
        directory += struct.pack("<HHHII", 0, 0, 0, _MODE, len(body)) + encoded
        body += b"PK\x03\x04" + common + encoded + data
    end = struct.pack(
        "<4sHHHHIIH",
        *(b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), len(body), len(comment)),
    )
    return bytes(body + directory + end + comment)


def _compressed(content: bytes) -> tuple[int, bytes]:
    packed = bytes(deflate.deflate_compress(content, _LEVEL)) if content else b""
    if content and len(packed) < len(content):
        return _DEFLATED, packed
    return _STORED, content
