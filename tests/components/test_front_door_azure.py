"""Sign-in and API in a whole environment on Azure."""

import copy
import itertools
import json

import pytest

from bulwark_toolkit.testing import Preview
from pulumi_bulwark.config import resolve
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.stacks.azure import AzureStack, AzureStackArgs

TENANT = "00000000-0000-0000-0000-000000000001"
CONFIG = {
    "azure-native:location": "germanywestcentral",
    "bulwark:cloud": "azure",
    "bulwark:profile": "dev",
    "bulwark:tags": {
        "owner": "platform@example.com",
        "environment": "dev",
        "costCenter": "4711",
        "dataClassification": "internal",
    },
    "bulwark:api": {"openapi": "api.yaml"},
    "bulwark:customerIdentity": {
        "provider": {"tenantId": TENANT, "subdomain": "shop", "audiences": ["api-client"]}
    },
    "bulwark:edge": {"enabled": False},
}
API = {
    "openapi": "3.0.3",
    "info": {"title": "Payments", "version": "1"},
    "paths": {
        "/payments": {
            "get": {
                "operationId": "listPayments",
                "security": [{"oauth": ["payments/read"]}],
                "responses": {"200": {"description": "Fine"}},
            }
        }
    },
    "components": {
        "securitySchemes": {
            "oauth": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://i/token",
                        "scopes": {"payments/read": "See payments"},
                    }
                },
            }
        }
    },
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A whole environment, once for the settings and the document that several tests look at."""
    root, preview, known = tmp_path_factory.mktemp("project"), Preview(), {}

    def build(document, changes):
        asked = json.dumps([document, changes])
        if asked not in known:
            (root / "api.yaml").write_text(json.dumps(document))
            values = {k: v if isinstance(v, str) else json.dumps(v) for k, v in changes.items()}
            args = AzureStackArgs(spec=resolve(values).config)
            graph = preview(lambda: AzureStack("it", args), rendered=True, config=values)
            assert graph.problems == ()
            known[asked] = graph
        return known[asked]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pulumi.get_root_directory", lambda: str(root))
        yield build


@pytest.fixture
def stack(built):
    def build(document=API, **changes):
        return built(document, CONFIG | {f"bulwark:{name}": of for name, of in changes.items()})

    return build


def test_the_api_takes_the_tokens_of_the_provider(stack, policy):
    graph = stack()

    found = policy(graph["it-api-policy"].inputs["value"])
    assert found.scopes("listpayments") == {"payments/read"}
    check, _ = found.each("listpayments", "validate-jwt")
    assert check.find("issuers/issuer").text == graph["it-identity"].outputs["issuer"]
    assert check.find("audiences/audience").text == "api-client"


def test_machines_among_the_clients_are_known_by_their_roles(stack):
    client = {"flow": "clientCredentials", "clientId": TENANT, "scopes": ["payments/read"]}
    identity = CONFIG["bulwark:customerIdentity"] | {"clients": {"batch": client}}
    policy = stack(customerIdentity=identity)["it-api-policy"].inputs["value"]

    assert '<claim name="roles"' in policy


def test_the_logs_of_the_api_are_kept_with_the_others(stack):
    graph = stack()

    made = graph["it-api-service-logs"].inputs
    assert made["workspaceId"] == graph["it"].outputs["eventsId"]
    assert made["storageAccountId"] == graph["it"].outputs["archiveId"]


def test_a_secret_of_the_environment_is_read_where_it_will_be(stack):
    graph = stack(
        secrets={"named": {"pay": {"description": "Key of the payment provider"}}},
        api={
            "openapi": "api.yaml",
            "apiManagement": {"backendHeaders": {"X-Api-Key": "pay"}},
        },
    )

    named = graph["it-api-secret-pay"].inputs["keyVault"]
    assert named["secretIdentifier"] == graph["it"].outputs["secretIds"]["pay"]
    assert graph["it-api-caller-reads-pay"].inputs["scope"].endswith("/secrets/pay")


def test_the_lock_of_the_group_is_made_after_the_api(stack):
    graph = stack(protection={"deletion": True})

    assert graph["it-api-policy"].urn in graph["it-foundation-lock"].dependencies


def test_the_tier_follows_the_profile(stack):
    assert stack()["it-api-service"].inputs["sku"]["name"] == "BasicV2"


def test_tags_are_on_the_service_and_not_where_azure_refuses_them(stack):
    graph = stack()

    assert graph["it-api-service"].inputs["tags"]["environment"] == "dev"
    for name in ("it-api-api", "it-api-policy", "it-api-diagnostic"):
        assert "tags" not in graph[name].inputs


def test_what_clients_need_to_know_is_told(stack):
    told = stack()["it"].outputs["frontDoor"]

    assert told["apiUrl"].startswith("https://it-api-service")
    assert told["issuer"] == f"https://{TENANT}.ciamlogin.com/{TENANT}/v2.0"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"customerIdentity": {}}, "bulwark:customerIdentity.provider: missing"),
        (
            {"tags": CONFIG["bulwark:tags"] | {"owner": "platform"}},
            "bulwark:api.apiManagement.publisherEmail: missing",
        ),
        (
            {
                "edge": {"enabled": True},
                "api": {
                    "openapi": "api.yaml",
                    "apiManagement": {"clientCertificates": {"thumbprints": ["ab" * 20]}},
                },
            },
            "bulwark:api.apiManagement.clientCertificates: cannot be asked for behind an edge",
        ),
        (
            {
                "edge": {"enabled": True, "domain": {"name": "api.example.com"}},
                "api": {
                    "openapi": "api.yaml",
                    "apiManagement": {
                        "domain": {
                            "name": "api.example.com",
                            "certificateId": "https://vault.vault.azure.net/secrets/origin",
                        }
                    },
                },
            },
            "bulwark:api.apiManagement.domain.name: is bulwark:edge.domain.name",
        ),
    ],
)
def test_what_cannot_be_is_said_before_the_first_resource(stack, changes, said):
    with pytest.raises(ConfigError) as error:
        stack(**changes)

    assert [line for line in error.value.problems if line.startswith(said)]


# The input guard.


APPLICATION = {"clientId": TENANT, "audience": "api://functions"}


@pytest.fixture
def guarded(stack):
    """The environment with a document whose operation is guarded."""

    def build(**changes):
        document = copy.deepcopy(API)
        document["paths"]["/payments"]["get"]["x-bulwark-guard"] = "block"
        return stack(document, **{"foundation": {"functionApplication": APPLICATION}, **changes})

    return build


def test_the_api_asks_the_guard_as_an_identity_that_the_guard_lets_in(guarded, policy):
    graph = guarded()

    asks = graph["it-input-guard-asks-identity"]
    found = policy(graph["it-api-policy"].inputs["value"])
    question = found.one("listpayments", "send-request")
    assert question.find("set-url").text == graph["it-input-guard"].outputs["url"]
    shown = question.find("authentication-managed-identity")
    assert shown.get("resource") == "api://functions"
    assert shown.get("client-id") == asks.outputs["clientId"]
    identities = graph["it-api-service"].inputs["identity"]["userAssignedIdentities"]
    assert list(identities) == [asks.id]


def test_every_function_app_of_the_environment_is_watched_and_so_is_the_guard(guarded):
    graph = guarded()
    watched = query_of(graph["it-monitoring-function-errors"])
    apps = [app.id.rpartition("/")[2] for app in graph.of_type("azure-native:web:WebApp")]

    assert len(apps) > 1
    assert [app for app in apps if f'"{app}"' not in watched] == []


def test_the_policy_waits_until_the_guard_knows_the_document(guarded):
    graph = guarded()

    assert graph["it-input-guard-app-code"].urn in graph["it-api-policy"].dependencies


def test_applications_are_told_where_to_ask_if_they_may(stack):
    told = stack(
        foundation={"functionApplication": APPLICATION},
        inputGuard={"service": True, "callers": [f"identity:{TENANT}"]},
    )["it"].outputs["frontDoor"]

    assert told["inputGuardUrl"].endswith("/check")
    assert told["inputGuardAudience"] == "api://functions"


def test_without_an_application_a_guarded_document_is_refused_before_anything_is_made(guarded):
    with pytest.raises(ConfigError, match=r"bulwark:foundation\.functionApplication: missing"):
        guarded(foundation={})


MADE = {"provider": {"tenantId": TENANT, "subdomain": "shop", "applications": True}}


def test_applications_are_made_in_their_own_tenant_and_in_no_other(stack):
    with pytest.raises(ConfigError, match="azuread:tenantId: must be the tenantId of"):
        stack(customerIdentity=MADE)


def test_the_api_takes_the_tokens_of_an_application_that_is_made(stack, monkeypatch, policy):
    monkeypatch.setitem(CONFIG, "azuread:tenantId", TENANT)
    graph = stack(customerIdentity=MADE)

    found = policy(graph["it-api-policy"].inputs["value"])
    audience = found.each("listpayments", "validate-jwt")[0].find("audiences/audience").text
    assert audience == graph["it-identity-applications-api"].outputs["clientId"]


def test_what_only_aws_does_is_refused_when_the_config_is_read(stack):
    with pytest.raises(ConfigError, match=r"bulwark:api\.stage: not on Azure"):
        stack(api={"openapi": "api.yaml", "stage": "v1"})


EDGE = {"enabled": True}


def test_what_came_another_way_than_through_the_edge_is_turned_away(stack, policy):
    graph = stack(edge=EDGE)

    (profile,) = graph.of_type("azure-native:cdn:Profile")
    (check,) = list(policy(graph["it-api-policy"].inputs["value"]).root.iter("check-header"))
    assert check.get("name") == "X-Azure-FDID"
    assert check.find("value").text == profile.outputs["frontDoorId"]


def test_clients_come_to_the_edge_which_knows_the_api(stack):
    graph = stack(edge=EDGE)

    told = graph["it"].outputs["frontDoor"]
    assert told["apiUrl"] == graph["it-edge"].outputs["url"]
    assert told["originUrl"] == graph["it-api"].outputs["url"]
    assert graph["it-edge-api-origin"].inputs["hostName"] == graph["it-api"].outputs["host"]


def test_the_drawing_has_the_chain_of_the_request_from_left_to_right(guarded):
    from bulwark_toolkit.preview.drawing.scene import Scene

    scene = Scene.of(guarded(edge=EDGE))

    arrows = {(scene.name(a.source), scene.name(a.target)) for a in scene.flow.arrows}
    chain = ["Clients", "Edge", "WAF", "API", "Input guard"]
    assert {(a, b) for a, b in arrows if {a, b} <= {*chain}} == {*itertools.pairwise(chain)}
    number = {group.title: n for n, group in enumerate(scene.groups)}
    boxes = [scene.picture.boxes[number[title]] for title in chain[1:]]
    assert all(a.right < b.x for a, b in itertools.pairwise(boxes))
    layers = {group.title: group.layer.key for group in scene.groups}
    assert (layers["Keys"], layers["Secrets"], layers["Account"]) == ("keys", "secrets", "account")


def test_the_api_does_not_forbid_what_the_edge_is_to_keep(stack, policy):
    content = copy.deepcopy(API)
    rates = {"operationId": "rates", "security": [], "x-bulwark-public": "Known to all"}
    content["paths"]["/rates"] = {"get": rates | {"responses": {"200": {"description": "Fine"}}}}

    graph = stack(content, edge=EDGE | {"cachedPaths": ["/rates"]})

    found = policy(graph["it-api-policy"].inputs["value"])
    cached = {
        operation: [n.get("name") for n in found.each(operation, "set-header", "outbound")]
        for operation in ("rates", "listpayments")
    }
    assert "Cache-Control" not in cached["rates"]
    assert "Cache-Control" in cached["listpayments"]


def test_what_is_kept_for_all_cannot_be_said_to_each_page_by_itself(stack):
    api = CONFIG["bulwark:api"] | {"cors": {"origins": ["https://shop.example.com"]}}

    with pytest.raises(ConfigError, match="cachedPaths: on Azure a kept answer is the same"):
        stack(api=api, edge=EDGE | {"cachedPaths": ["/payments"]})


def test_the_firewall_of_the_environment_is_that_of_its_edge(stack):
    graph = stack(edge=EDGE)

    parameters = graph["it-edge-firewall"].inputs["parameters"]
    assert parameters["wafPolicy"] == {"id": graph["it-waf-policy"].id}


def test_a_site_beside_the_api_is_told_and_stands_behind_the_same_firewall(stack):
    graph = stack(edge=EDGE | {"site": {}})

    told = graph["it"].outputs["frontDoor"]
    assert told["siteUrl"] == graph["it-edge"].outputs["siteUrl"]
    (association,) = graph["it-edge-firewall"].inputs["parameters"]["associations"]
    assert {"id": graph["it-edge-site-endpoint-endpoint"].id} in association["domains"]
    (profile,) = graph.of_type("azure-native:cdn:Profile")
    (reader,) = profile.inputs["identity"]["userAssignedIdentities"]
    assert (
        graph["it-edge-site-edge-reads"].inputs["principalId"]
        == (next(r for r in graph.resources if r.id == reader).outputs["principalId"])
    )


def test_the_countries_of_the_edge_are_rules_of_the_firewall(stack):
    graph = stack(edge={"geo": {"deny": ["KP"]}})

    rules = {r["name"]: r for r in graph["it-waf-policy"].inputs["customRules"]["rules"]}
    assert rules["Countries"]["matchConditions"][0]["matchValue"] == ["KP"]


def test_without_an_edge_there_is_no_firewall_and_rules_for_it_are_refused(stack):
    graph = stack()
    assert not list(graph.of_type("azure-native:frontdoor:Policy"))

    with pytest.raises(ConfigError) as error:
        stack(waf={"rules": [{"name": "x", "action": "block", "when": {"method": ["PUT"]}}]})

    assert str(error.value).startswith(
        "bulwark:waf.rules: on Azure the firewall stands at the edge"
    )


def test_what_the_edge_and_the_firewall_refuse_is_told_before_anything_is_made(stack):
    with pytest.raises(ConfigError) as error:
        stack(
            edge={"cachedPaths": ["/payments"]},
            waf={"rules": [{"name": "x", "action": "block", "when": {"path": {"regex": "x"}}}]},
        )

    assert [line.split(":", 2)[1] for line in error.value.problems] == [
        "edge.cachedPaths[0]",
        "waf.rules[0].when.path.regex",
    ]


def test_alarms_watch_what_the_environment_has(stack):
    graph = stack(edge={"enabled": True})
    alarms = {r.name.removeprefix("it-monitoring-"): r for r in below(graph, "it-monitoring")}
    (profile,) = graph.of_type("azure-native:cdn:Profile")
    (service,) = graph.of_type("azure-native:apimanagement:ApiManagementService")

    assert profile.id in query_of(alarms["edge-errors"])
    assert service.id in query_of(alarms["api-errors"])
    writer = graph["it-incident-response"].outputs["functions"]["block-list"].rpartition("/")[2]
    assert f'"{writer}"' in query_of(alarms["function-errors"])
    assert f'"{writer}"' in query_of(alarms["block-list-silence-looked-over"])
    assert {"queue-age-block-list", "dead-letters-block-list"} <= alarms.keys()


def below(graph, name):
    return [r for r in graph.below(graph[name].urn) if r.kind == "custom"]


def query_of(alarm):
    (condition,) = alarm.inputs["criteria"]["allOf"]
    return condition["query"]
