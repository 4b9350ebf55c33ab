import dataclasses
import json
from pathlib import Path

import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulwark_toolkit.preview import Secret, Unknown
from pulumi_bulwark.domain import DomainSpec
from pulumi_bulwark.edge import ApiHeadersSpec, EdgeSpec, GeoSpec, HstsSpec, SiteSpec
from pulumi_bulwark.edge.aws import AwsEdge, AwsEdgeArgs
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.openapi import Backend, Document, Operation, Scope

ACCOUNT = "123456789012"
ACL = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/edge/0b0e1f7c"
DOMAIN = DomainSpec(name="api.example.com", zone_id="Z0123456789")
READ = Scope(server="api", name="read", description="Reads")
PLANTED = "PLANTED-0b1e7c55"

STORE = AwsLogStore(
    account_id=ACCOUNT,
    region="eu-central-1",
    partition="aws",
    key_arn=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/logs",
    retention_days=400,
    access_logs_id="access-logs",
    deletion_protection=True,
)
EDGE_STORE = dataclasses.replace(
    STORE, region="us-east-1", key_arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/logs"
)


def operation(path, method="get", *, public=None):
    return Operation(
        pointer=f"/paths/{path.replace('/', '~1')}/{method}",
        path=path,
        method=method,
        operation_id=f"{method}{path}",
        scopes=() if public else (READ,),
        public=public,
        backend=Backend(kind="mock"),
        rate_limit=None,
        api_key=False,
    )


def document(*operations, body=None, headers=()):
    operations = operations or (operation("/v1/payments"), operation("/v1/payments", "post"))
    return Document(
        source=Path("openapi/payments.yaml"),
        title="Payments",
        version="1",
        body=body or {},
        scheme="oauth",
        api_key_scheme=None,
        operations=operations,
        scopes=(READ,),
        findings=(),
        request_headers=headers,
        methods=tuple(sorted({o.method.upper() for o in operations})),
    )


RATES = document(
    operation("/v1/rates", public="Everybody may know"),
    operation("/v1/accounts"),
    operation("/v1/quotes", public="A try"),
    operation("/v1/quotes", "post", public="A try"),
)


def edge_args(spec=None, **changes):
    given = {
        "spec": spec or EdgeSpec(),
        "store": STORE,
        "edge_store": EDGE_STORE,
        "document": document(),
        "api_host": "origin.example.com",
        "web_acl_arn": ACL,
        "origin_header": ("x-bulwark-edge", pulumi.Output.secret(PLANTED)),
    }
    return AwsEdgeArgs(**given | changes)


@pytest.fixture
def edge(preview):
    def build(spec=None, *, rendered=True, **changes):
        graph = preview(
            lambda: AwsEdge("it", edge_args(spec, **changes)), rendered=rendered, stack="dev"
        )
        assert graph.problems == ()
        return graph

    return build


@pytest.fixture
def refused(preview):
    def build(spec=None, **changes):
        with pytest.raises(ConfigError) as error:
            preview(lambda: AwsEdge("it", edge_args(spec, **changes)))
        return error.value.problems

    return build


def api(graph):
    return graph["it-api-distribution"].inputs


def headers(graph):
    return graph["it-api-headers"].inputs


def custom(graph):
    items = headers(graph)["customHeadersConfig"]["items"]
    return {item["header"]: (item["value"], item["override"]) for item in items}


def limits(graph):
    return [n.text for n in graph.notes if n.kind == "limit"]


# What reaches the API


def test_the_api_is_reached_over_tls_1_2_only(edge):
    (origin,) = api(edge())["origins"]

    assert origin["domainName"] == "origin.example.com"
    assert origin["customOriginConfig"]["originProtocolPolicy"] == "https-only"
    assert origin["customOriginConfig"]["originSslProtocols"] == ["TLSv1.2"]


def test_a_stage_is_put_before_each_path_and_a_name_of_the_apis_own_needs_none(edge):
    assert api(edge(api_path="/live"))["origins"][0]["originPath"] == "/live"
    assert api(edge())["origins"][0]["originPath"] == ""


def test_the_apis_own_timeout_comes_first(edge):
    def patience(graph):
        return api(graph)["origins"][0]["customOriginConfig"]["originReadTimeout"]

    assert patience(edge()) == 30  # API Gateway gives up after 29
    assert patience(edge(EdgeSpec(read_timeout_seconds=60))) == 60


