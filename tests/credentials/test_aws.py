"""The functions on AWS: what they take, answer, log and count."""

import base64
import io
import json
import types

import pytest
from vault_cases import HOME, OTHER, PASSWORD, test_a_user_lives_through_every_function  # noqa: F401 asked here too

from bulwark_runtime.credentials import aws, settings
from bulwark_runtime.credentials.aws import Settings
from bulwark_runtime.credentials.events import SCHEMAS, problem

PEPPER = base64.b64encode(b"p" * 32).decode()


class Deployed:
    """The functions of one stack, and what they print."""

    def __init__(self, world, store):
        secret = json.dumps({"current": "v1", "peppers": {"v1": PEPPER}})
        world.manager.put_secret_value(SecretId=world.pepper, SecretString=secret)
        self.environment = {
            "BULWARK_USERS_TABLE": world.table("users"),
            "BULWARK_ATTEMPTS_TABLE": world.table("attempts"),
            "BULWARK_PEPPER_ARN": world.pepper,
            "BULWARK_POLICY": '{"presets": ["pci"], "cost": 4}',
            "BULWARK_STORE": store,
            "BULWARK_VAULT": "shop-dev-vault",
        }
        if store == "secrets":
            self.environment["BULWARK_SECRETS_PREFIX"] = f"{world.name}/users/"
        self.logged = io.StringIO()

    def call(self, operation, *, minutes=15, **event):
        context = types.SimpleNamespace(
            aws_request_id="request-1",
            get_remaining_time_in_millis=lambda: minutes * 60_000,
        )
        return getattr(aws, operation)(event, context)

    def lines(self):
        return [json.loads(line) for line in self.logged.getvalue().splitlines()]


@pytest.fixture
def deploy(monkeypatch, world_of, capsys):
    def make(store="table"):
        deployed = Deployed(world_of(store), store)
        for name, value in deployed.environment.items():
            monkeypatch.setenv(name, value)
        aws._vault.cache_clear()
        aws._users.cache_clear()
        (handler,) = aws.logger.handlers
        before.append(handler.setStream(deployed.logged))
        return deployed

    before = []
    yield make
    aws.logger.handlers[0].setStream(before[0])


@pytest.fixture(params=["table", "secrets"])
def deployed(request, deploy):
    return deploy(request.param)


def test_a_hash_is_imported(deployed):
    text = "$2b$04$b0MHMsT3ErLoTRjpjzsCie8qlo36eJ/jTk5MrOz/7.dsq4bFy/bPm"

    assert deployed.call("import_hash", user="ada", hash=text)["outcome"] == "done"


def test_a_weak_password_is_answered_with_its_rules(deployed):
    answer = deployed.call("register", user="ada", password="password")

    assert answer == {
        "outcome": "weak",
        "weaknesses": ("too_short", "letters_and_digits", "guessable"),
    }


def test_a_delay_is_answered_with_its_seconds(deployed):
    for _ in range(5):
        deployed.call("verify", user="ada", password=OTHER, source=HOME)
    answer = deployed.call("verify", user="ada", password=OTHER, source=HOME)

    assert answer["outcome"] == "delayed"
    assert 1790 <= answer["retry_after_seconds"] <= 1800


WRONG = {
    "no user": ({"password": "x"}, "the event: required ['user', 'password']"),
    "no password": ({"user": "ada"}, "the event: required ['user', 'password']"),
    "a number": ({"user": "ada", "password": 1234}, "password: type string"),
    "empty": ({"user": "", "password": "x"}, "user: minLength 1"),
    "endless": ({"user": "ada", "password": "x" * 1025}, "password: maxLength 1024"),
    "an unknown field": (
        {"user": "ada", "password": "x", "hunter2": "x"},
        "the event: additionalProperties only the known",
    ),
    "too many bytes": ({"user": "é" * 200, "password": "x"}, "user: 1 to 256 bytes"),
}


@pytest.mark.parametrize(("event", "wrong"), WRONG.values(), ids=WRONG)
def test_a_wrong_event_is_answered_with_what_is_asked(deploy, event, wrong):
    assert deploy().call("verify", **event) == {"outcome": "invalid", "problem": wrong}


@pytest.mark.parametrize("event", [None, [], "hunter2", 7])
def test_what_is_no_object_is_invalid(event):
    assert problem("verify", event) == "the event: type object"


@pytest.mark.parametrize("operation", SCHEMAS)
def test_no_problem_repeats_a_value(operation):
    planted = "hunter2"
    fields = SCHEMAS[operation]["properties"]
    events = [{name: {planted: planted} for name in fields}, {planted: planted}]
    events += [{**dict.fromkeys(fields, "x" * 16), name: planted * 200} for name in fields]

    found = [problem(operation, event) for event in events]

    assert all(found)
    assert not any(planted in text for text in found)


def test_every_operation_has_a_function_and_a_schema_that_says_what_each_field_is():
    for operation, schema in SCHEMAS.items():
        assert callable(getattr(aws, operation))
        assert schema["additionalProperties"] is False
        for field in schema["properties"].values():
            assert field["description"]


