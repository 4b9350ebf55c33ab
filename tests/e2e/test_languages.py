"""How the engine runs what is written in Python, and what it shows of it."""

import json
import shutil
import sys

import pytest

pytestmark = pytest.mark.e2e


def test_a_program_is_main_in_a_process_of_its_own_in_its_virtual_environment(program):
    project = program(
        "import os, sys, pulumi\n"
        "pulumi.export('name', __name__)\n"
        "pulumi.export('folder', os.getcwd())\n"
        "pulumi.export('prefix', sys.prefix)\n"
        "pulumi.export('path', sys.path[0])\n"
    )

    project.up()

    here = str(project.folder)
    assert project.outputs() == {
        "name": "__main__",
        "folder": here,
        "prefix": f"{here}/.venv",
        "path": here,
    }


def test_a_program_may_be_in_a_folder_below_the_project(program):
    project = program("raise NotImplementedError", settings="main: below/\n")
    below = project.folder / "below"
    below.mkdir()
    (below / "beside.py").write_text("HERE = 'imported'\n")
    (below / "__main__.py").write_text(
        "import os, pulumi, beside\n"
        "pulumi.export('folder', os.getcwd())\n"
        "pulumi.export('beside', beside.HERE)\n"
    )

    project.up()

    assert project.outputs() == {"folder": str(below), "beside": "imported"}


def test_what_a_program_prints_is_shown(program):
    shown = program(
        "import sys\nprint('to out')\nprint('to err', file=sys.stderr)\n"
    ).preview_text()

    assert "to out" in shown.text
    assert "to err" in shown.text


def test_a_config_error_is_shown_once_and_without_a_traceback(program):
    project = program("import pulumi\nraise pulumi.RunError('own:size: too small\\n  by far')\n")

    said = project.preview_text(fails=True).text.partition("Diagnostics:")[2]

    assert said.count("own:size: too small") == 1
    assert "by far" in said
    assert "Traceback" not in said


def test_an_exception_is_shown_with_the_programs_own_lines_only(program):
    project = program("def broken():\n    raise ValueError('boom')\n\nbroken()\n")

    said = project.preview_text(fails=True).text.partition("Diagnostics:")[2]

    assert said.count("ValueError: boom") == 1
    assert "line 2, in broken" in said
    assert "pulumi-language-python" not in said
    assert "language_host" not in said
    assert "runpy" not in said


def test_a_program_that_is_killed_fails_the_update(program):
    project = program("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")

    assert "error" in project.preview_text(fails=True).text


def test_a_missing_virtual_environment_is_named_with_what_to_do(program):
    project = program("")
    (project.folder / ".venv").unlink()

    said = project.preview_text(fails=True).text

    assert str(project.folder / ".venv") in said
    assert "-m venv" in said
    assert "pip install -r requirements.txt" in said


def test_a_note_on_a_component_is_shown_under_its_name(program):
    project = program(
        "import pulumi\n"
        "box = pulumi.ComponentResource('acme:index:Box', 'box')\n"
        "pulumi.log.info('cost: 5 USD', box)\n"
    )

    _, _, said = project.preview_text().text.partition("Diagnostics:")

    assert "acme:index:Box (box):\n    cost: 5 USD\n" in said


@pytest.fixture
def box(programs, tmp_path):
    """The component package, with its virtual environment."""
    shutil.copytree(programs / "box", tmp_path / "box")
    (tmp_path / "box" / ".venv").symlink_to(sys.prefix)
    return tmp_path / "box"


def test_a_component_package_tells_its_schema(program, box):
    schema = json.loads(program("").pulumi("package", "get-schema", str(box)).text)

    assert schema["resources"]["box:index:Box"]["inputProperties"]["label"] == {
        "type": "string",
        "description": "What the bucket says it is.",
    }


def test_a_yaml_program_uses_a_python_component(create, programs, box):
    project = create(programs / "consumer" / "Pulumi.yaml", box)

    project.up()

    (created,) = project.cloud("create")
    assert created["inputs"]["tags"] == {"label": "from YAML"}
    assert project.outputs()["arn"] == created["outputs"]["arn"]
