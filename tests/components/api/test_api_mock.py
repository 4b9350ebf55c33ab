"""Answers from the document's examples, as a template engine of Velocity's kind gives them."""

import json
import re
from base64 import b64decode

import airspeed
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.aws_body import build
from pulumi_bulwark.place import AwsPlace

PLACE = AwsPlace(account_id="123456789012", region="eu-central-1")
APP, SHOP = "https://app.example.com", "https://shop.example.com"


class Input:
    def __init__(self, headers):
        self._headers = headers

    def params(self, name):
        return self._headers.get(name, "")


class Util:
    def base64Decode(self, text):  # noqa: N802 API Gateway's name
        return b64decode(text).decode()


ORIGIN = "Access-Control-Allow-Origin"


def run(template, headers, override):
    """What a template gives back. `override` is told which headers it sets on the answer."""
    found = {}
    context = {"responseOverride": {"header": found}}
    names = {"input": Input(headers), "util": Util(), "context": context}
    # Velocity's names may have hyphens, and this engine's may not.
    text = airspeed.Template(template.replace(f"header.{ORIGIN}", "header.origin")).merge(names)
    override |= {ORIGIN: found["origin"]} if found else {}
    return text


def ask(document, *, path="/payments", method="get", headers=None, **spec):
    """Status, headers and body of the answer to a request."""
    body = build(ApiSpec(**spec), document, PLACE, "arn:pool").content
    mock = body["paths"][path][method]["x-amazon-apigateway-integration"]
    template = mock["requestTemplates"]["application/json"]
    status = str(json.loads(run(template, headers or {}, {}))["statusCode"])
    # API Gateway compares the whole status with each pattern.
    chosen = next((p for p in mock["responses"] if re.fullmatch(p, status)), "default")
    answer = mock["responses"][chosen]
    assert answer["statusCode"] == status
    said = {
        key.removeprefix("method.response.header."): value.strip("'")
        for key, value in answer["responseParameters"].items()
    }
    (text,) = answer["responseTemplates"].values()
    override = {}
    given_back = run(text, headers or {}, override)
    return status, {**said, **override}, given_back


def response(example, media_type="application/json", **more):
    return {"description": "Fine", "content": {media_type: {"example": example}}, **more}


def test_the_first_success_is_the_answer_with_its_type_and_headers(one):
    location = {"Location": {"schema": {"type": "string"}, "example": "/payments/42"}}
    document = one(
        responses={
            "400": response({"title": "Bad"}, "application/problem+json"),
            "201": response({"id": 42}, headers=location),
            "202": response({"id": 43}),
        }
    )

    status, headers, body = ask(document)
    assert status == "201"
    assert headers["Content-Type"] == "application/json"
    assert headers["Location"] == "/payments/42"
    assert headers["Cache-Control"] == "no-store"
    assert json.loads(body) == {"id": 42}


@pytest.mark.parametrize("name", ["Prefer", "prefer"])
def test_a_client_gets_the_answer_that_it_prefers(one, name):
    document = one(
        responses={
            "200": response({"id": 42}),
            "404": response({"title": "Not Found"}, "application/problem+json"),
            "429": {"description": "Slow down"},
        }
    )

    status, headers, body = ask(document, headers={name: "code=404"})
    assert (status, json.loads(body)) == ("404", {"title": "Not Found"})
    assert headers["Content-Type"] == "application/problem+json"
    assert ask(document, headers={name: "code=429"})[::2] == ("429", "")


@pytest.mark.parametrize("value", ["code=500", "500", 'code=200"#set($x=1)', "$input", "#end"])
def test_a_wish_that_the_document_does_not_have_is_ignored(one, value):
    document = one(responses={"200": response({"id": 42}), "404": response({})})

    assert ask(document, headers={"Prefer": value})[0] == "200"


def test_an_answer_without_a_body_has_none(one):
    status, headers, body = ask(one(responses={"204": {"description": "Gone"}}))

    assert (status, body) == ("204", "")
    assert "Content-Type" not in headers


@pytest.mark.parametrize("key", ["default", "2XX"])
def test_a_status_that_is_not_said_is_200(one, key):
    assert ask(one(responses={key: response({"id": 42})}))[0] == "200"


