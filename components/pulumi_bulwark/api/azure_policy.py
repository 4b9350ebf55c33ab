"""The one policy of the API: who may call what, how often, with what, and who answers.

One document for all operations, and not one for each: an operation that it does not name is
refused, so that a new one is closed until the policy knows it, and routes add no resource.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from xml.etree.ElementTree import Element

from ..openapi import Document
from .answers import SAFE_HEADERS
from .azure_backends import Backends, answering
from .azure_body import media_types
from .azure_errors import on_error, refusal
from .azure_guard import Guard, guarded
from .azure_limits import quota, rate_limit
from .azure_operations import condition, grouped, id_of
from .azure_xml import (
    BASE,
    choose,
    each,
    element,
    expression,
    holding,
    plain,
    quoted,
    written,
)
from .scripts import headers_of_scripts
from .spec import ApiSpec
from .spec_azure import thumbprint

API_KEY = "x-api-key"
"""The header that a partner's key comes in, as in the document."""

_CACHE = "Cache-Control"
_CALLER = "caller"
_TOKEN = "token"  # noqa: S105 the name of a variable

_SERVER_HEADERS = (
    "Server",
    "X-AspNet-Version",
    "X-AspNetMvc-Version",
    "X-Powered-By",
    "X-Runtime",
    "X-Version",
)
"""What backends tell of themselves, and nobody needs to know."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """Whose tokens hold."""

    issuer: str
    """The `iss` of every token."""
    metadata_url: str
    """Where the provider describes itself (OpenID Connect Discovery), https."""
    audiences: tuple[str, ...]
    """The `aud` of a token: the API, as the provider knows it."""
    scope_claim: str = "scp"
    """The claim with a person's scopes, in one text with spaces."""
    role_suffix: str | None = None
    """What the claim `roles` of a machine has after a scope's words; None: no machine calls."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the policy has to know beside settings and document."""

    tokens: Tokens | None = None
    """None only if every operation is public."""
    edge_id: str | None = None
    """Id of the Front Door profile that alone may call; None where there is none before the API."""
    guard: Guard | None = None
    """Whom API Management asks about requests; None only if no operation is guarded."""
    backends: Backends = field(default_factory=Backends)
    kept_paths: frozenset[str] = frozenset()
    """Paths of the document whose answers the edge keeps."""


def build(spec: ApiSpec, document: Document, around: Surroundings) -> str:
    """The policy as API Management takes it."""
    base = element(BASE)
    root = element(
        "policies",
        None,
        element("inbound", None, base, *_inbound(spec, document, around)),
        element("backend", None, _forward(spec)),
        element("outbound", None, base, *_outbound(document, around)),
        element("on-error", None, base, *on_error()),
    )
    return written(root)


def _inbound(spec: ApiSpec, document: Document, around: Surroundings) -> Iterator[Element]:
    """From what is cheapest to refuse to what costs most, and who answers last."""
    if spec.cors.origins:
        yield _cors(spec, document)
    if around.edge_id:
        yield _only_from_edge(around.edge_id)
    if spec.allowed_ranges:
        yield _only_from_ranges(spec)
    if spec.api_management.client_certificates:
        yield _only_with_certificate(spec)
    yield rate_limit(spec.throttle.per_second, spec.throttle.burst, "api")
    yield _only_authorised(document, around)
    yield from _keys(spec, document)
    yield from _own_limits(document)
    yield from _per_caller(spec)
    yield _parameters_checked()
    yield from _bodies_checked(spec, document)
    # The key is ours to check; a backend could only leak it.
    yield element("set-header", {"name": API_KEY, "exists-action": "delete"})
    yield from guarded(document, around.guard)
    yield from answering(document, around.backends)


def _forward(spec: ApiSpec) -> Element:
    return element(
        "forward-request",
        {
            "timeout-ms": str(spec.backend_timeout_ms),
            # Where a backend redirects to is the client's to decide: here it would get our headers.
            "follow-redirects": "false",
            "fail-on-error-status-code": "false",
        },
    )


def _outbound(document: Document, around: Surroundings) -> Iterator[Element]:
    for name in _SERVER_HEADERS:
        yield element("set-header", {"name": name, "exists-action": "delete"})
    for name, value in SAFE_HEADERS.items():
        if name != _CACHE:
            yield _said(name, value, "override")
    # What a backend says of its own cache stands; and the edge would not keep what we forbid to.
    if others := [o for o in document.operations if o.path not in around.kept_paths]:
        yield choose((condition(others), [_said(_CACHE, SAFE_HEADERS[_CACHE], "skip")]))


