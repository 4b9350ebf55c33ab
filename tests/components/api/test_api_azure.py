"""The service, its API, its logs and keys on Azure, and what is refused before any of it."""

import dataclasses
import itertools

import pulumi
import pytest
from azure_place import PLACE, PROVIDERS, STORE

from bulwark_runtime.input_guard import Limits
from bulwark_toolkit.preview import Unknown
from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.azure import ApiGuard, ApiSecret, ApiTokens, AzureApi, AzureApiArgs
from pulumi_bulwark.api.azure_backends import FunctionApp
from pulumi_bulwark.api.azure_guard import LARGEST_BODY
from pulumi_bulwark.api.azure_problems import problems
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.openapi import Backend, RateLimit

TOKENS = ApiTokens(issuer="https://i", metadata_url="https://i/m", audiences=["api-client"])
SECRET = ApiSecret(
    id=f"{PROVIDERS}/Microsoft.KeyVault/vaults/vault/secrets/pay",
    uri="https://vault.vault.azure.net/secrets/pay",
)
GUARD = ApiGuard(
    url="https://guard.example.net/api/check",
    audience="api://guard",
    identity_id=f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/asks",
    client_id="00000000-0000-0000-0000-000000000009",
)
CERTIFICATE = "https://vault.vault.azure.net/secrets/origin"
PARTNER = {"description": "A shop", "quota": {"requests": 10_000, "per": "month"}}
PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
SERVICE = "azure-native:apimanagement:ApiManagementService"


@pytest.fixture
def api(preview, one):
    def build(document=None, *, rendered=True, tokens=TOKENS, known=None, **spec):
        args = AzureApiArgs(
            spec=ApiSpec(**spec),
            document=document or one(),
            place=PLACE,
            store=STORE,
            publisher_email="owner@example.com",
            tokens=tokens,
            **(known or {}),
        )
        graph = preview(
            lambda: AzureApi("it", args),
            rendered=rendered,
            config={"azure-native:location": PLACE.location},
        )
        assert graph.problems == ()
        return graph

    return build


def own(**settings):
    return {"api_management": settings}


def notes(graph, kind):
    return [note.text for note in graph.notes if note.kind == kind]


# The service.


def test_the_service_is_of_the_tier_and_size_that_are_asked_for(api):
    made = api(**own(sku="BasicV2", units=2))["it-service"].inputs

    assert made["sku"] == {"name": "BasicV2", "capacity": 2}
    assert made["location"] == PLACE.location


def test_the_service_sends_what_each_tier_takes_of_certificates_and_no_portal(api):
    made = api()["it-service"].inputs

    assert made["enableClientCertificate"] is True
    assert made["developerPortalStatus"] == made["legacyPortalStatus"] == "Disabled"
    assert made["publicNetworkAccess"] == "Enabled"


def test_tls_before_1_2_is_off_on_both_sides(api):
    made = api()["it-service"].inputs["customProperties"]

    off = {name.partition("Security.")[2] for name, value in made.items() if value == "False"}
    assert {"Protocols.Tls10", "Protocols.Tls11", "Protocols.Ssl30"} <= off
    assert {f"Backend.Protocols.{name}" for name in ("Tls10", "Tls11", "Ssl30")} <= off


@pytest.mark.parametrize(("sku", "chosen"), [("Premium", True), ("StandardV2", False)])
def test_weak_ciphers_are_off_where_the_tier_lets_one_choose(api, sku, chosen):
    graph = api(**own(sku=sku))
    names = graph["it-service"].inputs["customProperties"]

    assert any(name.endswith("Ciphers.TripleDes168") for name in names) is chosen
    assert any("choose ciphers" in text for text in notes(graph, "limit")) is not chosen


def test_a_service_has_the_time_that_its_making_takes(api):
    assert api()["it-service"].options.timeouts["create"] == "3h"


def test_azure_writes_to_the_owner_unless_somebody_else_is_named(api):
    other = api(**own(publisher_email="api@example.com"))

    assert api()["it-service"].inputs["publisherEmail"] == "owner@example.com"
    assert other["it-service"].inputs["publisherEmail"] == "api@example.com"


def test_its_own_name_has_a_certificate_of_key_vault_in_whatever_version(api):
    graph = api(**own(domain={"name": "origin.example.com", "certificate_id": CERTIFICATE}))

    (host,) = graph["it-service"].inputs["hostnameConfigurations"]
    assert host["keyVaultId"] == CERTIFICATE
    assert host["identityClientId"]
    assert graph["it"].outputs["host"] == "origin.example.com"
    assert graph["it"].outputs["certificateIds"] == {"domain": CERTIFICATE}