@pytest.mark.parametrize(
    ("media", "schemas"),
    [
        ({"example": {"id": "a"}}, {}),
        ({"examples": {"first": {"value": {"id": "a"}}, "second": {"value": {}}}}, {}),
        ({"examples": {"first": {"$ref": "#/components/examples/Payment"}}}, {}),
        ({"schema": {"example": {"id": "a"}}}, {}),
        ({"schema": {"$ref": "#/components/schemas/P"}}, {"P": {"example": {"id": "a"}}}),
        ({"schema": {"properties": {"id": {"type": "string", "example": "a"}}}}, {}),
        ({"schema": {"properties": {"id": {"enum": ["a", "b"]}}}}, {}),
        ({"schema": {"properties": {"id": {"default": "a"}}}}, {}),
        ({"schema": {"allOf": [{"properties": {"id": {"example": "a"}}}]}}, {}),
        ({"schema": {"oneOf": [{"type": "string"}, {"example": {"id": "a"}}]}}, {}),
    ],
)
def test_an_example_is_found_wherever_the_document_has_it(one, media, schemas):
    components = {"schemas": schemas, "examples": {"Payment": {"value": {"id": "a"}}}}
    responses = {"200": {"description": "Fine", "content": {"application/json": media}}}
    document = one(responses=responses, components=components)

    assert json.loads(ask(document)[2]) == {"id": "a"}


def test_a_body_that_is_not_json_is_given_as_it_is(one):
    document = one(responses={"200": response("a,b\n1,2\n", "text/csv")})

    _, headers, body = ask(document)
    assert headers["Content-Type"] == "text/csv"
    assert body == "a,b\n1,2\n"


def test_a_header_that_a_mapping_cannot_hold_is_left_out(one):
    quote = {"X-Quote": {"schema": {}, "example": "it's"}}
    document = one(responses={"200": {"description": "Fine", "headers": quote}})

    assert "X-Quote" not in ask(document)[1]


def test_a_header_of_the_document_is_set_once_however_it_is_written(one):
    cached = {"cache-control": {"schema": {}, "example": "max-age=60"}}
    document = one(responses={"200": {"description": "Fine", "headers": cached}})

    headers = {n.lower(): v for n, v in ask(document)[1].items()}
    assert headers["cache-control"] == "max-age=60"
    assert sum(name.lower() == "cache-control" for name in ask(document)[1]) == 1


def test_a_request_of_a_type_that_the_document_does_not_name_is_refused(one):
    content = {"application/json": {}, "text/csv": {}}
    document = one(method="post", node={"requestBody": {"content": content}})
    body = build(ApiSpec(), document, PLACE, "arn:pool").content

    mock = body["paths"]["/payments"]["post"]["x-amazon-apigateway-integration"]
    assert mock["passthroughBehavior"] == "never"
    assert mock["requestTemplates"].keys() == {"application/json", "text/csv"}


# What is in an example is data.

HOSTILE = [
    "$input.params('Authorization')",
    "${context.identity.apiKey}",
    "#set($x = 1)",
    "#foreach($i in [1..1000])x#end",
    "## a comment",
    "#[[ raw ]]#",
    "\\$input \\\\$x \\#if(true)y\\#end",
    "100 % for 5 $ & 'quotes' \"too\" \\",
    "$!{util.base64Decode('AA==')}",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("media_type", ["application/json", "application/problem+json"])
def test_an_example_does_not_run_as_a_template(one, text, media_type):
    example = {"note": text, text: [text]}
    document = one(responses={"200": response(example, media_type)})

    assert json.loads(ask(document)[2]) == example


@pytest.mark.parametrize("text", HOSTILE)
def test_nor_does_one_that_is_not_json(one, text):
    assert ask(one(responses={"200": response(text, "text/plain")}))[2] == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("$#\\\"'{}[]() a!é\n", max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(example=JSON.filter(lambda value: value is not None))
def test_any_example_comes_back_as_it_is(one, example):
    document = one(responses={"200": response(example)})

    assert json.loads(ask(document)[2]) == example


# Scripts of other sites.


@pytest.mark.parametrize(
    ("origin", "answer"),
    [(APP, APP), (SHOP, SHOP), ("https://evil.example", APP), ("", APP), (SHOP + ".evil.com", APP)],
)
@pytest.mark.parametrize("name", ["Origin", "origin"])
def test_each_origin_that_may_read_the_answer_is_named_in_it_and_no_other(
    one, name, origin, answer
):
    document = one(responses={"200": response({"id": 42})})
    headers = {name: origin} if origin else {}

    _, said, body = ask(document, headers=headers, cors={"origins": (APP, SHOP)})
    assert said["Access-Control-Allow-Origin"] == answer
    assert json.loads(body) == {"id": 42}
    _, said, body = ask(document, method="options", headers=headers, cors={"origins": (APP, SHOP)})
    assert said["Access-Control-Allow-Origin"] == answer
    assert body == ""
