"""A request, part by part: its path, its query, its headers and, elsewhere, its body."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from . import parameters
from .checking import Checking
from .decode import ESCAPE, Refused, percent
from .parameters import Parameter
from .reading_body import read_body
from .request import Mode, Request
from .scan import is_known_clean
from .trail import Place, Trail, own, trail

_HIDDEN = re.compile(r"[\0-\x1f\\]|%[0-9A-Fa-f]{2}|(?:^|/)\.\.?(?:/|$)|/\.\./")
"""What nobody encodes twice but to hide it: an address in a path has `%20` and `%27` of its own."""

_REPEATED = frozenset(
    {"accept", "accept-encoding", "accept-language", "content-type", "host", "user-agent"}
)
"""Headers that a client sends alike with every request, and that hold no secret: what was found in
them is kept."""

_KEPT = 512
"""Characters of such a text. A longer one is no client's usual word."""

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""What a header's name is made of (RFC 9110, 5.6.2)."""

_LENGTH = re.compile(r"[0-9]{1,19}", re.ASCII)

_CREDENTIALS = re.compile(r"[A-Za-z]{3,20} [A-Za-z0-9._~+/-]++=*+")
"""A scheme and a token: its alphabet has room for nothing else."""

_ONCE = frozenset({"authorization", "content-length", "content-type", "host"})
"""Headers of which two would be read differently by whoever comes next."""


_KNOWN_HEADERS = frozenset(
    [
        "accept",
        "accept-encoding",
        "accept-language",
        "authorization",
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "date",
        "expect",
        "forwarded",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "idempotency-key",
        "origin",
        "pragma",
        "range",
        "referer",
        "te",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "x-amzn-trace-id",
        "x-api-key",
        "x-correlation-id",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-real-ip",
        "x-request-id",
        "x-requested-with",
    ]
)
"""Names that a log may tell though the document does not declare them."""


