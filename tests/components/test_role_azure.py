import uuid

import pulumi
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


PUBLISHED = """
00482a5a-887f-4fb3-b363-3b7fe8e74483 Key Vault Administrator
0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3 Storage Table Data Contributor
12338af0-0e69-4776-bea7-57ae8d297424 Key Vault Crypto User
14b46e9e-c2b7-41b4-b07b-48a6ebf60603 Key Vault Crypto Officer
21090545-7ca7-4776-b22c-e363652d74d2 Key Vault Reader
2a2b9908-6ea1-4ae2-8e65-a410df84e7d1 Storage Blob Data Reader
2b629674-e913-4c01-ae53-ef4638d8f975 Event Hubs Data Sender
3913510d-42f4-4e42-8a64-420c390055eb Monitoring Metrics Publisher
4633458b-17de-408a-b874-0445c86b69e6 Key Vault Secrets User
4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0 Service Bus Data Receiver
69a216fc-b8fb-44d8-bc22-1f3c2cd27a39 Service Bus Data Sender
73c42c96-874c-492b-b04d-ab87d138a893 Log Analytics Reader
76199698-9eea-4c19-bc75-cec21354c6b6 Storage Table Data Reader
8e3af657-a8ff-443c-a75c-2fe8c4bcb635 Owner
974c5e8b-45b9-4653-ba55-5f855dd0fb88 Storage Queue Data Contributor
acdd72a7-3385-48ef-bd42-f606fba81ae7 Reader
b7e6dc6d-f1e8-4753-8033-0f276bb0955b Storage Blob Data Owner
b86a8fe4-44ce-4948-aee5-eccb2c155cd7 Key Vault Secrets Officer
ba92f5b4-2d11-453d-a403-e96b0029c9fe Storage Blob Data Contributor
e147488a-f6f5-4113-8e2d-b22465e65bf6 Key Vault Crypto Service Encryption User
"""
"""From articles/role-based-access-control/built-in-roles.md of MicrosoftDocs/azure-docs (April
2026), without what stands before some names there (Azure). Azure refuses any other GUID."""


def test_a_role_of_microsofts_has_the_guid_that_is_published():
    published = (line.split(" ", 1) for line in PUBLISHED.strip().splitlines())

    assert {name: guid for guid, name in published} == ROLES
