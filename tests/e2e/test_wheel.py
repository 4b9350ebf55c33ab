"""What users install: the wheel, and not the source tree."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the wheels in it; what they depend on comes from the environment."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, ROOT, ROOT / "runtime"], check=True)
    wheels = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", folder / "lib", *wheels], check=True)
    return folder / "lib"


@pytest.fixture
def run(installed, tmp_path):
    def run(*command, **files):
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text)
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(installed)},
        )

    return run


def test_the_imports_are_the_wheels(run, installed):
    code = "import pulumi_bulwark as p, bulwark_toolkit as t; print(p.__file__, t.__file__)"

    found = run(sys.executable, "-c", code).stdout.split()

    assert len(found) == 2
    assert all(Path(file).is_relative_to(installed) for file in found)


def test_an_example_of_the_documentation_previews_from_the_wheel(run, installed, tmp_path):
    page = (ROOT / "docs" / "components.md").read_text()
    program = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0]
    (tmp_path / "__main__.py").write_text(program)

    done = run(
        sys.executable,
        installed / "bin" / "bulwark",
        "preview",
        Pulumi__yaml="name: theirs\nruntime: python\n",
        Pulumi__dev__yaml="config: {}\n",
    )

    assert done.returncode == 0, done.stderr
    assert "payments-data" in done.stdout
    assert "8 resources (aws.kms 8), 4 protected, 0 input problems." in done.stdout


def test_the_fixture_of_the_documentation_tests_a_program_of_somebody_else(run, tmp_path):
    page = (ROOT / "docs" / "testing.md").read_text()
    conftest, *tests = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "conftest.py").write_text(conftest)
    for number, test in enumerate(tests):
        (tmp_path / f"test_theirs_{number}.py").write_text(test)

    done = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert tests
    assert f"{len(tests)} passed" in done.stdout, done.stdout


def test_a_job_is_packaged_from_the_wheel_as_from_the_source(run, installed, tmp_path):
    command = ["package", "rotation", "--format", "json"]

    theirs = run(sys.executable, installed / "bin" / "bulwark", *command)
    assert theirs.returncode == 0, theirs.stderr
    ours = subprocess.run(
        [Path(sys.executable).with_name("bulwark"), *command],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert json.loads(theirs.stdout) == json.loads(ours.stdout)


def test_types_are_shipped(installed):
    assert (installed / "pulumi_bulwark" / "py.typed").exists()
    assert (installed / "bulwark_toolkit" / "py.typed").exists()
