"""What a caller may make as large as they like."""

import pytest

from pulumi_bulwark.openapi import findings as module

NOTE = "/components/schemas/O/properties/note"
GET = "/paths/~1orders~1{orderId}/get"
PUT = "/paths/~1orders~1{orderId}/put"


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"type": "string"}, "is text of any length; give it maxLength"),
        ({"type": "string", "format": "email"}, "is text of any length"),
        ({"type": "string", "pattern": "^[a-z]+$"}, "is text of any length"),
        ({"type": "string", "pattern": "[a-z]{1,5}"}, "is text of any length"),
        ({"type": "string", "pattern": "^a|b$"}, "is text of any length"),
        ({"type": "string", "pattern": "^(a"}, "is text of any length"),
        ({"type": "string", "pattern": "^\\p{L}{1,5}$"}, "is text of any length"),
        ({"type": "array", "items": {"type": "boolean"}}, "is a list of any length"),
        ({"type": "object"}, "takes properties that it does not name"),
        ({"type": "object", "additionalProperties": True}, "takes properties that it does not"),
        ({"type": "object", "additionalProperties": {}}, "takes properties that it does not"),
        (
            {"type": "object", "additionalProperties": {"type": "boolean"}},
            "takes any number of properties; give it maxProperties",
        ),
        ({"properties": {}}, "takes properties that it does not name"),
        ({"type": "integer"}, "is a number of any size; give it minimum and maximum"),
        ({"type": "number", "minimum": 0}, "is a number of any size"),
        ({}, "may be anything; give it a type"),
    ],
)
def test_what_has_no_bound_in_a_body_is_a_finding(findings, schema, says):
    (found,) = findings({NOTE: schema})

    assert found.startswith(f"{NOTE}: {says}")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "maxLength": 5},
        {"type": "string", "enum": ["a"]},
        {"type": "string", "format": "uuid"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "pattern": "^[a-z]{1,5}$"},
        {"type": "string", "pattern": "^(a|bc)$"},
        {"type": "array", "maxItems": 3, "items": {"type": "boolean"}},
        {"type": "object", "additionalProperties": False},
        {
            "type": "object",
            "maxProperties": 3,
            "additionalProperties": {"type": "boolean"},
        },
        {"type": "integer", "minimum": 0, "maximum": 9},
        {"type": "integer", "format": "int32"},
        {"type": "number", "format": "double"},
        {"type": "boolean"},
        {"oneOf": [{"type": "boolean"}]},
        {"allOf": [{"type": "string"}, {"maxLength": 5}]},
        {"allOf": [{"$ref": "#/components/schemas/O"}]},
    ],
)
def test_what_has_a_bound_is_none(findings, schema):
    assert findings({NOTE: schema}) == []


def test_every_part_of_a_body_is_looked_at(findings):
    text = {"type": "string"}
    schema = {
        "type": "object",
        "additionalProperties": text,
        "properties": {"a/b": text, "list": {"type": "array", "maxItems": 1, "items": text}},
        "maxProperties": 9,
        "allOf": [{"properties": {"c": {"anyOf": [text]}}}],
    }

    places = [line.partition(": ")[0] for line in findings({NOTE: schema})]

    assert sorted(places) == [
        f"{NOTE}/additionalProperties",
        f"{NOTE}/allOf/0/properties/c/anyOf/0",
        f"{NOTE}/properties/a~1b",
        f"{NOTE}/properties/list/items",
    ]


def test_parameters_are_looked_at_wherever_they_are_defined(findings):
    text = {"type": "string"}
    found = findings(
        {
            "/components/parameters": {"A": {"name": "A", "in": "header", "schema": text}},
            f"{GET}/parameters": [
                {"$ref": "#/components/parameters/A"},
                {"name": "b", "in": "query", "content": {"application/json": {"schema": text}}},
            ],
            f"{PUT}/parameters": [{"$ref": "#/components/parameters/A"}],
            "/paths/~1orders~1{orderId}/parameters/0/schema": text,
        }
    )

    assert [line.partition(": ")[0] for line in found] == [
        "/paths/~1orders~1{orderId}/parameters/0/schema",
        "/components/parameters/A/schema",
        f"{GET}/parameters/1/content/application~1json/schema",
    ]


def test_what_the_api_answers_is_its_own_affair(findings):
    answer = {"application/json": {"schema": {"type": "string"}}}

    assert findings({f"{GET}/responses/200/content": answer}) == []


def test_a_body_without_a_schema_may_be_anything(findings):
    at = f"{PUT}/requestBody/content"

    assert findings({at: {"text/plain": {}}}) == [
        f"{at}/text~1plain/schema: may be anything; give it a type"
    ]


def test_a_body_that_several_operations_take_is_told_once(findings):
    text = {"schema": {"$ref": "#/components/schemas/O/properties/note"}}
    body = {"content": {"text/plain": text, "text/html": text}}

    assert len(findings({f"{PUT}/requestBody": body, NOTE: {"type": "string"}})) == 1


def test_findings_have_an_end(findings):
    many = {f"p{index}": {"type": "string"} for index in range(300)}

    found = findings({"/components/schemas/O/properties": many})

    assert len(found) == 201
    assert found[-1] == "shop.json: more than 200 findings; the rest is not shown"


@pytest.mark.parametrize(
    "pattern", ["^(((a{999}){999}){999})$", "^" + "(" * 400 + "a", "^a{9" * 200]
)
def test_a_pattern_is_never_run(pattern):
    assert module._has_an_end(pattern) in (True, False)


def test_a_number_that_is_an_enum_or_null_is_bounded(findings):
    assert findings({NOTE: {"type": "integer", "enum": [1, 2]}}) == []
