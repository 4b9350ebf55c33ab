"""The sample API, from its file to what API Gateway is given."""

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from pulumi_bulwark.api import ApiSpec, aws_quotas
from pulumi_bulwark.api.aws_body import Place, build
from pulumi_bulwark.openapi import load

PLACE = Place(account_id="123456789012", region="eu-central-1", partition="aws")
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
