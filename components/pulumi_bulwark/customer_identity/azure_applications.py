"""The applications of the API and of its clients, in the customers' tenant: only if asked for.

The azuread provider signs in to that tenant, not to the subscription's. It needs rights of
Microsoft Graph there: Application.ReadWrite.OwnedBy, AppRoleAssignment.ReadWrite.All for machines,
and for the second factor Policy.Read.All and Policy.ReadWrite.ConditionalAccess.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_azuread as azuread

from .. import notes
from ..openapi import Scope
from .provider import ROLE_SUFFIX, ProviderSpec
from .spec import ClientSpec

_NAMESPACE: Final = uuid.UUID("5f0a6b2e-63d1-5f5e-8d1e-2b7c0a4f9d31")

_STATES: Final = {"reportOnly": "enabledForReportingButNotEnforced", "enforced": "enabled"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureApplicationsArgs:
    provider: ProviderSpec
    """The tenant."""
    clients: Mapping[str, ClientSpec]
    """Who gets tokens, by name."""
    scopes: tuple[Scope, ...] = ()
    """What they may ask for."""


class AzureApplications(pulumi.ComponentResource):
    """Registrations in the tenant, with scopes for people and roles for machines.

    A client has no secret from here: a machine proves itself by a certificate or a federated
    credential, which is added to its application.
    """

    api_client_id: pulumi.Output[str]
    """Client id of the API's application: the audience of its tokens."""

    client_ids: dict[str, pulumi.Output[str]]
    """Client id of each client's application, by its name in the config."""

    def __init__(
        self, name: str, args: AzureApplicationsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureApplications", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._api = self._make_api()
        self._api_principal = self._principal("api", self._api)
        self.api_client_id = self._api.client_id
        self.client_ids = {
            client: self._client(client, spec).client_id for client, spec in args.clients.items()
        }
        if args.provider.second_factor != "byHand":
            self._ask_for_second_factor()
        for text in _limits(args):
            notes.limit(self, text)
        self.register_outputs({"apiClientId": self.api_client_id, "clientIds": self.client_ids})

    def _make_api(self) -> azuread.Application:
        has_machines = any(c.flow == "clientCredentials" for c in self._args.clients.values())
        return azuread.Application(
            f"{self._name}-api",
            display_name=self._display("api"),
            sign_in_audience="AzureADMyOrg",
            # Two of one name cannot be told apart by whoever consents.
            prevent_duplicate_names=True,
            api={
                "requested_access_token_version": 2,
                "oauth2_permission_scopes": [_scope(scope) for scope in self._args.scopes],
            },
            app_roles=[_role(scope) for scope in self._args.scopes] if has_machines else None,
            opts=self._child,
        )

    def _client(self, client: str, spec: ClientSpec) -> azuread.Application:
        asked = [scope for scope in self._args.scopes if scope.token in spec.scopes]
        machine = spec.flow == "clientCredentials"
        made = azuread.Application(
            f"{self._name}-{client}",
            display_name=self._display(client),
            sign_in_audience="AzureADMyOrg",
            prevent_duplicate_names=True,
            required_resource_accesses=[
                {
                    "resource_app_id": self.api_client_id,
                    "resource_accesses": [
                        {"id": _id("role", scope), "type": "Role"}
                        if machine
                        else {"id": _id("scope", scope), "type": "Scope"}
                        for scope in asked
                    ],
                }
            ]
            if asked
            else None,
            **({} if machine else _addresses(spec)),
            opts=self._child,
        )
        principal = self._principal(client, made)
        if machine:
            self._let_in(client, principal, asked)
        elif asked:
            # Nobody who signs in is asked whether the shop may call its own API.
            azuread.ApplicationPreAuthorized(
                f"{self._name}-{client}-consent",
                application_id=self._api.id,
                authorized_client_id=made.client_id,
                permission_ids=[_id("scope", scope) for scope in asked],
                opts=self._child,
            )
        return made

    def _let_in(self, client: str, principal: azuread.ServicePrincipal, asked: list[Scope]) -> None:
        for scope in asked:
            azuread.AppRoleAssignment(
                f"{self._name}-{client}-{_id('role', scope)[:8]}",
                app_role_id=_id("role", scope),
                principal_object_id=principal.object_id,
                resource_object_id=self._api_principal.object_id,
                opts=self._child,
            )

    def _principal(self, of: str, made: azuread.Application) -> azuread.ServicePrincipal:
        return azuread.ServicePrincipal(
            f"{self._name}-{of}-principal", client_id=made.client_id, opts=self._child
        )

    def _ask_for_second_factor(self) -> None:
        provider = self._args.provider
        azuread.ConditionalAccessPolicy(
            f"{self._name}-second-factor",
            display_name=self._display("second factor"),
            state=_STATES[provider.second_factor],
            conditions={
                "client_app_types": ["all"],
                "applications": {"included_applications": [self.api_client_id]},
                "users": {
                    "included_users": ["All"],
                    "excluded_groups": [provider.emergency_group or ""],
                },
            },
            grant_controls={"operator": "OR", "built_in_controls": ["mfa"]},
            session_controls={
                "sign_in_frequency": 1,
                "sign_in_frequency_period": "hours",
                "sign_in_frequency_interval": "timeBased",
            },
            opts=self._child,
        )

    def _display(self, of: str) -> str:
        """A name that no other stack has in the tenant."""
        return f"{pulumi.get_project()} {pulumi.get_stack()} {of}"


def _id(kind: str, scope: Scope) -> str:
    """The same in every run: a scope with another id is another scope, and consent is lost."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}|{scope.token}"))


def _scope(scope: Scope) -> Any:
    about = scope.description or scope.token
    return {
        "id": _id("scope", scope),
        "value": scope.token,
        "type": "User",
        "enabled": True,
        "admin_consent_display_name": scope.token,
        "admin_consent_description": about,
        "user_consent_display_name": scope.token,
        "user_consent_description": about,
    }


def _role(scope: Scope) -> Any:
    return {
        "id": _id("role", scope),
        "value": f"{scope.token}{ROLE_SUFFIX}",
        "display_name": f"{scope.token} (machine)",
        "description": scope.description or scope.token,
        "allowed_member_types": ["Application"],
        "enabled": True,
    }


def _addresses(spec: ClientSpec) -> dict[str, Any]:
    """Where people come back to: a page that keeps no secret uses a code with PKCE."""
    if spec.public:
        return {"single_page_application": {"redirect_uris": list(spec.callback_urls)}}
    return {
        "web": {
            "redirect_uris": list(spec.callback_urls),
            "logout_url": spec.logout_urls[0] if spec.logout_urls else None,
            "implicit_grant": {
                "access_token_issuance_enabled": False,
                "id_token_issuance_enabled": False,
            },
        }
    }


def _limits(args: AzureApplicationsArgs) -> list[str]:
    said = ["a user flow for sign-up and sign-in is made in the portal, with the clients in it"]
    if any(client.flow == "clientCredentials" for client in args.clients.values()):
        said.append("a machine has no credential yet: add a certificate or a federated credential")
    if args.provider.second_factor == "reportOnly":
        said.append("the policy for the second factor only reports: nobody is asked for one yet")
    return said
