"""The edge of Front Door."""

import dataclasses
from pathlib import Path

import pytest
from azure_place import PROVIDERS, STORE

from pulumi_bulwark.edge import EdgeSpec
from pulumi_bulwark.edge.azure import AzureEdge, AzureEdgeArgs, problems
from pulumi_bulwark.edge.azure_profile import AzureEdgeProfile, AzureEdgeProfileArgs
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.openapi import Backend, Document, Operation

PROFILE = f"{PROVIDERS}/Microsoft.Cdn/profiles/edge"
POLICY = f"{PROVIDERS}/Microsoft.Network/frontDoorWebApplicationFirewallPolicies/waf"


def operation(path="/status", method="get", public="Anybody may ask"):
    return Operation(
        path=path,
        method=method,
        operation_id=f"{method}{path}",
        backend=Backend(kind="mock"),
        scopes=() if public else ("payments/read",),
        public=public,
        api_key=False,
        rate_limit=None,
        pointer="",
    )


def document(*operations, request_headers=()):
    return Document(
        source=Path("api.yaml"),
        title="API",
        version="1",
        body={"openapi": "3.0.3", "info": {"title": "API", "version": "1"}, "paths": {}},
        scheme=None,
        api_key_scheme=None,
        operations=operations or (operation(),),
        scopes=(),
        findings=(),
        request_headers=request_headers,
        methods=("GET",),
    )


@pytest.fixture
def edge(preview):
    def build(**spec):
        args = AzureEdgeArgs(
            spec=EdgeSpec(**spec),
            store=STORE,
            document=document(),
            profile_id=PROFILE,
            profile_name="edge",
            policy_id=POLICY,
            api_host="service.azure-api.net",
        )
        graph = preview(lambda: AzureEdge("it", args), rendered=True)
        assert graph.problems == ()
        return graph

    return build


@pytest.fixture
def profile(preview):
    args = AzureEdgeProfileArgs(spec=EdgeSpec(read_timeout_seconds=20), store=STORE)
    return preview(lambda: AzureEdgeProfile("it", args), rendered=True)


def actions(graph, rule_set):
    return [
        (one["name"], one["parameters"])
        for rule in graph.of_type("azure-native:cdn:Rule")
        if rule.inputs["ruleSetName"] == rule_set
        for one in rule.inputs["actions"]
    ]


def answers(graph):
    """What is written into answers, by header."""
    return {
        parameters["headerName"]: parameters["value"]
        for name, parameters in actions(graph, "headers")
        if name == "ModifyResponseHeader" and parameters["headerAction"] == "Overwrite"
    }


def test_the_profile_is_of_the_tier_that_has_managed_rules(profile):
    found = profile["it-profile"].inputs

    assert found["sku"] == {"name": "Premium_AzureFrontDoor"}
    assert found["location"] == "Global"
    assert found["originResponseTimeoutSeconds"] == 20


def test_the_profile_logs_without_what_queries_hold(profile):
    (setting,) = profile.of_type("azure-native:monitor:DiagnosticSetting")
    scrubbing = profile["it-profile"].inputs["logScrubbing"]

    assert {one["category"] for one in setting.inputs["logs"]} == {
        "FrontDoorAccessLog",
        "FrontDoorHealthProbeLog",
        "FrontDoorWebApplicationFirewallLog",
    }
    assert setting.inputs["resourceUri"] == profile["it-profile"].id
    assert scrubbing["state"] == "Enabled"
    assert scrubbing["scrubbingRules"][0]["matchVariable"] == "QueryStringArgNames"


def test_the_price_of_the_profile_is_told(profile):
    assert any(note.kind == "cost" and "330 USD" in note.text for note in profile.notes)


def test_the_firewall_stands_before_the_name_that_azure_gave(edge):
    graph = edge()

    found = graph["it-firewall"].inputs["parameters"]
    assert found["wafPolicy"] == {"id": POLICY}
    (association,) = found["associations"]
    assert association["domains"] == [{"id": graph["it-api-endpoint"].id}]
    assert association["patternsToMatch"] == ["/*"]


def test_the_firewall_stands_before_both_names(edge):
    graph = edge(domain={"name": "api.example.com"})

    (association,) = graph["it-firewall"].inputs["parameters"]["associations"]
    assert association["domains"] == [
        {"id": graph["it-api-endpoint"].id},
        {"id": graph["it-api-domain"].id},
    ]


