"""Walls that import-linter cannot see: which calls stand in which room."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPONENTS = ROOT / "components" / "pulumi_bulwark"


def calls(file):
    """Dotted names of what a file calls, such as `pulumi.export`."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def files_that_call(wanted):
    found = {
        file.relative_to(ROOT).as_posix()
        for file in [ROOT / "__main__.py", *COMPONENTS.rglob("*.py")]
        if any(wanted(call) for call in calls(file))
    }
    return sorted(found)


def test_the_program_knows_config_and_stacks_alone():
    tree = ast.parse((ROOT / "__main__.py").read_text())
    ours = {
        f"{node.module}.{name.name}" if node.module == "pulumi_bulwark" else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }

    assert ours == {
        "pulumi_bulwark.config",
        "pulumi_bulwark.stacks.aws",
        "pulumi_bulwark.stacks.azure",
    }


def test_only_the_program_exports():
    assert files_that_call(lambda call: call == "pulumi.export") == ["__main__.py"]


def test_only_config_reads_pulumis_config():
    def reads(call):
        return call.startswith("pulumi_config.") or call.endswith(("pulumi.Config", "get_config"))

    assert files_that_call(reads) == ["components/pulumi_bulwark/config.py"]


def test_only_stacks_look_anything_up():
    def looks_up(call):
        package, _, function = call.partition(".")
        name = function.rpartition(".")[2]
        return package in ("aws", "azure_native") and name.startswith(("get_", "list_"))

    assert files_that_call(looks_up) == [
        # A signed address that Azure makes with the resource, and gives to who asks alone.
        "components/pulumi_bulwark/incident_response/azure_inbox.py",
        "components/pulumi_bulwark/stacks/aws.py",
        "components/pulumi_bulwark/stacks/azure.py",
    ]


@pytest.mark.parametrize("file", sorted(COMPONENTS.rglob("*.py")), ids=lambda f: f.stem)
def test_no_module_keeps_state(file):
    """Module-level names are constants, types and private tables, and none is made to change."""
    for node in ast.parse(file.read_text()).body:
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            made = ast.unparse(value) if value is not None else ""
            assert made not in ("[]", "{}", "set()", "dict()", "list()"), made
