"""Who may call what: security schemes, their scopes, and what operations require of them."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .document import Scope
from .extensions import PUBLIC
from .grammar import resolved
from .report import Pointer, Report, hint

DEFAULT_SERVER = "api"
"""The resource server of a scope that names none."""

_SIGN_IN = frozenset(
    (
        "openid",
        "profile",
        "email",
        "phone",
        "address",
        "offline_access",
        "aws.cognito.signin.user.admin",
    )
)
"""Scopes about the user who signs in. Every client may have them, so they guard nothing."""

_LONGEST = 256
"""Characters of a server's identifier, a scope's name and its description: Cognito's limit."""

_MOST_SCOPES = 100
"""Scopes of one resource server: Cognito's limit."""

_MOST_SERVERS = 25
"""Resource servers of one user pool: Cognito's limit."""

_SERVER = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
_NAME = re.compile(r"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+")

_NO_FLOWS: Mapping[str, str] = {
    "implicit": "leaves tokens in the browser's history; use authorizationCode (RFC 9700, 2.1.2)",
    "password": "shows the client the user's password; use authorizationCode (RFC 9700, 2.4)",
}

_SCHEMES = ("components", "securitySchemes")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call one operation."""

    scopes: tuple[Scope, ...] = ()
    public: str | None = None
    api_key: bool = False


@dataclass(slots=True)
class Security:
    """The security schemes of a document, and what its operations require of them."""

    document: Mapping[str, Any]
    report: Report
    oauth: str | None = None
    """Name of the OAuth 2.0 scheme."""
    api_key: str | None = None
    """Name of the API key scheme."""
    scopes: dict[str, Scope | None] = field(default_factory=dict)
    """Each scope as the document writes it; None if it guards nothing."""
    names: set[str] = field(default_factory=set)
    """Every scheme, also one that is wrong: to speak of it again would be noise."""
    _default: Access | None = None

    def __post_init__(self) -> None:
        defined = _mapping(_mapping(self.document.get("components")).get("securitySchemes"))
        self.names = set(defined)
        for name, written in defined.items():
            at, scheme = resolved(self.document, (*_SCHEMES, name), written)
            self._scheme(at, name, _mapping(scheme))
        self._check_quotas()

    def _scheme(self, at: Pointer, name: str, scheme: Mapping[str, Any]) -> None:
        if scheme.get("type") == "oauth2":
            if self.oauth:
                self.report.error(at, f"is a second oauth2 scheme, beside {self.oauth}")
            self.oauth = self.oauth or name
            for flow, settings in _mapping(scheme.get("flows")).items():
                self._flow((*at, "flows", flow), flow, _mapping(settings))
        elif problem := _key_problem(scheme):
            if not self.report.is_wrong((*at, "type")):
                self.report.error(at, problem)
        else:
            if self.api_key:
                self.report.error(at, f"is a second apiKey scheme, beside {self.api_key}")
            self.api_key = self.api_key or name

    def _flow(self, at: Pointer, flow: str, settings: Mapping[str, Any]) -> None:
        if problem := _NO_FLOWS.get(flow):
            self.report.error(at, problem)
        for written, description in _mapping(settings.get("scopes")).items():
            if written in _SIGN_IN:
                self.scopes[written] = None
                continue
            # A server may be an address and have slashes; a name has none.
            server, _, name = written.rpartition("/")
            text = description if isinstance(description, str) else ""
            scope = Scope(server or DEFAULT_SERVER, name, text)
            if problem := _scope_problem(scope, written):
                self.report.error((*at, "scopes", written), problem)
            self.scopes.setdefault(written, scope)

    def _check_quotas(self) -> None:
        defined = {s.token: s for s in self.scopes.values() if s}
        for written, scope in self.scopes.items():
            if scope and scope.token != written and scope.token in self.scopes:
                self.report.error(_SCHEMES, f"defines {written} and {scope.token}, the same scope")
        servers = Counter(scope.server for scope in defined.values())
        if len(servers) > _MOST_SERVERS:
            text = f"has scopes of {len(servers)} servers; Cognito takes {_MOST_SERVERS}"
            self.report.error((*_SCHEMES, self.oauth or ""), text)
        for server, count in servers.items():
            if count > _MOST_SCOPES:
                text = f"has {count} scopes of the server {server}; Cognito takes {_MOST_SCOPES}"
                self.report.error((*_SCHEMES, self.oauth or ""), text)

    def defined(self) -> tuple[Scope, ...]:
        """Every scope of the API, in the order of the document."""
        return tuple(scope for scope in self.scopes.values() if scope)

    def check_use(self, used: set[Scope]) -> None:
        """Report scopes that clients could be given for nothing."""
        for written, scope in self.scopes.items():
            if scope and scope not in used:
                self.report.finding(
                    (*_SCHEMES, self.oauth or ""), f"defines {written}, which no operation asks for"
                )

    def access(self, at: Pointer, operation: Mapping[str, Any]) -> Access:
        """What the operation's security asks for: its own, or else the document's."""
        is_own = "security" in operation
        required = (operation if is_own else self.document).get("security")
        if required is None and not is_own:
            self.report.error(at, _open_text(operation))
            return Access()
        if not isinstance(required, list):
            return Access()  # OpenAPI's schema says so.
        if not required or {} in required:
            return self._public(at, operation)
        if PUBLIC in operation:
            advice = "remove one of them" if is_own else "write security: [] to open it"
            text = f"says that everybody may call it, and its security does not; {advice}"
            self.report.error((*at, PUBLIC), text)
        if is_own:
            return self._required((*at, "security"), required)
        if self._default is None:
            self._default = self._required(("security",), required)
        return self._default

    def _public(self, at: Pointer, operation: Mapping[str, Any]) -> Access:
        reason = operation.get(PUBLIC)
        if PUBLIC not in operation:
            text = f"is open to everybody; if that is meant, say why with {PUBLIC}"
            self.report.error(at, text)
        return Access(public=reason if isinstance(reason, str) else None)

    def _required(self, at: Pointer, required: list[Any]) -> Access:
        scopes: dict[str, Scope] = {}
        keys: set[bool] = set()
        for index, alternative in enumerate(required):
            if isinstance(alternative, Mapping):
                keys.add(self.api_key in alternative)
                scopes |= self._alternative((*at, str(index)), alternative)
        if len(keys) > 1:
            text = "asks for an API key in some alternatives only; a gateway asks always or never"
            self.report.error(at, text)
        return Access(scopes=tuple(scopes.values()), api_key=True in keys)

    def _alternative(self, at: Pointer, alternative: Mapping[str, Any]) -> dict[str, Scope]:
        unknown = [name for name in alternative if name not in self.names]
        for name in unknown:
            text = f"is no security scheme. {hint(name, self.names)}".rstrip()
            self.report.error((*at, name), text)
        if self.oauth in alternative:
            assert self.oauth
            return self._wanted((*at, self.oauth), alternative[self.oauth])
        if not unknown:
            self.report.error(at, "asks for no scope: list one of an oauth2 scheme")
        return {}

    def _wanted(self, at: Pointer, wanted: Any) -> dict[str, Scope]:
        if not isinstance(wanted, list):
            return {}  # OpenAPI's schema says so.
        if not wanted:
            self.report.error(at, "must list a scope: without one, any token would do")
        if len(wanted) > 1:
            self.report.error(
                at,
                f"asks for {len(wanted)} scopes at once, and a gateway admits a token with any of "
                "them; list them as alternatives, or define one scope for both",
            )
        found: dict[str, Scope] = {}
        for index, name in enumerate(wanted):
            if not isinstance(name, str):
                continue  # OpenAPI's schema says so.
            if name not in self.scopes:
                text = f"is no scope that the scheme defines. {hint(name, self.scopes)}".rstrip()
                self.report.error((*at, str(index)), text)
            elif scope := self.scopes[name]:
                found[scope.token] = scope
            else:
                text = f"is {name}, which any client may have; define a scope of the API"
                self.report.error((*at, str(index)), text)
        return found


def _open_text(operation: Mapping[str, Any]) -> str:
    if PUBLIC in operation:
        return f"has {PUBLIC}; write security: [] as well, so that other tools see it"
    return f"is open to everybody: give it security with a scope, or security: [] and {PUBLIC}"


def _key_problem(scheme: Mapping[str, Any]) -> str | None:
    match scheme:
        case {"type": "apiKey", "in": "header", "name": str(name)} if name.lower() == "x-api-key":
            return None
        case {"type": "apiKey"}:
            return "must be in the header x-api-key, where gateways look for a partner's key"
    return "must be of type oauth2, or apiKey beside it: gateways check no other here"


def _scope_problem(scope: Scope, written: str) -> str | None:
    if written.startswith("/") or not _NAME.fullmatch(scope.name):
        return (
            "must be a name or server/name, of printable ASCII without spaces, quotation marks and "
            "backslashes: Cognito's rule"
        )
    if not _SERVER.fullmatch(scope.server):
        return "must have a server of printable ASCII without spaces, quotation marks, backslashes"
    if (longest := max(len(scope.server), len(scope.name))) > _LONGEST:
        return f"must have at most {_LONGEST} characters for each of server and name; got {longest}"
    if not 1 <= (length := len(scope.description)) <= _LONGEST:
        return f"must have a description of 1 to {_LONGEST} characters, as in Cognito; got {length}"
    return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
