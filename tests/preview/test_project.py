import json

import pytest

from bulwark_toolkit.preview import Project, UsageError

PROJECT = "name: app\nruntime: python\n"


@pytest.fixture
def project(tmp_path):
    def make(pulumi=PROJECT, main="", **files):
        (tmp_path / "Pulumi.yaml").write_text(pulumi)
        (tmp_path / "__main__.py").write_text(main)
        for name, text in files.items():
            (tmp_path / f"Pulumi.{name}.yaml").write_text(text)
        return Project.find(tmp_path)

    return make


def error(call, *args):
    with pytest.raises(UsageError) as raised:
        call(*args)
    return str(raised.value)


def test_the_project_is_found_from_a_folder_below(project, tmp_path):
    project()
    (tmp_path / "a" / "b").mkdir(parents=True)

    assert Project.find(tmp_path / "a" / "b").name == "app"


def test_no_project_says_how_to_name_one(tmp_path):
    assert "no Pulumi.yaml here or in a folder above; use -C DIR" in error(Project.find, tmp_path)


def test_another_language_is_refused(project):
    assert "only python" in error(project, "name: app\nruntime: nodejs\n")


def test_no_such_stack_names_the_nearest(project):
    found = project(dev="", prod="")

    assert "did you mean prod?" in error(found.program, "prdo")
    assert "there are: dev, prod" in error(found.program, "zzz")


def test_values_are_text_or_json_as_pulumi_gives_them(project):
    found = project(
        dev="""
config:
  plain: text
  number: 3
  switch: true
  "yes": yes
  date: 2026-11-25
  aws:region: eu-central-1
  nested: {a: [1, {b: false}]}
"""
    )

    values, _ = found.config("dev")

    assert values == {
        "app:plain": "text",
        "app:number": "3",
        "app:switch": "true",
        "app:yes": "yes",
        "app:date": "2026-11-25",
        "aws:region": "eu-central-1",
        "app:nested": json.dumps({"a": [1, {"b": False}]}),
    }


def test_an_encrypted_value_anywhere_in_a_key_makes_the_key_a_secret(project):
    found = project(
        dev="config:\n  a: {secure: v1:x}\n  b: {c: [{secure: v1:x}]}\n  d: {secure: 1, e: 2}\n"
    )

    assert found.config("dev")[1] == {"app:a", "app:b"}


def test_the_projects_own_values_and_defaults_are_under_the_stacks(project):
    found = project(
        PROJECT
        + "config:\n  aws:region: eu-west-1\n  size: {type: integer, default: 3}\n"
        + "  mode: {value: slow}\n",
        dev="config:\n  mode: fast\n",
    )

    assert found.config("dev")[0] == {
        "aws:region": "eu-west-1",
        "app:size": "3",
        "app:mode": "fast",
    }


def test_a_declared_key_without_a_value_and_one_of_a_wrong_type_are_told_at_once(project):
    found = project(
        PROJECT + "config:\n  size: {type: integer, description: How large it is.}\n"
        "  name: {type: string}\n",
        dev="config:\n  name: [a]\n",
    )

    assert error(found.config, "dev").splitlines() == [
        "Pulumi.dev.yaml: app:name: must be of type string.",
        "Pulumi.dev.yaml: app:size: missing. How large it is.",
    ]


@pytest.mark.parametrize(
    ("kind", "good", "wrong"),
    [
        ("string", ["text", "3", "true"], ["[a]", "{a: b}"]),
        ("integer", ["3", "'3'", "-1"], ["x", "3.5", "true", "[3]"]),
        ("boolean", ["true", "'false'"], ["1", "'yes'", "{a: b}"]),
        ("object", ["{}", "{a: b}"], ["text", "[a]", "3"]),
        ("array", ["[]", "[a]"], ["text", "{a: b}"]),
    ],
)
def test_types_are_judged_as_pulumi_does(project, kind, good, wrong):
    declared = PROJECT + f"config:\n  it: {{type: {kind}, items: {{type: string}}}}\n"

    for value in good:
        assert project(declared, dev=f"config:\n  it: {value}\n").config("dev")
    for value in wrong:
        found = project(declared, dev=f"config:\n  it: {value}\n")
        assert "app:it: must be of type" in error(found.config, "dev"), value


@pytest.mark.parametrize("kind", ["string", "integer", "boolean", "object"])
def test_an_encrypted_value_may_be_of_any_type(project, kind):
    found = project(
        PROJECT + f"config:\n  it: {{type: {kind}}}\n",
        dev="config:\n  it: {secure: v1:x}\n",
    )

    assert found.config("dev")[1] == {"app:it"}


def test_a_value_from_a_pulumi_environment_is_not_missed(project):
    found = project(
        PROJECT + "config:\n  size: {type: integer}\n", dev="environment: [shared]\nconfig: {}\n"
    )

    assert found.config("dev")[0] == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("config: [", "Pulumi.dev.yaml:2:1: not YAML"),
        ("config:\n  a: 1\n  a: 2\n", "Pulumi.dev.yaml:3:3: not YAML: a is there twice"),
        ("- 1\n", "Pulumi.dev.yaml: must be a mapping"),
        ("config: text\n", "Pulumi.dev.yaml: config: must be a mapping"),
        ("a: \t b\n\tc: d", "not YAML"),
        ("a: !!python/object:os.system {}\n", "not YAML"),
    ],
)
def test_broken_yaml_says_where(project, text, said):
    found = project(dev=text)

    assert said in error(found.config, "dev")


def test_a_stack_folder_is_honoured(project, tmp_path):
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.dev.yaml").write_text("config: {size: 3}")

    found = project(PROJECT + "stackConfigDir: stacks\n")

    assert found.stacks() == ["dev"]
    assert found.config("dev")[0] == {"app:size": "3"}


def test_an_organization_and_project_may_stand_before_the_stack(project):
    program = project(dev="").program("acme/app/dev")

    assert (program.stack, program.organization) == ("dev", "acme")


def test_main_names_a_folder_which_the_program_runs_in(project, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "helper.py").write_text("WORD = 'found'")
    (tmp_path / "src" / "__main__.py").write_text(
        "import pathlib, helper\npathlib.Path('ran').write_text(helper.WORD)"
    )

    project(PROJECT + "main: src\n", dev="").program("dev").run()

    assert (tmp_path / "src" / "ran").read_text() == "found"


def test_main_may_name_a_file(project, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("import pathlib\npathlib.Path('ran').touch()")

    project(PROJECT + "main: src/app.py\n", dev="").program("dev").run()

    assert (tmp_path / "src" / "ran").exists()


def test_a_missing_main_says_so(project):
    program = project(PROJECT + "main: src/app.py\n", dev="").program("dev")

    assert "there is no app.py to run" in error(program.run)


def test_modules_of_one_project_are_not_those_of_the_next(tmp_path):
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text(PROJECT)
        (folder / "Pulumi.dev.yaml").write_text("")
        (folder / "shared_name.py").write_text(f"NAME = '{name}'")
        (folder / "__main__.py").write_text(
            "import pathlib, shared_name\npathlib.Path('ran').write_text(shared_name.NAME)"
        )
        Project.find(folder).program("dev").run()

    assert (tmp_path / "two" / "ran").read_text() == "two"
