"""What API Gateway is given, of which document."""

import json
from functools import reduce

import pytest
from openapi_spec_validator import validate

from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.aws_body import build
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.openapi import Backend, Scope
from pulumi_bulwark.place import AwsPlace

PLACE = AwsPlace(account_id="123456789012", region="eu-central-1")
POOL = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI"
APP, SHOP = "https://app.example.com", "https://shop.example.com:8443"
READ, WRITE = (Scope("payments", name, "") for name in ("read", "write"))


def rendered(document, **spec):
    body = build(ApiSpec(**spec), document, PLACE, POOL)
    content = json.loads(json.dumps(body.content))
    validate(content)
    return content


def operation(document, *, path="/payments", method="get", **spec):
    return rendered(document, **spec)["paths"][path][method]


def integration(document, **more):
    return operation(document, **more)["x-amazon-apigateway-integration"]


def keys(value):
    """Every key at every depth."""
    match value:
        case dict():
            return reduce(set.union, map(keys, value.values()), set(value))
        case list():
            return reduce(set.union, map(keys, value), set())
    return set()


def test_it_is_a_valid_openapi_3_0_document_without_what_was_meant_for_bulwark(one):
    node = {"x-bulwark-public": "Status page", "x-bulwark-rate-limit": {"burst": 1}}
    content = rendered(one(node=node))

    assert content["openapi"] == "3.0.1"
    assert not any(key.startswith("x-bulwark") for key in keys(content))


def test_what_api_gateway_cannot_act_on_is_left_out(one):
    node = {
        "tags": ["payments"],
        "servers": [{"url": "https://elsewhere.example.com"}],
        "externalDocs": {"url": "https://docs.example.com"},
        "callbacks": {},
        "deprecated": True,
    }
    made = operation(one(node=node))

    assert not {"tags", "servers", "externalDocs", "callbacks", "deprecated"} & made.keys()


# Who may call.


def test_an_operation_asks_for_a_token_with_one_of_its_scopes(one):
    content = rendered(one(scopes=(READ, WRITE)))

    assert content["components"]["securitySchemes"] == {
        "customer_identity": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": {
                "type": "cognito_user_pools",
                "providerARNs": [POOL],
            },
        }
    }
    security = content["paths"]["/payments"]["get"]["security"]
    assert security == [{"customer_identity": ["payments/read", "payments/write"]}]
    assert "security" not in content  # API Gateway does not read the document's own default


def test_a_public_operation_asks_for_nothing(one):
    assert operation(one(public=("op",)))["security"] == []


def test_a_partners_operation_asks_for_the_key_beside_the_token(one):
    content = rendered(one(keyed=("op",)))

    (security,) = content["paths"]["/payments"]["get"]["security"]
    assert security == {"customer_identity": ["payments/read"], "api_key": []}
    scheme = content["components"]["securitySchemes"]["api_key"]
    assert scheme == {"type": "apiKey", "name": "x-api-key", "in": "header"}
    assert content["x-amazon-apigateway-api-key-source"] == "HEADER"


def test_the_resource_policy_lets_in_over_tls_and_to_this_stage_only(one):
    policy = rendered(one(), stage="v1")["x-amazon-apigateway-policy"]

    allow, deny = policy["Statement"]
    assert (allow["Effect"], allow["Resource"]) == ("Allow", "execute-api:/v1/*")
    assert allow["Action"] == "execute-api:Invoke"
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_some_addresses_are_let_in_where_they_are_named(one):
    policy = rendered(one(), allowed_ranges=("198.51.100.0/24",))["x-amazon-apigateway-policy"]

    deny = policy["Statement"][-1]
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"NotIpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}}


@pytest.mark.parametrize("text", ["", "198.51.100.1/24", "10.0.0.0/33", "everybody", "*"])
def test_an_address_range_that_is_none_is_refused(text):
    with pytest.raises(ConfigError, match="allowed_ranges"):
        ApiSpec(allowed_ranges=(text,))


# What is checked of a request.


def test_every_operation_has_its_body_and_its_parameters_checked(one):
    content = rendered(one())

    name = content["x-amazon-apigateway-request-validator"]
    assert content["x-amazon-apigateway-request-validators"][name] == {
        "validateRequestBody": True,
        "validateRequestParameters": True,
    }


def test_parameters_are_those_of_the_path_and_of_the_operation_with_what_api_gateway_reads(
    document,
):
    item = {
        "parameters": [{"$ref": "#/components/parameters/Trace"}],
        "get": {
            "operationId": "op",
            "responses": {"200": {"description": "Fine"}},
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"format": "uuid"}},
                {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                {"name": "sort", "in": "query", "schema": {"type": "array", "items": {}}},
                {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
            ],
        },
    }
    trace = {"name": "Trace", "in": "header", "required": True, "schema": {"type": "string"}}
    found = operation(
        document({"/payments/{id}": item}, components={"parameters": {"Trace": trace}}),
        path="/payments/{id}",
    )["parameters"]

    assert found == [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "Trace", "in": "header", "required": True, "schema": {"type": "string"}},
        {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer"}},
        {"name": "sort", "in": "query", "required": False, "schema": {"type": "string"}},
    ]


