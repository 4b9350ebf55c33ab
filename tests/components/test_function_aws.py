import json
from contextvars import copy_context
from datetime import UTC, datetime
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.runtime.settings import Settings

from bulwark_toolkit.preview import Archive
from pulumi_bulwark.errors import ConfigError
from pulumi_bulwark.function import FunctionSpec, Package, SignedObject, packaged
from pulumi_bulwark.function.aws import AwsFunction, AwsFunctionArgs, AwsNetwork
from pulumi_bulwark.function.aws_invoker import Invoker
from pulumi_bulwark.log_group.aws import AwsLogStore

ACCOUNT = "123456789012"
REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/data"
LOGS_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/logs"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:it"
STORE = AwsLogStore(
    account_id=ACCOUNT,
    region=REGION,
    partition="aws",
    key_arn=LOGS_KEY,
    retention_days=400,
    access_logs_id="access-logs",
    deletion_protection=True,
)
SCHEDULE = Invoker(name="nightly", principal="events.amazonaws.com", source_arn=RULE)
NETWORK = AwsNetwork(subnet_ids=["subnet-1", "subnet-2"], security_group_ids=["sg-1"])


def args(**changes):
    settings = {
        "spec": FunctionSpec(),
        "description": "Does it",
        "code": Package("rotation"),
        "handler": "bulwark_runtime.rotation.aws.handler",
        "store": STORE,
        "key_arn": KEY,
        "boundary_arn": BOUNDARY,
    }
    return AwsFunctionArgs(**settings | changes)


@pytest.fixture
def function(preview):
    def build(name="it", *, rendered=True, **changes):
        graph = preview(
            lambda: AwsFunction(name, args(**changes)),
            rendered=rendered,
            project="pay",
            stack="dev",
        )
        assert graph.problems == ()
        return graph

    return build


@pytest.fixture
def problems(function):
    def refused(**changes):
        with pytest.raises(ConfigError) as error:
            function(**changes)
        return error.value.problems

    return refused


def only(graph, token):
    (found,) = graph.of_type(token)
    return found


def the_function(graph):
    return only(graph, "aws:lambda/function:Function")