def test_without_a_name_it_is_reached_by_the_one_that_azure_gives(api):
    graph = api()
    name = graph["it-service"].outputs["name"]

    assert graph["it"].outputs["url"] == f"https://{name}.azure-api.net"


def test_authorities_are_put_into_the_services_store(api):
    graph = api(**own(sku="Premium", client_certificates={"authorities": (PEM,)}))

    (made,) = graph["it-service"].inputs["certificates"]
    assert made == {"storeName": "Root", "encodedCertificate": "MAMCAQE="}
    assert graph["it"].outputs["mutualTlsHost"] == graph["it"].outputs["host"]


# The API.


def test_the_api_leads_nowhere_until_its_policy_is_there(api):
    made = api()["it-api"].inputs

    assert made["serviceUrl"] == "https://backend.invalid"
    assert made["protocols"] == ["https"]
    assert made["subscriptionRequired"] is False
    assert made["translateRequiredQueryParametersConduct"] == "query"


def test_the_policy_is_one_and_raw_and_follows_the_api(api):
    graph = api()

    (policy,) = graph.of_type("azure-native:apimanagement:ApiPolicy")
    assert policy.inputs["format"] == "rawxml"
    assert policy.inputs["policyId"] == "policy"
    assert graph["it-api"].urn in policy.dependencies
    assert graph.of_type("azure-native:apimanagement:ApiOperationPolicy") == []


def test_a_second_preview_is_the_same_to_the_letter(api):
    first, second = api(), api()

    for name in ("it-api", "it-policy", "it-service", "it-diagnostic"):
        assert first[name].inputs == second[name].inputs


def test_a_thousand_operations_are_as_many_resources_as_one(api, document):
    paths = {
        f"/r{n}": {"get": {"operationId": f"op{n}", "responses": {"200": {"description": "Fine"}}}}
        for n in range(1_000)
    }
    backends = {f"op{n}": Backend("http", url=f"https://b.example.net/r{n}") for n in range(1_000)}
    graph = api(document(paths, backends=backends), **own(sku="Standard"))

    assert len(graph.resources) == len(api().resources)


def test_an_issuer_that_is_not_known_yet_leaves_the_policy_unknown_and_the_rest_planned(
    preview, one
):
    def program():
        tenant = pulumi.Output.from_input("x")
        waits = pulumi.Output.all(tenant, _unknown()).apply(lambda all_: all_[0])
        args = AzureApiArgs(
            spec=ApiSpec(),
            document=one(),
            place=PLACE,
            store=STORE,
            publisher_email="owner@example.com",
            tokens=dataclasses.replace(TOKENS, issuer=waits),
        )
        AzureApi("it", args)

    graph = preview(program, config={"azure-native:location": PLACE.location})
    assert isinstance(graph["it-policy"].inputs["value"], Unknown)
    assert isinstance(graph["it-api"].inputs["value"], str)


def _unknown():
    from pulumi_azure_native import resources

    return resources.ResourceGroup("later").id


# Secrets, functions and keys.


def test_a_header_for_backends_comes_from_key_vault_and_its_reader_may_read_that_alone(api):
    graph = api(**own(backend_headers={"X-Api-Key": "pay"}), known={"secrets": {"pay": SECRET}})

    named = graph["it-secret-pay"].inputs
    assert named["secret"] is True
    assert "value" not in named
    assert named["keyVault"]["secretIdentifier"] == SECRET.uri
    role = graph["it-caller-reads-pay"].inputs
    assert role["scope"] == SECRET.id
    assert role["principalType"] == "ServicePrincipal"
    assert graph["it-secret-pay"].urn in graph["it-api"].dependencies


def test_a_service_that_calls_nobody_has_no_identity(api):
    graph = api()

    assert graph.of_type("azure-native:managedidentity:UserAssignedIdentity") == []
    assert "identity" not in graph["it-service"].inputs


def test_a_function_app_knows_the_api_by_its_identity(api, one):
    apps = {"pay": FunctionApp(url="https://pay.example.net/api", audience="api://pay")}
    graph = api(one(backends={"op": Backend("lambda", function="pay")}), known={"functions": apps})

    client_id = graph["it-caller"].outputs["clientId"]
    assert f'client-id="{client_id}"' in graph["it-policy"].inputs["value"]


def test_the_guard_knows_the_api_by_an_identity_that_is_for_nothing_else(api, one):
    graph = api(
        one(guards={"op": "block"}, backends={"op": Backend("lambda", function="pay")}),
        known={
            "guard": GUARD,
            "functions": {"pay": FunctionApp(url="https://p.example.net", audience="api://pay")},
        },
    )

    shown = graph["it-service"].inputs["identity"]["userAssignedIdentities"]
    assert set(shown) == {GUARD.identity_id, graph["it-caller"].outputs["id"]}
    policy = graph["it-policy"].inputs["value"]
    assert f"<set-url>{GUARD.url}</set-url>" in policy
    assert f'resource="api://guard" client-id="{GUARD.client_id}"' in policy


