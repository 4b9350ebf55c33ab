"""What API Management would refuse, or do less than it seems to, found before anything is made."""

from collections.abc import Collection, Iterator
from ipaddress import ip_network

from ..openapi import Document
from ..openapi.examples import has_example
from ..openapi.nodes import each, node_of
from . import azure_backends, azure_body, azure_skus
from .azure_backends import Backends
from .azure_guard import LARGEST_BODY, Guard
from .azure_limits import LONGEST_WINDOW, window
from .azure_policy import Surroundings, Tokens, build, unsayable
from .azure_xml import faults
from .spec import ApiSpec

_AT = "bulwark:api"

_LONG = "x" * 80
_UNKNOWN = Tokens(
    issuer=f"https://{_LONG}",
    metadata_url=f"https://{_LONG}",
    audiences=(_LONG,),
    role_suffix=".machine",
)
"""As long as what is not known yet can be: the policy's size depends on it."""

_LONGEST_TIMEOUT_MS = 240_000
"""What a backend may take: beyond, Azure's own network ends the connection."""


def problems(
    spec: ApiSpec,
    document: Document,
    *,
    edge: bool = False,
    secrets: Collection[str] = (),
    backends: Backends | None = None,
    guard: bool = False,
) -> Iterator[str]:
    """All that API Management would refuse, a line each.

    `edge` says whether Front Door is before it, and `guard` whether there is one to ask; `secrets`
    are the names of bulwark:secrets.named.
    """
    known = backends or Backends()
    yield from azure_skus.problems(spec, document)
    yield from _settings(spec, document, secrets, edge=edge)
    yield from _of_guard(spec, document)
    file = spec.openapi or str(document.source)
    found = [
        *azure_backends.problems(document, known),
        *unsayable(document),
        *_operations(document, guard=guard),
    ]
    yield from (f"{file}#{where}: {text}" for where, text in found)
    if not found:  # what is wrong in an operation may keep the policy from being written
        yield from _sizes(spec, document, known, file)


def _settings(
    spec: ApiSpec, document: Document, secrets: Collection[str], *, edge: bool
) -> Iterator[str]:
    own, at = spec.api_management, f"{_AT}.apiManagement"
    if edge and own.client_certificates:
        yield (
            f"{at}.clientCertificates: cannot be asked for behind an edge: Front Door ends the "
            "connection and does not pass a certificate on. Turn bulwark:edge.enabled off, or "
            "leave the certificates out."
        )
    for header, secret in own.backend_headers.items():
        if secret not in secrets:
            yield (
                f"{at}.backendHeaders.{header}: bulwark:secrets.named has no such secret. Name one "
                "of it."
            )
    if spec.backend_timeout_ms > _LONGEST_TIMEOUT_MS:
        yield (
            f"{_AT}.backendTimeoutMs: a backend has {_LONGEST_TIMEOUT_MS:,} at most on Azure; got "
            f"{spec.backend_timeout_ms:,}."
        )
    for number, text in enumerate(spec.allowed_ranges):
        if ip_network(text).version != 4:  # noqa: PLR2004 the version of IP
            yield (
                f"{_AT}.allowedRanges[{number}]: API Management compares IPv4 addresses only. "
                "Leave it out, or let the edge's web ACL compare."
            )
    if spec.partners and not any(operation.api_key for operation in document.operations):
        yield (
            f"{_AT}.partners: no operation of {document.source} asks for an API key, so no quota "
            "would hold for anybody. Add a scheme of type apiKey, in header x-api-key, to the "
            "security of those that should."
        )


def _of_guard(spec: ApiSpec, document: Document) -> Iterator[str]:
    asked = spec.api_management.max_body_bytes
    if asked > LARGEST_BODY and any(operation.guarded for operation in document.operations):
        yield (
            f"{_AT}.apiManagement.maxBodyBytes: the input guard reads bodies up to "
            f"{LARGEST_BODY:,} bytes, and refuses larger ones; got {asked:,}. Ask for less, or "
            "take x-bulwark-guard out."
        )


def _operations(document: Document, *, guard: bool) -> Iterator[tuple[str, str]]:
    if not document.operations:
        yield "/paths", "has no operation to serve; add some."
    root = document.body
    for operation in document.operations:
        limit = operation.rate_limit
        if limit and window(limit.per_second, limit.burst) is None:
            yield (
                operation.pointer,
                (
                    f"x-bulwark-rate-limit is {limit.per_second:g} a second, and API Management "
                    f"counts whole calls in {LONGEST_WINDOW} seconds at most. Ask for more."
                ),
            )
        if operation.guarded and not guard:
            yield (
                operation.pointer,
                (
                    "asks for an input guard, and there is none. Give the API one, or the "
                    "operation x-bulwark-guard: off."
                ),
            )
        if operation.backend.kind == "mock":
            for status, response in each(root, node_of(document, operation).get("responses")):
                if not has_example(root, response) and status.isdigit():
                    yield (
                        operation.pointer,
                        (
                            f"has a mock backend, and its response {status} has no example to "
                            "answer with. Add one to the response or to its schema."
                        ),
                    )


def _sizes(spec: ApiSpec, document: Document, known: Backends, file: str) -> Iterator[str]:
    guard = Guard(url=f"https://{_LONG}", audience=_LONG, client_id=_LONG)
    around = Surroundings(tokens=_UNKNOWN, edge_id=_LONG, guard=guard, backends=known)
    for fault in faults(build(spec, document, around)):
        yield f"{file}: its policy {fault}; shorten examples of mocks, or split the document."
    size = len(azure_body.build(document).text.encode())
    if size > azure_body.LARGEST:
        yield (
            f"{file}: is {size:,} bytes long as API Management gets it, and it takes "
            f"{azure_body.LARGEST:,}; split it, or shorten its descriptions."
        )