def test_all_that_a_client_sends_goes_on_but_for_the_host(edge):
    behaviour = api(edge())["defaultCacheBehavior"]

    # CloudFront's AllViewerExceptHostHeader, Authorization included.
    assert behaviour["originRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@pytest.mark.parametrize(
    ("methods", "allowed"),
    [
        (("get",), {"GET", "HEAD", "OPTIONS"}),
        (("get", "head", "options"), {"GET", "HEAD", "OPTIONS"}),
        (("get", "delete"), {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}),
    ],
)
def test_every_method_of_the_api_goes_on_in_one_of_the_sets_that_cloudfront_takes(
    edge, methods, allowed
):
    graph = edge(document=document(*(operation("/v1/payments", m) for m in methods)))

    assert set(api(graph)["defaultCacheBehavior"]["allowedMethods"]) == allowed


@pytest.mark.parametrize(
    "header", ["TE", "Proxy-Authorization", "x-real-ip", "X-Edge-Zone", "CloudFront-Viewer-Country"]
)
def test_a_header_that_would_stay_behind_is_refused(refused, header):
    (problem,) = refused(document=document(headers=("Idempotency-Key", header)))

    assert problem.startswith(f"payments.yaml: an operation takes the header {header}")


@pytest.mark.parametrize(
    "header", ["Authorization", "Idempotency-Key", "X-Request-Id", "Accept-Language", "X-Amz-Date"]
)
def test_a_header_that_goes_through_is_taken(edge, header):
    assert api(edge(document=document(headers=(header,))))["enabled"] is True


def test_a_method_that_would_stay_behind_is_refused(refused):
    (problem,) = refused(document=document(operation("/v1/payments", "trace")))

    assert "payments.yaml#/paths/~1v1~1payments/trace: CloudFront does not pass on TRACE" in problem


def test_a_get_with_a_body_which_cloudfront_answers_with_403_is_refused(refused):
    body = {"paths": {"/v1/payments": {"get": {"requestBody": {}}, "post": {"requestBody": {}}}}}
    (problem,) = refused(
        document=document(operation("/v1/payments"), operation("/v1/payments", "post"), body=body)
    )

    assert problem.startswith("payments.yaml#/paths/~1v1~1payments/get/requestBody: ")


# The secret


def test_the_api_knows_the_edge_by_a_header_whose_value_alone_is_secret(edge):
    (origin,) = api(edge())["origins"]

    (header,) = origin["customHeaders"]
    assert header["name"] == "x-bulwark-edge"
    assert header["value"] == Secret(PLANTED)
    assert origin["domainName"] == "origin.example.com"


def test_the_secret_is_in_nothing_that_is_shown(preview):
    spec = EdgeSpec(site=SiteSpec(), cached_paths=("/v1/rates",))
    graph = preview(lambda: AwsEdge("it", edge_args(spec, document=RATES)), rendered=True)

    assert PLANTED not in graph.to_json()
    assert not any(PLANTED in note.text for note in graph.notes)


def test_without_the_header_that_is_said(edge):
    assert "no origin header: who finds the API's own address gets past the edge" in limits(
        edge(origin_header=None)
    )
    assert not any("origin header" in text for text in limits(edge()))


@pytest.mark.parametrize("name", ["X-Amz-Edge", "Cookie", "x-edge-secret"])
def test_a_header_that_cloudfront_could_not_add_is_refused(refused, name):
    (problem,) = refused(origin_header=(name, PLANTED))

    assert f"cannot add the header {name}" in problem
    assert PLANTED not in problem


def test_a_header_of_the_document_is_not_the_one_that_tells_the_edge(refused):
    (problem,) = refused(
        origin_header=("X-Bulwark", PLANTED), document=document(headers=("x-bulwark",))
    )

    assert "by which the API knows the edge" in problem


# The cache


def test_nothing_is_kept(edge):
    graph = edge()

    # CloudFront's CachingDisabled.
    policy = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert api(graph)["defaultCacheBehavior"]["cachePolicyId"] == policy
    assert api(graph)["orderedCacheBehaviors"] == []
    assert graph.of_type("aws:cloudfront/cachePolicy:CachePolicy") == []


