"""The `x-bulwark-*` extensions: what they may be, and where they may stand."""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from ..errors import ConfigError
from ..spec import Spec
from .grammar import Node, walk
from .report import Pointer, Report, hint

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
    GUARD: (*_EVERYWHERE, "schema"),
}
"""The kinds of object that each may stand in."""

_SPOKEN = {
    "document": "at the top level",
    "path": "in a path",
    "operation": "in an operation",
    "schema": "in a schema of what callers send",
}

_OF_CLOUDS = ("x-amazon-", "x-azure-", "x-ms-")
"""What clouds act on. Any of it could open what the document closes."""

_LONGEST_NAME = 40
"""Characters of a name that may be a misspelt one of ours."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"

_URL = re.compile(
    rf"https://(?P<host>(?:{_LABEL}\.)+{_LABEL})"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%{}-]*)*)"
)
"""One reading only: no user, no query, no fragment, no capital letters in the host."""

_HTTPS = 443

_PORTS = range(1024, 65536)
"""The ports beside 443 that API Gateway calls."""

_NOT_PUBLIC = ("corp", "home", "internal", "intranet", "invalid", "lan", "local", "test")
"""Last words of host names that no public name server answers for."""


def host_problem(host: str, *, private: bool = False) -> str | None:
    """Why a host cannot be called. `private`: through a network that has names of its own."""
    last = host.rpartition(".")[2]
    if not last[:1].isalpha():
        return "names its host by an address; give it a name, which a certificate can prove"
    if last == "localhost" or (last in _NOT_PUBLIC and not private):
        return "names a host that the public internet does not have"
    return None


def _called(url: str) -> str:
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError(
            "must be an https address with a full host name in small letters, and without a user, "
            "a query or a fragment"
        )
    port = int(match["port"] or _HTTPS)
    if port != _HTTPS and port not in _PORTS:
        raise ValueError(f"must have port 443, or one from 1024 to 65535; got {port}")
    return url


class BackendSpec(Spec):
    url: Annotated[str, Field(max_length=2048), AfterValidator(_called)] | None = None
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


RuleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{0,63}$")]
"""A rule of the input guard, as its log names it."""


GuardMode = Literal["block", "count", "sanitise", "off"]


class GuardSpec(Spec):
    mode: GuardMode | None = None
    """What the input guard does with a request that looks like an attack: block, count, sanitise
    (markup is taken out, and what cannot be made safe is blocked), or off; not set: as around it,
    and block where nothing is said."""

    exclude: tuple[RuleName, ...] = Field(default=(), max_length=32)
    """Rules that do not hold anywhere in the operation. A field can have exclusions of its own,
    which are narrower."""

    fail_open: bool | None = None
    """Whether a request passes as it is where the guard itself fails; not set: as around it, and it
    is refused where nothing is said."""


class FieldGuardSpec(Spec):
    mode: GuardMode | None = None
    """What the input guard does where a value looks like an attack: block, count, sanitise, or off;
    not set: as in the operation."""

    rich_text: bool = False
    """Whether the value is HTML that somebody formatted, which is sanitised and not refused."""

    exclude: tuple[RuleName, ...] = Field(default=(), max_length=32)
    """Rules that do not hold for the value."""


class Extended(NamedTuple):
    """An object that extensions may stand in."""

    at: Pointer
    kind: str
    value: Mapping[str, Any]


def check(document: Mapping[str, Any], report: Report) -> None:
    """Report every extension that is unknown, in the wrong place, or wrong in itself."""
    for node in walk(document):
        for name in node.value:
            if name.lower().startswith("x-"):
                _check(name, node, report)


def _check(name: str, node: Node, report: Report) -> None:
    at = (*node.at, name)
    if name.lower().startswith(_OF_CLOUDS):
        report.error(at, "is an extension of a cloud, and Bulwark alone writes those")
    elif name not in PLACES:
        # `x-logo` is somebody else's; `x-bullwark-public` was meant to be ours.
        is_near = len(name) <= _LONGEST_NAME and get_close_matches(
            name.lower(), PLACES, n=1, cutoff=0.8
        )
        if is_near or name.lower().startswith(PREFIX):
            report.error(at, f"is not known. {hint(name, PLACES)}".rstrip())
    elif node.kind not in PLACES[name] or _is_documentation(node):
        places = " or ".join(_SPOKEN[place] for place in PLACES[name])
        report.error(at, f"has no effect here; it belongs {places}")
    elif name == PUBLIC:
        reason = node.value[name]
        if not isinstance(reason, str) or not reason.strip():
            report.error(at, "must be text that says why everybody may call the operation")
    else:
        settings(name, node, report)


def _is_documentation(node: Node) -> bool:
    """Whether nobody serves it, or sends it: callbacks and responses are for the readers."""
    match node.kind, node.at:
        case "document", _:
            return False
        case "schema", ("components", *_):
            return node.at[1] in ("responses", "headers", "callbacks")
        case "schema", _:
            return "responses" in node.at[3:4] or "callbacks" in node.at[3:4]
    return node.at[0] != "paths" or "callbacks" in node.at[2:]


def settings(name: str, where: Extended | Node | None, report: Report) -> Spec | None:
    """The settings of an extension; None if it is not there, wrong (and reported), or "mock"."""
    if where is None:
        return None
    value = where.value[name]
    if name == BACKEND and isinstance(value, str):
        if value == "mock":
            return None
        value = {"url" if value.startswith("http") else "function": value}
    if name == GUARD and isinstance(value, str):
        value = {"mode": value}
    spec = FieldGuardSpec if where.kind == "schema" else _SPECS[name]
    try:
        return spec.load("", value)
    except ConfigError as error:
        for line in error.problems:
            # The spec tells where in itself; the rest of the way is ours.
            path, _, text = line.partition(": ")
            below = [part for part in re.split(r"[.\[\]]+", path) if part]
            report.error((*where.at, name, *below), text)
    return None


_SPECS: Mapping[str, type[Spec]] = {
    BACKEND: BackendSpec,
    RATE_LIMIT: RateLimitSpec,
    GUARD: GuardSpec,
}


def nearest(name: str, *places: Extended) -> Extended | None:
    """The first of the places, innermost first, that has the extension."""
    return next((place for place in places if name in place.value), None)


def stripped(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the document without any `x-bulwark-*` extension.

    Examples are left alone: what looks like an extension there is the API's own data.
    """
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for node in walk(copy):
        for name in [name for name in node.value if name.startswith(PREFIX)]:
            del node.value[name]  # type: ignore[attr-defined]
    return copy
