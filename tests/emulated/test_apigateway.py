"""API Gateway's types with as many of their inputs as moto takes: they arrive, and come back."""

import json
from pathlib import Path

import pulumi_aws as aws
import pytest

from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.aws import AwsApi, AwsApiArgs
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.openapi import Backend, Document, Operation, RateLimit, Scope

ACCOUNT, REGION = "123456789012", "eu-central-1"
CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0b0e1f7c"
TAGS = {"owner": "platform@example.com"}
STORE = {
    "account_id": ACCOUNT,
    "region": REGION,
    "partition": "aws",
    "retention_days": 400,
    "access_logs_id": "access-logs",
    "deletion_protection": False,
}
SPEC = {
    "domain": {"name": "origin.example.com", "certificate_arn": CERTIFICATE},
    "mutual_tls": {
        "domain": {"name": "partners.example.com", "certificate_arn": CERTIFICATE},
        "truststore_uri": "s3://trust/partners.pem",
        "truststore_version": "1",
        "ownership_certificate_arn": CERTIFICATE,
    },
    "cors": {"origins": ("https://app.example.com",)},
    "partners": {"shop": {"description": "A shop", "quota": {"requests": 10, "per": "day"}}},
}


def operation(path, method, operation_id, **more):
    fine = {
        "scopes": (Scope("payments", "read", ""),),
        "public": None,
        "backend": Backend("mock"),
        "rate_limit": None,
        "api_key": False,
    }
    pointer = f"/paths/{path.replace('/', '~1')}/{method}"
    return Operation(
        pointer=pointer, path=path, method=method, operation_id=operation_id, **fine | more
    )


def document():
    amount = {"type": "integer", "minimum": 1}
    body = {"application/json": {"schema": {"properties": {"amount": amount}}}}
    fine = {"200": {"description": "Fine", "content": {"application/json": {"example": {"a": 1}}}}}
    paths = {
        "/payments": {"post": {"requestBody": {"content": body}, "responses": fine}},
        "/payments/{id}": {"get": {"responses": fine}},
    }
    operations = (
        operation("/payments", "post", "create", api_key=True, rate_limit=RateLimit(5, 10)),
        operation("/payments/{id}", "get", "read", rate_limit=RateLimit(0.5, 2)),
    )
    return Document(
        source=Path("payments.yaml"),
        title="Payments",
        version="1",
        body={"openapi": "3.0.3", "info": {"title": "Payments", "version": "1"}, "paths": paths},
        scheme="oauth",
        api_key_scheme="key",
        operations=operations,
        scopes=(),
        findings=(),
        request_headers=(),
        methods=("GET", "POST"),
    )


def program():
    key = aws.kms.Key("logs")
    pool = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_AbCdEfGhI"
    args = AwsApiArgs(
        spec=ApiSpec(**SPEC),
        document=document(),
        store=AwsLogStore(key_arn=key.arn, **STORE),
        user_pool_arn=pool,
    )
    AwsApi("it", args)


@pytest.fixture
def account(deployed):
    return deployed(program, config={"aws:region": REGION})


@pytest.fixture
def gateway(account):
    return account.client("apigateway", REGION)


def test_an_api_with_all_that_belongs_to_it_arrives_and_comes_back(account):
    assert account.stale == []


def test_its_body_is_imported(account, gateway):
    resources = gateway.get_resources(restApiId=account["it-api"]["id"])["items"]

    assert {r["path"]: {*r.get("resourceMethods", ())} for r in resources} == {
        "/": set(),
        "/payments": {"POST", "OPTIONS"},
        "/payments/{id}": {"GET", "OPTIONS"},
    }


def test_a_stage_has_the_limit_of_each_method(account, gateway):
    stage = gateway.get_stage(restApiId=account["it-api"]["id"], stageName="live")

    limits = {
        path: (settings["throttlingRateLimit"], settings["throttlingBurstLimit"])
        for path, settings in stage["methodSettings"].items()
    }
    assert limits == {
        "*/*": (1_000, 1_000),
        "payments/POST": (5, 10),
        "payments~1{id}/GET": (0.5, 2),
    }
    logged = json.loads(stage["accessLogSettings"]["format"])
    assert logged["route"] == "$context.resourcePath"


def test_a_body_that_is_no_openapi_document_is_refused(problems):
    def wrong():
        aws.apigateway.RestApi("api", body=json.dumps({"openapi": "3.0.1"}), fail_on_warnings=True)

    (problem,) = problems(wrong)
    assert problem.startswith("api (aws:apigateway/restApi:RestApi): PutRestApi: ")


def test_each_type_takes_its_other_inputs(deployed):
    def others():
        mock = {"type": "mock", "requestTemplates": {"application/json": '{"statusCode": 204}'}}
        operation = {
            "responses": {"204": {"description": "It is"}},
            "x-amazon-apigateway-integration": mock,
        }
        body = {
            "openapi": "3.0.1",
            "info": {"title": "Status", "version": "1"},
            "paths": {"/status": {"get": operation}},
        }
        api = aws.apigateway.RestApi("api", body=json.dumps(body), description="An API", tags=TAGS)
        deployment = aws.apigateway.Deployment(
            "deployment", rest_api=api.id, description="The first", triggers={"sha": "1"}
        )
        aws.apigateway.Stage(
            "stage",
            rest_api=api.id,
            deployment=deployment.id,
            stage_name="live",
            description="A stage",
            variables={"colour": "blue"},
            tags=TAGS,
        )
        aws.apigateway.ApiKey("key", enabled=True, customer_id="4711", tags=TAGS)

    assert deployed(others).stale == []