class Reading:
    """A request, part by part."""

    def __init__(self, checking: Checking, request: Request, segments: list[str]) -> None:
        self._checking = checking
        self._operation = checking.operation
        self._settings = checking.operation.settings
        self._limits = checking.limits
        self._request = request
        self._segments = segments
        self._headers: dict[str, list[str]] = {}
        for name, content in request.headers:
            # Not what only Unicode calls a small letter of ASCII.
            known = name.lower() if name.isascii() else name
            self._headers.setdefault(known, []).append(content)

    def read(self) -> Request:
        request = self._request
        for place, part in (
            ("path", self._read_path),
            ("query", self._read_query),
            ("header", self._read_headers),
            ("body", self._read_body),
        ):
            try:
                request = part(request)
            except Refused as refused:
                # What was not read to its end is not let through, whatever the mode.
                mode = Mode.BLOCK if refused.rule == "limit.effort" else None
                self._checking.report((place,), refused.rule, self._settings, mode)
        return request

    def _read_body(self, request: Request) -> Request:
        return read_body(self._checking, request, self._headers)

    def _report(self, place: Place, rule: str) -> None:
        self._checking.report(place, rule, self._settings)

    # -- the path

    def _read_path(self, request: Request) -> Request:
        declared = self._operation.parameters["path"]
        segments = list(self._segments)
        for index, template in enumerate(self._operation.template):
            if "{" not in template:
                continue
            name, is_rest = template.strip("{+}"), template.endswith("+}")
            end = len(segments) if is_rest else index + 1
            sent = "/".join(segments[index:end])
            if not sent:
                # `/payments/` is `/payments` to some.
                self._report(("path", name), "schema.required")
            if (parameter := declared.get(name)) is None:
                self._check_undeclared(percent(sent), trail("path", name))
                continue
            clean = self._check_parameter(parameter, [self._path_text(sent, ("path", name))])
            if clean is not None:
                segments[index:end] = [quote(clean, safe="/" if is_rest else "")]
        if segments == self._segments:
            return request
        prefix = request.path[: -len("/".join(self._segments))]
        return replace(request, path=f"{prefix}{'/'.join(segments)}")

    def _path_text(self, sent: str, place: Place) -> str:
        text = percent(sent)
        if not {".", ".."}.isdisjoint(text.replace("\\", "/").split("/")):
            self._report(place, "decode.traversal")
        if ESCAPE.search(text) and _HIDDEN.search(unquote(text)):
            self._report(place, "decode.double-encoding")
        return text

    # -- the query

    def _read_query(self, request: Request) -> Request:
        if not (request.query or self._operation.parameters["query"]):
            return request
        if len(request.query) > self._limits.query_bytes:
            raise Refused("limit.query")
        sent = parameters.split(request.query)
        if len(sent) > self._limits.query_parameters:
            raise Refused("limit.query")
        pairs = [(parameters.form(name), parameters.form(text)) for name, text in sent]
        self._refuse_repeated([name for name, _ in pairs])
        clean = self._check_pairs("query", pairs)
        if not clean:
            return request
        encoded = [
            f"{name}={quote(clean[pair], safe='')}"
            if (pair := parameters.form(name)) in clean
            else f"{name}={text}"
            for name, text in sent
        ]
        return replace(request, query="&".join(encoded))

    def _refuse_repeated(self, names: Sequence[str]) -> None:
        """An undeclared name that comes twice is a list to one reader, and one text to another."""
        declared = self._operation.parameters["query"]
        others = [name for name in names if name.partition("[")[0] not in declared]
        if len(set(others)) != len(others):
            self._report(("query", "*"), "decode.duplicate")

    def _check_pairs(self, place: str, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Parameters of a query or of cookies; the texts to write in another's place, by name."""
        declared, other = self._operation.parameters[place], trail(place, "*")
        if not (declared or pairs):
            return {}
        texts: dict[str, list[str]] = {}
        deep: dict[str, list[tuple[str, str]]] = {}
        for name, text in pairs:
            base = name.partition("[")[0]
            if name in declared and declared[name].style != "deepObject":
                texts.setdefault(name, []).append(text)
            elif base in declared and declared[base].style == "deepObject" and name[-1:] == "]":
                deep.setdefault(base, []).append((name, text))
            else:
                self._checking.name(name, self._settings, other)
                self._check_undeclared(text, other)
        clean: dict[str, str] = {}
        for name, parameter in declared.items():
            if name in deep:
                self._check_value(parameter, parameters.deep(parameter, deep[name]))
            elif name in texts:
                edit = self._check_parameter(parameter, texts[name])
                if edit is not None:
                    clean[name] = edit
            elif parameter.required:
                self._checking.report((place, name), "schema.required", parameter.field.settings)
        return clean

    def _check_undeclared(self, text: str, at: Trail, *, one_line: bool = False) -> None:
        self._checking.text(text, self._operation.other, at, one_line=one_line)
        self._checking.edits.pop(own(at), None)

    def _check_parameter(self, parameter: Parameter, texts: Sequence[str]) -> str | None:
        """The text to write in its place, if it is one."""
        place: Place = (parameter.place, parameter.name)
        try:
            value = parameters.value(parameter, texts)
        except Refused as refused:
            self._checking.report(place, refused.rule, parameter.field.settings)
            for text in texts:
                self._checking.text(text, parameter.field, trail(*place))
            return None
        self._check_value(parameter, value)
        return self._checking.edits.get(place) if isinstance(value, str) else None

    def _check_value(self, parameter: Parameter, value: Any) -> None:
        place: Place = (parameter.place, parameter.name)
        if isinstance(value, str):
            one_line = parameter.place == "header"
            self._checking.text(value, parameter.field, trail(*place), one_line=one_line)
        else:
            self._checking.walk(value, parameter.field, trail(*place))
            self._refuse_edits(place)
        self._checking.validate(value, parameter.field, parameter.validator, place)

    def _refuse_edits(self, place: Place) -> None:
        """A list in a parameter is not put together again: what is wrong in it is denied."""
        for at in [at for at in self._checking.edits if at[:2] == place]:
            del self._checking.edits[at]
            self._checking.report(place, "injection.html", self._settings, Mode.BLOCK)

    # -- the headers, and the cookies in them

    def _read_headers(self, request: Request) -> Request:
        size = sum(len(name) + len(text) for name, text in request.headers)
        if size > self._limits.header_bytes or len(request.headers) > self._limits.headers:
            raise Refused("limit.headers")
        declared = self._operation.parameters["header"]
        clean: dict[str, str] = {}
        self._check_names()
        for name, texts in self._headers.items():
            if name == "cookie":
                continue
            if (parameter := declared.get(name)) is not None:
                edit = self._check_parameter(parameter, texts)
                if edit is not None:
                    clean[name] = edit
            else:
                self._check_header(name, texts)
        for name, parameter in declared.items():
            if parameter.required and name not in self._headers:
                self._checking.report(("header", name), "schema.required", parameter.field.settings)
        self._check_framing()
        self._check_cookies()
        if not clean:
            return request
        headers = [(name, clean.get(name.lower(), text)) for name, text in request.headers]
        return replace(request, headers=headers)

    def _check_header(self, name: str, texts: Sequence[str]) -> None:
        at = ("header", name) if name in _KNOWN_HEADERS else ("header", "*")
        if at[-1] == "*":
            self._checking.name(name, self._settings, trail(*at))
        for text in texts:
            if name == "authorization" and _CREDENTIALS.fullmatch(text):
                continue
            if name in _REPEATED and len(text) <= _KEPT and is_known_clean(text):
                continue
            self._check_undeclared(text, trail(*at), one_line=True)

    def _check_names(self) -> None:
        for name, texts in self._headers.items():
            if name in _ONCE and len(texts) > 1:
                self._report(("header", name), "decode.duplicate")
            if name not in _KNOWN_HEADERS and not _TOKEN.fullmatch(name):
                self._report(("header", "*"), "decode.control")

    def _check_framing(self) -> None:
        """Where the body ends is said in one way, or a second request hides behind it."""
        lengths = self._headers.get("content-length", [])
        codings = self._headers.get("transfer-encoding", [])
        if any(not _LENGTH.fullmatch(length) for length in lengths):
            self._report(("header", "content-length"), "decode.framing")
        if codings and (lengths or [coding.lower() for coding in codings] != ["chunked"]):
            self._report(("header", "transfer-encoding"), "decode.framing")

    def _check_cookies(self) -> None:
        pairs = [
            (name.strip(), percent(text.strip('" ')) if _is_encoded(text) else text.strip('" '))
            for line in self._headers.get("cookie", ())
            for name, text in parameters.split(line, ";")
        ]
        self._check_pairs("cookie", pairs)


def _is_encoded(text: str) -> bool:
    return "%" in text and ESCAPE.search(text) is not None