def test_a_partner_has_a_key_that_no_program_asks_for(api, one):
    graph = api(one(keyed=("op",)), partners={"shop": PARTNER})

    made = graph["it-partner-shop"]
    assert "primaryKey" not in made.inputs
    assert made.inputs["allowTracing"] is False
    assert made.inputs["scope"] == graph["it"].outputs["restApiId"]
    assert {"primaryKey", "secondaryKey"} <= set(made.options.additional_secret_outputs)
    assert graph["it-api"].inputs["subscriptionKeyParameterNames"]["header"] == "x-api-key"


# Logs.


def test_a_request_is_logged_without_headers_bodies_and_what_a_query_holds(api):
    made = api()["it-diagnostic"].inputs

    assert made["diagnosticId"] == "azuremonitor"
    assert made["loggerId"].endswith("/loggers/azuremonitor")
    assert "operationNameFormat" not in made
    assert made["sampling"]["percentage"] == 100
    for side in ("frontend", "backend"):
        for message in made[side].values():
            assert message["headers"] == []
            assert message["body"] == {"bytes": 0}
        masked = made[side]["request"]["dataMasking"]["queryParams"]
        assert masked == [{"value": "*", "mode": "Hide"}]


def test_the_logs_go_where_the_environment_keeps_them(api):
    made = api()["it-service-logs"].inputs

    assert made["workspaceId"] == STORE.workspace_id
    assert made["storageAccountId"] == STORE.archive_id
    assert made["resourceUri"].endswith(api()["it-service"].outputs["name"])


def test_changes_of_one_service_follow_each_other(api, one):
    graph = api(one(keyed=("op",)), partners={"shop": PARTNER, "bank": PARTNER})

    order = ["it-api", "it-policy", "it-diagnostic", "it-partner-shop", "it-partner-bank"]
    for before, after in itertools.pairwise(order):
        assert graph[before].urn in graph[after].dependencies


# What is said.


def test_it_says_what_a_reader_could_expect_and_does_not_get(api, one):
    said = notes(api(one(findings=("payments.yaml#/x: unbounded",))), "limit")

    assert any("no web ACL sees" in text for text in said)
    assert any("also reached by the name that Azure gave" in text for text in said)
    assert "payments.yaml#/x: unbounded" in said


def test_a_tier_with_a_sample_api_says_that_everybody_may_call_it(api):
    said = notes(api(**own(sku="Developer")), "limit")

    assert any("sample API" in text for text in said)
    assert any("no promise of uptime" in text for text in said)


def test_its_price_is_said(api):
    (cost,) = notes(api(**own(sku="StandardV2", units=3)), "cost")

    assert "2,100 USD" in cost


def test_an_api_that_asks_for_tokens_needs_somebody_who_makes_them(api, one):
    with pytest.raises(ConfigError, match=r"bulwark:customerIdentity\.provider"):
        api(tokens=None)
    assert api(one(public=("op",)), tokens=None)["it-policy"]


# What is refused.


def refused(document, *, edge=False, secrets=(), guard=False, **settings):
    spec = ApiSpec(openapi="api.yaml", **settings)
    return list(problems(spec, document, edge=edge, secrets=secrets, guard=guard))


def many(document, count):
    node = {"responses": {"200": {"description": "Fine"}}}
    paths = {f"/r{n}": {"get": {**node, "operationId": f"op{n}"}} for n in range(count)}
    backends = {f"op{n}": Backend("http", url=f"https://b.example.net/r{n}") for n in range(count)}
    return document(paths, backends=backends)


def test_a_document_and_settings_that_can_be_done_have_no_problem(one):
    assert refused(one()) == []


@pytest.mark.parametrize(("count", "wrong"), [(100, False), (101, True)])
def test_the_tier_has_room_for_the_operations(document, count, wrong):
    found = refused(many(document, count))

    assert bool(found) is wrong
    assert all("bulwark:api.apiManagement.sku" in line and "Take Basic," in line for line in found)


def test_another_tier_has_more_room(document):
    assert refused(many(document, 101), **own(sku="Basic")) == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"max_body_bytes": 200_000}, "maxBodyBytes: StandardV2 checks bodies up to 102,400"),
        ({"sku": "Developer", "units": 2}, "units: Developer has 1 at most; got 2"),
        ({"client_certificates": {"authorities": (PEM,)}}, "has no store for authorities"),
        ({"backend_headers": {"X-Key": "none"}}, "bulwark:secrets.named has no such secret"),
    ],
)
def test_what_the_tier_or_the_environment_does_not_have_is_refused(one, settings, said):
    (found,) = refused(one(), **own(**settings))

    assert found.startswith("bulwark:api.apiManagement.")
    assert said in found


