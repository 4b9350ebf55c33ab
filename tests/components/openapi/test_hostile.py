"""Whatever the document: a result, or problems that name the file and a place."""

import copy
import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_bulwark import openapi
from pulumi_bulwark.errors import ConfigError

SAMPLE = yaml.safe_load((Path(__file__).parents[3] / "openapi" / "payments.yaml").read_text())
PLACE = re.compile(r"a\.json(#(/[^\n]*)?)?: \S[^\n]*")

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)
REFERENCES = st.sampled_from(
    [
        "#/components/schemas/Payment",
        "#/components/schemas/Problem/properties/type",
        "#/components/parameters/Limit",
        "#/components/responses/Invalid",
        "#/paths/~1payments",
        "#/paths/~1payments/post/requestBody",
        "#/nowhere",
        "#/",
        "other.yaml",
    ]
).map(lambda reference: {"$ref": reference})
KEYWORDS = st.sampled_from(
    [
        *("$ref", "type", "properties", "items", "allOf", "anyOf", "security", "parameters"),
        *("enum", "nullable", "const", "examples", "x-bulwark-backend", "x-bulwark-public"),
        *("servers", "in", "name", "schema", "content", "responses", "openapi", "paths", "pattern"),
        *("additionalProperties", "exclusiveMinimum", "webhooks", "operationId", "get", "flows"),
    ]
)
VALUES = st.recursive(
    st.one_of(SCALARS, REFERENCES),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(KEYWORDS, st.text(max_size=8)), inner, max_size=3),
    ),
    max_leaves=8,
)
QUIET = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def containers(value):
    found = [value]
    for inside in found:
        found += [
            part
            for part in (inside.values() if isinstance(inside, dict) else inside)
            if isinstance(part, dict | list) and part
        ]
    return found


@st.composite
def mutations(draw):
    """The sample with up to five accidents."""
    document = copy.deepcopy(SAMPLE)
    document["openapi"] = draw(st.sampled_from(["3.0.3", "3.1.0"]))
    for _ in range(draw(st.integers(1, 5))):
        inside = draw(st.sampled_from(containers(document)))
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        key = draw(st.sampled_from(keys))
        match draw(st.sampled_from(["drop", "replace", "rename", "add", "wrap", "point"])):
            case "drop":
                del inside[key]
            case "rename" if isinstance(inside, dict):
                inside[draw(st.one_of(KEYWORDS, st.text(max_size=8)))] = inside.pop(key)
            case "add" if isinstance(inside, dict):
                inside[draw(KEYWORDS)] = draw(VALUES)
            case "wrap":
                inside[key] = [inside[key]]
            case "point":
                inside[key] = draw(REFERENCES)
            case _:
                inside[key] = draw(VALUES)
        if not document:
            break
    return document


def result_or_problems(file):
    try:
        return openapi.load(file, shown=file.name)
    except ConfigError as error:
        assert error.problems
        for line in error.problems:
            assert PLACE.fullmatch(line), line
            assert file.name in line
        return None


@given(mutations())
@settings(QUIET, max_examples=150)
def test_an_accident_in_a_document_gives_a_result_or_problems(tmp_path, document):
    file = tmp_path / "a.json"
    file.write_text(json.dumps(document))

    result = result_or_problems(file)

    if result:
        json.dumps(result.body)
        assert result.body["openapi"] == "3.0.3"
        assert openapi.stripped(result.body)["paths"].keys() == result.body["paths"].keys()
        assert all(o.public or o.scopes for o in result.operations)


@given(VALUES)
@settings(QUIET, max_examples=200)
def test_anything_as_a_document_gives_problems(tmp_path, value):
    file = tmp_path / "a.json"
    file.write_text(json.dumps(value))

    assert result_or_problems(file) is None


@given(st.one_of(st.binary(max_size=200), st.text("{}[]:&*!|>-?#'\",\n ab<%@`\t\\", max_size=60)))
@settings(QUIET, max_examples=500)
def test_any_text_gives_problems(tmp_path, content):
    file = tmp_path / "a.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(ConfigError) as error:
        openapi.load(file, shown="a.yaml")

    assert all(line.startswith("a.yaml") for line in error.value.problems)