def posting(one, schema, *, media_types=("application/json",), **more):
    content = {kind: {"schema": schema} for kind in media_types}
    return one(method="post", node={"requestBody": {"required": True, "content": content}}, **more)


def test_a_body_is_checked_whatever_content_type_it_claims(one):
    document = posting(one, {"type": "object"})

    content = operation(document, method="post")["requestBody"]["content"]
    assert content.keys() == {"application/json", "$default"}
    assert content["$default"] == content["application/json"]
    unchecked = operation(document, method="post", checks_every_body=False)
    assert unchecked["requestBody"]["content"].keys() == {"application/json"}


def test_a_body_that_may_be_something_else_than_json_is_checked_where_it_is_json(one):
    document = posting(one, {"type": "string"}, media_types=("application/json", "text/csv"))

    content = operation(document, method="post")["requestBody"]["content"]
    assert content.keys() == {"application/json"}


# Backends.


def test_a_public_backend_is_called_over_verified_tls_with_the_path_put_together(document):
    item = {"put": {"operationId": "op", "responses": {"200": {"description": "Fine"}}}}
    backend = Backend("http", url="https://api.example.net/v2/{id}/pay")
    made = integration(
        document({"/payments/{id}/{more}": item}, backends={"op": backend}),
        path="/payments/{id}/{more}",
        method="put",
        backend_timeout_ms=5_000,
    )

    assert made == {
        "type": "http_proxy",
        "httpMethod": "PUT",
        "uri": "https://api.example.net/v2/{id}/pay",
        "requestParameters": {"integration.request.path.id": "method.request.path.id"},
        "tlsConfig": {"insecureSkipVerification": False},
        "passthroughBehavior": "never",
        "timeoutInMillis": 5_000,
    }


def test_a_backend_that_is_not_public_is_reached_through_its_vpc_link(one):
    backend = Backend("http", url="https://pay.example.internal/pay", vpc_link="abc123")
    made = integration(one(backends={"op": backend}))

    assert (made["connectionType"], made["connectionId"]) == ("VPC_LINK", "abc123")
    assert made["tlsConfig"] == {"insecureSkipVerification": False}


@pytest.mark.parametrize(
    "function", ["pay", "arn:aws:lambda:eu-central-1:123456789012:function:pay"]
)
def test_a_function_is_called_by_name_or_by_arn(one, function):
    made = integration(one(backends={"op": Backend("lambda", function=function)}))

    assert (made["type"], made["httpMethod"]) == ("aws_proxy", "POST")
    assert made["uri"] == (
        "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:eu-central-1:123456789012:function:pay/invocations"
    )


def test_a_greedy_parameter_is_known_by_its_name(one):
    backend = Backend("http", url="https://a.example/{key}")
    body = build(ApiSpec(), one(path="/files/{key+}", backends={"op": backend}), PLACE, POOL)

    # Not validated: the plus is API Gateway's own, and no parameter of OpenAPI's has it.
    made = body.content["paths"]["/files/{key+}"]["get"]["x-amazon-apigateway-integration"]
    assert made["requestParameters"] == {"integration.request.path.key": "method.request.path.key"}


# Errors.


def test_an_error_says_what_a_client_can_mend_and_nothing_of_the_inside(one):
    responses = rendered(one())["x-amazon-apigateway-gateway-responses"]

    assert {"DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED", "THROTTLED"} <= responses.keys()
    for kind, response in responses.items():
        (template,) = response["responseTemplates"].values()
        said = json.loads(template)
        assert said["requestId"] == "$context.extendedRequestId"
        assert said.get("status") == response.get("statusCode")
        assert "error" not in template.replace("Internal Server Error", "")
        headers = response["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert headers["gatewayresponse.header.Cache-Control"] == "'no-store'"
        assert "gatewayresponse.header.Strict-Transport-Security" in headers, kind


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("UNAUTHORIZED", 401),
        ("ACCESS_DENIED", 403),
        ("REQUEST_TOO_LARGE", 413),
        ("THROTTLED", 429),
        ("QUOTA_EXCEEDED", 429),
        ("MISSING_AUTHENTICATION_TOKEN", 404),
        ("INTEGRATION_TIMEOUT", 504),
    ],
)
def test_an_error_has_the_status_of_what_went_wrong(one, kind, status):
    assert rendered(one())["x-amazon-apigateway-gateway-responses"][kind]["statusCode"] == status


