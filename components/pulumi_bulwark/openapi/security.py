"""Who may call what: security schemes, their scopes, and the requirements of operations."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..spec import nearest
from .document import Scope
from .extensions import PUBLIC
from .grammar import resolved
from .report import Pointer, Report

DEFAULT_SERVER = "api"
"""The resource server of a scope that names none."""

_SIGN_IN = frozenset(
    ("openid", "profile", "email", "phone", "address", "offline_access")
    + ("aws.cognito.signin.user.admin",)
)
"""Scopes about the user who signs in. Every client may have them, so they guard nothing."""

_LONGEST = 256
"""Characters of a server's identifier, a scope's name and its description: Cognito's limits."""

_MOST_SCOPES = 100
"""Scopes of one resource server: Cognito's limit."""

_MOST_SERVERS = 25
"""Resource servers of one user pool: Cognito's limit."""

_SERVER = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
_NAME = re.compile(r"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+")

_FLOWS: Mapping[str, str | None] = {
    "authorizationCode": None,
    "clientCredentials": None,
    "implicit": "hands tokens to the browser's address bar; use authorizationCode (RFC 9700)",
    "password": "shows the client the user's password; use authorizationCode (RFC 9700)",
}


@dataclass(frozen=True, slots=True)
class Schemes:
    """The security schemes of a document."""

    oauth: str | None = None
    """Name of the OAuth 2.0 scheme."""
    api_key: str | None = None
    scopes: Mapping[str, Scope | None] = ()  # type: ignore[assignment]
    """Each scope of the OAuth 2.0 scheme as the document writes it; None if it guards nothing."""
    names: frozenset[str] = frozenset()
    """Every scheme, also one that is wrong."""


def schemes(document: Mapping[str, Any], report: Report) -> Schemes:
    """The document's security schemes, checked."""
    base = ("components", "securitySchemes")
    kinds: dict[str, str] = {}
    scopes: dict[str, Scope | None] = {}
    defined = _mapping(_mapping(document.get("components")).get("securitySchemes"))
    for name, written in defined.items():
        at, scheme = resolved(document, (*base, name), written)
        scheme = _mapping(scheme)
        kind = scheme.get("type")
        if kind == "oauth2":
            found = _scopes(at, scheme, report)
        elif problem := _key_problem(scheme):
            report.error(at, problem)
            continue
        else:
            found = {}
        if kind in kinds:
            report.error(
                (*base, name), f"is a second {kind} scheme beside {kinds[kind]}; there can be one"
            )
            continue
        kinds[kind] = name
        scopes |= found
    return Schemes(kinds.get("oauth2"), kinds.get("apiKey"), scopes, frozenset(defined))


def _key_problem(scheme: Mapping[str, Any]) -> str | None:
    match scheme:
        case {"type": "apiKey", "in": "header", "name": str(name)} if name.lower() == "x-api-key":
            return None
        case {"type": "apiKey"}:
            return "must be in the header x-api-key: gateways look for a partner's key there"
        case {"type": "http" | "openIdConnect" | "mutualTLS"}:
            return "must be of type oauth2, or apiKey beside it: no other is checked at the gateway"
    return "must be of type oauth2, or apiKey beside it"


def _scopes(at: Pointer, scheme: Mapping[str, Any], report: Report) -> dict[str, Scope | None]:
    found: dict[str, Scope | None] = {}
    tokens: dict[str, str] = {}
    for flow, settings in _mapping(scheme.get("flows")).items():
        here = (*at, "flows", flow)
        if problem := _FLOWS.get(flow):
            report.error(here, problem)
        for written, description in _mapping(_mapping(settings).get("scopes")).items():
            where = (*here, "scopes", written)
            if written in _SIGN_IN:
                found[written] = None
                continue
            server, _, name = written.rpartition("/")
            scope = Scope(server or DEFAULT_SERVER, name, _text(description))
            if problem := _scope_problem(scope, written):
                report.error(where, problem)
            elif tokens.setdefault(scope.token, written) != written:
                report.error(where, f"is the same scope as {tokens[scope.token]}")
            found.setdefault(written, scope)
    per_server = Counter(scope.server for scope in found.values() if scope)
    if len(per_server) > _MOST_SERVERS:
        report.error(at, f"has {len(per_server)} resource servers; Cognito takes {_MOST_SERVERS}")
    for server, count in per_server.items():
        if count > _MOST_SCOPES:
            report.error(
                at,
                f"has {count} scopes of one resource server, {server}; Cognito takes "
                f"{_MOST_SCOPES}",
            )
    return found


