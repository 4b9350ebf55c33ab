"""The programs in the documentation run."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from bulwark_toolkit.preview import Lookups, Place
from pulumi_bulwark import config

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = BLOCK.findall((ROOT / "docs" / "components.md").read_text())
CONFIG = {
    "bulwark:cloud": "aws",
    "bulwark:profile": "prod",
    "bulwark:tags": '{"owner": "me", "environment": "prod", "costCenter": "1", '
    '"dataClassification": "public"}',
}


def blocks(page, language):
    pattern = rf"^ *```{language}\n(.*?)^ *```"
    return re.findall(pattern, (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_example_of_the_components_previews_without_a_problem(preview, program):
    graph = preview(lambda: exec(program, {}), config=CONFIG)  # noqa: S102 our own page

    assert graph.of_type("aws:kms/key:Key")
    assert graph.problems == ()


def test_the_examples_of_tests_pass(preview):
    fixture, test, emulated = BLOCK.findall((ROOT / "docs" / "testing.md").read_text())
    namespace = {}
    exec(test, namespace)  # noqa: S102 our own page

    namespace["test_the_bucket_is_versioned"](preview)
    exec(emulated, namespace)  # noqa: S102 our own page
    namespace["test_the_usage_of_a_key_is_one_that_aws_knows"](preview)

    assert fixture.strip().splitlines()[-1] == 'pytest_plugins = ["bulwark_toolkit.testing"]'


@pytest.mark.parametrize("cloud", ["aws", "azure"])
def test_the_stack_file_of_the_readme_is_a_whole_config(cloud):
    found = [yaml.safe_load(text)["config"] for text in blocks("README.md", "yaml")]
    (values,) = (one for one in found if one["bulwark:cloud"] == cloud)

    as_given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    jsonschema.validate({"config": values}, config.schema())
    assert config.resolve(as_given).config.api.openapi == "openapi/payments.yaml"


@pytest.mark.parametrize("file", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda f: f.name)
def test_the_schema_takes_our_own_stack_files(file):
    jsonschema.validate(yaml.safe_load(file.read_text()), config.schema())


@pytest.mark.parametrize(
    "wrong",
    [
        {"bulwark:kyes": {}},
        {"bulwark:keys": {"rotationDays": 1}},
        {"bulwark:keys": {"rotationDay": 90}},
        {"bulwark:cloud": "gcp"},
    ],
)
def test_the_schema_marks_what_a_run_would_refuse(wrong):
    good = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"config": good | wrong}, config.schema())


def test_the_answers_in_the_documentation_are_read(tmp_path):
    (text,) = blocks("docs/preview.md", "yaml")
    file = tmp_path / "answers.yaml"
    file.write_text(text)

    answers = Lookups.load(Place(), file)

    assert answers.answer("aws:ec2/getVpc:getVpc", {})["id"] == "vpc-1"
    assert answers.stack_outputs("acme/network/prod") == {"vpcId": "vpc-1"}