def test_no_error_is_kept_either_and_each_is_the_apis_own(edge):
    errors = api(edge())["customErrorResponses"]

    assert {e["errorCode"] for e in errors} >= {400, 403, 404, 405, 414, 500, 501, 502, 503, 504}
    assert {e["errorCachingMinTtl"] for e in errors} == {0}
    assert not any("responsePagePath" in e for e in errors)


def test_no_browser_keeps_an_answer_that_does_not_say_for_how_long(edge):
    assert custom(edge())["Cache-Control"] == ("no-store", False)


def test_a_public_path_is_kept_if_asked_for_by_all_that_the_api_sees_of_it(edge):
    graph = edge(EdgeSpec(cached_paths=("/v1/rates",), cached_seconds=300), document=RATES)

    (kept,) = api(graph)["orderedCacheBehaviors"]
    policy = graph["it-public"]
    assert kept["pathPattern"] == "/v1/rates"
    assert set(kept["allowedMethods"]) == {"GET", "HEAD", "OPTIONS"}
    assert kept["cachedMethods"] == ["GET", "HEAD"]
    assert "originRequestPolicyId" not in kept
    seen = policy.inputs["parametersInCacheKeyAndForwardedToOrigin"]
    assert seen["cookiesConfig"] == {"cookieBehavior": "none"}
    assert seen["queryStringsConfig"] == {"queryStringBehavior": "all"}
    assert set(seen["headersConfig"]["headers"]["items"]) == {
        "Accept",
        "Access-Control-Request-Headers",
        "Access-Control-Request-Method",
        "Origin",
    }
    assert (policy.inputs["minTtl"], policy.inputs["maxTtl"]) == (0, 300)


def test_kept_answers_have_the_same_security_headers(edge):
    graph = edge(EdgeSpec(cached_paths=("/v1/rates",)), document=RATES)

    (kept,) = api(graph)["orderedCacheBehaviors"]
    everything_else = api(graph)["defaultCacheBehavior"]
    assert kept["responseHeadersPolicyId"] == everything_else["responseHeadersPolicyId"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/accounts", "GET wants a token there"),
        ("/v1/quotes", "it takes POST as well"),
        ("/v1/nothing", "the document has no such path"),
        ("/v1/rates/", "the document has no such path"),
    ],
)
def test_only_what_is_public_and_only_read_can_be_kept(refused, path, said):
    (problem,) = refused(EdgeSpec(cached_paths=("/v1/rates", path)), document=RATES)

    assert problem.startswith(f"bulwark:edge.cachedPaths[1]: {said}")


# The client's side


def test_it_speaks_ipv6_and_http_3_and_never_without_tls(edge):
    distribution = api(edge())

    assert distribution["isIpv6Enabled"] is True
    assert distribution["httpVersion"] == "http2and3"
    # A redirect would come after the token was sent in the clear.
    assert distribution["defaultCacheBehavior"]["viewerProtocolPolicy"] == "https-only"


@pytest.mark.parametrize("oldest", ["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"])
def test_a_domain_brings_its_certificate_and_an_oldest_tls(edge, oldest):
    graph = edge(EdgeSpec(domain=DOMAIN, minimum_tls=oldest))

    assert api(graph)["aliases"] == ["api.example.com"]
    certificate = api(graph)["viewerCertificate"]
    assert certificate["minimumProtocolVersion"] == oldest
    assert certificate["sslSupportMethod"] == "sni-only"
    assert "cloudfrontDefaultCertificate" not in certificate
    assert graph["it-api-domain-certificate"].inputs["region"] == "us-east-1"
    assert graph["it"].outputs["url"] == "https://api.example.com"


def test_a_certificate_is_used_once_it_is_issued(edge):
    graph = edge(EdgeSpec(domain=DOMAIN), rendered=False)

    used = api(graph)["viewerCertificate"]["acmCertificateArn"]
    assert used == Unknown((graph["it-api-domain-issued"].urn,))


def test_the_name_leads_to_the_distribution(edge):
    graph = edge(EdgeSpec(domain=DOMAIN))

    for record in ("it-api-domain-a", "it-api-domain-aaaa"):
        (alias,) = graph[record].inputs["aliases"]
        assert alias["name"] == graph["it-api-distribution"].outputs["domainName"]
        assert alias["zoneId"] == graph["it-api-distribution"].outputs["hostedZoneId"]


