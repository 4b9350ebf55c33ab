"""Functions run in Lambda's own runtime, from the zip that is deployed."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from real_lambda import HERE

from bulwark_toolkit.lambda_runtime import FunctionError, running
from bulwark_toolkit.packaging import build
from pulumi_bulwark.function import Package

pytestmark = pytest.mark.e2e

ECHO = Package("echo", folder="tests/runtime/functions/echo")
PAYS = Path(__file__).parents[1] / "packaging" / "pays"
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


def test_a_handler_that_is_not_in_the_package_is_told(lambda_runtime):
    invoke = lambda_runtime(ECHO, "elsewhere.handler")

    with pytest.raises(FunctionError) as error:
        invoke({})

    assert error.value.kind == "Runtime.ImportModuleError"


def test_a_package_for_another_machine_does_not_run(lambda_parts, tmp_path):
    shutil.copytree(PAYS, tmp_path / "pays")
    other = replace(HERE, architecture="arm64" if HERE.architecture == "x86_64" else "x86_64")
    made = build(Package("pays", folder="pays"), other, tmp_path)

    with (
        running(made.path, HANDLER, lambda_parts) as invoke,
        pytest.raises(FunctionError) as error,
    ):
        invoke({})

    assert error.value.kind == "Runtime.ImportModuleError"


def test_machine_code_of_its_twin_for_this_machine_runs(lambda_runtime):
    invoke = lambda_runtime(Package("pays", folder="tests/packaging/pays"), HANDLER)

    assert invoke({})["checked"] is True


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