def test_the_address_is_known_once_the_firewall_stands(edge, preview):
    args = AzureEdgeArgs(
        spec=EdgeSpec(domain={"name": "api.example.com"}),
        store=STORE,
        document=document(),
        profile_id=PROFILE,
        profile_name="edge",
        policy_id=POLICY,
        api_host="service.azure-api.net",
    )
    before = preview(lambda: AzureEdge("it", args))

    assert "api.example.com" not in str(before["it"].outputs.get("url"))
    assert edge(domain={"name": "api.example.com"})["it"].outputs["url"] == (
        "https://api.example.com"
    )


def test_clients_and_the_api_are_spoken_to_over_tls_only(edge):
    found = edge()["it-api-api"].inputs

    assert found["supportedProtocols"] == ["Https"]
    assert found["forwardingProtocol"] == "HttpsOnly"
    assert found["patternsToMatch"] == ["/*"]


def test_nothing_is_kept_unless_it_is_asked_for(edge):
    graph = edge()

    assert len(list(graph.of_type("azure-native:cdn:Route"))) == 1
    assert "cacheConfiguration" not in graph["it-api-api"].inputs


def test_the_certificate_of_the_api_is_checked(edge):
    found = edge()["it-api-origin"].inputs

    assert found["enforceCertificateNameCheck"] is True
    assert found["hostName"] == found["originHostHeader"] == "service.azure-api.net"


def test_a_route_waits_for_its_origin_and_the_firewall_for_the_route(edge):
    graph = edge()

    assert graph["it-api-origin"].urn in graph["it-api-api"].dependencies
    assert graph["it-api-api"].urn in graph["it-firewall"].dependencies


@pytest.mark.parametrize("minimum", ["TLSv1.2_2021", "TLSv1.2_2025"])
def test_an_own_name_has_a_certificate_of_azure_and_no_old_tls(edge, minimum):
    graph = edge(domain={"name": "api.example.com"}, minimum_tls=minimum)

    assert graph["it-api-domain"].inputs["tlsSettings"] == {
        "certificateType": "ManagedCertificate",
        "minimumTlsVersion": "TLS12",
        "cipherSuiteSetType": "TLS12_2023",
    }


def test_tls_1_3_alone_has_no_cipher_set_that_would_let_1_2_in(edge):
    graph = edge(domain={"name": "api.example.com"}, minimum_tls="TLSv1.3_2025")

    assert graph["it-api-domain"].inputs["tlsSettings"] == {
        "certificateType": "ManagedCertificate",
        "minimumTlsVersion": "TLS13",
        "cipherSuiteSetType": "Customized",
        "customizedCipherSuiteSet": {
            "cipherSuiteSetForTls13": ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]
        },
    }


def test_with_an_own_name_the_api_answers_at_no_other(edge):
    graph = edge(domain={"name": "api.example.com"})

    assert graph["it-api-api"].inputs["linkToDefaultDomain"] == "Disabled"
    assert graph["it-api-api"].inputs["customDomains"] == [{"id": graph["it-api-domain"].id}]
    assert edge()["it-api-api"].inputs["linkToDefaultDomain"] == "Enabled"


def test_a_person_is_told_what_to_write_into_the_zone(edge):
    graph = edge(domain={"name": "api.example.com"})

    assert any("TXT" in note.text and "api.example.com" in note.text for note in graph.notes)
    assert graph["it"].outputs["domainProof"]


def test_nobody_is_led_to_an_endpoint_before_the_firewall_stands(edge):
    zone = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/dns/providers"
    zone += "/Microsoft.Network/dnsZones/example.com"
    graph = edge(domain={"name": "api.example.com", "zone_id": zone})

    assert graph["it-firewall"].urn in graph["it-name-cname"].dependencies
    assert graph["it-api-domain"].inputs["azureDnsZone"] == {"id": zone}


