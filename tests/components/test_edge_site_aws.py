"""The static site: private files, one reader, pages of its own."""

import dataclasses
import json

import pytest

from pulumi_bulwark.domain import DomainSpec
from pulumi_bulwark.edge import EdgeSpec, SiteHeadersSpec, SiteSpec
from pulumi_bulwark.edge.aws_site import AwsSite, AwsSiteArgs
from pulumi_bulwark.log_group.aws import AwsLogStore

API = "https://api.example.com"
SIGN_IN = "https://sign-in.example.com"

STORE = AwsLogStore(
    account_id="123456789012",
    region="eu-central-1",
    partition="aws",
    key_arn="arn:aws:kms:eu-central-1:123456789012:key/logs",
    retention_days=400,
    access_logs_id="access-logs",
    deletion_protection=True,
)


@pytest.fixture
def site(preview):
    def build(site=None, *, store=STORE, rendered=True, delete_contents=False):
        args = AwsSiteArgs(
            spec=EdgeSpec(),
            site=site or SiteSpec(),
            store=store,
            services=[API, SIGN_IN],
            web_acl_arn="arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/1",
            log_destination_arn="arn:aws:logs:us-east-1:123456789012:delivery-destination:edge",
            delete_contents=delete_contents,
        )
        graph = preview(lambda: AwsSite("it", args), rendered=rendered)
        assert graph.problems == ()
        return graph

    return build


def distribution(graph):
    return graph["it-edge-distribution"].inputs


def statements(graph):
    policy = graph["it-files-policy"].inputs["policy"]
    return {s["Sid"]: s for s in json.loads(policy)["Statement"]}


def security_policy(graph):
    security = graph["it-edge-headers"].inputs["securityHeadersConfig"]
    return security["contentSecurityPolicy"]["contentSecurityPolicy"]


def pages(graph):
    return {
        e["errorCode"]: (e["responsePagePath"], e["responseCode"])
        for e in distribution(graph)["customErrorResponses"]
    }


