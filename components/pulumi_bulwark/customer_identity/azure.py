"""The customers' sign-in on Azure: a provider that exists, and what is to be said of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi

from .. import notes
from ..errors import ConfigError
from ..openapi import Scope
from .azure_holdings import report
from .clients import scope_problems_of_clients
from .provider import ROLE_SUFFIX, ProviderSpec
from .spec import CustomerIdentitySpec

_AT = "bulwark:customerIdentity"


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureCustomerIdentityArgs:
    spec: CustomerIdentitySpec
    scopes: tuple[Scope, ...] = ()
    """What clients may ask for: the scopes of the OpenAPI document."""


class AzureCustomerIdentity(pulumi.ComponentResource):
    """A tenant of customers, or another provider, by reference.

    Only a person who signs in can make a customer tenant, and its user flows are in no provider of
    Pulumi's, so it makes nothing: it says whose tokens hold, and what is left to do in the tenant.
    Raises a ConfigError where no provider is named, or for a scope that nobody defines.
    """

    user_pool_id: pulumi.Output[str]
    """Id of the tenant; empty of a provider that is none of Microsoft's."""

    issuer: pulumi.Output[str]
    """The `iss` of every token."""

    jwks_uri: pulumi.Output[str] | None
    """Address of the keys that tokens are signed with; None where only the metadata says it."""

    sign_in_url: pulumi.Output[str]
    """Where the sign-in pages are, https and without a slash at the end."""

    authorize_endpoint: pulumi.Output[str] | None
    """Address that a person's sign-in begins at; None where nobody said it."""

    token_endpoint: pulumi.Output[str] | None
    """Address that gives tokens; None where nobody said it."""

    audience: dict[str, pulumi.Output[str]]
    """Id of each client, by its name in the config."""

    audiences: pulumi.Output[list[str]]
    """The `aud` of the API's tokens."""

    requirements: list[dict[str, str]]
    """What each preset asks, where it asks it, and who holds it."""

    def __init__(
        self,
        name: str,
        args: AzureCustomerIdentityArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("bulwark:index:AzureCustomerIdentity", name, None, opts)
        spec, provider = args.spec, args.spec.provider
        found = list(problems(spec, args.scopes))
        if found or provider is None:
            raise ConfigError(found)
        known = provider.endpoints
        self.user_pool_id = pulumi.Output.from_input(provider.tenant_id or "")
        self.issuer = pulumi.Output.from_input(known.issuer)
        self.jwks_uri = _output(known.jwks_uri)
        self.sign_in_url = pulumi.Output.from_input(known.sign_in_url.rstrip("/"))
        self.authorize_endpoint = _output(known.authorize)
        self.token_endpoint = _output(known.token)
        self._who(name, args, provider)
        self.requirements = list(report(spec))
        for text in _limits(provider, self.requirements):
            notes.limit(self, text)
        notes.loosened(self, _AT, spec)
        self.register_outputs(
            {
                "userPoolId": self.user_pool_id,
                "issuer": self.issuer,
                "jwksUri": self.jwks_uri,
                "signInUrl": self.sign_in_url,
                "authorizeEndpoint": self.authorize_endpoint,
                "tokenEndpoint": self.token_endpoint,
                "audience": self.audience,
                "audiences": self.audiences,
                "requirements": self.requirements,
            }
        )

    def _who(self, name: str, args: AzureCustomerIdentityArgs, provider: ProviderSpec) -> None:
        """The applications: made here, or by whoever made the tenant."""
        clients = args.spec.clients
        if not provider.applications:
            self.audience = {
                client: pulumi.Output.from_input(settings.client_id or "")
                for client, settings in clients.items()
            }
            self.audiences = pulumi.Output.from_input(list(provider.audiences))
            return
        # Its SDK is read only where it is used.
        from .azure_applications import AzureApplications, AzureApplicationsArgs

        made = AzureApplications(
            f"{name}-applications",
            AzureApplicationsArgs(clients=clients, provider=provider, scopes=args.scopes),
            pulumi.ResourceOptions(parent=self),
        )
        self.audience = made.client_ids
        self.audiences = made.api_client_id.apply(lambda found: [found])


def problems(spec: CustomerIdentitySpec, scopes: tuple[Scope, ...]) -> Iterator[str]:
    """What nobody could sign in with, a line each."""
    if spec.provider is None:
        yield (
            f"{_AT}.provider: missing. Only a person can make a customer tenant on Azure: make one "
            "in the Entra admin centre and name it here, or name another OpenID Connect provider."
        )
    for name, client in spec.clients.items():
        made = spec.provider is not None and spec.provider.applications
        if made and client.client_id:
            yield (
                f"{_AT}.clients.{name}.clientId: is made with the application. Remove it, or turn "
                "provider.applications off."
            )
        if client.client_id is None and not made:
            yield (
                f"{_AT}.clients.{name}.clientId: missing. Register the application in the tenant, "
                "and give its client id."
            )
    yield from scope_problems_of_clients(_AT, spec.clients, scopes)


def role_suffix(spec: CustomerIdentitySpec) -> str | None:
    """How machines' roles are told from scopes; None where no machine is among the clients."""
    machines = any(client.flow == "clientCredentials" for client in spec.clients.values())
    return ROLE_SUFFIX if machines else None


def _output(value: str | None) -> pulumi.Output[str] | None:
    return None if value is None else pulumi.Output.from_input(value)


_LEFT = {
    "tenant": "to be set in the tenant",
    "provider": "left to the provider",
    "application": "left to the application",
    "unmet": "held by nobody",
}


def _limits(provider: ProviderSpec, requirements: list[dict[str, str]]) -> Iterator[str]:
    for (held, setting, how), wanted in _wanted(requirements).items():
        yield f"{_LEFT[held]}: {setting} {', '.join(wanted)}: {how}"
    if provider.kind == "b2c":
        yield "Azure AD B2C is sold to nobody new since May 2025: plan the way to External ID"
    if not provider.applications:
        yield (
            "the applications and their scopes are made in the tenant by a person: see "
            "docs/customer-identity-on-azure.md"
        )


def _wanted(requirements: list[dict[str, str]]) -> dict[tuple[str, str, str], list[str]]:
    """What is asked of each thing that is left to somebody, by all presets together."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for asked in requirements:
        if asked["held"] in _LEFT:
            key = asked["held"], asked["setting"], asked["how"]
            found.setdefault(key, []).append(
                f"{asked['wanted']} ({asked['preset']}, {asked['source']})"
            )
    return found
