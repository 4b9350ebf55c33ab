"""What the capabilities need to know of an API."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Scope:
    """What a client may do, as an OAuth 2.0 scope."""

    server: str
    """Identifier of the resource server that the scope belongs to."""
    name: str
    description: str

    @property
    def token(self) -> str:
        """The scope as a token carries it."""
        return f"{self.server}/{self.name}"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What an operation takes at most (`x-bulwark-rate-limit`)."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Backend:
    """What answers an operation (`x-bulwark-backend`)."""

    kind: Literal["http", "lambda", "mock"]
    url: str | None = None
    """Of `http`: where to, https; with the names of path parameters in braces."""
    vpc_link: str | None = None
    """Of `http`: the id of the VPC link that leads there, for a backend that is not public."""
    function: str | None = None
    """Of `lambda`: the function's ARN, or its name in this account and region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    pointer: str
    """JSON pointer of the operation in the document."""
    path: str
    method: str
    """In small letters, as in the document."""
    operation_id: str
    scopes: tuple[Scope, ...]
    """A token with any of these may call it; empty if it is public."""
    public: str | None
    """Why everybody may call it (`x-bulwark-public`)."""
    backend: Backend
    rate_limit: RateLimit | None
    api_key: bool
    """Whether a partner's key, and with it a usage plan, is needed beside the token."""
    guard: Literal["block", "count", "sanitise", "off"] | None = None
    """What the input guard does (`x-bulwark-guard`); None if the document does not say."""
    fail_open: bool = False
    """Whether requests pass where the guard itself fails (`x-bulwark-guard`)."""

    @property
    def guarded(self) -> bool:
        """Whether requests pass the input guard on their way."""
        return self.guard not in (None, "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that was checked."""

    source: Path
    title: str
    version: str
    body: Mapping[str, Any]
    """The document as OpenAPI 3.0, whatever version it was written in: made of plain values that
    nothing else holds, path items in place of references to them, its other references and its
    extensions as they were written. `stripped` gives what a cloud may see."""
    scheme: str | None
    """Name of the OAuth 2.0 security scheme; None if every operation is public."""
    api_key_scheme: str | None
    """Name of the API key scheme, if there is one."""
    operations: tuple[Operation, ...]
    scopes: tuple[Scope, ...]
    """Every scope that the security scheme defines."""
    findings: tuple[str, ...]
    """What is allowed and unwise, such as text of any length, each with its JSON pointer."""
    request_headers: tuple[str, ...]
    """Every header that a request may have, beside the usual ones."""
    methods: tuple[str, ...]
    """Every method in use, in capitals."""