def test_files_are_private_and_read_by_this_distribution_alone(site):
    graph = site()

    reads = statements(graph)["EdgeReads"]
    assert reads["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert reads["Action"] == "s3:GetObject"
    assert reads["Condition"] == {
        "StringEquals": {"AWS:SourceArn": graph["it-edge-distribution"].outputs["arn"]}
    }
    assert {s["Effect"] for sid, s in statements(graph).items() if not sid.startswith("Edge")} == {
        "Deny"
    }
    assert graph["it-files-public-access"].inputs["blockPublicPolicy"] is True


def test_every_request_to_the_bucket_is_signed(site):
    graph = site()

    (origin,) = distribution(graph)["origins"]
    control = graph["it-access"].inputs
    assert origin["domainName"] == graph["it-files"].outputs["domainName"]
    assert origin["domainName"].endswith(".s3.eu-central-1.amazonaws.com")
    assert origin["originAccessControlId"].startswith("E")
    assert "s3OriginConfig" not in origin
    assert (control["signingBehavior"], control["signingProtocol"]) == ("always", "sigv4")


def test_the_distribution_waits_for_the_bucket_and_the_policy_for_the_distribution(site):
    graph = site(rendered=False)

    waits_for = graph["it-edge-distribution"].dependencies
    assert graph["it-files-bucket"].urn in waits_for
    assert graph["it-edge-distribution"].urn in graph["it-files-policy"].dependencies


def test_who_reads_the_bucket_is_logged(site):
    assert site()["it-files-access-logs"].inputs["targetBucket"] == "access-logs"


def test_what_everybody_may_see_needs_no_key_and_that_is_said(site):
    (text,) = [n.text for n in site().notes if "encrypted" in n.text]

    assert text == "encrypted with S3's own key: everybody may see what is in it"


@pytest.mark.parametrize("protected", [True, False])
def test_the_files_are_protected_with_the_environment(site, protected):
    graph = site(store=dataclasses.replace(STORE, deletion_protection=protected))

    assert graph["it-files-bucket"].options.protect is protected
    assert graph["it-files-bucket"].options.retain_on_delete is protected


@pytest.mark.parametrize("teardown", [True, False])
def test_files_go_with_the_bucket_in_a_teardown_only(site, teardown):
    graph = site(delete_contents=teardown)

    assert graph["it-files-bucket"].inputs["forceDestroy"] is teardown


def test_files_are_read_compressed_cached_and_over_tls(site):
    behaviour = distribution(site())["defaultCacheBehavior"]

    assert behaviour["allowedMethods"] == ["GET", "HEAD"]
    assert behaviour["viewerProtocolPolicy"] == "redirect-to-https"
    assert behaviour["cachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert behaviour["compress"] is True
    assert "originRequestPolicyId" not in behaviour


def test_the_index_answers_at_the_root(site):
    assert distribution(site())["defaultRootObject"] == "index.html"
    assert distribution(site(SiteSpec(index="home.html")))["defaultRootObject"] == "home.html"


def test_what_is_not_there_is_told_from_what_is_refused(site):
    looks = statements(site())["EdgeLooks"]

    # With it S3 answers 404; without it, 403, as the firewall does.
    assert looks["Action"] == "s3:ListBucket"
    assert looks["Condition"] == statements(site())["EdgeReads"]["Condition"]


def test_a_page_of_the_site_answers_where_there_is_no_file(site):
    assert pages(site()) == {404: ("/404.html", 404)}
    assert pages(site(SiteSpec(not_found_page="/gone.html"))) == {404: ("/gone.html", 404)}


def test_in_a_single_page_site_the_index_answers_where_there_is_no_file(site):
    assert pages(site(SiteSpec(single_page=True))) == {404: ("/index.html", 200)}


def test_a_page_of_the_site_answers_where_it_fails_if_asked_for_with_the_status_as_it_is(site):
    found = pages(site(SiteSpec(error_page="/error.html")))

    assert found.pop(404) == ("/404.html", 404)
    assert found == {code: ("/error.html", code) for code in (403, 500, 502, 503, 504)}


def test_scripts_call_the_site_itself_the_api_and_the_sign_in(site):
    assert f"connect-src 'self' {API} {SIGN_IN};" in security_policy(site())


def test_the_policy_of_pages_is_a_setting(site):
    headers = SiteHeadersSpec(content_security_policy="default-src 'self' {services}")

    assert security_policy(site(SiteSpec(headers=headers))) == f"default-src 'self' {API} {SIGN_IN}"


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("script-src 'self' 'unsafe-inline'", ["'unsafe-inline'"]),
        ("default-src *; script-src 'self'", ["*"]),
        ("script-src 'self' 'unsafe-eval'; style-src 'unsafe-inline'", ["'unsafe-eval'"]),
        ("script-src 'self'; style-src 'self' 'unsafe-inline';", []),
    ],
)
def test_a_policy_that_lets_any_script_run_is_reported(site, policy, said):
    graph = site(SiteSpec(headers=SiteHeadersSpec(content_security_policy=policy)))

    found = [n.text for n in graph.notes if "gets into a page" in n.text]
    assert [text.split("allows ")[1].split(":")[0] for text in found] == said


def test_browsers_may_keep_files(site):
    items = site()["it-edge-headers"].inputs["customHeadersConfig"]["items"]

    assert "Cache-Control" not in {item["header"] for item in items}


def test_the_site_has_a_name_of_its_own_if_asked_for(site):
    named = SiteSpec(domain=DomainSpec(name="app.example.com", zone_id="Z0123456789"))
    graph = site(named)

    assert distribution(graph)["aliases"] == ["app.example.com"]
    assert graph["it"].outputs["url"] == "https://app.example.com"
    assert site()["it"].outputs["url"].endswith(".cloudfront.net")


def test_the_same_firewall_looks_at_its_requests_and_its_accesses_are_logged(site):
    graph = site()

    assert distribution(graph)["webAclId"].endswith("webacl/edge/1")
    assert graph["it-edge-access"].inputs["logType"] == "ACCESS_LOGS"
