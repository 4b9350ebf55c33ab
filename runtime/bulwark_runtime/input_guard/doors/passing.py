"""What goes on to a backend: the sanitised request with a few headers, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from .. import Request
from .answer import Answer
from .routes import Route

OURS: Final = "x-bulwark-"
"""Headers that we write and a client cannot."""

_USUAL: Final = frozenset(
    (
        "accept",
        "accept-language",
        "authorization",
        "content-type",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "user-agent",
        "x-amzn-trace-id",
    )
)
"""Headers that pass to every backend. The others are for us, for the gateway or for one connection;
what an operation takes beside these, it declares."""


class BackendError(Exception):
    """A backend did not answer as it should. The text is ours, and holds no value."""


class BackendTimeoutError(BackendError):
    """A backend did not answer in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A request as a gateway hands it over."""

    method: str
    path: str
    """The path as the document writes it, with names in braces: the gateway has routed it."""
    request: Request
    reference: str
    """What finds the request in every log; no client can choose it."""
    caller: Mapping[str, str]
    """What the gateway knows of who asks: subject, client, scopes, source-ip, api-key-id."""
    received_ms: int
    """When the gateway got it, in milliseconds since 1970."""
    native: Mapping[str, Any]
    """The gateway's own event, for a backend that expects one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """A request that may go on."""

    request: Request
    """Sanitised, with the headers that go on."""
    arrival: Arrival
    """As it came."""


class Sender(Protocol):
    """One kind of backend."""

    def send(self, route: Route, passed: Passed, seconds: float) -> Answer:
        """The backend's answer, or a BackendError."""
        ...


Headers = Sequence[tuple[str, str]]


def may_pass(route: Route, headers: Headers) -> Headers:
    """The headers that are usual, or that the operation takes. The others are not even checked."""
    kept = _USUAL | route.headers
    return [
        (name, value)
        for name, value in headers
        if name.lower() in kept and not name.lower().startswith(OURS)
    ]


def ours(known: Mapping[str, str]) -> Headers:
    """What we know of a request, as headers."""
    return [(f"{OURS}{name}", value) for name, value in known.items()]


def parameters(template: str, path: str) -> dict[str, str]:
    """The path's parameters as they were written, by the document's path."""
    names, values = template.split("/"), path.split("/")
    found: dict[str, str] = {}
    for number, name in enumerate(names):
        if name.startswith("{"):
            is_rest = name.endswith("+}")
            value = "/".join(values[number:]) if is_rest else "".join(values[number : number + 1])
            found[name.strip("{+}")] = value
    return found
