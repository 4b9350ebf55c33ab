"""The policy of the API on Azure, judged by what each operation meets on its way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.azure_backends import Backends, FunctionApp
from pulumi_bulwark.api.azure_limits import LONGEST_WINDOW, window
from pulumi_bulwark.api.azure_policy import Surroundings, Tokens, build
from pulumi_bulwark.api.azure_xml import faults
from pulumi_bulwark.openapi import Backend, RateLimit, Scope

SAMPLE = Path(__file__).parents[3] / "openapi" / "payments.yaml"
ISSUER = "https://tenant.ciamlogin.com/tenant/v2.0"
METADATA = "https://shop.ciamlogin.com/tenant/v2.0/.well-known/openid-configuration"
TOKENS = Tokens(issuer=ISSUER, metadata_url=METADATA, audiences=("api-client",))
READ, WRITE = Scope("payments", "read", "See"), Scope("payments", "write", "Pay")
JSON_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
PARTNER = {"description": "A shop", "quota": {"requests": 10_000, "per": "day"}}
PEM = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
THUMBPRINT = "AB" * 20


@pytest.fixture
def made(policy, one):
    """The policy of a document, which is legal."""

    def build_(document=None, *, tokens=TOKENS, edge_id=None, backends=None, kept=(), **spec):
        around = Surroundings(
            tokens=tokens,
            edge_id=edge_id,
            backends=backends or Backends(),
            kept_paths=frozenset(kept),
        )
        text = build(ApiSpec(**spec), document or one(), around)
        assert list(faults(text)) == []
        return policy(text)

    return build_


def several(document, *names, method="get", node=None, **more):
    paths = {
        f"/{name.lower()}": {
            method: {
                "operationId": name,
                "responses": {"200": {"description": "Fine"}},
                **(node or {}),
            }
        }
        for name in names
    }
    return document(paths, **more)


# Who may call.


def test_a_token_is_checked_for_issuer_audience_signature_and_end(made):
    check, _ = made().each("op", "validate-jwt")

    assert check.get("header-name") == "Authorization"
    assert check.get("require-scheme") == "Bearer"
    assert check.get("require-signed-tokens") == check.get("require-expiration-time") == "true"
    assert check.get("clock-skew") == "0"
    assert check.find("openid-config").get("url") == METADATA
    assert [node.text for node in check.iter("issuer")] == [ISSUER]
    assert [node.text for node in check.iter("audience")] == ["api-client"]


def test_a_bad_token_is_401_and_a_good_one_without_the_scope_is_403(made):
    first, second = made().each("op", "validate-jwt")

    assert first.get("failed-validation-httpcode") == "401"
    assert first.find("required-claims") is None
    assert second.get("failed-validation-httpcode") == "403"
    claim = second.find("required-claims/claim")
    assert (claim.get("name"), claim.get("match"), claim.get("separator")) == ("scp", "any", " ")
    assert second.find("issuers/issuer").text == ISSUER


def test_each_operation_asks_for_its_own_scopes(made, document):
    paths = {
        "/a": {"get": {"operationId": "listThings", "responses": {}}},
        "/b": {"get": {"operationId": "b", "responses": {}}},
    }
    found = made(document(paths, scopes=(READ, WRITE)))

    assert found.scopes("listthings") == {"payments/read", "payments/write"}


def test_an_operation_for_everybody_needs_no_token(made, one):
    assert made(one(public=("op",)), tokens=None).scopes("op") is None


def test_an_operation_that_the_policy_does_not_name_is_refused(made):
    (refused,) = made().each("brand-new", "return-response")

    assert refused.find("set-status").get("code") == "403"


def test_machines_may_come_with_roles_in_place_of_scopes(made):
    tokens = Tokens(issuer=ISSUER, metadata_url=METADATA, audiences=("a",), role_suffix=".app")
    checks = made(tokens=tokens).each("op", "validate-jwt")

    claims = [claim for check in checks for claim in check.iter("claim")]
    assert [claim.get("name") for claim in claims] == ["scp", "roles"]
    words = {claim.get("name"): {value.text for value in claim} for claim in claims}
    assert words == {"roles": {"payments/read.app"}, "scp": {"payments/read"}}


def test_another_providers_claim_of_scopes_can_be_named(made):
    tokens = Tokens(issuer=ISSUER, metadata_url=METADATA, audiences=("a",), scope_claim="scope")

    assert made(tokens=tokens).one("op", "base") is not None
    _, check = made(tokens=tokens).each("op", "validate-jwt")
    assert check.find("required-claims/claim").get("name") == "scope"


# From where, and how often.


def test_checks_stand_in_the_order_in_which_they_are_cheap(made, one):
    found = made(
        one(method="post", node=JSON_BODY, limits={"op": RateLimit(1, 5)}),
        edge_id="front-door",
        cors={"origins": ("https://app.example.com",)},
        allowed_ranges=("198.51.100.0/24",),
        api_management={"client_certificates": {"thumbprints": (THUMBPRINT,)}},
    )

    assert found.tags("op") == [
        "base",
        "cors",
        "check-header",
        "ip-filter",
        "validate-client-certificate",
        "rate-limit-by-key",
        "validate-jwt",
        "validate-jwt",
        "set-variable",
        "rate-limit-by-key",
        "rate-limit-by-key",
        "validate-parameters",
        "validate-content",
        "set-header",
        "return-response",
    ]


def test_only_the_edge_may_call_where_there_is_one(made):
    check = made(edge_id="0b7a").one("op", "check-header")

    assert check.get("name") == "X-Azure-FDID"
    assert check.get("failed-check-httpcode") == "403"
    assert check.find("value").text == "0b7a"
    assert made().each("op", "check-header") == []


def test_scripts_of_named_pages_alone_may_call(made):
    cors = made(
        cors={
            "origins": ("https://a.example.com", "https://b.example.com"),
            "headers": ("X-Own",),
            "exposed_headers": ("X-Total",),
            "max_age_seconds": 60,
        }
    ).one("op", "cors")

    assert cors.get("allow-credentials") == "false"
    origins = [node.text for node in cors.iter("origin")]
    assert origins == ["https://a.example.com", "https://b.example.com"]
    assert cors.find("allowed-methods").get("preflight-result-max-age") == "60"
    assert "X-Own" in [node.text for node in cors.find("allowed-headers")]
    assert [node.text for node in cors.find("expose-headers")] == ["X-Total"]


def test_addresses_are_compared_as_ranges_or_one_by_one(made):
    found = made(allowed_ranges=("198.51.100.0/24", "203.0.113.7/32")).one("op", "ip-filter")

    assert found.get("action") == "allow"
    assert found.find("address-range").attrib == {"from": "198.51.100.0", "to": "198.51.100.255"}
    assert found.find("address").text == "203.0.113.7"


def test_certificates_by_thumbprint_need_no_authority_and_must_be_in_time(made):
    asked = {"client_certificates": {"thumbprints": (THUMBPRINT.lower(),)}}
    check = made(api_management=asked).one("op", "validate-client-certificate")

    assert check.get("validate-trust") == check.get("validate-revocation") == "false"
    assert check.get("validate-not-before") == check.get("validate-not-after") == "true"
    assert check.get("ignore-error") == "false"
    assert [node.attrib for node in check.iter("identity")] == [{"thumbprint": THUMBPRINT}]


def test_certificates_of_an_authority_must_be_trusted_and_not_revoked(made):
    asked = {"sku": "Premium", "client_certificates": {"authorities": (PEM,)}}
    check = made(api_management=asked).one("op", "validate-client-certificate")

    assert check.get("validate-trust") == check.get("validate-revocation") == "true"
    (identity,) = check.iter("identity")
    assert set(identity.attrib) == {"issuer-thumbprint"}


def limits(policy, operation):
    found = policy.each(operation, "rate-limit-by-key")
    return {node.get("counter-key"): node for node in found}


def test_the_whole_api_an_operation_and_a_caller_have_limits(made, one):
    found = limits(
        made(
            one(limits={"op": RateLimit(0.5, 2)}),
            throttle={"per_second": 100, "burst": 100},
            api_management={"per_caller": {"per_second": 2, "burst": 10}},
        ),
        "op",
    )

    windows = {key: (node.get("calls"), node.get("renewal-period")) for key, node in found.items()}
    of_caller = '@("caller " + (string)context.Variables["caller"])'
    assert windows == {"api": ("100", "1"), "operation op": ("2", "4"), of_caller: ("10", "5")}


def test_a_caller_is_the_tokens_subject_else_its_client_else_the_address(made, one):
    caller = made().one("op", "set-variable").get("value")
    order = [caller.index(part) for part in (".Subject", '"azp"', "context.Request.IpAddress")]

    assert order == sorted(order)
    of_public = made(one(public=("op",))).one("op", "set-variable").get("value")
    assert of_public == "@(context.Request.IpAddress)"


def test_behind_the_edge_the_address_is_the_one_that_the_edge_saw(made, one):
    caller = made(one(public=("op",)), edge_id="front-door").one("op", "set-variable")

    assert "X-Azure-SocketIP" in caller.get("value")
    assert "context.Request.IpAddress" not in made(edge_id="front-door").text


def test_a_caller_can_have_a_quota(made):
    asked = {"per_caller": {"quota": {"requests": 1000, "per": "day"}}}
    quota = made(api_management=asked).one("op", "quota-by-key")

    assert (quota.get("calls"), quota.get("renewal-period")) == ("1000", "86400")
    assert quota.get("first-period-start").endswith("T00:00:00Z")


def test_callers_need_have_no_limit(made):
    assert list(limits(made(api_management={"per_caller": None}), "op")) == ["api"]


def test_a_partner_has_a_limit_and_a_quota_where_a_key_is_needed(made, document):
    found = made(several(document, "keyed", "free", keyed=("keyed",)), partners={"shop": PARTNER})

    assert "partner shop" in limits(found, "keyed")
    assert found.one("keyed", "quota-by-key").get("calls") == "10000"
    assert "partner shop" not in limits(found, "free")
    refused = found.each("keyed", "return-response")[0]
    assert refused.find("set-status").get("code") == "401"


def test_a_partners_key_is_not_passed_on(made):
    (deleted,) = (n for n in made().each("op", "set-header") if n.get("name") == "x-api-key")

    assert deleted.get("exists-action") == "delete"


@given(st.floats(0.004, 10_000), st.integers(1, 5_000))
def test_a_window_never_lets_by_more_than_the_rate_in_the_long_run(per_second, burst):
    found = window(per_second, burst)

    assert found.calls / found.seconds <= per_second * (1 + 1e-9)
    assert 1 <= found.seconds <= LONGEST_WINDOW
    assert found.calls >= 1


def test_a_rate_below_one_call_in_the_longest_window_has_none():
    assert window(0.001, 1) is None


# What is checked of a request.


def test_parameters_that_are_described_are_checked_and_others_refused_but_headers(made):
    check = made().one("op", "validate-parameters")

    assert check.get("specified-parameter-action") == "prevent"
    assert check.get("unspecified-parameter-action") == "prevent"
    assert check.find("headers").get("unspecified-parameter-action") == "ignore"
    assert check.find("headers").get("specified-parameter-action") == "prevent"


def test_a_body_is_checked_against_the_schema_and_no_other_type_passes(made, one):
    check = made(one(method="post", node=JSON_BODY)).one("op", "validate-content")

    assert check.get("unspecified-content-type-action") == "prevent"
    assert check.get("size-exceeded-action") == "prevent"
    assert check.get("max-size") == "102400"
    (content,) = check
    assert content.attrib == {
        "type": "application/json",
        "validate-as": "json",
        "action": "prevent",
    }


def test_another_type_passes_only_if_that_is_asked_for(made, one):
    found = made(one(method="post", node=JSON_BODY), checks_every_body=False)

    assert found.one("op", "validate-content").get("unspecified-content-type-action") == "ignore"


def test_an_operation_without_a_body_has_none_checked(made):
    assert made().each("op", "validate-content") == []


# Who answers.


def test_an_address_below_a_common_base_needs_no_path_of_its_own(made, document):
    backends = {name: Backend("http", url=f"https://b.example.net/v1/{name}") for name in "ab"}
    found = made(several(document, "a", "b", backends=backends))

    for name in "ab":
        assert found.one(name, "set-backend-service").get("base-url") == "https://b.example.net/v1"
        assert found.each(name, "rewrite-uri") == []


def test_another_address_is_written_with_its_parameters(made, one):
    url = "https://b.example.net:8443/pay/{id}/now"
    found = made(one(path="/payments/{id}", backends={"op": Backend("http", url=url)}))

    base = found.one("op", "set-backend-service").get("base-url")
    assert base == "https://b.example.net:8443"
    assert found.one("op", "rewrite-uri").get("template") == "/pay/{id}/now"


def test_a_function_app_gets_a_token_of_the_apis_own_and_the_users_beside(made, one):
    app = FunctionApp(url="https://pay.example.net/api", audience="api://pay")
    backends = Backends(functions={"pay": app}, client_id="client")
    found = made(one(backends={"op": Backend("lambda", function="pay")}), backends=backends)

    shown = found.one("op", "authentication-managed-identity")
    assert (shown.get("resource"), shown.get("client-id")) == ("api://pay", "client")
    assert found.one("op", "set-backend-service").get("base-url") == app.url
    headers = {node.get("name"): node for node in found.each("op", "set-header")}
    assert headers["X-Forwarded-Authorization"].get("exists-action") == "override"
    tags = found.tags("op")
    assert tags.index("authentication-managed-identity") > tags.index("validate-jwt")


def test_a_backends_secret_is_a_named_value_and_never_a_value(made, one):
    backends = Backends(named_values={"X-Api-Key": "secret-pay"})
    document = one(backends={"op": Backend("http", url="https://b.example.net/payments")})
    found = made(document, backends=backends)

    (header,) = (n for n in found.each("op", "set-header") if n.get("name") == "X-Api-Key")
    assert header.find("value").text == "{{secret-pay}}"


def test_a_backend_has_its_time_and_is_not_followed_elsewhere(made):
    (forward,) = made(backend_timeout_ms=5_000).section("backend")

    assert forward.get("timeout-ms") == "5000"
    assert forward.get("follow-redirects") == "false"


# Examples.


def example(value, status="200", kind="application/json"):
    return {status: {"description": "Fine", "content": {kind: {"example": value}}}}


def test_a_mock_answers_with_the_documents_example(made, one):
    answer = made(one(responses=example({"id": 1}))).one("op", "return-response")

    assert answer.find("set-status").get("code") == "200"
    assert json.loads(answer.find("set-body").text) == {"id": 1}
    headers = {n.get("name"): n.find("value").text for n in answer.iter("set-header")}
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"


def test_a_client_can_ask_a_mock_for_another_answer(made, one):
    document = one(responses=example({"id": 1}) | example({"title": "No"}, "404"))
    answers = made(document).each("op", "return-response")

    found = {a.find("set-status").get("code"): a.find("set-body").text for a in answers}
    assert json.loads(found["404"]) == {"title": "No"}


@pytest.mark.parametrize("text", ["{{secret}}", "@(1)", "<b>&amp;</b>", 'it\'s "it"'])
def test_what_is_in_an_example_is_data(made, one, text):
    found = made(one(responses=example({"said": text})))

    body = found.one("op", "return-response").find("set-body").text
    assert json.loads(body) == {"said": text}
    assert "{{" not in found.text


def test_a_text_that_would_run_is_given_back_from_base64(made, one):
    found = made(one(responses=example("@(context.User)", kind="text/plain")))

    body = found.one("op", "return-response").find("set-body").text
    assert body.startswith("@(Encoding.UTF8.GetString(Convert.FromBase64String(")


# What goes back.


def test_answers_carry_safe_headers_and_nothing_of_who_made_them(made):
    headers = {node.get("name"): node for node in made().each("op", "set-header", "outbound")}

    assert headers["Strict-Transport-Security"].find("value").text == "max-age=31536000"
    assert headers["X-Content-Type-Options"].get("exists-action") == "override"
    for name in ("Server", "X-Powered-By", "X-AspNet-Version"):
        assert headers[name].get("exists-action") == "delete"


def test_what_a_backend_says_of_its_cache_stands(made):
    headers = {node.get("name"): node for node in made().each("op", "set-header", "outbound")}

    assert headers["Cache-Control"].get("exists-action") == "skip"


def test_what_the_edge_keeps_is_not_told_to_be_stored_nowhere(made, document):
    found = made(several(document, "rates", "accounts"), kept=("/rates",))

    said = {
        operation: {node.get("name") for node in found.each(operation, "set-header", "outbound")}
        for operation in ("rates", "accounts")
    }
    assert said["accounts"] - said["rates"] == {"Cache-Control"}


def test_an_error_is_a_problem_with_a_status_and_without_a_reason_from_inside(made):
    answers = made().each("op", "return-response", "on-error")

    assert len(answers) == 3
    for answer in answers:
        headers = {n.get("name"): n.find("value").text for n in answer.iter("set-header")}
        assert headers["Content-Type"] == "application/problem+json"
        assert headers["Strict-Transport-Security"]
        assert "LastError" not in answer.find("set-body").text
    assert "LastError.Message" not in made().text


def test_a_missing_token_is_challenged_and_a_limit_says_when_to_come_again(made):
    branches = made().section("on-error").find("choose").findall("when")

    found = {
        branch.get("condition")[-4:-1]: {n.get("name") for n in branch.iter("set-header")}
        for branch in branches
    }
    assert "WWW-Authenticate" in found["401"]
    assert "Retry-After" in found["429"]


# As a whole.


def test_the_same_document_is_the_same_policy_however_it_is_ordered(made, document):
    def ordered(names):
        backends = {"a": Backend("http", url="https://b.example.net/a")}
        limits = {name: RateLimit(1, 1) for name in "ab"}
        found = several(document, *names, public=("b",), backends=backends, limits=limits)
        return made(found).text

    assert ordered("abc") == ordered("cba")


def test_operations_that_are_alike_make_one_branch(made, document):
    few, many = (
        made(several(document, *(f"op{n}" for n in range(count)), public=("none",))).text
        for count in (2, 60)
    )

    assert many.count("<validate-jwt ") == few.count("<validate-jwt ")


def test_no_expression_needs_an_escape(made, one):
    text = made(one(responses=example({"a": "<&>"}), keyed=("op",)), partners={"shop": PARTNER})

    assert "&" not in text.text


def test_two_processes_write_the_same_policy_whatever_order_their_sets_have():
    def written(seed):
        program = (
            "from pathlib import Path\n"
            "from pulumi_bulwark.api import ApiSpec\n"
            "from pulumi_bulwark.api.azure_body import build as body\n"
            "from pulumi_bulwark.api.azure_policy import Surroundings, Tokens, build\n"
            "from pulumi_bulwark.openapi import load\n"
            f"document = load(Path({str(SAMPLE)!r}))\n"
            "tokens = Tokens(issuer='https://i', metadata_url='https://i/m', audiences=('a',))\n"
            "spec = ApiSpec(cors={'origins': ('https://a.example.com',)})\n"
            "print(build(spec, document, Surroundings(tokens=tokens)), body(document).text)\n"
        )
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        return done.stdout

    assert written("1") == written("2")
