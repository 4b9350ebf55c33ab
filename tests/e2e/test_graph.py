"""The offline preview and the real engine see the same program."""

import pytest
from pulumi.runtime import rpc

from bulwark_toolkit import preview
from bulwark_toolkit.preview.wire import to_json

pytestmark = pytest.mark.e2e

# What the engine adds to a provider for itself.
OF_THE_ENGINE = {"__internal", "version"}


def test_the_offline_graph_is_what_the_engine_receives(project):
    for stack in preview.Project.find(project.folder).stacks():
        project.pulumi("stack", "select", "--create", stack)

        assert_same_graph(project, stack)


def test_the_offline_graph_is_what_the_engine_receives_in_every_corner(create, programs):
    assert_same_graph(create(*(programs / "corners").iterdir()), "dev")


def test_an_alias_that_the_offline_graph_has_is_one_that_the_engine_follows(program):
    project = program('import pulumi_aws as aws\naws.kms.Key("old")\n')
    project.up()
    (before,) = project.cloud("create")

    (project.folder / "__main__.py").write_text(
        "import pulumi, pulumi_aws as aws\n"
        'parent = pulumi.ComponentResource("acme:index:Box", "box")\n'
        'old = pulumi.Alias(name="old", parent=pulumi.ROOT_STACK_RESOURCE)\n'
        'aws.kms.Key("new", opts=pulumi.ResourceOptions(parent=parent, aliases=[old]))\n'
    )
    graph = preview.record(preview.Project.find(project.folder).program("dev"))
    project.up()

    assert graph["new"].options.aliases == (before["urn"],)
    assert project.cloud("create", "delete") == [before]
    assert project.resources()["new"]["id"] == before["id"]


def assert_same_graph(project, stack):
    received = by_engine(project.preview(f"--stack={stack}"))
    program = preview.Project.find(project.folder).program(stack)
    recorded = by_preview(preview.record(program))

    assert recorded.keys() == received.keys()
    different = {
        f"{stack} {urn} {what}": f"offline {recorded[urn][what]}, engine {value}"
        for urn, resource in received.items()
        for what, value in resource.items()
        if recorded[urn][what] != value
    }
    assert different == {}


def by_engine(resources):
    """What matters of a resource, from what the engine is going to store."""
    return {
        urn: {
            "type": state["type"],
            "parent": state.get("parent", ""),
            "kind": kind(state),
            "inputs": plain(
                {k: v for k, v in state.get("inputs", {}).items() if k not in OF_THE_ENGINE}
            ),
            "provider": explicit(state.get("provider", "")),
            "dependencies": sorted(state.get("dependencies", [])),
            "behind each input": known(state.get("propertyDependencies", {})),
            "protect": state.get("protect", False),
            "retain on delete": state.get("retainOnDelete", False),
            "deleted with": state.get("deletedWith", ""),
            "ignore changes": state.get("ignoreChanges", []),
            "replace on changes": state.get("replaceOnChanges", []),
            "secret outputs": sorted(state.get("additionalSecretOutputs", [])),
        }
        for urn, state in resources.items()
    }


def by_preview(graph):
    """The same, from the graph of the offline preview."""
    return {
        resource.urn: {
            "type": resource.type,
            "parent": resource.parent,
            "kind": resource.kind,
            "inputs": plain(to_json(resource.inputs)),
            "provider": resource.provider,
            "dependencies": sorted(resource.dependencies),
            "behind each input": known(resource.property_dependencies),
            "protect": resource.options.protect,
            "retain on delete": resource.options.retain_on_delete,
            "deleted with": resource.options.deleted_with,
            "ignore changes": list(resource.options.ignore_changes),
            "replace on changes": list(resource.options.replace_on_changes),
            "secret outputs": sorted(resource.options.additional_secret_outputs),
        }
        for resource in graph.resources
    }


def kind(state):
    if state.get("external"):
        return "read"
    return "custom" if state["custom"] else "component"


MARKS = {
    "$unknown": "unknown",
    "$secret": "secret",
    "$asset": "asset",
    "$archive": "archive",
    rpc.UNKNOWN: "unknown",
    "[secret]": "secret",
    rpc._special_asset_sig: "asset",
    rpc._special_archive_sig: "archive",
}


def plain(value):
    """The value with what is not plain by one name, whoever wrote it."""
    if isinstance(value, str):
        return MARKS.get(value, value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        mark = value.get(rpc._special_sig_key) or next(iter(value), "")
        return MARKS.get(mark) or {key: plain(item) for key, item in value.items()}
    return value


def explicit(reference):
    """The URN of a provider, unless it is one that the engine makes by default."""
    urn = reference.rpartition("::")[0]
    return "" if "::default_" in urn else urn


def known(dependencies):
    return {name: sorted(urns) for name, urns in dependencies.items() if urns}
