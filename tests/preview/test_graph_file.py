import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulwark_toolkit.preview import (
    Archive,
    Asset,
    Graph,
    Note,
    Options,
    Problem,
    Project,
    Reference,
    Resource,
    Secret,
    Unknown,
    UsageError,
    read_graph,
    record,
)
from bulwark_toolkit.preview.graph_file import parse_graph

ROOT = Path(__file__).parents[2]

names = st.text(min_size=1)
texts = st.tuples() | st.tuples(names) | st.tuples(names, names)
keys = names | st.sampled_from(["$secret", "$$secret", "$$$unknown", "$resource", "$", "$$"])
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
markers = st.one_of(
    st.just(Secret()),
    st.builds(Unknown, texts),
    st.builds(Asset, st.text()),
    st.builds(Archive, st.text()),
    st.builds(Reference, st.text()),
)
values = st.recursive(
    plain | markers, lambda v: st.lists(v) | st.dictionaries(keys, v), max_leaves=8
)
mappings = st.dictionaries(keys, values, max_size=4)
options = st.builds(
    Options,
    protect=st.booleans(),
    retain_on_delete=st.booleans(),
    ignore_changes=texts,
    aliases=texts,
    deleted_with=st.text(),
    timeouts=st.dictionaries(st.sampled_from(["create", "update", "delete"]), names),
)
resources = st.builds(
    Resource,
    urn=names,
    type=names,
    name=names,
    parent=st.text(),
    kind=st.sampled_from(["custom", "component", "read"]),
    inputs=mappings,
    outputs=mappings,
    id=st.text(),
    dependencies=texts,
    property_dependencies=st.dictionaries(keys, texts, max_size=2),
    options=options,
    source=st.text(),
)
graphs = st.builds(
    Graph,
    project=st.text(),
    stack=st.text(),
    mode=st.sampled_from(["engine", "rendered"]),
    resources=st.lists(resources, max_size=3).map(tuple),
    outputs=mappings,
    notes=st.lists(st.builds(Note, names, st.text(), st.text()), max_size=2).map(tuple),
    problems=st.lists(st.builds(Problem, st.text(), st.text()), max_size=2).map(tuple),
)


@given(graphs)
def test_what_was_written_is_read(graph):
    assert parse_graph(graph.to_json()) == graph


@pytest.mark.parametrize("rendered", [False, True])
@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_our_stacks_are_read_and_written_again_as_the_same_bytes(tmp_path, stack, rendered):
    text = record(Project.find(ROOT).program(stack), rendered=rendered).to_json()
    file = tmp_path / "graph.json"
    file.write_text(text)

    assert read_graph(file).to_json() == text


def written(**changes):
    graph = Graph(
        project="app",
        stack="dev",
        mode="rendered",
        resources=(
            Resource(
                urn="u", type="t", name="n", parent="", kind="custom", inputs={}, outputs={"a": 1}
            ),
        ),
        outputs={},
        notes=(),
        problems=(),
    )
    document = json.loads(graph.to_json())
    document["resources"][0].update(changes.pop("resource", {}))
    return json.dumps({k: v for k, v in {**document, **changes}.items() if v != "absent"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON: Expecting property name"),
        ("[" * 200_000, "is nested too deeply to be a graph"),
        ("[]", "names no format, and what is read here is bulwark.graph/1"),
        ('{"version": 3, "deployment": {}}', "names no format"),
        (written(format="bulwark.graph/2"), "is in format 'bulwark.graph/2'"),
        (written(notes="absent"), "notes: is missing"),
        (written(notes={}), "notes: must be a list"),
        (written(mode="real"), "mode: must be one of engine, rendered"),
        (written(resources=[{"urn": "u"}]), "resources[0].inputs: is missing"),
        (written(resources=[3]), "resources[0]: must be a mapping"),
        (written(resource={"kind": "kustom"}), "resources[0].kind: must be one of custom, "),
        (written(resource={"id": 3}), "resources[0].id: must be a text"),
        (written(resource={"inputs": {"$secret": "x"}}), "resources[0].inputs: is no $secret"),
        (written(resource={"options": {"protect": 1}}), "resources[0].options.protect: must be tr"),
        (written(resource={"options": {"aliases": [1]}}), "options.aliases[0]: must be a text"),
    ],
)
def test_what_is_no_graph_is_refused_with_the_place(tmp_path, text, said):
    file = tmp_path / "graph.json"
    file.write_text(text)

    with pytest.raises(UsageError) as error:
        read_graph(file)

    assert said in str(error.value)
    assert str(error.value).startswith(f"{file}: ")


def test_a_field_that_a_later_version_adds_is_passed_over():
    assert parse_graph(written(extra=1)) == parse_graph(written())


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.json: cannot be read: No such file"):
        read_graph(tmp_path / "none.json")
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="latin: is not UTF-8"):
        read_graph(tmp_path / "latin")
