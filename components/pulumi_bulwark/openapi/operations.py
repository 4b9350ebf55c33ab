"""Paths and their operations."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from .document import Backend, Operation, RateLimit
from .extensions import (
    BACKEND,
    GUARD,
    RATE_LIMIT,
    BackendSpec,
    Found,
    GuardSpec,
    RateLimitSpec,
    nearest,
    settings,
)
from .grammar import METHODS, resolved
from .report import Pointer, Report
from .security import Schemes, access

_PARAMETER = re.compile(r"\{([A-Za-z0-9._-]+)(\+?)\}")
_SEGMENT = re.compile(r"[A-Za-z0-9._~:,$-]+")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,75}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}")

_NOT_A_PARAMETER = ("accept", "authorization", "content-type")
"""Headers that OpenAPI has other words for; it ignores parameters of these names."""


def operations(
    document: Mapping[str, Any], schemes: Schemes, report: Report
) -> tuple[Operation, ...]:
    """Every operation, in the order of the document."""
    paths = _mapping(document.get("paths"))
    _check_siblings(paths, report)
    found: list[Operation] = []
    ids: dict[str, Pointer] = {}
    for path, item in paths.items():
        if path.startswith("x-") or not isinstance(item, Mapping):
            continue
        _check_path(("paths", path), path, report)
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, Mapping):
                at = ("paths", path, method)
                _check_id(at, operation, ids, report)
                found.append(_operation(document, at, item, operation, schemes, report))
    if not found and not report.is_wrong(("paths",)):
        report.error(("paths",), "has no operation")
    return tuple(found)


def _operation(
    document: Mapping[str, Any],
    at: Pointer,
    item: Mapping[str, Any],
    operation: Mapping[str, Any],
    schemes: Schemes,
    report: Report,
) -> Operation:
    _, path, method = at
    if method == "trace":
        report.error(
            at, "is a TRACE, which shows a client's own headers to scripts; none is served"
        )
    for place, holder in ((at[:2], item), (at, operation)):
        if holder.get("servers"):
            report.error(
                (*place, "servers"), "has an address of its own; use x-bulwark-backend for that"
            )
    _check_parameters(document, at, item, operation, report)
    if method in ("get", "head") and "requestBody" in operation:
        report.error((*at, "requestBody"), f"cannot be: a {method.upper()} has no body (RFC 9110)")
    allowed = access(document, at, operation, schemes, report)
    places = (
        (at, "operation", operation),
        (at[:2], "path", item),
        ((), "document", document),
    )
    limit = settings(RATE_LIMIT, nearest(RATE_LIMIT, places[0]))
    guard = settings(GUARD, nearest(GUARD, *places))
    identifier = operation.get("operationId")
    return Operation(
        pointer=report.written(at),
        path=path,
        method=method,
        operation_id=identifier if isinstance(identifier, str) else "",
        scopes=allowed.scopes,
        public=allowed.public,
        backend=_backend(nearest(BACKEND, *places), path, report),
        rate_limit=RateLimit(limit.per_second, limit.burst)
        if isinstance(limit, RateLimitSpec)
        else None,
        api_key=allowed.api_key,
        guard=guard.mode if isinstance(guard, GuardSpec) else None,
    )


def _backend(found: Found | None, path: str, report: Report) -> Backend:
    spec = settings(BACKEND, found)
    if found is None or not isinstance(spec, BackendSpec):
        return Backend("mock")
    if spec.function:
        return Backend("lambda", function=spec.function)
    assert spec.url
    if found.kind == "document":
        return Backend("http", url=spec.url.rstrip("/") + path, vpc_link=spec.vpc_link)
    known = {match[1] for match in _PARAMETER.finditer(path)}
    used = re.findall(r"\{([^{}]*)\}", spec.url)
    for name in used:
        if name.rstrip("+") not in known:
            report.error(found.at, f"has a parameter that the path has not: {{{name}}}")
    if spec.url.count("{") != len(used) or spec.url.count("}") != len(used):
        report.error(found.at, "has a brace that belongs to no parameter")
    return Backend("http", url=spec.url, vpc_link=spec.vpc_link)


def _check_path(at: Pointer, path: str, report: Report) -> None:
    segments = path.split("/")[1:]
    if path != "/" and "" in segments:
        report.error(at, "must have no empty segment, and no slash at its end")
        return
    names = []
    for index, segment in enumerate(segments):
        match = _PARAMETER.fullmatch(segment)
        if match:
            names.append(match[1])
        if match and match[2] and index < len(segments) - 1:
            report.error(at, "has a greedy parameter, {name+}, before its end")
        if not match and segment and not _SEGMENT.fullmatch(segment):
            report.error(
                at,
                "must have segments that are letters, digits and . _ ~ : , $ - or one parameter "
                "each, as gateways route them",
            )
    if len(names) != len(set(names)):
        report.error(at, "has a parameter twice")


def _check_siblings(paths: Mapping[str, Any], report: Report) -> None:
    """A gateway has one parameter in a place, whatever follows it."""
    taken: dict[str, tuple[str, str]] = {}
    shapes: dict[str, str] = {}
    for path in paths:
        if path.startswith("x-"):
            continue
        before = ""
        for segment in path.split("/")[1:]:
            if match := _PARAMETER.fullmatch(segment):
                name, other = taken.setdefault(before, (segment, path))
                if name != segment:
                    report.error(
                        ("paths", path),
                        f"calls a parameter {match[1]} that {other} calls {name.strip('{}')}; "
                        "give it one name in both",
                    )
                segment = "{}"  # noqa: PLW2901 names do not matter from here on
            before += f"/{segment}"
        if (twin := shapes.setdefault(before, path)) != path:
            report.error(("paths", path), f"is the same as {twin}")


def _check_id(
    at: Pointer, operation: Mapping[str, Any], ids: dict[str, Pointer], report: Report
) -> None:
    identifier = operation.get("operationId")
    where = (*at, "operationId")
    if identifier is None:
        report.error(where, "is missing: logs, alarms and rate limits name an operation by it")
    elif not isinstance(identifier, str):
        return  # OpenAPI's schema says so.
    elif not _ID.fullmatch(identifier):
        report.error(where, "must be 1 to 76 letters, digits and _ . - and begin with a letter")
    elif (other := ids.setdefault(identifier, at)) != at:
        report.error(where, f"is taken: {report.written(other)} has the same")


def _check_parameters(
    document: Mapping[str, Any],
    at: Pointer,
    item: Mapping[str, Any],
    operation: Mapping[str, Any],
    report: Report,
) -> None:
    in_path = {match[1] for match in _PARAMETER.finditer(at[1])}
    declared: set[str] = set()
    for place, holder in ((at[:2], item), (at, operation)):
        seen: set[tuple[str, str]] = set()
        for where, parameter in parameters_of(document, place, holder):
            name, location = parameter.get("name"), parameter.get("in")
            if not isinstance(name, str) or not isinstance(location, str):
                continue
            if (name, location) in seen:
                report.error(where, f"is a second parameter {name} in {location}")
            seen.add((name, location))
            _check_parameter(where, name, location, in_path, report)
            if location == "path":
                declared.add(name)
    for name in sorted(in_path - declared):
        report.error((*at, "parameters"), f"lacks the path's parameter {name}")


def _check_parameter(
    where: Pointer, name: str, location: str, in_path: set[str], report: Report
) -> None:
    if location == "path" and name not in in_path:
        report.error(where, f"is a path parameter, {name}, that the path does not have")
    elif location == "cookie":
        report.error(where, "is a cookie: none is passed on to an API; use a header")
    elif location == "header":
        if not _HEADER.fullmatch(name):
            report.error((*where, "name"), "is no name of a header (RFC 9110)")
        elif name.lower() in _NOT_A_PARAMETER:
            report.finding(where, "is a header that OpenAPI ignores as a parameter")


def parameters_of(
    document: Mapping[str, Any], at: Pointer, holder: Mapping[str, Any]
) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """The parameters of a path or an operation, each where it is defined."""
    listed = holder.get("parameters")
    for index, written in enumerate(listed if isinstance(listed, list) else ()):
        where, parameter = resolved(document, (*at, "parameters", str(index)), written)
        if isinstance(parameter, Mapping):
            yield where, parameter


def request_headers(
    document: Mapping[str, Any], schemes: Schemes, used: tuple[Operation, ...]
) -> tuple[str, ...]:
    """Every header that an operation names, and those that carry tokens and keys."""
    names: dict[str, str] = {}
    for operation in used:
        item = document["paths"][operation.path]
        for holder in (item, item[operation.method]):
            for _, parameter in parameters_of(document, (), holder):
                name = parameter.get("name")
                if parameter.get("in") == "header" and isinstance(name, str):
                    names.setdefault(name.lower(), name)
    for name in _NOT_A_PARAMETER:
        names.pop(name, None)
    if any(operation.scopes for operation in used):
        names["authorization"] = "Authorization"
    if any(operation.api_key for operation in used):
        names["x-api-key"] = "x-api-key"
    return tuple(names[key] for key in sorted(names))


def check_servers(document: Mapping[str, Any], report: Report) -> None:
    """Where the document says that it is served. Clouds ignore it, its readers do not."""
    servers = document.get("servers")
    for index, server in enumerate(servers if isinstance(servers, list) else ()):
        url = server.get("url") if isinstance(server, Mapping) else None
        if not isinstance(url, str):
            continue
        at = ("servers", str(index), "url")
        for name, variable in _mapping(server.get("variables")).items():
            default = variable.get("default") if isinstance(variable, Mapping) else None
            if isinstance(default, str):
                url = url.replace(f"{{{name}}}", default)
        if problem := _server_problem(url):
            report.error(at, problem)


def _server_problem(url: str) -> str | None:
    from .extensions import host_problem

    try:
        parts = urlsplit(url)
        host, user = parts.hostname, "@" in parts.netloc
    except ValueError:
        return "is no address"
    if not parts.scheme and not parts.netloc:
        return None
    if user:
        return "has a user or a password in it; take it out, and change it: it is known now"
    if parts.scheme != "https":
        return "must be https, or relative"
    return host_problem(host or "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
