"""What OpenAPI 3.1 becomes."""

import pytest

NOTE = "/components/schemas/O/properties/note"
GET = "/paths/~1orders~1{orderId}/get"
NEW = {"/openapi": "3.1.0"}
REFERENCE = {"$ref": "#/components/schemas/T"}
TEXT = {"/components/schemas/T": {"type": "string", "maxLength": 5}}


@pytest.fixture
def schema(load):
    """What a 3.1 schema becomes."""

    def schema(written):
        document = load(NEW | TEXT | {NOTE: written})
        assert document.body["openapi"] == "3.0.3"
        return document.body["components"]["schemas"]["O"]["properties"]["note"]

    return schema


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ({"type": ["string"]}, {"type": "string"}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["null", "string"]}, {"type": "string", "nullable": True}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
        ({"type": "string", "examples": []}, {"type": "string"}),
        (
            {"type": "integer", "exclusiveMinimum": 0},
            {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        ),
        (
            {"type": "integer", "exclusiveMaximum": 5, "maximum": 5},
            {"type": "integer", "maximum": 5, "exclusiveMaximum": True},
        ),
        (
            {"type": "integer", "exclusiveMinimum": 0, "minimum": 1},
            {"type": "integer", "minimum": 1},
        ),
        (
            {"type": "integer", "exclusiveMaximum": 9, "maximum": 5},
            {"type": "integer", "maximum": 5},
        ),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "array", "items": True}, {"type": "array", "items": {}}),
        ({"type": "array", "items": False}, {"type": "array", "items": {"not": {}}}),
        (
            {"type": "object", "additionalProperties": False},
            {"type": "object", "additionalProperties": False},
        ),
        ({"type": "object", "required": []}, {"type": "object"}),
        ({"$comment": "Ours."}, {}),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema"}, {}),
        (
            {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
            {"type": "string", "format": "byte"},
        ),
        (
            {"type": "string", "contentMediaType": "application/octet-stream"},
            {"type": "string", "format": "binary"},
        ),
        (REFERENCE, REFERENCE),
        (REFERENCE | {"description": "A note"}, REFERENCE),
        (
            REFERENCE | {"minLength": 1, "examples": ["a"]},
            {"allOf": [REFERENCE], "minLength": 1, "example": "a"},
        ),
        (
            REFERENCE | {"allOf": [{"minLength": 1}]},
            {"allOf": [REFERENCE, {"minLength": 1}]},
        ),
        (
            {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}], "title": "A"},
            {"type": "string", "maxLength": 5, "title": "A", "nullable": True},
        ),
        (
            {"oneOf": [{"type": "null"}, {"type": "string", "enum": ["a"]}]},
            {"type": "string", "enum": ["a", None], "nullable": True},
        ),
    ],
)
def test_a_schema_keeps_its_meaning(schema, written, becomes):
    assert schema(written) == becomes


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ({"type": ["string", "integer"]}, "type"),
        ({"type": ["string", "integer", "null"]}, "type"),
        ({"type": "null"}, "type"),
        ({"type": []}, "type"),
        ({"type": "string", "nullable": True}, "nullable"),
        ({"const": "a", "enum": ["a"]}, "const"),
        ({"examples": {"a": 1}}, "examples"),
        ({"type": "integer", "exclusiveMinimum": True}, "exclusiveMinimum"),
        ({"type": "integer", "exclusiveMaximum": "5"}, "exclusiveMaximum"),
        ({"type": "string", "contentEncoding": "base32"}, "contentEncoding"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "$schema"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}, "anyOf"),
        ({"anyOf": [REFERENCE, {"type": "null"}]}, "anyOf"),
        ({"anyOf": [{"type": "string", "const": "a"}, {"type": "null"}]}, "anyOf"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "type": "string"}, "anyOf"),
        ({"patternProperties": {"^a": {}}}, "patternProperties"),
        ({"prefixItems": [{}]}, "prefixItems"),
        ({"if": {}, "then": {}}, "if"),
        ({"unevaluatedProperties": False}, "unevaluatedProperties"),
        ({"dependentRequired": {"a": ["b"]}}, "dependentRequired"),
        ({"$defs": {"A": {}}}, "$defs"),
        ({"$id": "https://example.com/a"}, "$id"),
        ({"$dynamicRef": "#a"}, "$dynamicRef"),
        ({"maximun": 5}, "maximun"),
    ],
)
def test_what_would_lose_its_meaning_is_an_error_at_its_place(places, written, at):
    assert f"{NOTE}/{at}" in places(NEW | TEXT | {NOTE: written})


