"""App clients and resource servers, in the words of Cognito."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..openapi import Scope
from .clients import scope_problems_of_clients
from .spec import (
    MACHINE_MINUTES,
    OPENID_SCOPES,
    SELF_SERVICE_SCOPE,
    ClientSpec,
    CustomerIdentitySpec,
)

MOST_SERVERS: Final = 25
"""Resource servers of a pool [m]: a quota of Cognito."""
MOST_SCOPES: Final = 100
"""Scopes of a resource server: a limit of its API."""
LONGEST_TEXT: Final = 256
"""Characters of an identifier, a scope's name and its description: limits of the API."""


def client_settings(spec: CustomerIdentitySpec, client: ClientSpec) -> dict[str, Any]:
    """The arguments of an app client, but for the pool and its name."""
    flow = _people(spec, client) if client.flow == "authorizationCode" else _machine(client)
    return {
        **flow,
        "allowed_oauth_flows_user_pool_client": True,
        "allowed_oauth_scopes": list(client.scopes),
        "supported_identity_providers": ["COGNITO"],
        "prevent_user_existence_errors": "ENABLED",
        "enable_token_revocation": True,
        # Whoever is signed in may see and change the address that the account is known by.
        "read_attributes": ["email", "email_verified"],
        "write_attributes": ["email"],
    }


def _people(spec: CustomerIdentitySpec, client: ClientSpec) -> dict[str, Any]:
    sign_in = spec.sign_in
    access = client.access_token_minutes or sign_in.access_token_minutes
    return {
        "allowed_oauth_flows": ["code"],
        "callback_urls": list(client.callback_urls),
        "logout_urls": list(client.logout_urls),
        "generate_secret": not client.public,
        # Refreshing by rotation excludes ALLOW_REFRESH_TOKEN_AUTH, which reuses one token.
        "explicit_auth_flows": [
            "ALLOW_USER_SRP_AUTH",
            # Passkeys need it. It takes a password in the clear as well.
            *(["ALLOW_USER_AUTH"] if spec.passkeys == "on" else []),
            *(["ALLOW_USER_PASSWORD_AUTH"] if client.password_flow else []),
        ],
        "refresh_token_rotation": {
            "feature": "ENABLED",
            "retry_grace_period_seconds": spec.refresh_grace_seconds,
        },
        "auth_session_validity": spec.sign_in_step_minutes,
        **_lifetimes(access, client.refresh_token_minutes or sign_in.refresh_token_minutes),
    }


def _machine(client: ClientSpec) -> dict[str, Any]:
    return {
        "allowed_oauth_flows": ["client_credentials"],
        "generate_secret": True,
        # An empty list is Cognito's own choice, SRP among it. With this flow alone nobody signs in.
        "explicit_auth_flows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        **_lifetimes(client.access_token_minutes or MACHINE_MINUTES, 60),
    }


def _lifetimes(access: int, refresh: int) -> dict[str, Any]:
    # Without units, the same numbers are hours and days.
    return {
        "access_token_validity": access,
        "id_token_validity": access,
        "refresh_token_validity": refresh,
        "token_validity_units": dict.fromkeys(
            ("access_token", "id_token", "refresh_token"), "minutes"
        ),
    }


def servers(scopes: Iterable[Scope]) -> dict[str, list[Scope]]:
    """The scopes by the resource server that they belong to."""
    found: dict[str, list[Scope]] = {}
    for scope in scopes:
        found.setdefault(scope.server, []).append(scope)
    return found


def scope_problems(at: str, scopes: Iterable[Scope]) -> Iterator[str]:
    """What Cognito would refuse of the document's scopes."""
    by_server = servers(scopes)
    if len(by_server) > MOST_SERVERS:
        yield (
            f"{at}: the OpenAPI document has scopes of {len(by_server)} servers, and a user pool "
            f"has room for {MOST_SERVERS}. Let several share one."
        )
    for number, (server, held) in enumerate(by_server.items()):
        if len(held) > MOST_SCOPES:
            yield (
                f"{at}: the OpenAPI document has {len(held)} scopes of server {number}, and "
                f"Cognito takes {MOST_SCOPES}. Use several servers, or wider scopes."
            )
        names = [scope.name for scope in held]
        if wrong := [n for n in names if not _is_word(n) or "/" in n]:
            yield (
                f"{at}: {len(wrong)} scopes of server {number} in the OpenAPI document have names "
                f"that Cognito refuses: {_WORD}, and no slash. Rename them there."
            )
        if not _is_word(server):
            yield (
                f"{at}: server {number} in the OpenAPI document's scopes has a name that Cognito "
                f"refuses: {_WORD}. Rename it there."
            )
        if len(set(names)) < len(names):
            yield f"{at}: a scope of server {number} in the OpenAPI document is there twice."


_WORD: Final = f"1 to {LONGEST_TEXT} printable ASCII characters without space, quote or backslash"


def _is_word(text: str) -> bool:
    legal = text.isascii() and text.isprintable() and not set(text) & set(' "\\')
    return legal and 1 <= len(text) <= LONGEST_TEXT


def client_problems(
    at: str, clients: Mapping[str, ClientSpec], scopes: Iterable[Scope]
) -> Iterator[str]:
    """Scopes that a client asks for and nobody defines."""
    of_people = (*OPENID_SCOPES, SELF_SERVICE_SCOPE)
    return scope_problems_of_clients(at, clients, scopes, of_people=of_people)
