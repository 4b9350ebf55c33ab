"""Functions run in Lambda's own runtime, from the zip that is deployed."""

import os

import pytest

from bulwark_toolkit.lambda_runtime import FunctionError, running
from pulumi_bulwark.function import Package

pytestmark = pytest.mark.e2e

ECHO = Package("echo", folder="tests/runtime/functions/echo")
HANDLER = "main.handler"


def test_a_function_answers(lambda_runtime):
    invoke = lambda_runtime(ECHO, HANDLER)

    assert invoke({"a": 1})["event"] == {"a": 1}


def test_it_has_its_own_environment_and_nothing_of_ours(lambda_runtime, monkeypatch):
    monkeypatch.setenv("GREETING_OF_THE_TEST", "hello")
    invoke = lambda_runtime(ECHO, HANDLER, {"GREETING": "hi"})

    assert invoke({})["environment"] == {"GREETING": "hi"}


def test_what_it_raises_is_told(lambda_runtime):
    invoke = lambda_runtime(ECHO, HANDLER)

    with pytest.raises(FunctionError) as error:
        invoke({"raise": "no such account"})

    assert (error.value.kind, error.value.message) == ("ValueError", "no such account")


def test_it_goes_on_after_an_error(lambda_runtime):
    invoke = lambda_runtime(ECHO, HANDLER)

    with pytest.raises(FunctionError):
        invoke({"raise": "once"})

    assert invoke({"a": 1})["event"] == {"a": 1}


def test_a_call_that_takes_too_long_is_ended(lambda_runtime):
    invoke = lambda_runtime(ECHO, HANDLER, timeout_seconds=1)

    with pytest.raises(FunctionError) as error:
        invoke({"sleep": 30})

    assert error.value.kind == "Timeout"


def test_it_knows_how_much_time_is_left(lambda_runtime):
    invoke = lambda_runtime(ECHO, HANDLER, timeout_seconds=5)

    assert 0 < invoke({})["remaining_ms"] <= 5000


def test_what_it_prints_is_in_its_log(lambda_runtime):
    invoke = lambda_runtime(ECHO, HANDLER)
    invoke({"log": "a line of its own"})

    assert "a line of its own" in invoke.logged()


def test_two_functions_run_side_by_side(lambda_runtime):
    one = lambda_runtime(ECHO, HANDLER, {"GREETING": "one"})
    other = lambda_runtime(ECHO, HANDLER, {"GREETING": "other"})

    assert one({})["environment"]["GREETING"] == "one"
    assert other({})["environment"]["GREETING"] == "other"


def test_nothing_of_it_is_left_when_it_ends(lambda_parts, packaged):
    with running(packaged(ECHO), HANDLER, lambda_parts) as invoke:
        invoke({})

    with pytest.raises(ProcessLookupError):
        os.killpg(invoke.pid, 0)
    assert not invoke.log.exists()