def test_without_a_domain_it_runs_and_says_what_that_costs(edge):
    graph = edge()

    assert api(graph)["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}
    assert "aliases" not in api(graph)
    name = graph["it-api-distribution"].outputs["domainName"]
    assert graph["it"].outputs["url"] == f"https://{name}"
    assert any("minimumTls does not hold" in text for text in limits(graph))
    assert not any("minimumTls" in t for t in limits(edge(EdgeSpec(domain=DOMAIN))))


def test_a_certificate_of_another_region_is_refused_with_its_path(refused):
    elsewhere = f"arn:aws:acm:eu-central-1:{ACCOUNT}:certificate/0b0e1f7c-0000"
    (problem,) = refused(
        EdgeSpec(domain=DomainSpec(name="api.example.com", certificate_arn=elsewhere))
    )

    assert problem.startswith("bulwark:edge.domain.certificateArn: is in eu-central-1")


@pytest.mark.parametrize(
    ("locations", "price"),
    [("america-europe", "PriceClass_100"), ("most", "PriceClass_200"), ("all", "PriceClass_All")],
)
def test_it_answers_where_it_is_told_to(edge, locations, price):
    assert api(edge(EdgeSpec(locations=locations)))["priceClass"] == price


@pytest.mark.parametrize(
    ("geo", "restriction"),
    [
        (GeoSpec(), {"restrictionType": "none"}),
        (
            GeoSpec(allow=("FR", "DE")),
            {"restrictionType": "whitelist", "locations": ["DE", "FR"]},
        ),
        (GeoSpec(deny=("KP",)), {"restrictionType": "blacklist", "locations": ["KP"]}),
    ],
)
def test_it_answers_to_the_countries_that_it_is_told_to(edge, geo, restriction):
    assert api(edge(EdgeSpec(geo=geo)))["restrictions"] == {"geoRestriction": restriction}


def test_the_web_acl_is_named_by_its_arn_and_without_one_that_is_said(edge):
    assert api(edge())["webAclId"] == ACL
    assert any("no web ACL" in text for text in limits(edge(web_acl_arn=None)))
    assert not any("no web ACL" in text for text in limits(edge()))


def test_an_update_ends_once_every_location_has_it(edge):
    # Else the API could drop the old secret while a location still sends it.
    assert api(edge())["waitForDeployment"] is True


# Security headers


def test_browsers_insist_on_tls_for_two_years_and_below_the_name(edge):
    security = headers(edge())["securityHeadersConfig"]

    assert security["strictTransportSecurity"] == {
        "accessControlMaxAgeSec": 63_072_000,
        "includeSubdomains": True,
        "preload": False,
        "override": True,
    }


def test_hsts_is_as_asked_for_and_a_preload_says_whom_it_binds(edge):
    hsts = HstsSpec(max_age_days=365, preload=True)
    graph = edge(EdgeSpec(domain=DOMAIN, hsts=hsts))

    strict = headers(graph)["securityHeadersConfig"]["strictTransportSecurity"]
    assert (strict["accessControlMaxAgeSec"], strict["preload"]) == (31_536_000, True)
    assert any("those of other teams" in text for text in limits(graph))


def test_an_answer_is_no_page_and_is_not_guessed_at(edge):
    graph = edge()
    security = headers(graph)["securityHeadersConfig"]

    policy = security["contentSecurityPolicy"]
    assert policy["contentSecurityPolicy"] == "default-src 'none'; frame-ancestors 'none'"
    assert security["contentTypeOptions"] == {"override": True}
    assert security["frameOptions"]["frameOption"] == "DENY"
    assert security["referrerPolicy"]["referrerPolicy"] == "no-referrer"
    assert custom(graph)["Cross-Origin-Opener-Policy"] == ("same-origin", True)
    assert custom(graph)["Cross-Origin-Resource-Policy"] == ("same-origin", True)
    assert "camera=()" in custom(graph)["Permissions-Policy"][0]


def test_every_header_is_a_setting(edge):
    spec = ApiHeadersSpec(
        content_security_policy="default-src 'self'",
        frames="sameorigin",
        referrer="strict-origin",
        permissions="camera=(self)",
        opener="unsafe-none",
        resource="cross-origin",
        more={"X-Robots-Tag": "noindex", "cache-control": "private"},
        remove=("X-Powered-By",),
    )
    graph = edge(EdgeSpec(headers=spec))

    security = headers(graph)["securityHeadersConfig"]
    assert security["contentSecurityPolicy"]["contentSecurityPolicy"] == "default-src 'self'"
    assert security["frameOptions"]["frameOption"] == "SAMEORIGIN"
    assert security["referrerPolicy"]["referrerPolicy"] == "strict-origin"
    assert custom(graph) == {
        "Permissions-Policy": ("camera=(self)", True),
        "Cross-Origin-Opener-Policy": ("unsafe-none", True),
        "Cross-Origin-Resource-Policy": ("cross-origin", True),
        "X-Robots-Tag": ("noindex", True),
        "cache-control": ("private", True),
    }
    removed = headers(graph)["removeHeadersConfig"]["items"]
    assert removed == [{"header": "X-Powered-By"}]


def test_what_tells_of_the_origins_make_is_kept_from_the_client_unless_told_not_to(edge):
    removed = {i["header"] for i in headers(edge())["removeHeadersConfig"]["items"]}

    assert removed >= {"Server", "X-Powered-By"}
    nothing = EdgeSpec(headers=ApiHeadersSpec(remove=()))
    assert "removeHeadersConfig" not in headers(edge(nothing))


def test_cors_stays_the_apis_own(edge):
    assert "corsConfig" not in headers(edge())


# Logs


def test_access_logs_go_to_a_log_group_in_us_east_1(edge):
    graph = edge()

    group = graph["it-logs-group"]
    destination, source = graph["it-logs-destination"], graph["it-api-access"]
    delivery = graph["it-api-access-delivery"].inputs
    assert group.inputs["kmsKeyId"] == EDGE_STORE.key_arn
    assert destination.inputs["outputFormat"] == "json"
    assert destination.inputs["deliveryDestinationConfiguration"] == {
        "destinationResourceArn": group.outputs["arn"]
    }
    assert source.inputs["logType"] == "ACCESS_LOGS"
    assert source.inputs["resourceArn"] == graph["it-api-distribution"].outputs["arn"]
    assert delivery["deliverySourceName"] == source.outputs["name"]
    assert delivery["deliveryDestinationArn"] == destination.outputs["arn"]
    for resource in (group, destination, source, graph["it-api-access-delivery"]):
        assert resource.inputs["region"] == "us-east-1"


def test_the_group_lets_log_delivery_in_before_anything_is_delivered(edge):
    graph = edge(rendered=False)

    assert graph["it-logs-policy"].urn in graph["it-logs-destination"].dependencies
    statement = json.loads(edge()["it-logs-policy"].inputs["policyDocument"])["Statement"][0]
    assert statement["Condition"]["ArnLike"] == {
        "aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:*"
    }


def test_no_query_cookie_or_address_of_the_page_before_is_logged(edge):
    fields = edge()["it-api-access-delivery"].inputs["recordFields"]

    assert {"cs-uri-query", "cs(Cookie)", "cs(Referer)"}.isdisjoint(fields)
    # PCI DSS 10.2.2: who from where, what, when, and with what outcome.
    assert {"date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status"} <= set(fields)
    assert len(fields) == len(set(fields))


def test_a_delivery_is_taken_away_before_another_takes_its_place(edge):
    graph = edge()

    # One source a distribution, one delivery a source and destination.
    assert graph["it-api-access"].options.delete_before_replace
    delivery = graph["it-api-access-delivery"].options
    assert delivery.delete_before_replace
    assert tuple(delivery.replace_on_changes) == ("recordFields",)


@pytest.mark.parametrize("asked", [True, False])
def test_extra_metrics_come_if_asked_for_with_their_price(edge, asked):
    graph = edge(EdgeSpec(extra_metrics=asked))

    made = graph.of_type("aws:cloudfront/monitoringSubscription:MonitoringSubscription")
    assert len(made) == asked
    assert any("extraMetrics" in n.text for n in graph.notes if n.kind == "cost") is asked


def test_long_names_still_fit_once_pulumi_has_made_them_unique(preview):
    name = "n" * 150
    graph = preview(
        lambda: AwsEdge(name, edge_args(EdgeSpec(site=SiteSpec()))), rendered=True, stack="dev"
    )

    longest = {
        "aws:cloudwatch/logDeliverySource:LogDeliverySource": 60,
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": 60,
        "aws:cloudfront/originAccessControl:OriginAccessControl": 64,
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": 128,
    }
    assert len(graph[f"{name}-api-distribution"].inputs["comment"]) <= 128
    for kind, room in longest.items():
        for resource in graph.of_type(kind):
            assert len(resource.name) <= room - len("-0000000")


# Where it cannot be


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
def test_a_partition_without_it_is_refused(refused, partition):
    (problem,) = refused(edge_store=dataclasses.replace(EDGE_STORE, partition=partition))

    assert problem.startswith("bulwark:edge: there is no CloudFront for this in the partition")


def test_logs_elsewhere_than_in_us_east_1_are_refused(refused):
    (problem,) = refused(edge_store=STORE)

    assert "CloudFront delivers its logs in us-east-1" in problem


def test_all_that_is_wrong_is_said_at_once(refused):
    found = refused(
        EdgeSpec(cached_paths=("/v1/nothing",)),
        edge_store=STORE,
        document=document(headers=("TE",)),
    )

    assert len(found) == 3


# Anything

_PATHS = st.sampled_from(["/v1/rates", "/v1/accounts", "/v1/quotes", "/", "/v1/nothing"])
_EDGES = st.fixed_dictionaries(
    {},
    optional={
        "domain": st.sampled_from(
            [
                {"name": "api.example.com", "zoneId": "Z1"},
                {"name": "app.example.com", "zoneId": "Z1", "caa": True},
                {"name": f"{'a' * 60}.example.com", "zoneId": "Z1"},
            ]
        ),
        "minimumTls": st.sampled_from(["TLSv1.2_2021", "TLSv1.3_2025", "TLSv1"]),
        "geo": st.dictionaries(
            st.sampled_from(["allow", "deny"]), st.lists(st.sampled_from(["DE", "FR", "ZZ"]))
        ),
        "hsts": st.fixed_dictionaries(
            {}, optional={"preload": st.booleans(), "maxAgeDays": st.integers(0, 5000)}
        ),
        "headers": st.fixed_dictionaries(
            {},
            optional={
                "contentSecurityPolicy": st.text(max_size=40),
                "more": st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=8),
                "remove": st.lists(st.text(max_size=12), max_size=12),
            },
        ),
        "cachedPaths": st.lists(_PATHS, max_size=4),
        "cachedSeconds": st.integers(-1, 100_000),
        "readTimeoutSeconds": st.integers(-1, 100),
        "site": st.fixed_dictionaries(
            {},
            optional={
                "index": st.text(max_size=12),
                "singlePage": st.booleans(),
                "notFoundPage": st.text(max_size=12).map("/{}".format),
                "errorPage": st.sampled_from(["/error.html", "", None]),
                "domain": st.just({"name": "app.example.com", "zoneId": "Z1"}),
                "headers": st.fixed_dictionaries(
                    {}, optional={"contentSecurityPolicy": st.text(max_size=40)}
                ),
            },
        ),
    },
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(settings=_EDGES)
def test_any_settings_are_built_or_refused_with_their_path(preview, settings):
    try:
        spec = EdgeSpec.load("bulwark:edge", settings)
        graph = preview(lambda: AwsEdge("it", edge_args(spec, document=RATES)), rendered=True)
    except ConfigError as error:
        assert error.problems
        assert all(line.startswith("bulwark:edge") for line in error.problems)
    else:
        assert graph.problems == ()
        kept = {b["pathPattern"] for b in api(graph).get("orderedCacheBehaviors", ())}
        assert kept <= {"/v1/rates"}


@given(
    headers=st.lists(
        st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
    )
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_headers_go_through_or_are_refused_by_name(preview, headers):
    paper = document(headers=tuple(headers))
    try:
        preview(lambda: AwsEdge("it", edge_args(document=paper)))
    except ConfigError as error:
        assert all(any(h in line for h in headers) for line in error.problems)
