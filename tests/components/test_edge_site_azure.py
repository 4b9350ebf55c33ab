"""The static site on Azure: private files, one reader, pages that scripts know."""

import dataclasses
import re

import azure_place
import pytest
from azure_place import GROUP, KEY

from pulumi_bulwark.domain import DomainSpec
from pulumi_bulwark.edge import EdgeSpec, SiteHeadersSpec, SiteSpec
from pulumi_bulwark.edge.azure_endpoint import AzureProfile
from pulumi_bulwark.edge.azure_site import AzureSite, AzureSiteArgs, SiteFiles

API, SIGN_IN = "https://api.example.com", "https://example.ciamlogin.com"
PLACE = dataclasses.replace(azure_place.PLACE, subnet_id="/subnets/endpoints")
STORE = dataclasses.replace(azure_place.STORE, place=PLACE)
READER = f"{GROUP}/identities/reader"


@pytest.fixture
def site(preview):
    def build(site=None, *, store=STORE):
        args = AzureSiteArgs(
            spec=EdgeSpec(),
            site=site or SiteSpec(),
            store=store,
            profile=AzureProfile(
                subscription_id=PLACE.subscription_id, resource_group_name="group", name="edge"
            ),
            files=SiteFiles(
                key=KEY,
                reader_id=READER,
                reader_principal_id="reader",
            ),
            services=[API, f"{SIGN_IN}/00000000-0000-0000-0000-000000000002"],
        )
        graph = preview(lambda: AzureSite("it", args), rendered=True)
        assert graph.problems == ()
        return graph

    return build


def account(graph):
    (found,) = graph.of_type("azure-native:storage:StorageAccount")
    return found


def rewrite(graph):
    return graph["it-endpoint-sitefiles-1"].inputs


def leads_to_the_index(graph, url):
    (condition,) = rewrite(graph)["conditions"]
    (pattern,) = condition["parameters"]["matchValues"]
    return re.search(pattern, url) is not None


def test_nobody_reads_the_files_without_a_token(site):
    found = account(site()).inputs

    assert found["allowBlobPublicAccess"] is False
    assert found["allowSharedKeyAccess"] is False
    assert site()["it-files-site"].inputs["publicAccess"] == "None"


def test_front_door_reads_this_container_and_nothing_else(site):
    graph = site()

    held = graph["it-edge-reads"]
    assert held.inputs["principalId"] == "reader"
    assert held.inputs["scope"] == (
        graph["it-files"].outputs["id"] + "/blobServices/default/containers/site"
    )
    assert held.inputs["roleDefinitionId"].endswith("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")


def test_front_door_shows_storage_a_token_over_https_and_names_a_version(site):
    graph = site()

    group = graph["it-endpoint-origins"].inputs
    assert group["authentication"]["userAssignedIdentity"] == {"id": READER}
    assert group["authentication"]["scope"] == "https://storage.azure.com/.default"
    assert group["healthProbeSettings"]["probeProtocol"] == "Https"
    assert graph["it-endpoint-site"].inputs["forwardingProtocol"] == "HttpsOnly"
    version, _ = graph["it-endpoint-sitefiles-0"].inputs["actions"]
    assert version["parameters"]["headerName"] == "x-ms-version"
    assert version["parameters"]["value"] >= "2017-11-09"


def test_no_client_can_have_something_else_than_a_file_kept_for_all(site):
    graph = site()

    kept = graph["it-endpoint-site"].inputs["cacheConfiguration"]
    assert kept["queryStringCachingBehavior"] == "UseQueryString"
    _, dropped = graph["it-endpoint-sitefiles-0"].inputs["actions"]
    assert dropped["parameters"]["headerAction"] == "Delete"
    assert dropped["parameters"]["headerName"] == "x-ms-range"


def test_the_origin_waits_for_the_role_of_its_reader(site):
    graph = site()

    assert graph["it-roles"].urn in graph["it-endpoint-origin"].dependencies


def test_its_account_answers_front_door_where_the_environment_is_private(site):
    found = account(site()).inputs

    assert found["publicNetworkAccess"] == "Enabled"
    assert found["networkRuleSet"]["defaultAction"] == "Allow"
    assert any("reached from everywhere" in note.text for note in site().notes)


def test_who_calls_over_http_is_led_to_https(site):
    found = site()["it-endpoint-site"].inputs

    assert found["httpsRedirect"] == "Enabled"
    assert found["supportedProtocols"] == ["Http", "Https"]
    assert found["originPath"] == "/site"


def test_the_index_answers_at_the_root(site):
    graph = site(SiteSpec(index="home.html"))

    (action,) = rewrite(graph)["actions"]
    assert action["parameters"]["destination"] == "/home.html"
    assert leads_to_the_index(graph, "https://app.example.com:443/")
    assert leads_to_the_index(graph, "https://app.example.com/?from=mail.html")
    assert not leads_to_the_index(graph, "https://app.example.com/account")


@pytest.mark.parametrize(
    ("url", "led"),
    [
        ("https://app.example.com/", True),
        ("https://app.example.com/account/7", True),
        ("https://app.example.com/account?next=a.js", True),
        ("https://app.example.com/main.js", False),
        ("https://app.example.com/v1.2/account", False),
    ],
)
def test_scripts_of_a_single_page_know_every_path_without_a_dot(site, url, led):
    assert leads_to_the_index(site(SiteSpec(single_page=True)), url) is led


def test_scripts_may_call_the_api_and_the_sign_in(site):
    graph = site()

    sent = {
        action["parameters"]["headerName"]: action["parameters"].get("value")
        for rule in graph.of_type("azure-native:cdn:Rule")
        if "siteheaders" in rule.name
        for action in rule.inputs["actions"]
    }
    assert f"{API} {SIGN_IN}" in sent["Content-Security-Policy"]
    assert f"{SIGN_IN}/" not in sent["Content-Security-Policy"]
    assert sent["X-Frame-Options"] == "DENY"


def test_a_policy_that_lets_a_script_run_is_said(site):
    loose = SiteHeadersSpec(content_security_policy="script-src 'self' 'unsafe-inline'")

    assert any("'unsafe-inline'" in note.text for note in site(SiteSpec(headers=loose)).notes)


def test_it_has_a_name_and_a_certificate_of_its_own(site):
    graph = site(SiteSpec(domain=DomainSpec(name="app.example.com")))

    assert graph["it-endpoint-domain"].inputs["hostName"] == "app.example.com"
    assert graph["it-endpoint-site"].inputs["linkToDefaultDomain"] == "Disabled"


def test_who_reads_and_writes_the_files_is_logged(site):
    graph = site()

    assert graph["it-files-logs"].inputs["resourceUri"] == (
        graph["it-files"].outputs["id"] + "/blobServices/default"
    )


def test_the_files_are_kept_as_the_environment_is(site):
    assert account(site()).options.protect
    unprotected = dataclasses.replace(STORE, deletion_protection=False)
    assert not account(site(store=unprotected)).options.protect
