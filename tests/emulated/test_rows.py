"""The tables against what they speak of: the classes of pulumi_aws and the models of botocore."""

import importlib
import re

import pytest
from botocore.model import ListShape, MapShape
from botocore.session import get_session
from pulumi._types import resource_pulumi_to_py_names

from bulwark_toolkit.emulated import ROWS
from bulwark_toolkit.emulated.language import names_in

EACH = pytest.mark.parametrize("token", ROWS)
SESSION = get_session()


def properties(token):
    package, path, name = token.split(":")
    part = path.partition("/")[0]
    # Python's own word.
    part = "lambda_" if part == "lambda" else part
    module = importlib.import_module(f"pulumi_{package}.{part}")
    return {"id": "id", **resource_pulumi_to_py_names(getattr(module, name))}


def read_names(row):
    templates = [part for read in row.reads for part in (read.params, read.same)]
    asked = {read.when.name for read in row.reads if read.when}
    return asked | {name for template in templates for name in names_in(template)}


def steps(token):
    for step in (*ROWS[token].calls, *ROWS[token].reads):
        yield step, SESSION.get_service_model(step.service).operation_model(step.operation)


def paths(template, path=""):
    """Every parameter that a template fills."""
    match template:
        case dict():
            for key, part in template.items():
                yield from paths(part, f"{path}.{key}")
        case [part]:
            yield from paths(part, path)
    yield path.strip(".")


def is_in(path, shape):
    path = re.sub(r"\[[0-9]*\]|@", "", path)
    for name in filter(None, path.split(".")):
        while isinstance(shape, ListShape):
            shape = shape.member
        if isinstance(shape, MapShape):  # of any keys: attributes by name
            shape = shape.value
            continue
        shape = getattr(shape, "members", {}).get(name)
    return not path or shape is not None


@EACH
def test_every_property_is_one_that_pulumi_has(token):
    row = ROWS[token]
    gives = {name for call in row.calls for name in call.gives}
    regions = {call.region_of for call in row.calls} - {""}
    named = row.sends | {*row.provider_only} | read_names(row) | gives | regions

    assert named - properties(token).keys() == set()


@EACH
def test_every_parameter_is_one_that_the_service_has(token):
    sent = [(path, op.input_shape) for step, op in steps(token) for path in paths(step.params)]

    assert [path for path, shape in sent if not is_in(path, shape)] == []


@EACH
def test_every_place_in_an_answer_is_one_that_the_service_has(token):
    asked = [
        (place, op.output_shape)
        for step, op in steps(token)
        for place in (getattr(step, "same", {}), *[getattr(step, "gives", {}).values()])
        for place in place
    ]

    assert [place for place, shape in asked if not is_in(place, shape)] == []


@EACH
def test_every_input_is_read_back_or_its_row_says_why_not(token):
    row = ROWS[token]
    excused = {re.split(r"[.\[]", path)[0] for path in row.unread}
    partly = {path.partition("[")[0] for path in row.unread if "[" in path}
    given = {name for call in row.calls for name in call.gives}
    unread = row.knows - {*row.provider_only, "region"} - given - read_names(row)

    assert unread - (excused - partly) == set()


@EACH
def test_every_excuse_is_for_something_that_is_sent(token):
    row = ROWS[token]

    assert {re.split(r"[.\[]", path)[0] for path in row.unread} - row.sends == set()
