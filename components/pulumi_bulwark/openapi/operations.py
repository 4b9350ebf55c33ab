"""Paths and their operations."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .document import Backend, Operation, RateLimit
from .extensions import (
    BACKEND,
    GUARD,
    RATE_LIMIT,
    BackendSpec,
    Extended,
    GuardSpec,
    RateLimitSpec,
    host_problem,
    nearest,
    settings,
)
from .grammar import METHODS, resolved
from .report import Pointer, Report
from .security import Security

_PARAMETER = re.compile(r"\{([A-Za-z0-9._-]+)(\+?)\}")
_SEGMENT = re.compile(r"[A-Za-z0-9._~:,$-]+")
_LONGEST_PATH = 1024
"""Characters. Nobody writes longer ones; clouds refuse them at different lengths."""

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,75}")
"""76 characters: the longest that every cloud takes as an operation's name (see `naming`)."""

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}")

_NOT_A_PARAMETER = ("accept", "authorization", "content-type")
"""Headers that OpenAPI has other words for; it ignores parameters of these names."""


def operations(
    document: Mapping[str, Any], security: Security, report: Report
) -> tuple[Operation, ...]:
    """Every operation, in the order of the document."""
    paths = _mapping(document.get("paths"))
    _check_siblings(paths, report)
    reader = _Reader(document, security, report)
    found: list[Operation] = []
    for path, item in paths.items():
        if isinstance(item, Mapping) and not path.startswith("x-"):
            found += reader.path(path, item)
    if not found and not report.is_wrong(("paths",)):
        report.error(("paths",), "has no operation")
    return tuple(found)


