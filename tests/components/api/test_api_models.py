"""How what a document says of bodies is put as API Gateway checks it."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import validate

from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.aws_body import build
from pulumi_bulwark.api.aws_models import CIRCULAR, COUNTED, EXCLUSIVE, NULLABLE
from pulumi_bulwark.place import AwsPlace

PLACE = AwsPlace(account_id="123456789012", region="eu-central-1")


@pytest.fixture
def body(one):
    def make(schema, **schemas):
        content = {"application/json": {"schema": schema}}
        node = {"requestBody": {"required": True, "content": content}}
        document = one(method="post", node=node, components={"schemas": schemas})
        made = build(ApiSpec(), document, PLACE, "arn:pool")
        validate(json.loads(json.dumps(made.content)))
        return made

    return make


def models(made):
    return made.content["components"]["schemas"]


def model(made):
    """The model of the one body."""
    content = made.content["paths"]["/payments"]["post"]["requestBody"]["content"]
    return models(made)[content["application/json"]["schema"]["$ref"].rpartition("/")[2]]


def accepts(made, value):
    """Whether a request with this body passes, as a validator of draft 4 sees it."""
    schema = {**model(made), "components": made.content["components"]}
    return jsonschema.Draft4Validator(schema).is_valid(value)


def test_a_body_without_a_name_becomes_a_model_with_one(body):
    (name,) = models(body({"type": "object"}))

    assert name.isalnum()
    assert name.startswith("opapplicationjson")


def test_bodies_of_two_types_have_a_model_each(one):
    kinds = ("application/json", "application/merge-patch+json")
    content = {kind: {"schema": {"title": kind}} for kind in kinds}
    document = one(method="patch", node={"requestBody": {"content": content}})

    made = build(ApiSpec(), document, PLACE, "arn:pool")
    assert sorted(model["title"] for model in models(made).values()) == sorted(kinds)


def test_a_model_keeps_its_name_if_it_has_only_letters_and_digits(body):
    made = body({"$ref": "#/components/schemas/Payment"}, Payment={"type": "object"})

    assert models(made) == {"Payment": {"type": "object"}}


def test_other_names_are_changed_and_with_them_what_refers_to_them(body):
    made = body(
        {"$ref": "#/components/schemas/New-Payment"},
        **{
            "New-Payment": {"properties": {"to": {"$ref": "#/components/schemas/New_Payment"}}},
            "New_Payment": {"type": "string"},
        },
    )

    assert len(models(made)) == 2
    assert all(name.isalnum() for name in models(made))
    assert accepts(made, {"to": "DE"})
    assert not accepts(made, {"to": 1})


def test_only_what_a_body_needs_becomes_a_model(body):
    made = body({"$ref": "#/components/schemas/A"}, A={"type": "object"}, B={"type": "object"})

    assert models(made).keys() == {"A"}


def test_what_is_no_constraint_is_left_out(body):
    made = body(
        {
            "type": "object",
            "example": {"a": 1},
            "discriminator": {"propertyName": "a"},
            "xml": {"name": "a"},
            "externalDocs": {"url": "https://example.com"},
            "x-internal": True,
            "properties": {"a": {"type": "integer", "format": "int64", "default": 1}},
        }
    )

    assert model(made) == {"type": "object", "properties": {"a": {"type": "integer"}}}


def test_a_property_may_be_called_as_a_keyword_is(body):
    made = body({"type": "object", "properties": {"example": {"type": "string"}}})

    assert not accepts(made, {"example": 1})


@pytest.mark.parametrize(
    ("format_", "kept"),
    [("date-time", True), ("email", True), ("int32", False), ("decimal", False), ("uuid", False)],
)
def test_only_formats_of_draft_4_are_kept(body, format_, kept):
    assert ("format" in model(body({"type": "string", "format": format_}))) is kept


def test_null_passes_where_it_may_and_the_bounds_of_other_values_hold(body):
    made = body({"properties": {"note": {"type": "string", "maxLength": 3, "nullable": True}}})

    assert accepts(made, {"note": None})
    assert accepts(made, {"note": "abc"})
    assert not accepts(made, {"note": "abcd"})
    assert [*made.unchecked] == [NULLABLE]
    assert made.unchecked[NULLABLE][0].endswith("/properties/note")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": ["a", None]},
        {"allOf": [{"type": "object", "required": ["a"]}]},
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"type": "object", "properties": {"a": {}}, "required": ["a"]},
    ],
)
def test_null_passes_whatever_else_a_value_that_may_be_null_has(body, schema):
    assert accepts(body({"properties": {"it": {**schema, "nullable": True}}}), {"it": None})


def test_what_only_answers_have_is_not_required_of_a_request(body):
    made = body(
        {
            "required": ["id", "amount"],
            "properties": {
                "id": {"$ref": "#/components/schemas/Id"},
                "amount": {"type": "integer"},
            },
        },
        Id={"type": "string", "readOnly": True},
    )

    assert model(made)["required"] == ["amount"]


def test_an_exclusive_bound_of_a_whole_number_is_the_next_one(body):
    schema = {"type": "integer", "minimum": 0, "exclusiveMinimum": True}
    made = body({"properties": {"it": schema}})

    assert not accepts(made, {"it": 0})
    assert accepts(made, {"it": 1})
    assert made.unchecked == {}


def test_an_exclusive_bound_of_another_number_passes_and_is_reported(body):
    schema = {"type": "number", "maximum": 9, "exclusiveMaximum": True}
    made = body({"properties": {"it": schema}})

    assert accepts(made, {"it": 9})
    assert not accepts(made, {"it": 9.5})
    assert [*made.unchecked] == [EXCLUSIVE]


def test_that_the_length_of_lists_is_not_checked_is_reported(body):
    made = body({"properties": {"it": {"type": "array", "items": {}, "maxItems": 3}}})

    assert [*made.unchecked] == [COUNTED]


def test_a_schema_that_holds_itself_is_checked_on_its_first_level(body):
    made = body(
        {"$ref": "#/components/schemas/Tree"},
        Tree={
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            },
        },
    )

    assert not accepts(made, {})
    assert accepts(made, {"name": "a", "below": [{"name": "b"}]})
    assert made.unchecked == {CIRCULAR: ["/components/schemas/Tree/properties/below/items"]}


def test_no_property_beside_those_that_are_named_passes_where_the_document_says_so(body):
    made = body({"properties": {"a": {}}, "additionalProperties": False})

    assert not accepts(made, {"b": 1})


# Any document.

TYPES = st.sampled_from(["string", "integer", "number", "boolean", "object", "array"])
NAMES = st.text("abc-_.~/%é$", min_size=1, max_size=4)


def _typed(kind):
    schema = {"type": kind, **({"items": {}} if kind == "array" else {})}
    more = {
        "nullable": st.booleans(),
        "readOnly": st.booleans(),
        "description": st.text(max_size=5),
        "example": st.none() | st.text(max_size=3),
        "x-odd": st.integers(),
    }
    if kind in ("integer", "number"):
        more |= {"minimum": st.integers(-9, 9), "exclusiveMinimum": st.booleans()}
    if kind == "string":
        more |= {"maxLength": st.integers(0, 9), "format": st.sampled_from(["uuid", "email"])}
    return st.fixed_dictionaries({}, optional=more).map(lambda extra: {**schema, **extra})


def _composed(inner):
    return st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=3)},
            optional={
                "additionalProperties": st.booleans() | inner,
                "nullable": st.booleans(),
                "discriminator": st.just({"propertyName": "a"}),
            },
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"oneOf": parts}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"allOf": parts}),
        inner.map(lambda part: {"type": "array", "items": part, "maxItems": 3}),
        inner.map(lambda part: {"not": part}),
    )


REFERENCE = st.just({"$ref": "#/components/schemas/It-self"})
SCHEMAS = st.recursive(TYPES.flatmap(_typed) | REFERENCE, _composed, max_leaves=8)


@given(schema=SCHEMAS, itself=SCHEMAS.filter(lambda schema: "$ref" not in schema))
def test_whatever_a_schema_is_the_body_is_valid_and_says_nothing_that_is_refused(
    one, schema, itself
):
    content = {"application/json": {"schema": schema}}
    document = one(
        method="post",
        node={"requestBody": {"content": content}},
        components={"schemas": {"It-self": itself}},
    )
    body = build(ApiSpec(), document, PLACE, "arn:pool")

    made = json.loads(json.dumps(body.content))
    validate(made)
    for name, adapted in made.get("components", {}).get("schemas", {}).items():
        assert name.isalnum()
        jsonschema.Draft4Validator.check_schema(adapted)
        assert not refused(adapted)


def refused(schema):
    """The keywords in a schema that API Gateway's notes list as not supported."""
    if not isinstance(schema, dict):
        return set()
    words = {"discriminator", "example", "nullable", "readOnly", "exclusiveMinimum", "x-odd"}
    below = [*schema.get("properties", {}).values()]
    below += [part for key in ("allOf", "oneOf") for part in schema.get(key, ())]
    below += [schema[key] for key in ("items", "not", "additionalProperties") if key in schema]
    return (words & schema.keys()).union(*map(refused, below))
