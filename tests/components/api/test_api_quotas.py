"""What API Gateway would refuse, found before anything is made."""

import json

import pytest

from pulumi_bulwark.api import ApiSpec, aws_body
from pulumi_bulwark.api import aws_quotas as quotas
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.openapi import Backend, RateLimit
from pulumi_bulwark.place import AwsPlace

PLACE = AwsPlace(account_id="123456789012", region="eu-central-1")
FINE = {"description": "Fine"}


def problems(document, **spec):
    return list(quotas.problems(ApiSpec(**spec), document, PLACE))


def paths(*names):
    return {
        name: {"get": {"operationId": f"op{number}", "responses": {"200": FINE}}}
        for number, name in enumerate(names)
    }


def answering(example, media_type="text/plain"):
    return {"200": {**FINE, "content": {media_type: {"example": example}}}}


def test_a_document_that_fits_has_none(one):
    assert problems(one()) == []
    quotas.check(ApiSpec(), one(), PLACE)


def test_all_are_said_at_once_with_the_file_as_the_config_has_it(document):
    made = document(paths("/a~b", "/c$d"), limits={"op0": RateLimit(20_000, 1)})

    with pytest.raises(ConfigError) as error:
        quotas.check(ApiSpec(openapi="api/pay.yaml"), made, PLACE)
    assert [line.partition(": ")[0] for line in error.value.problems] == [
        "api/pay.yaml#/paths/~1a~0b/get",
        "api/pay.yaml#/paths/~1a~0b",
        "api/pay.yaml#/paths/~1c$d",
    ]


def test_nodes_of_paths_are_counted_each_once_and_with_the_root(document):
    names = [f"/group/{{id}}/r{number}" for number in range(297)]

    assert problems(document(paths(*names))) == []
    (problem,) = problems(document(paths(*names, "/one-more")))
    assert problem.startswith("payments.yaml#/paths: has 301 nodes, and the quota is 300 an API.")
    assert problems(document(paths(*names, "/one-more")), quotas={"resources": 400}) == []


@pytest.mark.parametrize("path", ["/ping", "/sping", "/ping/{id}"])
def test_a_path_that_api_gateway_answers_itself_is_refused_at_a_domain(document, path):
    domain = {"name": "origin.example.com", "zone_id": "Z1"}

    assert problems(document(paths(path))) == []
    (problem,) = problems(document(paths(path)), domain=domain)
    assert "/ping and /sping itself" in problem


def test_a_method_that_api_gateway_has_not_is_refused(one):
    (problem,) = problems(one(method="trace"))

    assert problem == (
        "payments.yaml#/paths/~1payments/trace: API Gateway has no method TRACE; remove the "
        "operation."
    )


def test_a_limit_above_what_the_account_has_is_refused(one):
    made = one(limits={"op": RateLimit(100, 2_000)})

    (problem,) = problems(made, throttle={"burst": 500}, quotas={"burst": 1_250})
    assert "x-bulwark-rate-limit is 100 a second and 2,000 at once" in problem
    assert problems(made) == []


def test_a_limit_of_the_root_is_refused_since_a_stage_has_no_name_for_it(one):
    (problem,) = problems(one(path="/", limits={"op": RateLimit(1, 1)}))

    assert "no name for the methods of the root" in problem


def test_a_mock_without_an_example_for_its_answer_is_refused(one):
    responses = {"200": {**FINE, "content": {"application/json": {"schema": {}}}}}

    (problem,) = problems(one(responses=responses))
    assert problem.startswith("payments.yaml#/paths/~1payments/get: has a mock backend, and its ")
    backend = {"op": Backend("http", url="https://api.example.net")}
    assert problems(one(responses=responses, backends=backend)) == []


def test_a_mock_needs_no_example_of_an_answer_that_is_not_its_default(one):
    empty = {**FINE, "content": {"application/json": {"schema": {}}}}

    assert problems(one(responses={"200": FINE, "404": empty})) == []


def test_an_example_that_no_template_can_hold_is_refused(one):
    assert problems(one(responses=answering("x" * 300_000))) == []
    (problem,) = problems(one(responses=answering("é" * 150_001)))
    assert "has an example of 300,002 bytes, and a mock answers with 300,000" in problem


def test_a_model_that_is_too_large_is_refused(one):
    schema = {"enum": ["x" * 200_000, "y" * 200_000]}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Large"}}}
    node = {"requestBody": {"content": content}}
    made = one(method="post", node=node, components={"schemas": {"Large": schema}})

    (problem,) = problems(made)
    assert problem.startswith("payments.yaml#/components/schemas/Large: is 400,0")


def test_a_document_that_no_import_takes_is_refused(document):
    made = paths(*(f"/r{number}" for number in range(25)))
    for item in made.values():
        item["get"]["description"] = "x" * 250_000

    (problem,) = problems(document(made))
    assert problem.startswith("payments.yaml#: is 6,")
    assert "6,000,000" in problem


def test_the_policy_fits_with_as_many_addresses_as_the_setting_allows():
    ranges = tuple(f"2001:db8:{n:x}:1111:2222:3333:4444:5555/128" for n in range(0x1000, 0x1064))

    policy = json.dumps(aws_body.policy(ApiSpec(stage="x" * 128, allowed_ranges=ranges)))
    assert len(policy) <= 8_192  # API Gateway's quota


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"throttle": {"per_second": 10_001}}, "throttle.perSecond: asks for 10001, and the quota"),
        ({"throttle": {"burst": 5_001}}, "throttle.burst: asks for 5001"),
        ({"backend_timeout_ms": 29_001}, "backendTimeoutMs: asks for 29001"),
    ],
)
def test_a_setting_above_its_quota_is_refused_unless_aws_has_granted_it(one, spec, said):
    (found,) = problems(one(), **spec)
    assert found.startswith(f"bulwark:api.{said}")
    granted = {"requests_per_second": 20_000, "burst": 9_000, "integration_timeout_ms": 60_000}
    assert problems(one(), quotas=granted, **spec) == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("stage", "v 1"),
        ("stage", "x" * 129),
        ("minimum_compression_bytes", 10_485_761),
        ("minimum_compression_bytes", -1),
        ("backend_timeout_ms", 49),
        ("binary_types", ("pdf",)),
        ("partners", {"Shop": {"description": "x", "quota": {"requests": 1}}}),
        ("partners", {"shop": {"description": "x"}}),
        ("throttle", {"per_second": 0}),
        ("cors", {"max_age_seconds": 86_401}),
        ("mutual_tls", {"truststore_uri": "https://bucket/key"}),
    ],
)
def test_a_setting_that_api_gateway_does_not_take_is_refused_and_named(setting, value):
    with pytest.raises(ConfigError, match=setting):
        ApiSpec(**{setting: value})