@dataclass(slots=True)
class _Reader:
    document: Mapping[str, Any]
    security: Security
    report: Report
    ids: dict[str, Pointer] = field(default_factory=dict)
    """Where each operation id was first."""

    def path(self, path: str, item: Mapping[str, Any]) -> Iterator[Operation]:
        at = ("paths", path)
        _check_path(at, path, self.report)
        self._check_address(at, item)
        for method in METHODS:
            if isinstance(operation := item.get(method), Mapping):
                yield self._operation((*at, method), item, operation)

    def _operation(
        self, at: Pointer, item: Mapping[str, Any], operation: Mapping[str, Any]
    ) -> Operation:
        _, path, method = at
        places = (
            Extended(at, "operation", operation),
            Extended(at[:2], "path", item),
            Extended((), "document", self.document),
        )
        self._check_id(at, operation)
        self._check_method(at, method, operation)
        self._check_address(at, operation)
        self._check_parameters(at, item, operation)
        access = self.security.access(at, operation)
        limit = settings(RATE_LIMIT, nearest(RATE_LIMIT, places[0]), self.report)
        guard = _guard(places, self.report)
        identifier = operation.get("operationId")
        return Operation(
            pointer=self.report.written(at),
            path=path,
            method=method,
            operation_id=identifier if isinstance(identifier, str) else "",
            scopes=access.scopes,
            public=access.public,
            backend=self._backend(path, nearest(BACKEND, *places)),
            rate_limit=RateLimit(limit.per_second, limit.burst)
            if isinstance(limit, RateLimitSpec)
            else None,
            api_key=access.api_key,
            guard=guard.mode if guard else None,
            fail_open=bool(guard and guard.fail_open),
        )

    def _backend(self, path: str, place: Extended | None) -> Backend:
        spec = settings(BACKEND, place, self.report)
        if place is None or not isinstance(spec, BackendSpec):
            return Backend("mock")
        if spec.url is None:
            return Backend("lambda", function=spec.function)
        # For all paths it is a base; for one it is the whole address.
        is_base = place.kind == "document"
        self._check_braces((*place.at, BACKEND), spec.url, "" if is_base else path)
        url = spec.url.rstrip("/") + path if is_base else spec.url
        return Backend("http", url=url, vpc_link=spec.vpc_link)

    def _check_braces(self, at: Pointer, url: str, path: str) -> None:
        used = _PARAMETER.findall(url)
        known = {name for name, _ in _PARAMETER.findall(path)}
        for name in sorted({name for name, _ in used} - known):
            self.report.error(at, f"has the parameter {name}, which the path does not have")
        if url.count("{") != len(used) or url.count("}") != len(used):
            self.report.error(at, "has a brace that belongs to no parameter")

    def _check_id(self, at: Pointer, operation: Mapping[str, Any]) -> None:
        identifier, where = operation.get("operationId"), (*at, "operationId")
        if identifier is None:
            text = "is missing: logs, alarms and rate limits name an operation by it"
            self.report.error(where, text)
        elif not isinstance(identifier, str):
            return  # OpenAPI's schema says so.
        elif not _ID.fullmatch(identifier):
            text = "must be 1 to 76 letters, digits and _ . - and begin with a letter"
            self.report.error(where, text)
        elif (other := self.ids.setdefault(identifier, at)) != at:
            at_other = self.report.written(other)
            is_same = at_other == self.report.written(at)
            text = "two paths lead here by $ref" if is_same else f"{at_other} has the same"
            self.report.error(where, f"is taken: {text}")

    def _check_method(self, at: Pointer, method: str, operation: Mapping[str, Any]) -> None:
        if method == "trace":
            self.report.error(at, "cannot be served: a TRACE shows a client's headers to scripts")
        if method in ("get", "head") and "requestBody" in operation:
            text = f"cannot be: a {method.upper()} has no body (RFC 9110), and an edge refuses it"
            self.report.error((*at, "requestBody"), text)

    def _check_address(self, at: Pointer, holder: Mapping[str, Any]) -> None:
        if holder.get("servers"):
            text = "cannot be here: the API has one address; x-bulwark-backend says what is behind"
            self.report.error((*at, "servers"), text)

    def _check_parameters(
        self, at: Pointer, item: Mapping[str, Any], operation: Mapping[str, Any]
    ) -> None:
        in_path = {name for name, _ in _PARAMETER.findall(at[1])}
        declared: set[str] = set()
        for place, holder in ((at[:2], item), (at, operation)):
            seen: set[tuple[str, str]] = set()
            for where, name, location in _named(self.document, place, holder):
                # Headers are the same in small letters and in capitals.
                key = (name.lower() if location == "header" else name, location)
                if key in seen:
                    self.report.error(where, f"is a second parameter {name} in {location}")
                seen.add(key)
                self._check_parameter(where, name, location, in_path)
                if location == "path":
                    declared.add(name)
        for name in sorted(in_path - declared):
            self.report.error((*at, "parameters"), f"lacks the path's parameter {name}")

    def _check_parameter(self, at: Pointer, name: str, location: str, in_path: set[str]) -> None:
        if location == "path" and name not in in_path:
            self.report.error(at, f"is a path parameter, {name}, that the path does not have")
        elif location == "cookie":
            self.report.error(at, "is a cookie, and none is passed on to an API; use a header")
        elif location == "header" and not _HEADER.fullmatch(name):
            self.report.error((*at, "name"), "is no name of a header (RFC 9110)")
        elif location == "header" and name.lower() in _NOT_A_PARAMETER:
            self.report.finding(at, "is a header that OpenAPI ignores as a parameter")


def _guard(places: Iterable[Extended], report: Report) -> GuardSpec | None:
    """What holds for an operation: its own words over those around it. None if nothing is said."""
    given = [
        spec
        for place in places
        if GUARD in place.value and isinstance(spec := settings(GUARD, place, report), GuardSpec)
    ]
    if not given:
        return None
    modes = [spec.mode for spec in given if spec.mode]
    switches = [spec.fail_open for spec in given if spec.fail_open is not None]
    return GuardSpec(mode=[*modes, "block"][0], fail_open=[*switches, False][0])