def test_a_client_is_told_to_sign_in_or_to_wait(one):
    responses = rendered(one())["x-amazon-apigateway-gateway-responses"]

    unauthorised = responses["UNAUTHORIZED"]["responseParameters"]
    assert unauthorised["gatewayresponse.header.WWW-Authenticate"] == "'Bearer'"
    waits = responses["THROTTLED"]["responseParameters"]
    assert waits["gatewayresponse.header.Retry-After"] == "'1'"


def test_every_error_of_api_gateway_has_an_answer(one):
    from botocore.session import get_session

    model = get_session().get_service_model("apigateway")
    known = set(model.shape_for("GatewayResponseType").enum)
    assert rendered(one())["x-amazon-apigateway-gateway-responses"].keys() == known


# Scripts of other sites.


def test_no_browser_script_may_call_unless_its_origin_is_named(one):
    content = rendered(one())

    assert "options" not in content["paths"]["/payments"]
    assert "Access-Control" not in json.dumps(content)


def test_a_browser_is_told_what_a_script_may_send(one):
    made = operation(
        one(method="post", request_headers=("Idempotency-Key",)),
        method="options",
        cors={"origins": (APP,), "headers": ("X-Trace",), "max_age_seconds": 60},
    )

    assert made["security"] == []
    answer = made["x-amazon-apigateway-integration"]["responses"]["default"]
    assert answer["statusCode"] == "204"
    said = {key.rpartition(".")[2]: value for key, value in answer["responseParameters"].items()}
    assert said["Access-Control-Allow-Origin"] == f"'{APP}'"
    assert said["Access-Control-Allow-Methods"] == "'POST'"
    assert said["Access-Control-Allow-Headers"] == (
        "'Authorization,Content-Type,Idempotency-Key,Prefer,X-Trace'"
    )
    assert said["Access-Control-Max-Age"] == "'60'"
    assert said["Vary"] == "'Origin'"
    assert "Access-Control-Allow-Credentials" not in said
    assert made["responses"]["204"]["headers"].keys() == said.keys()


def test_a_script_may_wish_for_an_answer_only_where_there_are_mocks(one):
    document = one(backends={"op": Backend("http", url="https://api.example.net")})

    made = operation(document, method="options", cors={"origins": (APP,)})
    assert "Prefer" not in json.dumps(made)


def test_a_browser_is_answered_on_every_path(document):
    item = {"operationId": "op", "responses": {"200": {"description": "Fine"}}}
    paths = {"/payments/{id}": {"get": item}, "/payments": {"get": {**item, "operationId": "o"}}}
    content = rendered(document(paths), cors={"origins": (APP,)})

    assert all("options" in at_path for at_path in content["paths"].values())
    (parameter,) = content["paths"]["/payments/{id}"]["options"]["parameters"]
    assert (parameter["name"], parameter["in"]) == ("id", "path")


def test_an_error_can_be_read_by_the_script_that_made_it(one):
    cors = {"origins": (APP,), "credentials": True, "exposed_headers": ("Retry-After",)}
    responses = rendered(one(), cors=cors)["x-amazon-apigateway-gateway-responses"]

    headers = responses["THROTTLED"]["responseParameters"]
    assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == f"'{APP}'"
    assert headers["gatewayresponse.header.Access-Control-Allow-Credentials"] == "'true'"
    assert headers["gatewayresponse.header.Access-Control-Expose-Headers"] == "'Retry-After'"


def test_an_operation_of_the_document_that_answers_browsers_itself_stays(one):
    document = one(method="options", public=("op",))

    assert operation(document, method="options", cors={"origins": (APP,)})["operationId"] == "op"


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*",
        "https://*.example.com",
        "http://app.example.com",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://user@app.example.com",
        "https://APP.example.com",
        "null",
        "app.example.com",
        "https://app.example.com'\"",
        "https://app.example.com\n",
    ],
)
def test_an_origin_that_is_not_exact_and_https_is_refused(origin):
    with pytest.raises(ConfigError, match="origins"):
        ApiSpec(cors={"origins": (origin,)})


@pytest.mark.parametrize(
    "setting", [{"credentials": True}, {"headers": ("X",)}, {"exposed_headers": ("X",)}]
)
def test_what_holds_for_scripts_needs_an_origin(setting):
    with pytest.raises(ConfigError, match="name some"):
        ApiSpec(cors=setting)


# The rest.


def test_media_types_that_pass_as_bytes_are_named(one):
    content = rendered(one(), binary_types=("image/png", "application/pdf"))

    types = content["x-amazon-apigateway-binary-media-types"]
    assert types == ["application/pdf", "image/png"]
    assert "x-amazon-apigateway-binary-media-types" not in rendered(one())