def may(graph):
    policy = only(graph, "aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    return {s["Sid"]: s for s in json.loads(policy)["Statement"]}


def test_it_runs_on_arm_and_a_pinned_runtime(function):
    inputs = the_function(function()).inputs

    assert inputs["architectures"] == ["arm64"]
    assert inputs["runtime"] == "python3.13"


def test_its_log_group_is_made_first_with_a_key_and_a_retention(function):
    graph = function(rendered=False)

    group = only(graph, "aws:cloudwatch/logGroup:LogGroup")
    assert group.inputs["kmsKeyId"] == LOGS_KEY
    assert group.inputs["retentionInDays"] == 400
    config = the_function(graph).inputs["loggingConfig"]
    assert config["logGroup"].waits_for == (group.urn,)
    assert config["logFormat"] == "JSON"


def test_its_role_may_write_its_own_log_and_traces_and_no_more(function):
    graph = function()

    assert set(may(graph)) == {"WriteLog", "Trace"}
    group = only(graph, "aws:cloudwatch/logGroup:LogGroup").outputs["arn"]
    assert may(graph)["WriteLog"]["Resource"] == f"{group}:log-stream:*"
    assert "logs:CreateLogGroup" not in may(graph)["WriteLog"]["Action"]


def test_what_it_names_is_added_to_what_its_role_may(function):
    read = {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
    }

    assert may(function(statements=[read]))["Read"] == read


def test_its_role_is_inside_the_boundary_and_for_lambda_in_this_account_only(function):
    role = only(function(), "aws:iam/role:Role").inputs

    assert role["permissionsBoundary"] == BOUNDARY
    (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_it_waits_for_the_permissions_of_its_role(function):
    graph = function(rendered=False)

    policy = only(graph, "aws:iam/rolePolicy:RolePolicy")
    assert policy.urn in the_function(graph).inputs["role"].waits_for


def test_without_tracing_it_says_so(function):
    graph = function(spec=FunctionSpec(tracing=False))

    assert the_function(graph).inputs["tracingConfig"] == {"mode": "PassThrough"}
    assert "Trace" not in may(graph)
    assert [n.text.partition(" ")[0] for n in graph.notes if n.kind == "loosened"] == [
        "function.tracing"
    ]


def test_its_environment_is_encrypted_with_the_key(function):
    inputs = the_function(function(environment={"LEVEL": "high"})).inputs

    assert inputs["environment"] == {"variables": {"LEVEL": "high"}}
    assert inputs["kmsKeyArn"] == KEY


def test_without_an_environment_there_is_no_key_that_lambda_would_forget(function):
    inputs = the_function(function()).inputs

    assert "environment" not in inputs
    assert "kmsKeyArn" not in inputs


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("dbPassword", "hunter2"),
        ("API_KEY", "hunter2"),
        ("HEADER", "-----BEGIN RSA PRIVATE KEY-----"),
        ("ACCESS", "AKIAIOSFODNN7EXAMPLE"),
        ("DATABASE", "postgres://me:hunter2@db/pay"),
        ("SESSION", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc"),
    ],
)
def test_a_secret_in_the_environment_is_refused_without_a_word_of_it(problems, name, value):
    (line,) = problems(environment={name: value})

    assert line.startswith(f"function: the environment variable {name} looks like a secret")
    assert value not in line


def test_what_pulumi_keeps_secret_is_refused_in_the_environment(preview):
    def program():
        AwsFunction("it", args(environment={"INNOCENT": pulumi.Output.secret("hunter2")}))

    with pytest.raises(ConfigError) as error:
        preview(program)

    (line,) = error.value.problems

    assert line.startswith("function: the environment variable INNOCENT is a secret of Pulumi's")
    assert "hunter2" not in line


def test_what_only_the_cloud_knows_may_be_in_the_environment(preview):
    def program():
        table = aws.dynamodb.Table("table", attributes=[{"name": "id", "type": "S"}], hash_key="id")
        AwsFunction("it", args(environment={"TABLE": table.name}))

    graph = preview(program, rendered=True)
    (table,) = graph.of_type("aws:dynamodb/table:Table")

    variables = the_function(graph).inputs["environment"]["variables"]
    assert variables == {"TABLE": table.outputs["name"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_SECRET", SECRET),
        ("DB_SECRET_ARN", "not known yet"),
        ("TOKEN_URL", "https://example.com/token"),
        ("PASSWORD_LENGTH", "12"),
        ("TABLE_KEY", "id"),
    ],
)
def test_where_a_secret_is_may_be_in_the_environment(function, name, value):
    variables = the_function(function(environment={name: value})).inputs["environment"]

    assert variables == {"variables": {name: value}}


def test_lambdas_own_variables_and_names_it_refuses_are_told(problems):
    lines = problems(environment={"AWS_REGION": "x", "9TH": "x", "A": "x"})

    assert [line.partition("variable ")[2].split()[0] for line in lines] == [
        "AWS_REGION",
        "9TH",
        "A",
    ]


def test_an_environment_that_lambda_has_no_room_for_is_refused(problems, function):
    function(environment={"AB": "x" * 4094})

    (line,) = problems(environment={"AB": "x" * 4095})
    assert "4,097 bytes" in line


def test_who_may_call_it_is_held_to_a_source(function):
    graph = function(invokers=[SCHEDULE], asynchronous=True)

    permission = only(graph, "aws:lambda/permission:Permission").inputs
    assert permission["principal"] == "events.amazonaws.com"
    assert permission["sourceArn"] == RULE


@pytest.mark.parametrize(
    ("invoker", "says"),
    [
        (Invoker(name="x", principal="apigateway.amazonaws.com"), "whoever asks it"),
        (Invoker(name="x", principal="*"), "everybody"),
        (
            Invoker(name="x", principal="secretsmanager.amazonaws.com", source_arn=SECRET),
            "source_account",
        ),
    ],
)
def test_an_invoker_that_would_let_strangers_in_is_refused(problems, invoker, says):
    (line,) = problems(invokers=[invoker])

    assert says in line


def test_a_bucket_that_anybody_could_own_after_us_is_held_to_the_account(problems, function):
    bucket = {"name": "x", "principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::b"}

    (line,) = problems(invokers=[Invoker(**bucket)], asynchronous=True)
    assert "source_account" in line
    function(invokers=[Invoker(**bucket, source_account=ACCOUNT)], asynchronous=True)


def test_an_account_or_a_role_needs_no_source(function):
    graph = function(invokers=[Invoker(name="app", principal=f"arn:aws:iam::{ACCOUNT}:role/app")])

    assert "sourceArn" not in only(graph, "aws:lambda/permission:Permission").inputs


def test_who_takes_its_arn_waits_for_the_permissions_to_call_it(function):
    graph = function(invokers=[SCHEDULE], asynchronous=True, rendered=False)

    waits = graph["it"].outputs["arn"].waits_for
    assert only(graph, "aws:lambda/permission:Permission").urn in waits


def test_who_does_not_wait_for_an_answer_needs_a_place_for_failures(problems):
    (line,) = problems(invokers=[SCHEDULE])

    assert "Set asynchronous" in line


def test_what_an_asynchronous_function_cannot_handle_is_kept_encrypted(function):
    graph = function(asynchronous=True)

    queue = only(graph, "aws:sqs/queue:Queue")
    assert queue.inputs["kmsMasterKeyId"] == KEY
    assert queue.inputs["messageRetentionSeconds"] == 14 * 86_400
    calls = only(graph, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").inputs
    assert calls["destinationConfig"] == {"onFailure": {"destination": queue.outputs["arn"]}}
    assert graph["it"].outputs["failuresQueueArn"] == queue.outputs["arn"]


def test_it_may_send_to_its_own_failure_queue_only_and_use_the_key_only_for_that(function):
    graph = function(asynchronous=True)

    queue = only(graph, "aws:sqs/queue:Queue").outputs["arn"]
    assert may(graph)["KeepFailures"]["Resource"] == queue
    encrypt = may(graph)["EncryptFailures"]
    assert encrypt["Resource"] == KEY
    assert encrypt["Condition"] == {"StringLike": {"kms:ViaService": f"sqs.{REGION}.*"}}


def test_a_function_that_is_waited_for_has_no_queue(function):
    graph = function()

    assert graph.of_type("aws:sqs/queue:Queue") == []
    assert graph["it"].outputs.get("failuresQueueArn") is None


def test_errors_and_throttles_raise_an_alarm(function):
    graph = function(alarm_topic_arns=[TOPIC])

    alarms = [a.inputs for a in graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")]
    assert {a["metricName"] for a in alarms} == {"Errors", "Throttles"}
    assert all(a["alarmActions"] == [TOPIC] for a in alarms)
    assert all(
        a["dimensions"] == {"FunctionName": the_function(graph).outputs["name"]} for a in alarms
    )


def test_events_that_wait_or_are_lost_raise_an_alarm(function):
    graph = function(alarm_topic_arns=[TOPIC], asynchronous=True)

    alarms = [a.inputs for a in graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")]
    assert {a["metricName"] for a in alarms} == {
        "Errors",
        "Throttles",
        "DestinationDeliveryFailures",
        "ApproximateNumberOfMessagesVisible",
    }


def test_without_anybody_to_tell_there_is_no_alarm(function):
    assert function().of_type("aws:cloudwatch/metricAlarm:MetricAlarm") == []


def test_it_reserves_no_concurrency_unless_asked(function):
    assert the_function(function()).inputs["reservedConcurrentExecutions"] == -1
    asked = function(spec=FunctionSpec(reserved_concurrency=5))
    assert the_function(asked).inputs["reservedConcurrentExecutions"] == 5


def test_in_a_network_lambda_may_make_interfaces_and_its_code_may_not(function):
    graph = function(network=NETWORK)

    assert the_function(graph).inputs["vpcConfig"] == {
        "subnetIds": ["subnet-1", "subnet-2"],
        "securityGroupIds": ["sg-1"],
    }
    denied = may(graph)["CodeUsesNoNetworkCalls"]
    assert denied["Effect"] == "Deny"
    assert denied["Action"] == may(graph)["UseNetwork"]["Action"]
    (pattern,) = denied["Condition"]["ArnLike"].values()
    assert pattern == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:it-function-*"


def test_a_network_of_one_zone_or_without_a_group_is_refused(problems):
    lines = problems(network=AwsNetwork(subnet_ids=["subnet-1"], security_group_ids=[]))

    assert len(lines) == 2


def test_a_name_that_others_know_is_taken_as_it_is(function, problems):
    assert the_function(function(function_name="known")).inputs["name"] == "known"
    (line,) = problems(function_name="n" * 65)
    assert "65 characters" in line


def test_a_name_that_is_too_long_for_lambda_is_cut(function):
    made = the_function(function("n" * 90))

    assert len(made.name) + len("-1234567") <= 64


@pytest.mark.parametrize("words", ["", "x" * 257])
def test_a_description_that_lambda_has_no_room_for_is_refused(problems, words):
    (line,) = problems(description=words)
    assert f"{len(words)} characters" in line


def test_more_layers_than_lambda_takes_are_refused(problems):
    layer = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:it:1"

    (line,) = problems(layer_arns=[layer] * 6)
    assert "6 layers" in line


def test_a_runtime_that_aws_mends_no_longer_is_told_and_stops_nothing(function, monkeypatch):
    after = datetime(2028, 11, 1, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(after.timestamp())))

    def told(runtime):
        graph = function(spec=FunctionSpec(runtime=runtime))
        return [note.text for note in graph.notes if note.kind == "overdue"]

    assert told("python3.13") == []
    (line,) = told("python3.12")
    assert line.startswith("function.runtime is python3.12, which AWS mends no longer since 2028")


def test_every_problem_is_told_at_once(problems):
    lines = problems(environment={"DB_PASSWORD": "hunter2"}, invokers=[SCHEDULE])

    assert len(lines) == 2


class TestCode:
    @pytest.fixture(autouse=True)
    def project(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        self.folder = tmp_path / "payouts"
        self.folder.mkdir()
        (self.folder / "main.py").write_text("def handler(event, context): ...\n")

    def digest(self, graph):
        code = the_function(graph).inputs["code"]
        assert isinstance(code, Archive)
        return code.digest

    def test_the_preview_of_a_package_needs_no_build(self, function):
        assert not Path("build").exists()
        assert self.digest(function()).startswith("sha256:")

    def test_the_preview_of_a_package_is_the_same_once_it_is_built(self, function):
        before = self.digest(function())
        file = Path("build", "functions", "rotation-python3.13-arm64.zip")
        file.parent.mkdir(parents=True)
        file.write_bytes(b"whatever")

        assert self.digest(function()) == before

    def test_a_package_of_ones_own_changes_with_its_code_and_its_pins(self, function):
        def seen():
            return self.digest(function(code=Package("payouts", folder="payouts")))

        first = seen()
        (self.folder / "main.py").write_text("def handler(event, context): return 1\n")
        second = seen()
        (self.folder / "requirements.txt").write_text("idna==3.11\n")
        assert len({first, second, seen()}) == 3

    def test_a_package_does_not_change_with_caches(self, function):
        before = self.digest(function(code=Package("payouts", folder="payouts")))
        (self.folder / "__pycache__").mkdir()
        (self.folder / "__pycache__" / "main.cpython-313.pyc").write_bytes(b"x")

        assert self.digest(function(code=Package("payouts", folder="payouts"))) == before

    def test_a_folder_does_not_change_with_caches(self, function):
        before = self.digest(function(code="payouts"))
        (self.folder / "__pycache__").mkdir()
        (self.folder / "__pycache__" / "main.cpython-313.pyc").write_bytes(b"x")

        assert self.digest(function(code="payouts")) == before

    def test_a_zip_is_taken_as_it_is(self, function):
        Path("it.zip").write_bytes(b"one")
        before = self.digest(function(code="it.zip"))
        Path("it.zip").write_bytes(b"two")

        assert self.digest(function(code="it.zip")) != before

    def test_signed_code_comes_from_a_bucket(self, function):
        signing = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-1"
        code = SignedObject("signed", "it.zip", "3")

        inputs = the_function(function(code=code, code_signing_config_arn=signing)).inputs

        assert (inputs["s3Bucket"], inputs["s3Key"], inputs["s3ObjectVersion"]) == (
            "signed",
            "it.zip",
            "3",
        )
        assert inputs["codeSigningConfigArn"] == signing

    def test_code_that_nobody_signed_is_refused_where_signatures_are_asked_for(self, problems):
        signing = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-1"

        (line,) = problems(code_signing_config_arn=signing)
        assert "SignedObject" in line

    def test_a_package_is_of_python(self, problems):
        (line,) = problems(spec=FunctionSpec(runtime="nodejs24.x"))

        assert "packages are of Python" in line

    def test_code_of_another_language_comes_as_a_zip(self, function):
        Path("it.zip").write_bytes(b"one")
        spec = FunctionSpec(runtime="nodejs24.x")

        assert the_function(function(code="it.zip", spec=spec)).inputs["runtime"] == "nodejs24.x"

    def test_an_engine_is_at_an_address_and_anything_else_is_an_object(self):
        def monitor():
            return Settings("project", "stack", monitor="127.0.0.1:1").monitor

        # In a context of its own: what the SDK is told, it is told for the context it is told in.
        made = copy_context().run(monitor)

        assert isinstance(made, packaged.ResourceMonitorStub)
        assert not packaged.an_engine_listens()

    def test_a_job_or_folder_that_is_not_there_is_refused(self, problems):
        (job,) = problems(code=Package("rotatoin"))
        (folder,) = problems(code=Package("pay", folder="pay"))

        assert "no job rotatoin" in job
        assert "no folder pay" in folder