def test_an_error_says_what_to_write_instead(problems):
    assert problems(NEW | {f"{NOTE}/patternProperties": {}}) == [
        (
            f"{NOTE}/patternProperties: has no counterpart in OpenAPI 3.0; name the properties, or "
            "give additionalProperties a schema"
        )
    ]


def test_webhooks_are_documentation_and_a_finding(load):
    hook = {"post": {"responses": {"200": {"description": "x"}}}}

    document = load(NEW | {"/webhooks": {"paid": hook}})

    assert "webhooks" not in document.body
    assert document.findings == (
        "shop.json#/webhooks: are calls that the API makes; they are documentation here",
    )


def test_documentation_that_3_0_has_no_place_for_is_left_out(load):
    document = load(
        NEW
        | {
            "/info/summary": "A shop",
            "/info/license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
            "/jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        }
    )

    assert document.body["info"] == {
        "title": "Shop",
        "version": "1",
        "license": {"name": "Apache 2.0"},
    }


def test_another_dialect_is_an_error(places):
    assert places(NEW | {"/jsonSchemaDialect": "https://example.com/own"}) == ["/jsonSchemaDialect"]


def test_a_shared_path_is_put_in_its_place(load, problems):
    item = {
        "get": {
            "operationId": "x",
            "parameters": [{"name": "a", "in": "query", "schema": {"type": "string"}}],
            "responses": {"200": {"description": "x"}},
        }
    }
    shared = NEW | {
        "/components/pathItems": {"X": item},
        "/paths/~1x": {"$ref": "#/components/pathItems/X"},
    }

    document = load(shared)

    assert document.body["paths"]["/x"] == item
    assert "pathItems" not in document.body["components"]
    assert document.operations[-1].pointer == "/components/pathItems/X/get"
    assert document.findings[0].startswith(
        "shop.json#/components/pathItems/X/get/parameters/0/schema: is text of any length"
    )
    into = {NOTE: {"$ref": "#/components/pathItems/X/get/parameters/0/schema"}}
    assert problems(shared | into) == [
        f"{NOTE}/$ref: leads into a webhook or a shared path item; move what it names to components"
    ]


def test_a_finding_in_a_composition_made_here_points_to_what_was_written(load):
    document = load(
        NEW
        | {
            "/components/schemas/T": {"type": "object"},
            NOTE: {"$ref": "#/components/schemas/T", "allOf": [{"properties": {"a": True}}]},
        }
    )

    places = {line.partition(": ")[0] for line in document.findings}
    assert places == {f"shop.json#{NOTE}", f"shop.json#{NOTE}/allOf/0/properties/a"}


def test_an_example_is_no_schema_and_stays_as_it_is(load):
    data = {"type": ["a", "null"], "const": 1, "$ref": "#/nowhere", "nullable": True}

    document = load(NEW | {f"{NOTE}/default": "x", "/components/schemas/O/examples": [data]})

    assert document.body["components"]["schemas"]["O"]["example"] == data


def test_what_is_made_is_held_by_nobody_else(read):
    document = read(
        "openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get: &a\n"
        "      security: []\n      x-bulwark-public: Yes.\n      operationId: a\n"
        "      responses: &r {'200': {description: a}}\n"
        "  /b:\n    get: {security: [], x-bulwark-public: Yes., operationId: b, responses: *r}\n"
    )

    paths = document.body["paths"]
    assert paths["/a"]["get"]["responses"] == paths["/b"]["get"]["responses"]
    assert paths["/a"]["get"]["responses"] is not paths["/b"]["get"]["responses"]
