"""What docs/waf.md tells people to write and to type is right."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from botocore import xform_name
from botocore.session import get_session

from pulumi_bulwark.waf import WafSpec, without_an_end

PAGE = (Path(__file__).parents[2] / "docs" / "waf.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def settings():
    found = [yaml.load(text, yaml.BaseLoader) for text in blocks("yaml")]  # noqa: S506 all is text
    return [block["bulwark:waf"] for block in found if "bulwark:waf" in block]


def typed(value):
    """Numbers as a stack file has them; dates and the rest are text."""
    match value:
        case dict():
            return {key: typed(item) for key, item in value.items()}
        case list():
            return [typed(item) for item in value]
        case str() if value.isdecimal():
            return int(value)
    return value


COMMANDS = [
    shlex.split(line)
    for text in blocks("sh")
    for line in text.replace("\\\n", "").splitlines()
    if line.startswith("aws ")
]


@pytest.mark.parametrize("block", settings(), ids=lambda block: next(iter(block)))
def test_an_example_is_one_that_prod_takes(block):
    spec = WafSpec.load("bulwark:waf", typed(block))

    assert spec != WafSpec()
    assert list(without_an_end(spec, "prod")) == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[2])
def test_a_command_is_one_that_aws_has(command):
    _, service, name, *arguments = command
    model = get_session().get_service_model(service)
    (operation,) = [o for o in model.operation_names if xform_name(o, "-") == name]
    parameters = {
        f"--{xform_name(parameter, '-')}": shape
        for parameter, shape in model.operation_model(operation).input_shape.members.items()
    }

    given = {argument for argument in arguments if argument.startswith("--")}
    assert given - {"--region"} <= parameters.keys()
    required = model.operation_model(operation).input_shape.required_members
    assert {f"--{xform_name(parameter, '-')}" for parameter in required} <= given


def test_every_kind_of_condition_is_named():
    from pulumi_bulwark.waf import ConditionSpec, TextMatchSpec

    named = set(re.findall(r"`(\w+)`", PAGE))
    aliases = {
        field.alias
        for spec in (ConditionSpec, TextMatchSpec)
        for field in spec.model_fields.values()
    }
    assert aliases - named == set()


def test_there_are_examples_and_commands():
    assert len(settings()) >= 6
    assert {command[2] for command in COMMANDS} >= {"get-ip-set", "update-ip-set"}