def test_a_body_that_the_guard_would_not_read_is_not_promised(one):
    asked = own(sku="Premium", max_body_bytes=2_000_000)
    (found,) = refused(one(guards={"op": "block"}), guard=True, **asked)

    assert found.startswith("bulwark:api.apiManagement.maxBodyBytes: the input guard reads bodies")
    assert refused(one(), **asked) == []
    assert Limits().body_bytes == LARGEST_BODY


def test_certificates_of_clients_and_an_edge_exclude_each_other(one):
    asked = own(client_certificates={"thumbprints": ("ab" * 20,)})
    (found,) = refused(one(), edge=True, **asked)

    assert "bulwark:edge.enabled" in found
    assert refused(one(), **asked) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"guards": {"op": "block"}}, "asks for an input guard, and there is none"),
        ({"limits": {"op": RateLimit(0.001, 1)}}, "x-bulwark-rate-limit is 0.001 a second"),
        (
            {"backends": {"op": Backend("http", url="https://b.e/x", vpc_link="abc")}},
            "has a vpcLink",
        ),
        ({"backends": {"op": Backend("lambda", function="pay:live")}}, "ARN or with a version"),
        (
            {"backends": {"op": Backend("lambda", function="pay")}},
            "bulwark:foundation.functionApplication",
        ),
        ({"path": "/files/{rest+}"}, "the rest of the path"),
    ],
)
def test_what_the_document_asks_and_azure_cannot_do_is_refused_where_it_stands(one, more, said):
    found = refused(one(**more))

    assert len(found) == 1
    assert found[0].startswith("api.yaml#/paths/")
    assert said in found[0]


def test_the_quotas_of_aws_are_none_here_and_azures_own_time_is(one):
    generous = {"backend_timeout_ms": 240_000, "throttle": {"per_second": 20_000}}

    assert list(problems(ApiSpec(**generous), one())) == []
    (found,) = problems(ApiSpec(backend_timeout_ms=240_001), one())
    assert found.startswith("bulwark:api.backendTimeoutMs: a backend has 240,000 at most on Azure")


def test_ids_that_an_import_cannot_tell_apart_are_refused(document):
    node = {"responses": {"200": {"description": "Fine"}}}
    paths = {f"/{n}": {"get": {**node, "operationId": n}} for n in ("get_it", "get-it")}

    (found,) = refused(document(paths))
    assert "get-it, which API Management does not tell from get_it" in found


def test_examples_that_make_the_policy_too_long_are_refused(one):
    content = {"application/json": {"example": "x" * 300_000}}
    responses = {"200": {"description": "Fine", "content": content}}

    (found,) = refused(one(responses=responses))
    assert "its policy is" in found
    assert "262,144" in found


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"stage": "v1"}, "stage"),
        ({"access_mode": "basic"}, "accessMode"),
        ({"tls_policy": "SecurityPolicy_TLS13_1_2_PQ_2025_09"}, "tlsPolicy"),
        ({"fail_on_warnings": False}, "failOnWarnings"),
        ({"operation_metrics": True}, "operationMetrics"),
        ({"minimum_compression_bytes": None}, "minimumCompressionBytes"),
        ({"quotas": {"resources": 400}}, "quotas"),
    ],
)
def test_what_only_api_gateway_does_is_refused_on_azure(spec, path):
    (found,) = ApiSpec(**spec).unsupported("azure", "bulwark:api.")

    assert found.startswith(f"bulwark:api.{path}: not on Azure. ")


def test_what_only_api_management_does_is_refused_on_aws():
    found = list(ApiSpec(**own(units=2)).unsupported("aws", "bulwark:api."))

    assert found == [
        "bulwark:api.apiManagement: not on AWS. It is about Azure API Management alone. Remove it."
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"client_certificates": {}}, "needs thumbprints, authorities or both"),
        ({"client_certificates": {"authorities": ("x",)}}, "must be one certificate in PEM"),
        ({"client_certificates": {"thumbprints": ("abc",)}}, "40 hexadecimal digits"),
        ({"domain": {"name": "a.example.com", "certificate_id": f"{CERTIFICATE}/1"}}, "version"),
    ],
)
def test_a_setting_says_what_it_must_be(settings, said):
    with pytest.raises(ConfigError, match=said):
        ApiSpec(**own(**settings))