def _check_path(at: Pointer, path: str, report: Report) -> None:
    if len(path) > _LONGEST_PATH:
        report.error(at, f"must have at most {_LONGEST_PATH} characters; got {len(path)}")
        return
    segments = path.split("/")[1:]
    if path != "/" and "" in segments:
        report.error(at, "must have no empty segment, and no slash at its end")
        return
    names: list[str] = []
    for index, segment in enumerate(segments):
        if match := _PARAMETER.fullmatch(segment):
            names.append(match[1])
            if match[2] and index < len(segments) - 1:
                report.error(at, "has a greedy parameter, {name+}, before its end")
        elif segment and not _SEGMENT.fullmatch(segment):
            report.error(
                at,
                "must have segments of letters, digits and . _ ~ : , $ - or of one parameter in "
                "braces, which is what gateways route",
            )
    if len(names) != len(set(names)):
        report.error(at, "has a parameter twice")


def _check_siblings(paths: Mapping[str, Any], report: Report) -> None:
    """A gateway has one parameter in a place, whatever follows it."""
    taken: dict[str, tuple[str, str]] = {}
    shapes: dict[str, str] = {}
    for path in paths:
        if path.startswith("x-") or len(path) > _LONGEST_PATH:
            continue
        shape = ""
        for segment in path.split("/")[1:]:
            if not (match := _PARAMETER.fullmatch(segment)):
                shape += f"/{segment}"
                continue
            name, other = taken.setdefault(shape, (segment, path))
            if name != segment:
                report.error(
                    ("paths", path),
                    f"calls a parameter {match[1]} that {report.written(('paths', other))} calls "
                    f"{name.strip('{}')}; give it one name in both",
                )
            shape += "/{}"
        if (twin := shapes.setdefault(shape, path)) != path:
            report.error(("paths", path), f"is the same as {report.written(('paths', twin))}")


def parameters_of(
    document: Mapping[str, Any], at: Pointer, holder: Mapping[str, Any]
) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """The parameters of a path or an operation, each where it is defined."""
    listed = holder.get("parameters")
    for index, written in enumerate(listed if isinstance(listed, list) else ()):
        where, parameter = resolved(document, (*at, "parameters", str(index)), written)
        if isinstance(parameter, Mapping):
            yield where, parameter


def _named(
    document: Mapping[str, Any], at: Pointer, holder: Mapping[str, Any]
) -> Iterator[tuple[Pointer, str, str]]:
    """The parameters with their names and locations; OpenAPI's schema speaks of the others."""
    for where, parameter in parameters_of(document, at, holder):
        name, location = parameter.get("name"), parameter.get("in")
        if isinstance(name, str) and isinstance(location, str):
            yield where, name, location


def request_headers(document: Mapping[str, Any], used: tuple[Operation, ...]) -> tuple[str, ...]:
    """Every header that an operation names, and those that carry tokens and keys."""
    names: dict[str, str] = {}
    for operation in used:
        item = document["paths"][operation.path]
        for holder in (item, item[operation.method]):
            for _, name, location in _named(document, (), holder):
                if location == "header" and name.lower() not in _NOT_A_PARAMETER:
                    names.setdefault(name.lower(), name)
    if any(operation.scopes for operation in used):
        names["authorization"] = "Authorization"
    if any(operation.api_key for operation in used):
        names["x-api-key"] = "x-api-key"
    return tuple(names[key] for key in sorted(names))


def check_servers(document: Mapping[str, Any], report: Report) -> None:
    """Where the document says that it is served. Clouds ignore it; its readers do not."""
    servers = document.get("servers")
    for index, server in enumerate(servers if isinstance(servers, list) else ()):
        url = _mapping(server).get("url")
        if not isinstance(url, str):
            continue
        for name, variable in _mapping(_mapping(server).get("variables")).items():
            if isinstance(default := _mapping(variable).get("default"), str):
                url = url.replace(f"{{{name}}}", default)
        if problem := _server_problem(url):
            report.error(("servers", str(index), "url"), problem)


def _server_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "is no address"
    if "@" in parts.netloc:
        return "has a user or a password in it: take it out, and change it, since it is known now"
    if not parts.scheme and not parts.netloc:
        return None
    return host_problem(host) if parts.scheme == "https" else "must be https, or relative"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
