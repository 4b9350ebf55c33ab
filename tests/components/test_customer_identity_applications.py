"""The applications in the customers' tenant, where Bulwark makes them."""

import pytest

from pulumi_bulwark.customer_identity import CustomerIdentitySpec
from pulumi_bulwark.customer_identity.azure import (
    AzureCustomerIdentity,
    AzureCustomerIdentityArgs,
    problems,
)
from pulumi_bulwark.openapi import Scope

PROVIDER = {
    "tenant_id": "00000000-0000-0000-0000-000000000003",
    "subdomain": "shop",
    "applications": True,
}
GROUP = "00000000-0000-0000-0000-000000000006"
READ, WRITE = Scope("payments", "read", "See payments"), Scope("payments", "write", "Make them")
WEB = {"scopes": ("openid", "payments/read"), "callback_urls": ("https://example.com/back",)}
BATCH = {"flow": "clientCredentials", "scopes": ("payments/write",)}
APPLICATION = "azuread:index/application:Application"


@pytest.fixture
def made(preview):
    def build(provider=None, **clients):
        spec = CustomerIdentitySpec(provider=PROVIDER | (provider or {}), clients=clients)
        args = AzureCustomerIdentityArgs(spec=spec, scopes=(READ, WRITE))
        graph = preview(lambda: AzureCustomerIdentity("it", args), rendered=True)
        assert graph.problems == ()
        return graph

    return build


def api(graph):
    return graph["it-applications-api"]


def test_the_api_has_a_scope_for_each_of_the_document_and_tokens_of_version_2(made):
    found = api(made(web=WEB)).inputs

    assert found["api"]["requestedAccessTokenVersion"] == 2
    scopes = found["api"]["oauth2PermissionScopes"]
    assert [scope["value"] for scope in scopes] == ["payments/read", "payments/write"]
    assert len({scope["id"] for scope in scopes}) == 2


def test_a_scope_keeps_its_id_from_run_to_run(made):
    first, second = (api(made()).inputs["api"] for _ in range(2))

    assert first == second


def test_the_api_has_roles_only_if_a_machine_calls_and_none_of_a_scopes_words(made):
    assert "appRoles" not in api(made(web=WEB)).inputs
    found = api(made(batch=BATCH)).inputs

    scopes = {scope["value"] for scope in found["api"]["oauth2PermissionScopes"]}
    roles = {role["value"] for role in found["appRoles"]}
    assert roles == {"payments/read.machine", "payments/write.machine"}
    assert not scopes & roles
    assert all(role["allowedMemberTypes"] == ["Application"] for role in found["appRoles"])


def test_the_audience_is_the_apis_application(made):
    graph = made(web=WEB)

    assert graph["it"].outputs["audiences"] == [api(graph).outputs["clientId"]]
    assert graph["it"].outputs["audience"] == {
        "web": graph["it-applications-web"].outputs["clientId"]
    }


@pytest.mark.parametrize(
    ("public", "kind", "other"),
    [(True, "singlePageApplication", "web"), (False, "web", "singlePageApplication")],
)
def test_people_come_back_to_the_addresses_of_the_client(made, public, kind, other):
    found = made(web=WEB | {"public": public})["it-applications-web"].inputs

    assert found[kind]["redirectUris"] == ["https://example.com/back"]
    assert other not in found


def test_no_client_gets_a_token_in_an_address_or_a_secret_from_here(made):
    graph = made(web=WEB, batch=BATCH)

    grant = graph["it-applications-web"].inputs["web"]["implicitGrant"]
    assert set(grant.values()) == {False}
    for resource in graph.of_type(APPLICATION):
        assert "password" not in resource.inputs


def test_a_client_is_let_in_for_its_own_scopes_without_a_question(made):
    graph = made(web=WEB)

    (read, _) = api(graph).inputs["api"]["oauth2PermissionScopes"]
    consent = graph["it-applications-web-consent"].inputs
    assert consent["permissionIds"] == [read["id"]]
    assert consent["authorizedClientId"] == graph["it-applications-web"].outputs["clientId"]
    (needed,) = graph["it-applications-web"].inputs["requiredResourceAccesses"]
    assert needed["resourceAccesses"] == [{"id": read["id"], "type": "Scope"}]


def test_a_machine_has_the_role_of_its_scope(made):
    graph = made(batch=BATCH)

    (assigned,) = graph.of_type("azuread:index/appRoleAssignment:AppRoleAssignment")
    roles = {role["value"]: role["id"] for role in api(graph).inputs["appRoles"]}
    assert assigned.inputs["appRoleId"] == roles["payments/write.machine"]
    principal = graph["it-applications-batch-principal"].outputs["objectId"]
    assert assigned.inputs["principalObjectId"] == principal
    assert any("no credential yet" in note.text for note in graph.notes)


# The second factor.

POLICY = "it-applications-second-factor"


@pytest.mark.parametrize(
    ("factor", "state"),
    [("reportOnly", "enabledForReportingButNotEnforced"), ("enforced", "enabled")],
)
def test_everybody_but_the_emergency_group_is_asked_for_a_second_factor(made, factor, state):
    graph = made({"second_factor": factor, "emergency_group": GROUP}, web=WEB)

    found = graph[POLICY].inputs
    assert found["state"] == state
    assert found["grantControls"]["builtInControls"] == ["mfa"]
    assert found["conditions"]["users"] == {"includedUsers": ["All"], "excludedGroups": [GROUP]}
    applications = found["conditions"]["applications"]["includedApplications"]
    assert applications == [api(graph).outputs["clientId"]]
    assert found["sessionControls"]["signInFrequencyPeriod"] == "hours"


@pytest.mark.parametrize(("factor", "held"), [("enforced", "enforced"), ("reportOnly", "tenant")])
def test_only_a_policy_in_force_counts_as_held(made, factor, held):
    graph = made({"second_factor": factor, "emergency_group": GROUP}, web=WEB)

    found = {one["setting"]: one["held"] for one in graph["it"].outputs["requirements"]}
    assert (found["mfa"], found["refreshTokenMinutes"]) == (held, held)


def test_nobody_is_asked_unless_that_is_asked_for(made):
    types = {resource.type for resource in made(web=WEB).resources}

    assert not any("conditionalAccess" in kind for kind in types)


def test_an_id_of_a_client_that_is_made_is_refused():
    client = WEB | {"client_id": "00000000-0000-0000-0000-000000000005"}
    spec = CustomerIdentitySpec(provider=PROVIDER, clients={"web": client})

    (found,) = problems(spec, (READ, WRITE))
    assert found.startswith("bulwark:customerIdentity.clients.web.clientId: is made")
