"""The sample API, from its file to what API Gateway is given."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from pulumi_bulwark.api import ApiSpec, aws_quotas
from pulumi_bulwark.api.aws_body import build
from pulumi_bulwark.openapi import Backend, RateLimit, load
from pulumi_bulwark.place import AwsPlace

PLACE = AwsPlace(account_id="123456789012", region="eu-central-1")
CORS = {"origins": ("https://app.example.com", "https://shop.example.com")}


@pytest.fixture(scope="module")
def sample():
    return load(Path(__file__).parents[3] / "openapi" / "payments.yaml")


@pytest.fixture(scope="module")
def content(sample):
    body = build(ApiSpec(cors=CORS), sample, PLACE, "arn:pool")
    return json.loads(json.dumps(body.content))


def operations(content):
    for path, at_path in content["paths"].items():
        for method, operation in at_path.items():
            yield path, method, operation


def test_api_gateway_refuses_nothing_of_it(sample):
    domain = {"name": "origin.example.com", "zone_id": "Z1"}

    assert list(aws_quotas.problems(ApiSpec(domain=domain), sample, PLACE)) == []


def test_it_is_valid(content):
    validate(content)


def test_every_operation_of_it_is_there_with_what_it_asks_for(sample, content):
    for operation in sample.operations:
        made = content["paths"][operation.path][operation.method]
        asked = made["security"][0] if made["security"] else {}
        tokens = [scope.token for scope in operation.scopes]
        assert asked.get("customer_identity", []) == tokens
        assert ("api_key" in asked) is operation.api_key
        assert bool(asked) is (operation.public is None)


def test_every_operation_is_answered_by_something(content):
    for path, method, operation in operations(content):
        integration = operation["x-amazon-apigateway-integration"]
        assert integration["type"] in ("mock", "http_proxy", "aws_proxy"), (path, method)


def test_every_body_that_a_client_sends_is_checked(content):
    for path, method, operation in operations(content):
        if method in ("post", "put", "patch") and "requestBody" in operation:
            assert "$default" in operation["requestBody"]["content"], (path, method)


def test_every_header_that_an_answer_sets_is_declared(content):
    for path, method, operation in operations(content):
        for answer in operation["x-amazon-apigateway-integration"].get("responses", {}).values():
            declared = operation["responses"][answer["statusCode"]]["headers"]
            for name in answer["responseParameters"]:
                assert name.removeprefix("method.response.header.") in declared, (path, method)


# With any settings and any backends.

BACKENDS = st.sampled_from(
    [
        Backend("mock"),
        Backend("http", url="https://api.example.net/v1"),
        Backend("http", url="https://pay.example.internal", vpc_link="abc123"),
        Backend("lambda", function="pay"),
        Backend("lambda", function="arn:aws:lambda:eu-west-1:123456789012:function:pay:live"),
    ]
)
SPECS = st.fixed_dictionaries(
    {},
    optional={
        "stage": st.sampled_from(["live", "v1"]),
        "cors": st.sampled_from([{}, CORS, {**CORS, "credentials": True, "headers": ("X-A",)}]),
        "domain": st.just({"name": "origin.example.com", "zone_id": "Z1"}),
        "access_mode": st.sampled_from(["strict", "basic"]),
        "allowed_ranges": st.sampled_from([(), ("198.51.100.0/24", "2001:db8::/32")]),
        "binary_types": st.sampled_from([(), ("image/png", "application/pdf")]),
        "minimum_compression_bytes": st.none() | st.integers(0, 10_485_760),
        "backend_timeout_ms": st.integers(50, 29_000),
        "checks_every_body": st.booleans(),
    },
)


@settings(deadline=None, max_examples=40)
@given(spec=SPECS, data=st.data())
def test_whatever_is_set_it_is_valid_and_twice_the_same(sample, spec, data):
    operations = tuple(
        replace(
            operation,
            backend=data.draw(BACKENDS),
            rate_limit=data.draw(st.none() | st.just(RateLimit(1, 1))),
            api_key=data.draw(st.booleans()),
        )
        for operation in sample.operations
    )
    document = replace(sample, operations=operations)

    first, second = (
        json.dumps(build(ApiSpec(**spec), document, PLACE, "arn:pool").content) for _ in range(2)
    )
    assert first == second
    validate(json.loads(first))
