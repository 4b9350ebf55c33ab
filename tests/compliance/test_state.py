import json

import pytest

from bulwark_toolkit.compliance.state import read_state
from bulwark_toolkit.preview import Asset, Reference, Secret, UsageError
from bulwark_toolkit.preview.graph_file import parse_graph

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
STACK = "urn:pulumi:dev::app::pulumi:pulumi:Stack::app-dev"
KEY = "urn:pulumi:dev::app::aws:kms/key:Key::it"
PLANTED = "hunter2"


@pytest.fixture
def read(tmp_path):
    def of(*resources, version=3):
        stack = {"urn": STACK, "type": "pulumi:pulumi:Stack", "custom": False}
        file = tmp_path / "state.json"
        deployment = {"resources": [stack, *resources]}
        file.write_text(json.dumps({"version": version, "deployment": deployment}))
        return read_state(file)

    return of


def key(**more):
    return {"urn": KEY, "type": "aws:kms/key:Key", "custom": True, "parent": STACK, **more}


def test_what_is_deployed_is_a_graph_of_mode_state(read):
    graph = read(
        key(
            id="1234",
            inputs={"enableKeyRotation": True, "__defaults": ["name"], "tags": {"__defaults": []}},
            outputs={"arn": "arn:aws:kms:eu-central-1:123456789012:key/1234"},
            dependencies=[STACK],
            propertyDependencies={"policy": [STACK], "tags": []},
            protect=True,
            provider="urn:pulumi:dev::app::pulumi:providers:aws::default_7_51_1::a-b",
            sourcePosition="project:///__main__.py#12,3",
        )
    )

    assert (graph.project, graph.stack, graph.mode) == ("app", "dev", "state")
    found = graph["it"]
    assert found.inputs == {"enableKeyRotation": True, "tags": {}}
    assert found.outputs["arn"].endswith("key/1234")
    assert (found.id, found.kind, found.parent) == ("1234", "custom", STACK)
    assert found.property_dependencies == {"policy": (STACK,)}
    assert found.options.protect
    assert (found.provider, found.source) == ("", "__main__.py:12")


@pytest.mark.parametrize(
    "held",
    [
        {"ciphertext": PLANTED},
        {"plaintext": f'"{PLANTED}"'},
        {"value": PLANTED},
    ],
)
def test_a_secret_is_a_secret_however_it_was_exported(read, held):
    wrapped = {SIGNATURE: SECRET, **held}
    graph = read(key(inputs={"policy": wrapped, "deep": [{"er": wrapped}]}))

    assert graph["it"].inputs == {"policy": Secret(), "deep": [{"er": Secret()}]}
    assert PLANTED not in graph.to_json()
    assert PLANTED not in repr(graph)


def test_a_mark_that_is_not_known_here_is_taken_for_a_secret(read):
    graph = read(key(inputs={"x": {SIGNATURE: "of tomorrow", "value": PLANTED}}))

    assert graph["it"].inputs == {"x": Secret()}


def test_files_and_resources_keep_what_they_are_known_by(read):
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "hash": "ab12", "path": "/etc/hosts"}
    other = {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": KEY, "id": "1234"}

    graph = read(key(inputs={"file": asset, "other": other}))

    assert graph["it"].inputs == {"file": Asset("sha256:ab12"), "other": Reference(KEY, "1234")}


def test_what_waits_to_be_deleted_is_not_deployed_and_what_exists_already_is_read(read):
    graph = read(key(external=True), key(delete=True))

    assert [r.kind for r in graph.of_type("aws:kms/key:Key")] == ["read"]


def test_it_can_be_written_and_read_as_any_other_graph(read):
    graph = read(key(inputs={"enableKeyRotation": True}))

    assert parse_graph(graph.to_json()) == graph


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 3}',
        '{"version": 3, "deployment": 1}',
        '{"version": 3, "deployment": {"resources": [{"urn": 3}]}}',
        '{"version": 3, "deployment": {"resources": []}}',
        '{"version": 2, "deployment": {"resources": []}}',
    ],
)
def test_another_file_is_said_to_be_none(tmp_path, text):
    file = tmp_path / "state.json"
    file.write_text(text)

    with pytest.raises(UsageError, match=r"state\.json: "):
        read_state(file)