@given(SCALARS.filter(lambda value: isinstance(value, str)))
@settings(QUIET, max_examples=200)
def test_quoted_text_means_the_same_in_yaml_as_in_json(tmp_path, text):
    head = {"openapi": "3.0.3", "info": {"title": "a", "version": "1", "description": text}}
    paths = {
        "/a": {
            "get": {
                "operationId": "a",
                "security": [],
                "x-bulwark-public": "Yes.",
                "responses": {"200": {"description": "a"}},
            }
        }
    }
    (tmp_path / "a.json").write_text(json.dumps(head | {"paths": paths}))
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(head | {"paths": paths}, default_style='"'))

    one, other = (openapi.load(tmp_path / name) for name in ("a.json", "a.yaml"))

    assert one.body == other.body


def nested(levels):
    schema = {"type": "string", "maxLength": 1}
    for _ in range(levels):
        schema = {"type": "object", "additionalProperties": False, "properties": {"a": schema}}
    return schema


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_the_deepest_schema_that_is_read_is_also_checked(load, problems, version):
    deepest = {"/openapi": version, "/components/schemas/O": nested(30)}
    broken = {"/openapi": version, "/components/schemas/O": nested(30) | {"type": 5}}
    inner = "/components/schemas/O" + "/properties/a" * 30

    assert load(deepest).findings == ()
    assert "is nested too deeply" not in "".join(problems(broken))
    assert f"{inner}/maxLength: must be a whole number" in problems(
        deepest | {f"{inner}/maxLength": "1"}
    )


def test_schemas_that_hold_each_other_everywhere_have_an_end(load):
    names = [f"S{index}" for index in range(60)]
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    everything = {
        f"/components/schemas/{name}": {
            "allOf": references,
            "properties": dict(zip(names, references, strict=True)),
        }
        for name in names
    }
    into = {"/components/schemas/O/properties/note": references[0]}

    assert load(everything | into).findings


def test_a_chain_of_references_has_an_end(load, places):
    def chain(length):
        return {
            f"/components/schemas/C{index}": {"$ref": f"#/components/schemas/C{index + 1}"}
            for index in range(length)
        } | {
            f"/components/schemas/C{length}": {"type": "boolean"},
            "/components/schemas/O/properties/note": {"$ref": "#/components/schemas/C0"},
        }

    assert load(chain(19)).operations
    assert "/components/schemas/O/properties/note/$ref" in places(chain(30))


def test_paths_that_share_a_large_item_are_too_much(load):
    item = {
        "get": {
            "operationId": "x",
            "responses": {"200": {"description": "x"}},
            "tags": ["a"] * 2000,
        }
    }
    shared = {f"/paths/~1p{index}": {"$ref": "#/paths/~1big"} for index in range(300)}

    with pytest.raises(ConfigError) as error:
        load({"/paths/~1big": item} | shared)

    assert error.value.problems == [
        "shop.json#: has more than 400000 values once its paths are in place"
    ]


def test_a_path_that_leads_back_to_itself_through_a_callback_has_an_end(load):
    again = {"done": {"{$url}": {"$ref": "#/paths/~1orders~1{orderId}"}}}

    document = load({"/paths/~1orders~1{orderId}/get/callbacks": again})

    assert len(document.operations) == 2


def test_names_as_long_as_a_book_are_not_compared_letter_by_letter(problems):
    scopes = "/components/securitySchemes/oauth/flows/clientCredentials/scopes"
    known = {f"{scopes}/{'ab' * 100_000}{index}": "A" for index in range(3)}
    wanted = [{"oauth": ["ba" * 100_000]}]

    found = problems(known | {"/security": wanted})

    assert all(len(line) < 1500 for line in found)


def test_many_equal_things_are_not_compared_each_with_each(problems):
    tags = [{"name": f"t{index}"} for index in range(20_000)]

    assert problems({"/tags": [*tags, tags[0]]}) == ["/tags: has an entry twice"]


def test_many_operations_with_many_alternatives_have_an_end(load):
    get = {"operationId": "x", "responses": {"200": {"description": "x"}}}
    paths = {f"/paths/~1p{i}": {"get": get | {"operationId": f"x{i}"}} for i in range(2000)}

    document = load(paths | {"/security": [{"oauth": ["shop/read"]}] * 2000})

    assert len(document.operations) == 2002
