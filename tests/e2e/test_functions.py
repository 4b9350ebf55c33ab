"""The engine deploys functions from their packages, and says what to do where there is none."""

import subprocess

import pytest

pytestmark = pytest.mark.e2e

PROGRAM = """
import pulumi
from pulumi_bulwark.function import FunctionSpec, Package
from pulumi_bulwark.function.aws import AwsFunction, AwsFunctionArgs
from pulumi_bulwark.function.aws_invoker import Invoker
from pulumi_bulwark.log_group.aws import AwsLogStore

account, region = "123456789012", "us-east-1"
key = f"arn:aws:kms:{region}:{account}:key/00000000-0000-0000-0000-000000000000"
store = AwsLogStore(
    account_id=account, region=region, partition="aws", key_arn=key, retention_days=400,
    access_logs_id="access-logs", deletion_protection=False,
)
made = AwsFunction(
    "payouts",
    AwsFunctionArgs(
        spec=FunctionSpec(),
        description="Pays out",
        code=Package("payouts", folder="payouts"),
        handler="main.handler",
        store=store,
        key_arn=key,
        boundary_arn=f"arn:aws:iam::{account}:policy/boundary",
        environment={"LEVEL": "high"},
        invokers=[Invoker(
            name="nightly", principal="events.amazonaws.com",
            source_arn=f"arn:aws:events:{region}:{account}:rule/nightly",
        )],
        asynchronous=True,
        alarm_topic_arns=[f"arn:aws:sns:{region}:{account}:alarms"],
    ),
)
pulumi.export("arn", made.arn)
"""
CODE = "def handler(event, context):\n    return event\n"
NOT_PACKAGED = "function: payouts is not packaged yet; run `bulwark package payouts`."
CHANGED = (
    "function: payouts has changed since it was packaged; run `bulwark package payouts` again."
)


@pytest.fixture
def project(program, text):
    made = program(text)
    (made.folder / "payouts").mkdir()
    (made.folder / "payouts" / "main.py").write_text(CODE)
    return made


@pytest.fixture
def text():
    return PROGRAM


@pytest.fixture
def package(project, repository):
    def run():
        command = [repository / ".venv" / "bin" / "bulwark", "package", "payouts"]
        subprocess.run(command, cwd=project.folder, check=True, capture_output=True)

    return run


def test_without_its_package_the_engine_says_so_in_one_sentence(project):
    failed = project.preview_text(fails=True)

    assert [line.strip() for line in failed.text.splitlines()].count(f"error: {NOT_PACKAGED}") == 1
    assert "Traceback" not in failed.text


def test_nothing_is_made_of_a_function_that_has_no_package(project):
    assert NOT_PACKAGED in project.up(fails=True).errors
    assert project.cloud("create") == []


def test_the_offline_preview_needs_no_package(project, repository):
    command = [repository / ".venv" / "bin" / "bulwark", "preview", "-s", "dev"]

    shown = subprocess.run(command, cwd=project.folder, check=True, capture_output=True, text=True)

    assert "payouts-function" in shown.stdout


def test_with_its_package_it_is_deployed_and_the_next_run_changes_nothing(project, package):
    package()
    project.up()

    assert project.up().changes == {}


def test_a_package_that_is_made_again_changes_nothing(project, package):
    package()
    project.up()
    (made,) = (project.folder / "build" / "functions").glob("*.zip")
    made.unlink()
    package()

    assert project.up().changes == {}


def test_code_that_changed_since_it_was_packaged_is_not_deployed(project, package):
    package()
    project.up()
    (project.folder / "payouts" / "main.py").write_text(CODE.replace("return event", "return 1"))

    assert CHANGED in project.up(fails=True).errors
    package()
    assert project.up().changes == {"update": 1}
    assert [e["name"] for e in project.cloud("update")] == ["payouts-function"]


def test_the_function_is_made_after_its_log_group_and_permissions(project, package):
    package()
    project.up()

    order = [entry["name"] for entry in project.cloud("create")]
    function = order.index("payouts-function")
    assert order.index("payouts-log-group") < function
    assert order.index("payouts-execution-policy") < function
    assert function < order.index("payouts-from-nightly")
    assert order.index("payouts-failures-policy") < order.index("payouts-calls")


@pytest.mark.parametrize(
    "text", [PROGRAM.replace('"high"', 'pulumi.Output.secret("pLaNtEd")')], ids=["secret"]
)
def test_a_secret_in_the_environment_stops_the_run_and_is_not_shown(project, package):
    package()

    failed = project.preview_text(fails=True)

    assert "the environment variable LEVEL is a secret of Pulumi's" in failed.text
    assert "pLaNtEd" not in failed.text
    assert "Traceback" not in failed.text
