"""A request's body: by its media type as values, which are looked at, and put back if made safe."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from . import body, parameters
from .checking import Checking
from .decode import Refused
from .document import Body
from .parts import MULTIPART
from .reading_form import read_form
from .request import Request
from .rewrite import json_text
from .trail import Place, trail

Headers = Mapping[str, Sequence[str]]
"""By their names in small letters."""


def read_body(checking: Checking, request: Request, headers: Headers) -> Request:
    operation, content = checking.operation, request.body
    if len(content) > checking.limits.body_bytes:
        raise Refused("limit.body")
    if not operation.bodies:
        if content:
            raise Refused("schema.body")
        return request
    if not content:
        if operation.body_required:
            raise Refused("schema.body")
        return request
    codings = headers.get("content-encoding", ())
    if any(coding.strip().lower() not in ("", "identity") for coding in codings):
        raise Refused("decode.charset")
    content_type = headers.get("content-type", ["application/json"])[0]
    media = body.media_type(content_type)
    declared = operation.bodies.get(body.declared(operation, media) or "")
    if declared is None:
        raise Refused("schema.media-type")
    if media == MULTIPART:
        return read_form(checking, request, content_type, declared)
    if body.is_json(media) or body.is_text(media) or media == body.FORM:
        return _read_value(checking, request, media, declared)
    return request


def _read_value(checking: Checking, request: Request, media: str, declared: Body) -> Request:
    text, at = body.decoded(request.body), trail("body")
    try:
        value = body.value(media, text, declared.field)
    except Refused:
        # Where a mode lets the request pass, what is in it is still told.
        checking.text(text, checking.operation.other, at)
        raise
    checking.edits.clear()
    if body.is_xml(media):
        # Its schema speaks about what an XML reader makes of it; here it is text, whatever it says.
        checking.text(text, checking.operation.other, at)
    else:
        checking.walk(value, declared.field, at)
        checking.validate(value, declared.field, declared.validator, ("body",))
    if not checking.edits:
        return request
    edits = {place[1:]: edit for place, edit in checking.edits.items()}
    if body.is_json(media):
        return replace(request, body=json_text(text, value, edits).encode())
    if media == body.FORM:
        return replace(request, body=_form_text(text, edits).encode())
    return replace(request, body=edits[()].encode())


def _form_text(text: str, edits: Mapping[Place, str]) -> str:
    pairs = []
    seen: Counter[str] = Counter()
    for encoded, content in parameters.split(text):
        name = parameters.form(encoded)
        # Of a list each item has its number.
        edit = edits.get((name,), edits.get((name, seen[name])))
        seen[name] += 1
        pairs.append(f"{encoded}={content if edit is None else quote(edit, safe='')}")
    return "&".join(pairs)
