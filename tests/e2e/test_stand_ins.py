"""Nobody deploys to a make-believe cloud without knowing it."""

import os
import subprocess

import pytest

pytestmark = pytest.mark.e2e

PROGRAM = "import pulumi_aws as aws\naws.kms.Key('key')\n"


@pytest.mark.parametrize("provider", ["aws", "azure-native", "command", "random", "time"])
def test_a_stand_in_does_not_start_outside_a_test(engine_folder, provider):
    stand_in = engine_folder / "stand-ins" / f"pulumi-resource-{provider}"
    journal_less = {k: v for k, v in os.environ.items() if k != "BULWARK_STAND_IN_JOURNAL"}

    answer = subprocess.run(
        [stand_in, "127.0.0.1:1"], env=journal_less, capture_output=True, text=True, check=False
    )

    assert answer.returncode != 0
    assert answer.stdout == ""
    assert f"stand-in for the {provider} provider deploys nothing" in answer.stderr


def test_the_engine_on_path_does_not_bring_a_stand_in_along(program, engine_folder):
    project = program(PROGRAM)
    without = project.environment["PATH"].replace(f"{engine_folder}/stand-ins:", "")

    refused = project.pulumi("preview", fails=True, PATH=without)

    assert "aws" in refused.text
    assert "stand-in" not in refused.text
    assert project.cloud("create", "invoke") == []


def test_a_replacement_has_an_id_of_its_own(program):
    project = program("import pulumi_aws as aws\naws.kms.Key('key', region='eu-west-1')\n")
    project.up()
    main = project.folder / "__main__.py"
    main.write_text(main.read_text().replace("eu-west-1", "eu-west-2"))

    assert project.up().changes == {"replace": 1}

    first, second = project.cloud("create")
    assert first["id"] != second["id"]
    assert [entry["id"] for entry in project.cloud("delete")] == [first["id"]]
    assert "eu-west-2" in project.resources()["key"]["outputs"]["arn"]


def test_a_look_up_sees_the_configured_region(program):
    project = program(
        "import pulumi, pulumi_aws as aws\npulumi.export('region', aws.get_region().region)\n"
    )
    project.set("aws:region", "eu-north-1")

    project.up()

    assert project.outputs() == {"region": "eu-north-1"}


def test_a_look_up_without_an_answer_fails_and_says_so(program):
    project = program("import pulumi_aws as aws\naws.ec2.get_vpc(default=True)\n")

    assert "getVpc" in project.preview_text(fails=True).text
