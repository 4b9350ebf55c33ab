"""What real wheels and no network come to."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BULWARK = ROOT / ".venv" / "bin" / "bulwark"
NO_NETWORK = ["unshare", "--map-root-user", "--net"]

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose function was packaged once, with the network."""
    root = tmp_path_factory.mktemp("project")
    (root / "Pulumi.yaml").write_text("name: it\nruntime: python\n")
    shutil.copytree(Path(__file__).parent / "pays", root / "pays")
    package(root)
    return root


def package(root, *words, around=()):
    command = [*around, BULWARK, "package", "pays", "--format", "json", *words]
    answer = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    (made,) = json.loads(answer.stdout)
    return made


@pytest.fixture
def no_network():
    if not shutil.which("unshare") or subprocess.run([*NO_NETWORK, "true"], check=False).returncode:
        pytest.skip("no process without a network can be made here")
    return NO_NETWORK


def test_a_second_build_needs_no_network_and_has_the_same_bytes(project, no_network):
    before = package(project)
    shutil.rmtree(project / "build" / "functions")

    assert package(project, around=no_network) == before


def test_the_twin_for_another_machine_comes_from_the_same_lock(project):
    arm, intel = package(project), package(project, "--architecture", "x86_64")

    assert arm["packages"] == intel["packages"]
    assert arm["sha256"] != intel["sha256"]


def test_another_project_gets_the_same_bytes(project, tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    shutil.copytree(project / "pays", tmp_path / "pays")

    assert package(tmp_path)["sha256"] == package(project)["sha256"]
