"""A multipart form: each part is held to its property, and its text is looked at like any other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from . import parameters
from .body import is_json, media_type
from .characters import refused
from .checking import Checking
from .decode import Refused, json_value, utf8
from .document import Body, Encoding
from .fields import Field
from .parts import Part, boundary, join, split
from .request import Mode, Request
from .rewrite import json_text
from .trail import Place, Trail, own, said, trail

_ACTIVE = frozenset(
    {
        "application/ecmascript",
        "application/javascript",
        "application/xhtml+xml",
        "application/xml",
        "image/svg+xml",
        "text/ecmascript",
        "text/html",
        "text/javascript",
        "text/xml",
    }
)
"""What browsers run: a file may be that only where the document says so."""

_TEXT = ("text/plain",)
_JSON = ("application/json",)
_AS_IT_IS = Encoding()


def read_form(checking: Checking, request: Request, content_type: str, declared: Body) -> Request:
    mark = boundary(content_type)
    form = _Form(checking, declared)
    parts = split(request.body, mark, checking.limits.parts)
    value = form.read(parts)
    checking.validate(value, declared.field, declared.validator, ("body",))
    if checking.operation.settings.mode is Mode.COUNT and not checking.edits:
        return request
    written = join(form.edited(), mark)
    return request if written == request.body else replace(request, body=written)


@dataclass(frozen=True, slots=True)
class _Read:
    """A part, and where it belongs."""

    part: Part
    at: Trail
    value: Any
    is_json: bool = False


class _Form:
    def __init__(self, checking: Checking, declared: Body) -> None:
        self._checking = checking
        self._field = declared.field
        self._encodings = declared.encodings
        self._read: list[_Read] = []

    def read(self, parts: Sequence[Part]) -> Mapping[str, Any]:
        """The values in a form, by the names of its parts."""
        found: dict[str, Any] = {}
        for part in parts:
            field = self._field.property(part.name)
            if _is_no_file(part):
                continue
            if "array" in field.types():
                several = found.setdefault(part.name, [])
                several.append(self._value(part, field.items(), field, len(several)))
            elif part.name in found:
                raise Refused("decode.duplicate")
            else:
                found[part.name] = self._value(part, field, field, None)
        return found

    def edited(self) -> Iterable[Part]:
        """The parts, with texts made safe."""
        for read in self._read:
            edits = self._edits(own(read.at))
            if edits and read.is_json:
                text = json_text(read.part.content.decode(), read.value, edits)
                read.part.content = text.encode()
            elif edits:
                read.part.content = edits[()].encode()
            yield read.part

    def _edits(self, place: Place) -> Mapping[Place, str]:
        count = len(place)
        edits = self._checking.edits
        return {at[count:]: edit for at, edit in edits.items() if at[:count] == place}

    def _value(self, part: Part, field: Field, holder: Field, index: int | None) -> Any:
        at = self._trail(part, holder, index)
        encoding = self._encodings.get(part.name, _AS_IT_IS)
        self._check_headers(part, encoding, at)
        if part.filename is not None:
            self._check_filename(part.filename, at)
        is_file = _is_file(field, encoding)
        if is_file != (part.filename is not None):
            # To the next reader a file is no field, and a field no file.
            rule = "schema.type" if holder.declared else "schema.undeclared"
            self._checking.report(said(at), rule, field.settings, Mode.BLOCK)
        is_nested = not is_file and not field.types().isdisjoint({"object", "array"})
        media = self._media(part, field, encoding, at, is_file=is_file, is_nested=is_nested)
        if is_file:
            self._read.append(_Read(part, at, None))
            # As long in characters as it is in bytes, which is what its schema's lengths count.
            return part.content.decode("latin-1")
        return self._text(part, field, at, is_nested=is_nested or is_json(media))

    def _text(self, part: Part, field: Field, at: Trail, *, is_nested: bool) -> Any:
        text = utf8(part.content)
        if part.name == "_charset_" and text.lower() not in ("utf-8", "utf8"):
            # A form's word on how its other fields are to be read.
            raise Refused("decode.charset")
        value = json_value(text) if is_nested else parameters.coerced(text, field)
        self._read.append(_Read(part, at, value, is_nested))
        self._checking.walk(value, field, at)
        return value

    def _trail(self, part: Part, holder: Field, index: int | None) -> Trail:
        at: Trail = (trail("body"), part.name, part.name if holder.declared else "*")
        if not holder.declared:
            self._checking.name(part.name, holder.settings, at)
        elif rule := refused(part.name, one_line=True):
            self._checking.report(said(at), rule, holder.settings)
        return at if index is None else (at, index, index)

    def _check_headers(self, part: Part, encoding: Encoding, at: Trail) -> None:
        for name, text in part.headers.items():
            if name not in encoding.headers:
                raise Refused("decode.form")
            self._own_text(text, (at, name, name))

    def _check_filename(self, filename: str, at: Trail) -> None:
        inside: Trail = (at, "filename", "filename")
        self._own_text(filename, inside)
        read_again = unquote(filename)
        if read_again in (".", "..") or "/" in read_again or "\\" in read_again:
            self._checking.report(
                said(inside), "decode.traversal", self._checking.operation.settings
            )

    def _own_text(self, text: str, at: Trail) -> None:
        """A text that is not written anew."""
        self._checking.text(text, self._checking.operation.other, at, one_line=True)
        self._checking.edits.pop(own(at), None)

    def _media(
        self,
        part: Part,
        field: Field,
        encoding: Encoding,
        at: Trail,
        *,
        is_file: bool,
        is_nested: bool,
    ) -> str:
        """The part's media type, which is one of those that may be."""
        media = "" if part.media is None else media_type(part.media)
        may_be = encoding.media or (() if is_file else _JSON if is_nested else _TEXT)
        if may_be:
            is_right = media in may_be or (
                media not in _ACTIVE and any(fnmatchcase(media, one) for one in may_be)
            )
        else:
            is_right = media not in _ACTIVE
        # A part that says nothing is text, and JSON is that too.
        if not (is_right or (not media and not is_file)):
            self._checking.report(said(at), "schema.media-type", field.settings)
        return media


def _is_no_file(part: Part) -> bool:
    """What a browser sends for a file that nobody chose."""
    return part.filename == "" and not part.content


def _is_file(field: Field, encoding: Encoding) -> bool:
    """Whether a property is a file: bytes, of which nothing is read."""
    if "binary" in field.said("format"):
        return True
    if field.said("contentMediaType") and not field.said("contentEncoding"):
        return True
    is_text = any(is_json(media) or media.startswith("text/") for media in encoding.media)
    return field.declared and not field.types() and bool(encoding.media) and not is_text
