"""A body, by its media type, as the values in it."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from . import parameters
from .decode import Refused, json_value, utf8
from .document import Operation
from .fields import Field

_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)

FORM = "application/x-www-form-urlencoded"


@lru_cache(maxsize=256)
def media_type(content_type: str) -> str:
    """What the header says, if its characters are UTF-8; JSON where it says nothing."""
    if not (content_type.isascii() and content_type.replace("\t", " ").isprintable()):
        raise Refused("decode.charset")
    media, _, rest = content_type.partition(";")
    for part in rest.split(";"):
        name, _, value = part.partition("=")
        # With a star, or in numbered pieces, it is the same to some.
        is_charset = name.strip().lower().partition("*")[0] == "charset"
        if is_charset and value.strip(' \t"').lower() not in _CHARSETS:
            raise Refused("decode.charset")
    return media.strip().lower()


_CHARSETS = ("utf-8", "utf8", "us-ascii")


def declared(operation: Operation, media: str) -> str | None:
    """The declared media type that a body's matches."""
    if media in operation.bodies:
        return media
    family = media.partition("/")[0]
    return next((name for name in (f"{family}/*", "*/*") if name in operation.bodies), None)


def is_json(media: str) -> bool:
    return media == "application/json" or media.endswith("+json")


def is_text(media: str) -> bool:
    return media.startswith("text/") or is_xml(media)


def is_xml(media: str) -> bool:
    return media in ("application/xml", "text/xml") or media.endswith("+xml")


def value(media: str, text: str, field: Field) -> Any:
    if is_json(media):
        return json_value(text)
    if media == FORM:
        return _form(parameters.split(text), field)
    if is_xml(media) and _DOCTYPE.search(text):
        raise Refused("decode.doctype")
    return parameters.coerced(text, field)


def decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        raise Refused("decode.charset")
    return utf8(content)


def _form(pairs: Iterable[tuple[str, str]], field: Field) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for encoded, text in pairs:
        name = parameters.form(encoded)
        inside = field.property(name)
        content = parameters.form(text)
        if "array" in inside.types():
            found.setdefault(name, []).append(parameters.coerced(content, inside.items()))
        elif name in found:
            raise Refused("decode.duplicate")
        else:
            found[name] = parameters.coerced(content, inside)
    return found
