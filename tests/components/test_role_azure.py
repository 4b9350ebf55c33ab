import uuid

import pulumi
import pytest
from azure_place import PLACE

from bulwark_toolkit.preview import Unknown
from pulumi_bulwark.role.azure import (
    ROLES,
    AzureIdentity,
    AzureIdentityArgs,
    Grant,
    assign,
    assign_to_people,
)

SCOPE = f"{PLACE.subscription}/resourceGroups/group/providers/Microsoft.KeyVault/vaults/vault"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
WAIT = "time:index/sleep:Sleep"


def identity(*roles):
    grants = [Grant(name=f"role-{n}", role=role, scope=SCOPE) for n, role in enumerate(roles)]
    return lambda: AzureIdentity("it", AzureIdentityArgs(place=PLACE, grants=grants))


def given(role, principal, **more):
    return lambda: assign(
        "it",
        PLACE,
        Grant(name="it", role=role, scope=SCOPE),
        principal_id=principal,
        opts=pulumi.ResourceOptions(),
        **more,
    )


def test_a_role_says_what_kind_of_principal_it_is_for(preview):
    graph = preview(identity("Key Vault Secrets User"), rendered=True)

    (role,) = graph.of_type(ASSIGNMENT)
    # Azure would look for a user by that id, and not find one.
    assert role.inputs["principalType"] == "ServicePrincipal"
    assert role.inputs["roleDefinitionId"] == (
        "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/"
        "roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6"
    )
    assert role.inputs["scope"] == SCOPE


def test_an_assignment_has_the_same_name_in_every_run_and_another_for_each_of_its_parts(preview):
    def name(role, principal):
        return preview(given(role, principal))["it"].inputs["roleAssignmentName"]

    first = name("Key Vault Secrets User", "a")

    assert uuid.UUID(first)
    assert first == name("Key Vault Secrets User", "a")
    assert len({first, name("Key Vault Reader", "a"), name("Key Vault Secrets User", "b")}) == 3


def test_people_get_roles_as_people(preview):
    graph = preview(given("Key Vault Reader", "a", principal_type="Group"))

    assert graph["it"].inputs["principalType"] == "Group"


def test_who_is_no_longer_named_moves_nobody_else(preview):
    """An assignment that moved would be made anew while it is there, which Azure refuses."""

    def given_to(*people):
        grant = Grant(name="reader", role="Key Vault Reader", scope=SCOPE)
        graph = preview(
            lambda: assign_to_people("it", PLACE, people, grant, pulumi.ResourceOptions())
        )
        return {r.urn: r.inputs["roleAssignmentName"] for r in graph.of_type(ASSIGNMENT)}

    before, after = given_to("group:a", "user:b", "user:b"), given_to("user:b")

    assert len(before) == 2
    assert after.items() <= before.items()


def test_who_takes_the_identity_waits_until_its_roles_count(preview):
    graph = preview(identity("Key Vault Secrets User", "Key Vault Reader"))

    (wait,) = graph.of_type(WAIT)
    roles = {role.urn for role in graph.of_type(ASSIGNMENT)}
    assert wait.inputs["createDuration"] == "120s"
    assert roles <= set(wait.dependencies)
    assert wait.urn in graph["it"].outputs["id"].waits_for
    assert wait.urn in graph["it"].outputs["clientId"].waits_for


def test_new_roles_are_given_without_waiting_for_the_first(preview):
    graph = preview(identity("Key Vault Reader"))

    principal = graph["it"].outputs["principalId"]
    assert isinstance(principal, Unknown)
    assert not any(WAIT in urn for urn in principal.waits_for)


def test_an_identity_without_roles_waits_for_nothing(preview):
    assert list(preview(identity()).of_type(WAIT)) == []


@pytest.mark.parametrize("guid", ROLES.values(), ids=ROLES)
def test_a_role_of_microsofts_is_named_by_its_guid(guid):
    assert str(uuid.UUID(guid)) == guid
