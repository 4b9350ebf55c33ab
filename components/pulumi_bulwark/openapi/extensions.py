"""The `x-bulwark-*` extensions: what they may be, and where they may stand."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..errors import ConfigError
from ..spec import Spec
from .grammar import walk
from .report import Pointer, Report

PREFIX = "x-bulwark-"
PUBLIC = "x-bulwark-public"
BACKEND = "x-bulwark-backend"
RATE_LIMIT = "x-bulwark-rate-limit"
GUARD = "x-bulwark-guard"

_EVERYWHERE = ("document", "path", "operation")

PLACES: Mapping[str, tuple[str, ...]] = {
    PUBLIC: ("operation",),
    BACKEND: _EVERYWHERE,
    RATE_LIMIT: ("operation",),
    GUARD: _EVERYWHERE,
}
"""The kinds of object that each may stand in."""

_SPOKEN = {"document": "at the top level", "path": "in a path", "operation": "in an operation"}

_FOREIGN = ("x-amazon-", "x-ms-")
"""What clouds act on. Any of it could open what this document closes."""

_URL = re.compile(
    r"https://"
    r"(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%{}-]*)*)"
)
"""One reading only: no user, no fragment, no query, no capital letters in the host."""

_NOT_PUBLIC = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "test",
    "invalid",
)


def host_problem(host: str, *, private: bool = False) -> str | None:
    """Why a host cannot be called. `private`: through a network that has names of its own."""
    last = host.rpartition(".")[2]
    if not last[:1].isalpha():
        return "names its host by an address; give it a name, which a certificate can prove"
    if last == "localhost" or (last in _NOT_PUBLIC and not private):
        return "names a host that the public internet does not have"
    return None


def _backend_url(url: str) -> str:
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError(
            "must be an https address with a full host name in small letters, and without a user, "
            "a query or a fragment"
        )
    port = int(match["port"] or 443)
    if port != 443 and not 1024 <= port <= 65535:  # noqa: PLR2004 said in the message
        raise ValueError(f"must have port 443 or one from 1024 to 65535; got {port}")
    return url


class BackendSpec(Spec):
    url: Annotated[str, Field(max_length=2048), AfterValidator(_backend_url)] | None = None
    """Where an http backend is. At the top level the operation's path is added to it; in a path or
    an operation it is the whole address, with path parameters in braces."""

    vpc_link: Annotated[str, Field(pattern=r"^[a-z0-9]{1,64}$")] | None = None
    """Id of the VPC link that leads to an http backend that is not public."""

    function: (
        Annotated[
            str,
            Field(
                pattern=r"^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:)?"
                r"[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9$_-]{1,128})?$"
            ),
        ]
        | None
    ) = None
    """A function's ARN, or its name in the stack's own account and region; a version or an alias
    may follow after a colon."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.url is None) == (self.function is None):
            raise ValueError('needs either url or function; for the examples, write "mock"')
        if self.vpc_link and self.url is None:
            raise ValueError("vpcLink is for a url")
        if self.url and (match := _URL.fullmatch(self.url)):
            problem = host_problem(match["host"], private=self.vpc_link is not None)
            if problem:
                raise ValueError(problem)
        return self


class RateLimitSpec(Spec):
    per_second: float = Field(gt=0, le=10_000)
    """Requests a second, of all clients together: more than 0, at most 10000, API Gateway's quota
    for an account and region."""

    burst: int = Field(ge=1, le=5_000)
    """Requests that may come at once: 1 to 5000, API Gateway's quota for an account and region."""


class GuardSpec(Spec):
    mode: Literal["block", "count", "off"]
    """What the input guard does with a request that looks like an attack: block, count, or off."""


@dataclass(frozen=True, slots=True)
class Found:
    """An extension's value, and the kind of object that it stands in."""

    at: Pointer
    kind: str
    value: Any


def check(document: Mapping[str, Any], report: Report) -> None:
    """Report every extension that is unknown, in the wrong place, or wrong in itself."""
    for node in walk(document):
        for name in node.value:
            if name.startswith("x-") or name.startswith("X-"):
                _check(name, (*node.at, name), node.kind, node.value[name], report)


def _check(name: str, at: Pointer, kind: str, value: Any, report: Report) -> None:
    if name.lower().startswith(_FOREIGN):
        report.error(at, "is an extension of a cloud, and those are written by Bulwark alone")
    elif name in PLACES:
        if kind not in PLACES[name]:
            places = " or ".join(_SPOKEN[place] for place in PLACES[name])
            report.error(at, f"has no effect here; it belongs {places}")
        elif name == PUBLIC:
            _check_reason(value, at, report)
        else:
            _load(name, value, at, report)
    elif name.lower().startswith("x-bulwark") or get_close_matches(name, PLACES, n=1, cutoff=0.85):
        near = get_close_matches(name, PLACES, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(PLACES)}."
        report.error(at, f"is not known. {hint}")


def _check_reason(value: Any, at: Pointer, report: Report) -> None:
    if not isinstance(value, str) or not value.strip():
        report.error(at, "must be text that says why everybody may call the operation")


_SPECS: Mapping[str, type[Spec]] = {
    BACKEND: BackendSpec,
    RATE_LIMIT: RateLimitSpec,
    GUARD: GuardSpec,
}


def _load(name: str, value: Any, at: Pointer, report: Report) -> Spec | None:
    """The extension's settings; None if they are wrong, or there are none to set."""
    if name == BACKEND and isinstance(value, str):
        if value == "mock":
            return None
        value = {"url" if value.startswith("http") else "function": value}
    try:
        return _SPECS[name].load("", value)
    except ConfigError as error:
        for line in error.problems:
            below, text = _split(line)
            report.error((*at, *below), text)
    return None


def _split(line: str) -> tuple[Pointer, str]:
    """A spec's problem, as the pointer below the spec and what is wrong there."""
    path, _, text = line.partition(": ")
    return tuple(part for part in re.split(r"[.\[\]]+", path) if part), text


def nearest(name: str, *places: tuple[Pointer, str, Mapping[str, Any]]) -> Found | None:
    """An extension from the first of the places, innermost first, that has it."""
    for at, kind, value in places:
        if name in value:
            return Found((*at, name), kind, value[name])
    return None


def settings(name: str, found: Found | None) -> Spec | None:
    """The settings of an extension that was checked; None if it is wrong, "mock" or not there."""
    return _load(name, found.value, found.at, Report("")) if found else None


def stripped(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the document without any `x-bulwark-*` extension.

    Examples are left alone: what looks like an extension there is the API's own data.
    """
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for node in walk(copy):
        for name in [name for name in node.value if name.startswith(PREFIX)]:
            del node.value[name]  # type: ignore[attr-defined]
    return copy