def test_answers_carry_the_headers_of_the_config(edge):
    found = answers(edge(headers={"frames": "sameorigin", "more": {"X-Team": "pay"}}))

    assert found["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert found["X-Frame-Options"] == "SAMEORIGIN"
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Content-Security-Policy"].startswith("default-src 'none'")
    assert found["X-Team"] == "pay"


def test_what_tells_of_the_origins_make_is_taken_off(edge):
    taken = {
        parameters["headerName"]
        for _, parameters in actions(edge(), "headers")
        if parameters["headerAction"] == "Delete"
    }

    assert {"Server", "X-Powered-By"} <= taken


def test_no_rule_has_more_actions_than_it_may(edge):
    graph = edge(headers={"more": {f"X-{n}": "1" for n in range(6)}})

    rules = list(graph.of_type("azure-native:cdn:Rule"))
    assert max(len(rule.inputs["actions"]) for rule in rules) == 5
    assert [rule.inputs["order"] for rule in rules] == list(range(1, len(rules) + 1))
    assert {rule.inputs["matchProcessingBehavior"] for rule in rules} == {"Continue"}


def test_what_is_kept_has_a_route_without_what_makes_an_answer_one_clients_own(edge):
    graph = edge(cached_paths=("/status",), cached_seconds=90)

    assert graph["it-api-kept-0"].inputs["ruleSetName"] == "kept"
    *dropped, (_, override) = actions(graph, "kept")
    assert {p["headerAction"] for _, p in dropped} == {"Delete"}
    assert [p["headerName"] for _, p in dropped] == ["Accept", "Authorization", "Cookie", "Origin"]
    cache = override["cacheConfiguration"]
    assert cache["cacheDuration"] == "00:01:30"
    assert cache["queryStringCachingBehavior"] == "UseQueryString"


def test_a_day_is_written_as_a_day(edge):
    cache = actions(edge(cached_paths=("/status",), cached_seconds=86_400), "kept")[-1][1]

    assert cache["cacheConfiguration"]["cacheDuration"] == "1.00:00:00"


def test_only_public_paths_may_be_kept():
    spec = EdgeSpec(cached_paths=("/mine", "/none"))
    mine, none = problems(spec, document(operation("/mine", public=None)))

    assert mine.startswith("bulwark:edge.cachedPaths[0]: GET wants a token there")
    assert none.startswith("bulwark:edge.cachedPaths[1]: the document has no such path")


def test_a_header_that_front_door_writes_itself_is_refused():
    (text,) = problems(EdgeSpec(), document(request_headers=("X-Azure-Client",)))

    assert "takes the header X-Azure-Client" in text


def test_a_value_that_front_door_would_cut_is_refused():
    spec = EdgeSpec(headers={"content_security_policy": "x" * 641})
    (text,) = problems(spec, document())

    assert text == (
        "bulwark:edge.headers: the value of Content-Security-Policy has 641 characters, and Front "
        "Door takes 640. Shorten it."
    )


NOT_ON_AZURE = {
    "readTimeoutSeconds": {"read_timeout_seconds": 15},
    "site.notFoundPage": {"site": {"not_found_page": "/missing.html"}},
    "site.errorPage": {"site": {"error_page": "/sorry.html"}},
    "extraMetrics": {"extra_metrics": True},
}


@pytest.mark.parametrize("path", NOT_ON_AZURE)
def test_what_front_door_does_not_do_is_refused_when_the_config_is_read(path):
    (text,) = EdgeSpec(**NOT_ON_AZURE[path]).unsupported("azure", "bulwark:edge.")

    assert text.startswith(f"bulwark:edge.{path}: not on Azure. ")


def test_the_preload_list_takes_a_name_of_front_door_too():
    assert EdgeSpec(domain={"name": "example.com"}, hsts={"preload": True})


def test_two_environments_have_endpoints_of_different_names(preview):
    args = AzureEdgeArgs(
        spec=EdgeSpec(),
        store=STORE,
        document=document(),
        profile_id=PROFILE,
        profile_name="edge",
        policy_id=POLICY,
        api_host="service.azure-api.net",
    )
    place = dataclasses.replace(STORE.place, subscription_id="00000000-0000-0000-0000-000000000009")
    other = dataclasses.replace(args, store=dataclasses.replace(STORE, place=place))
    names = {
        preview(lambda a=a: AzureEdge("it", a))["it-api-endpoint"].inputs["endpointName"]
        for a in (args, other)
    }

    assert len(names) == 2
    assert all(len(name) <= 46 for name in names)


def test_a_site_whose_files_nobody_reads_is_refused(edge):
    with pytest.raises(ConfigError, match=r"bulwark:edge\.site: nobody reads its files"):
        edge(site={})
