"""Identities of workloads on Azure, and what they may do: managed, so that nobody holds a key."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_azure_native as azure_native
import pulumiverse_time as time

from ..naming import logical, physical
from ..place import AzurePlace

PrincipalType = Literal["Group", "ServicePrincipal", "User"]

ROLES: Mapping[str, str] = {
    "Event Hubs Data Sender": "2b629674-e913-4c01-ae53-ef4638d8f975",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Crypto Officer": "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
    "Key Vault Crypto Service Encryption User": "e147488a-f6f5-4113-8e2d-b22465e65bf6",
    "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
    "Key Vault Reader": "21090545-7ca7-4776-b22c-e363652d74d2",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Log Analytics Reader": "73c42c96-874c-492b-b04d-ab87d138a893",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Service Bus Data Receiver": "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
    "Service Bus Data Sender": "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Storage Table Data Reader": "76199698-9eea-4c19-bc75-cec21354c6b6",
}
"""Microsoft's own roles, the same in every tenant, by their names in the portal, as published in
articles/role-based-access-control/built-in-roles.md of github.com/MicrosoftDocs/azure-docs."""

PROPAGATION = "120s"
"""How long a new role assignment may stay unseen by the services: they answer 403 until then, and
azure-native does not ask again. Microsoft names up to ten minutes; two are what people wait."""

_NAMESPACE = uuid.UUID("6d5a6d5b-2f0e-5a57-9f3e-6b1d2c7a9b10")


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """One role at one scope."""

    name: str
    """What it is for, in a word or two with hyphens: part of the logical name."""
    role: pulumi.Input[str]
    """A key of ROLES, or the full id of a role of one's own."""
    scope: pulumi.Input[str]
    """Full id of the resource, as narrow as the role still works at."""
    condition: pulumi.Input[str] | None = None
    """When it counts, in Azure's own language of conditions (version 2.0)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureIdentityArgs:
    place: AzurePlace
    """Where the environment is."""
    grants: Sequence[Grant] = ()
    """What it may do from the first moment on."""


class AzureIdentity(pulumi.ComponentResource):
    """A user-assigned managed identity with its roles.

    Not a system-assigned one: that could be given its roles only after its owner exists, which
    needs them to come into being.
    """

    id: pulumi.Output[str]
    """Full id of the identity, known once its roles count."""

    name: pulumi.Output[str]
    """Name of the identity in its resource group; known at once."""

    client_id: pulumi.Output[str]
    """By which a workload chooses the identity, known once its roles count."""

    principal_id: pulumi.Output[str]
    """By which others give it more roles; known at once."""

    def __init__(
        self, name: str, args: AzureIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureIdentity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        identity = azure_native.managedidentity.UserAssignedIdentity(
            logical("managed-identity", f"{name}-identity"),
            resource_group_name=args.place.resource_group_name,
            opts=child,
        )
        self.name, self.principal_id = identity.name, identity.principal_id
        held = [
            assign(
                f"{name}-{grant.name}",
                args.place,
                grant,
                principal_id=self.principal_id,
                opts=child,
            )
            for grant in args.grants
        ]
        settled = settle(f"{name}-roles", held, child)
        self.id, self.client_id = (
            pulumi.Output.all(value, settled).apply(lambda all_: all_[0])
            for value in (identity.id, identity.client_id)
        )
        self.register_outputs(
            {
                "id": self.id,
                "name": self.name,
                "clientId": self.client_id,
                "principalId": self.principal_id,
            }
        )


def assign(
    name: str,
    place: AzurePlace,
    grant: Grant,
    *,
    principal_id: pulumi.Input[str],
    principal_type: PrincipalType = "ServicePrincipal",
    opts: pulumi.ResourceOptions,
) -> azure_native.authorization.RoleAssignment:
    """Give a role. Its name is made of what it says, so that nobody gives the same twice.

    The principal's type is always said: without it Azure looks for a principal that may be too new
    to be found.
    """
    role = pulumi.Output.from_input(role_id(place, grant.role))
    return azure_native.authorization.RoleAssignment(
        name,
        role_assignment_name=pulumi.Output.all(grant.scope, principal_id, role).apply(
            lambda of: str(uuid.uuid5(_NAMESPACE, "|".join(of)))
        ),
        scope=grant.scope,
        role_definition_id=role,
        principal_id=principal_id,
        principal_type=principal_type,
        condition=grant.condition,
        condition_version="2.0" if grant.condition is not None else None,
        opts=opts,
    )


def role_id(place: AzurePlace, role: pulumi.Input[str]) -> pulumi.Input[str]:
    """The full id of one of ROLES by its name; any other is one already."""
    if not isinstance(role, str) or role not in ROLES:
        return role
    return f"{place.subscription}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"


def custom_role(
    name: str,
    place: AzurePlace,
    *,
    description: str,
    actions: Sequence[str] = (),
    data_actions: Sequence[str] = (),
    scope: pulumi.Input[str] | None = None,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """The full id of a role with only these actions, known once it can be given.

    It can be given within the environment's resource group, unless the scope is another: a role of
    one resource is refused.

    Its name is unique in the tenant, and its GUID made of what it is for: a role with a GUID of
    chance would be another one after each replacement.
    """
    label = (pulumi.get_project(), pulumi.get_stack(), name)
    guid = str(uuid.uuid5(_NAMESPACE, "|".join([place.subscription_id, *label])))
    within = place.group if scope is None else scope
    role = azure_native.authorization.RoleDefinition(
        name,
        role_definition_id=guid,
        role_name=physical("custom-role", *label, unseen=[place.subscription_id]),
        role_type="CustomRole",
        description=description,
        scope=within,
        assignable_scopes=[within],
        permissions=[{"actions": list(actions), "data_actions": list(data_actions)}],
        opts=opts,
    )
    settled = settle(f"{name}-role", [role], opts)
    return pulumi.Output.all(role.id, settled).apply(lambda all_: all_[0])


def assign_to_people(
    name: str,
    place: AzurePlace,
    people: Sequence[str],
    grant: Grant,
    opts: pulumi.ResourceOptions,
) -> None:
    """Give a role to everybody who is named in a setting, such as `group:…`."""
    for person in {principal_of(person)[1]: person for person in people}.values():
        kind, object_id = principal_of(person)
        assign(
            # By who it is: by a number, whoever moved up would be given what is there already.
            f"{name}-{grant.name}-{object_id}",
            place,
            grant,
            principal_id=object_id,
            principal_type=kind,
            opts=opts,
        )


def administrators(
    name: str,
    place: AzurePlace,
    people: Sequence[str],
    *,
    vault_id: pulumi.Input[str],
    description: str,
    data_actions: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Give everybody who is named in a setting a role of one vault's own, with only these."""
    role = custom_role(
        f"{name}-administrators",
        place,
        description=description,
        data_actions=data_actions,
        opts=opts,
    )
    grant = Grant(name="administrator", role=role, scope=vault_id)
    assign_to_people(name, place, people, grant, opts)


def principal_of(person: str) -> tuple[PrincipalType, str]:
    """The kind and the object id of who is named in a setting, such as `group:…`."""
    kind, _, object_id = person.partition(":")
    return _KINDS[kind], object_id


_KINDS: Mapping[str, PrincipalType] = {
    "group": "Group",
    "identity": "ServicePrincipal",
    "user": "User",
}


def settle(
    name: str, held: Sequence[pulumi.CustomResource], opts: pulumi.ResourceOptions
) -> pulumi.Output[str | None]:
    """Known once roles that were just given count."""
    if not held:
        return pulumi.Output.from_input(None)
    wait = time.Sleep(
        name,
        create_duration=PROPAGATION,
        triggers={str(number): role.id for number, role in enumerate(held)},
        opts=opts,
    )
    return wait.id