def _scope_problem(scope: Scope, written: str) -> str | None:
    if written.startswith("/") or not _NAME.fullmatch(scope.name):
        return (
            "must be a name or server/name, of printable ASCII without spaces, quotation marks "
            "and backslashes: Cognito's rule"
        )
    if not _SERVER.fullmatch(scope.server):
        return "must have a server of printable ASCII without spaces, quotation marks, backslashes"
    if longest := max(len(scope.server), len(scope.name)) > _LONGEST:
        return (
            f"must have at most {_LONGEST} characters in its server and in its name; got {longest}"
        )
    if not 1 <= len(scope.description) <= _LONGEST:
        return (
            f"must have a description of 1 to {_LONGEST} characters, Cognito's limit; got "
            f"{len(scope.description)}"
        )
    return None


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call one operation."""

    scopes: tuple[Scope, ...] = ()
    public: str | None = None
    api_key: bool = False


def access(
    document: Mapping[str, Any],
    at: Pointer,
    operation: Mapping[str, Any],
    known: Schemes,
    report: Report,
) -> Access:
    """What the operation's security asks for; its own, or else the document's."""
    own = "security" in operation
    where = (*at, "security") if own else ("security",)
    required = operation.get("security") if own else document.get("security")
    reason = operation.get(PUBLIC)
    if required is None:
        if PUBLIC in operation:
            report.error(at, f"has {PUBLIC}; write security: [] as well, for other readers")
        else:
            report.error(
                at,
                f"is open to everybody: give it security with a scope, or {PUBLIC} with a reason",
            )
        return Access()
    if not isinstance(required, list):
        return Access()  # OpenAPI's schema says so.
    if not required or {} in required:
        if PUBLIC not in operation:
            report.error(at, f"is open to everybody; if that is meant, say why with {PUBLIC}")
        return Access(public=reason if isinstance(reason, str) else None)
    if PUBLIC in operation:
        hint = "remove one of them" if own else "write security: [] to open it"
        report.error(
            (*at, PUBLIC), f"says that everybody may call it, and its security not; {hint}"
        )
    return _required(where, required, known, report)


def _required(where: Pointer, required: list[Any], known: Schemes, report: Report) -> Access:
    scopes: dict[str, Scope] = {}
    keys: set[bool] = set()
    for index, alternative in enumerate(required):
        here = (*where, str(index))
        if not isinstance(alternative, Mapping):
            continue  # OpenAPI's schema says so.
        keys.add(known.api_key in alternative)
        for name in alternative.keys() - known.names:
            report.error((*here, name), f"is no security scheme. {_hint(name, known.names)}")
        wanted = alternative.get(known.oauth) if known.oauth else None
        if wanted is None:
            if alternative.keys() <= known.names:
                report.error(here, "asks for no scope: list one of an oauth2 scheme")
            continue
        assert known.oauth
        scopes |= _wanted((*here, known.oauth), wanted, known, report)
    if len(keys) > 1:
        report.error(
            where, "asks for an API key in some alternatives only; a gateway asks always or never"
        )
    return Access(
        scopes=tuple({s.token: s for s in scopes.values()}.values()), api_key=True in keys
    )


def _wanted(at: Pointer, wanted: Any, known: Schemes, report: Report) -> dict[str, Scope]:
    names = [name for name in wanted if isinstance(name, str)] if isinstance(wanted, list) else []
    if not names:
        report.error(at, "must list a scope: without one, any token would do")
    if len(names) > 1:
        report.error(
            at,
            f"asks for {len(names)} scopes at once, and a gateway admits a token with any of them; "
            "list them as alternatives, or define one scope for both",
        )
    found: dict[str, Scope] = {}
    for index, name in enumerate(names):
        if name not in known.scopes:
            report.error(
                (*at, str(index)),
                f"is no scope that the scheme defines. {_hint(name, known.scopes)}",
            )
        elif scope := known.scopes[name]:
            found[name] = scope
        else:
            report.error(
                (*at, str(index)),
                f"is {name}, which any client may have; define a scope of the API",
            )
    return found


def _hint(name: str, known: Any) -> str:
    return nearest(name, known) if known else "The document defines none."


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def unused(known: Schemes, used: set[str]) -> Iterator[str]:
    """Scopes that no operation asks for."""
    yield from (name for name, scope in known.scopes.items() if scope and scope.token not in used)
