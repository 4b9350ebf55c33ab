"""The document that API Management imports."""

import json

import pytest

from pulumi_bulwark.api.azure_body import build
from pulumi_bulwark.api.azure_schemas import CIRCULAR


def imported(document):
    return json.loads(build(document).text)


def operation(document, path="/payments", method="get"):
    return imported(document)["paths"][path][method]


def body_of(schema, **more):
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}, **more}


def test_an_id_is_already_what_the_import_would_make_of_it(document):
    found = document({"/a": {"get": {"operationId": "Get_Some.Thing-2", "responses": {}}}})

    assert operation(found, "/a")["operationId"] == "get-some-thing-2"


def test_nothing_of_ours_and_no_security_is_in_it(one):
    found = one(
        node={
            "x-bulwark-public": "For all",
            "security": [{"oauth": ["payments/read"]}],
            **body_of({"type": "object", "x-bulwark-guard": "off"}),
        },
        method="post",
    )

    text = build(found).text
    assert "x-bulwark" not in text
    assert "security" not in text


def test_a_schema_that_stands_in_an_operation_gets_a_name(one):
    found = one(method="post", node=body_of({"type": "object", "maxProperties": 3}))
    content = imported(found)

    body = content["paths"]["/payments"]["post"]["requestBody"]["content"]["application/json"]
    name = body["schema"]["$ref"].removeprefix("#/components/schemas/")
    assert content["components"]["schemas"][name] == {"type": "object", "maxProperties": 3}


def test_what_is_referred_to_below_components_is_written_out(one):
    found = one(
        path="/payments/{id}",
        node={
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "responses": {"404": {"$ref": "#/components/responses/None"}},
        },
        components={
            "parameters": {
                "Id": {
                    "name": "id",
                    "in": "path",
                    "required": True,
                    "schema": {"$ref": "#/components/schemas/Id"},
                }
            },
            "responses": {"None": {"description": "There is none"}},
            "schemas": {"Id": {"type": "string", "format": "uuid", "example": "x"}},
        },
    )
    content = imported(found)

    made = content["paths"]["/payments/{id}"]["get"]
    assert made["parameters"] == [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        }
    ]
    assert made["responses"] == {"404": {"description": "There is none"}}
    assert set(content["components"]) == {"schemas"}


def test_bounds_of_parameters_are_kept_since_they_are_checked(one):
    limit = {"type": "integer", "minimum": 1, "maximum": 100}
    found = one(node={"parameters": [{"name": "limit", "in": "query", "schema": limit}]})

    (made,) = operation(found)["parameters"]
    assert made["schema"] == limit


@pytest.mark.parametrize("name", ["Authorization", "accept", "Content-Type"])
def test_a_header_that_openapi_ignores_is_no_parameter(one, name):
    found = one(node={"parameters": [{"name": name, "in": "header", "schema": {}}]})

    assert "parameters" not in operation(found)


def test_a_schema_that_holds_itself_ends_and_that_is_said(one):
    tree = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}}}
    found = one(
        method="post",
        node=body_of({"$ref": "#/components/schemas/Tree"}),
        components={"schemas": {"Tree": tree}},
    )

    assert imported(found)["components"]["schemas"]["Tree"]["properties"] == {"next": {}}
    assert build(found).unchecked == {CIRCULAR: ["/components/schemas/Tree/properties/next"]}


def test_what_only_answers_have_is_not_required_of_a_request(one):
    schema = {
        "type": "object",
        "required": ["id", "money"],
        "properties": {"id": {"type": "string", "readOnly": True}, "money": {"type": "integer"}},
    }
    content = imported(one(method="post", node=body_of(schema)))

    (made,) = content["components"]["schemas"].values()
    assert made["required"] == ["money"]


def test_a_type_that_is_no_json_is_listed_so_that_it_is_not_refused(one):
    content = {"application/json": {"schema": {"type": "object"}}, "text/csv": {}}
    found = one(method="post", node={"requestBody": {"content": content}})

    made = operation(found, method="post")["requestBody"]["content"]
    assert set(made) == {"application/json", "text/csv"}


def test_the_same_document_is_the_same_text_however_it_is_ordered(document):
    node = {"responses": {"200": {"description": "Fine"}}}

    def paths(*names):
        return {f"/{n}": {"get": {**node, "operationId": n}} for n in names}

    assert build(document(paths("a", "b"))).text == build(document(paths("b", "a"))).text