def _said(name: str, value: str, where_it_is_there: str) -> Element:
    how = {"name": name, "exists-action": where_it_is_there}
    return element("set-header", how, holding("value", value))


# From where.


def _cors(spec: ApiSpec, document: Document) -> Element:
    cors = spec.cors
    parts = [
        element("allowed-origins", None, *each("origin", map(plain, cors.origins))),
        element(
            "allowed-methods",
            {"preflight-result-max-age": str(cors.max_age_seconds)},
            *each("method", sorted({o.method.upper() for o in document.operations})),
        ),
        element("allowed-headers", None, *each("header", headers_of_scripts(spec, document))),
    ]
    if cors.exposed_headers:
        parts.append(element("expose-headers", None, *each("header", cors.exposed_headers)))
    return element(
        "cors",
        {
            "allow-credentials": "true" if cors.credentials else "false",
            # Else a request that is no script's and names its origin gets an empty 200.
            "terminate-unmatched-request": "false",
        },
        *parts,
    )


def _only_from_edge(edge_id: str) -> Element:
    return element(
        "check-header",
        {
            "name": "X-Azure-FDID",
            "failed-check-httpcode": "403",
            "failed-check-error-message": "Forbidden",
            "ignore-case": "true",
        },
        holding("value", plain(edge_id)),
    )


def _only_from_ranges(spec: ApiSpec) -> Element:
    parts: list[Element] = []
    for text in spec.allowed_ranges:
        network = ip_network(text)
        ends = {"from": str(network[0]), "to": str(network[-1])}
        is_one = network.num_addresses == 1
        parts.append(
            holding("address", str(network[0])) if is_one else element("address-range", ends)
        )
    return element("ip-filter", {"action": "allow"}, *parts)


def _only_with_certificate(spec: ApiSpec) -> Element:
    asked = spec.api_management.client_certificates
    assert asked
    identities = [
        *({"thumbprint": one} for one in asked.thumbprints),
        *({"issuer-thumbprint": thumbprint(one)} for one in asked.authorities),
    ]
    # A certificate that is named by its own thumbprint needs no authority that is trusted.
    trusted = "true" if asked.authorities else "false"
    return element(
        "validate-client-certificate",
        {
            "validate-revocation": trusted,
            "validate-trust": trusted,
            "validate-not-before": "true",
            "validate-not-after": "true",
            "ignore-error": "false",
        },
        element("identities", None, *(element("identity", one) for one in identities)),
    )


# Who.


def _only_authorised(document: Document, around: Surroundings) -> Element:
    """A branch for the public operations and one for each set of scopes; the rest is refused."""
    branches: list[tuple[str, list[Element]]] = []
    groups = grouped(document.operations, lambda o: tuple(scope.token for scope in o.scopes))
    for scopes, operations in groups.items():
        if scopes:
            assert around.tokens
            then = [*_authorised(around.tokens, scopes), _caller(_of_token(around))]
        else:
            then = [_caller(_of_address(around))]
        branches.append((condition(operations), then))
    return choose(*branches, otherwise=[refusal(403)])


def _authorised(tokens: Tokens, scopes: Iterable[str]) -> Iterator[Element]:
    """First whether the token is one of ours, which is 401, then what it allows, which is 403."""
    yield _validated(tokens, 401, "A valid token is needed", variable=_TOKEN)
    allowed = sorted(scopes)
    claim = tokens.scope_claim
    people = _validated(tokens, 403, _NO_SCOPE, claim=(claim, allowed, " "))
    if tokens.role_suffix is None:
        yield people
        return
    roles = [f"{scope}{tokens.role_suffix}" for scope in allowed]
    machines = _validated(tokens, 403, _NO_SCOPE, claim=("roles", roles, None))
    # A person's token has scopes, and may have roles beside.
    of_person = f'((Jwt)context.Variables["{_TOKEN}"]).Claims.ContainsKey({quoted(claim)})'
    yield choose((of_person, [people]), otherwise=[machines])


_NO_SCOPE = "The token does not allow this"


def _validated(
    tokens: Tokens,
    status: int,
    message: str,
    *,
    variable: str | None = None,
    claim: tuple[str, list[str], str | None] | None = None,
) -> Element:
    attributes = {
        "header-name": "Authorization",
        "failed-validation-httpcode": str(status),
        "failed-validation-error-message": message,
        "require-expiration-time": "true",
        "require-scheme": "Bearer",
        "require-signed-tokens": "true",
        # Of a short token a minute is much: our clocks and the provider's are set.
        "clock-skew": "0",
    }
    parts = [
        element("openid-config", {"url": plain(tokens.metadata_url)}),
        element("audiences", None, *each("audience", map(plain, tokens.audiences))),
        element("issuers", None, *each("issuer", [plain(tokens.issuer)])),
    ]
    if claim:
        name, values, separator = claim
        how = {"name": name, "match": "any"} | ({"separator": separator} if separator else {})
        wanted = element("claim", how, *each("value", map(plain, values)))
        parts.append(element("required-claims", None, wanted))
    if variable:
        attributes["output-token-variable-name"] = variable
    return element("validate-jwt", attributes, *parts)