def test_each_operation_is_a_log_line(deploy):
    deployed = deploy()
    deployed.call("register", user="ada", password=PASSWORD)
    deployed.call("verify", user="ada", password=OTHER, source=HOME)

    told = [
        (line["operation"], line["outcome"], line["user"], line.get("reason"), line["request_id"])
        for line in deployed.lines()
    ]
    assert told == [
        ("register", "done", "ada", None, "request-1"),
        ("verify", "refused", "ada", "wrong password", "request-1"),
    ]


def test_no_value_is_logged_or_counted(deploy, capsys):
    deployed = deploy()
    deployed.call("register", user="ada", password=PASSWORD)
    device = deployed.call("verify", user="ada", password=PASSWORD, source=HOME)["device"]
    token = deployed.call("begin_reset", user="ada")["token"]
    deployed.call("verify", user="ada", password=OTHER, device=device, hunter2=OTHER)
    deployed.call("verify", user="ada", password=OTHER * 100)

    text = deployed.logged.getvalue() + capsys.readouterr().out
    assert "invalid event" in text
    for value in (PASSWORD, OTHER, device, token, HOME, PEPPER, "$2b$", "hunter2"):
        assert value not in text


def test_outcomes_are_counted_for_the_service(deploy, capsys):
    deployed = deploy()
    deployed.call("register", user="ada", password=PASSWORD)
    for _ in range(6):
        deployed.call("verify", user="ada", password=OTHER, source=HOME)
    deployed.call("verify", user="ada")

    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = []
    for each in counted:
        (directive,) = each["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Bulwark/Credentials"
        assert sorted(*directive["Dimensions"]) == ["service", "vault"]
        assert (each["service"], each["vault"]) == ("credentials", "shop-dev-vault")
        names += [metric["Name"] for metric in directive["Metrics"]]
    assert names == ["Successes", *["Failures"] * 5, "Lockouts", "InvalidEvents"]


def test_hashes_move_between_the_stores_in_calls_of_any_length(deploy, monkeypatch):
    deployed = deploy("secrets")
    monkeypatch.setenv("BULWARK_STORE", "table")
    aws._vault.cache_clear()
    for number in range(120):
        deployed.call("import_hash", user=f"user-{number}", hash="$2b$04$" + "a" * 53)
    monkeypatch.setenv("BULWARK_STORE", "secrets")
    aws._users.cache_clear()

    first = deployed.call("move_hashes", minutes=0)
    second = deployed.call("move_hashes", cursor=first["cursor"])

    assert (first["done"], first["missed"]) == (100, 0)
    assert second == {"cursor": None, "done": 20, "missed": 0}
    assert deployed.call("count_peppers") == {"cursor": None, "hashes": {"none": 120}}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"BULWARK_USERS_TABLE": ""}, "BULWARK_USERS_TABLE is missing"),
        ({"BULWARK_STORE": "drawer"}, "BULWARK_STORE: table or secrets"),
        ({"BULWARK_STORE": "secrets"}, "BULWARK_SECRETS_PREFIX is missing: the store is secrets"),
        ({"BULWARK_POLICY": "{"}, "BULWARK_POLICY: it is not a JSON object"),
        ({"BULWARK_POLICY": "[]"}, "BULWARK_POLICY: it is not a JSON object"),
        ({"BULWARK_POLICY": '{"cost": 99}'}, "BULWARK_POLICY: cost: 4 to 16; got 99"),
        (
            {"BULWARK_SECRETS_PREFIX": "x/", "BULWARK_PEPPER_ARN": ""},
            "BULWARK_PEPPER_ARN is missing: it is read for users who do not exist",
        ),
        ({"BULWARK_RANGE_SERVICE": "http://x"}, "BULWARK_RANGE_SERVICE: an https address"),
    ],
)
def test_a_wrong_variable_is_named(changes, problem):
    good = {"BULWARK_USERS_TABLE": "users", "BULWARK_ATTEMPTS_TABLE": "attempts"}
    with pytest.raises(ValueError, match="BULWARK_") as error:
        Settings.read(good | changes)

    assert str(error.value) == problem


def test_every_variable_is_documented():
    import ast
    import inspect

    documented = {
        node.value.value.split(":")[0]
        for source in (Settings, settings.Common)
        for node in ast.walk(ast.parse(inspect.getsource(source)))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    read = {
        node.value
        for module in (aws, settings)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("BULWARK_")
        and node.value.replace("_", "").isalpha()
    }
    assert read <= documented


def test_the_pepper_is_read_at_its_current_stage(deploy, account, monkeypatch):
    asked = []
    manager = account[1]
    real = manager.get_secret_value
    monkeypatch.setattr(
        manager, "get_secret_value", lambda **more: asked.append(more) or real(**more)
    )
    deploy().call("register", user="ada", password=PASSWORD)

    assert [more.get("VersionStage") for more in asked] == ["AWSCURRENT"]


def test_disable_enable_and_delete_need_no_pepper(deploy, monkeypatch):
    deployed = deploy()
    deployed.call("register", user="ada", password=PASSWORD)
    monkeypatch.delenv("BULWARK_PEPPER_ARN")
    aws._vault.cache_clear()

    for operation in ("disable", "enable", "delete", "delete"):
        assert deployed.call(operation, user="ada")["outcome"] == "done"
    assert deployed.lines()[-1]["user"] == "unknown"