def _caller(code: str) -> Element:
    return element("set-variable", {"name": _CALLER, "value": expression(code)})


def _of_token(around: Surroundings) -> str:
    """The person or the machine that the token is of, else the client, else the address."""
    token = f'((Jwt)context.Variables["{_TOKEN}"])'
    client = f'{token}.Claims.GetValueOrDefault("azp", {_of_address(around)})'
    return f"{token}.Subject ?? {client}"


def _of_address(around: Surroundings) -> str:
    if around.edge_id:
        # Whom the edge talked with: a client can write every other header itself.
        return 'context.Request.Headers.GetValueOrDefault("X-Azure-SocketIP", "")'
    return "context.Request.IpAddress"


# How often.


def _keys(spec: ApiSpec, document: Document) -> Iterator[Element]:
    """Partners' keys, and what each partner may do, where an operation asks for a key."""
    keyed = [operation for operation in document.operations if operation.api_key]
    if not keyed:
        return
    then = [choose(("context.Subscription == null", [refusal(401)]))]
    branches = [
        (
            f"context.Subscription.Id == {quoted(name)}",
            [
                rate_limit(partner.per_second, partner.burst, f"partner {name}"),
                quota(partner.quota.requests, partner.quota.per, f"partner {name}"),
            ],
        )
        for name, partner in spec.partners.items()
    ]
    if branches:
        then.append(choose(*branches))
    yield choose((condition(keyed), then))


def _own_limits(document: Document) -> Iterator[Element]:
    branches = [
        (
            condition([operation]),
            [rate_limit(limit.per_second, limit.burst, f"operation {id_of(operation)}")],
        )
        for operation in sorted(document.operations, key=id_of)
        if (limit := operation.rate_limit)
    ]
    if branches:
        yield choose(*branches)


def _per_caller(spec: ApiSpec) -> Iterator[Element]:
    if limit := spec.api_management.per_caller:
        of_caller = expression(f'"caller " + (string)context.Variables["{_CALLER}"]')
        yield rate_limit(limit.per_second, limit.burst, of_caller)
        if limit.quota:
            yield quota(limit.quota.requests, limit.quota.per, of_caller)


# With what.


def _parameters_checked() -> Element:
    return element(
        "validate-parameters",
        {
            "specified-parameter-action": "prevent",
            "unspecified-parameter-action": "prevent",
            "errors-variable-name": "wrongParameters",
        },
        # Every client sends headers that no document names.
        element(
            "headers",
            {"specified-parameter-action": "prevent", "unspecified-parameter-action": "ignore"},
        ),
    )


def _bodies_checked(spec: ApiSpec, document: Document) -> Iterator[Element]:
    groups = grouped(document.operations, lambda o: tuple(media_types(document, o).items()))
    branches = [
        (condition(operations), [_body_checked(spec, dict(types))])
        for types, operations in groups.items()
        if types
    ]
    if branches:
        yield choose(*branches)


def _body_checked(spec: ApiSpec, types: Mapping[str, bool]) -> Element:
    checked = [
        element("content", {"type": plain(kind), "validate-as": "json", "action": "prevent"})
        for kind, is_checked in types.items()
        if is_checked
    ]
    return element(
        "validate-content",
        {
            "unspecified-content-type-action": "prevent" if spec.checks_every_body else "ignore",
            "max-size": str(spec.api_management.max_body_bytes),
            "size-exceeded-action": "prevent",
            "errors-variable-name": "wrongBody",
        },
        *checked,
    )


def unsayable(document: Document) -> Iterator[tuple[str, str]]:
    """Text of the document that would be something else in a policy, with the pointer where."""
    for operation in document.operations:
        texts = [*(scope.token for scope in operation.scopes), *media_types(document, operation)]
        if any(_is_run(text) for text in texts):
            yield (
                operation.pointer,
                (
                    "has a scope or a content type that API Management would read as an expression "
                    "or a named value; give it another without @( and {{."
                ),
            )


def _is_run(text: str) -> bool:
    try:
        plain(text)
    except ValueError:
        return True
    return False
