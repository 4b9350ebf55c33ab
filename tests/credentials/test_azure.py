"""The functions on Azure: who may ask for what, what they take, answer and log."""

import ast
import base64
import inspect
import json
import logging
import re
import types

import azure.functions as func
import pytest
from azure.core.exceptions import HttpResponseError
from vault_cases import HOME, OTHER, PASSWORD, test_a_user_lives_through_every_function  # noqa: F401 asked here too

from bulwark_runtime.credentials import azure, azure_functions, settings
from bulwark_runtime.credentials.azure import Settings
from bulwark_runtime.credentials.documents import Document
from bulwark_runtime.credentials.events import SCHEMAS

PEPPER = base64.b64encode(b"p" * 32).decode()
CALLER = "00000000-0000-0000-0000-00000000000c"
STRANGER = "00000000-0000-0000-0000-00000000000d"
OPERATIONS = [name.replace("_", "-") for name in SCHEMAS] + ["count-peppers", "move-hashes"]


class Deployed:
    """The apps of one stack, as one; `environment` is what they are told."""

    def __init__(self, world, store):
        world.manager.set_secret("pepper", json.dumps({"current": "v1", "peppers": {"v1": PEPPER}}))
        self.world = world
        self.environment = {
            "BULWARK_TABLES": world.tables.url,
            "BULWARK_USERS_TABLE": world.table("users"),
            "BULWARK_ATTEMPTS_TABLE": world.table("attempts"),
            "BULWARK_OPERATIONS": json.dumps({name: [CALLER] for name in OPERATIONS}),
            "BULWARK_DROPS_EXPIRED": "true",
            "BULWARK_PEPPER_URI": f"{world.vault_of_hashes.url}/secrets/pepper",
            "BULWARK_POLICY": '{"presets": ["pci"], "cost": 4}',
            "BULWARK_STORE": store,
            "BULWARK_VAULT": "shop-dev-vault",
        }
        if store == "secrets":
            self.environment["BULWARK_HASHES_URI"] = world.vault_of_hashes.url
        self.apps = {}

    @property
    def functions(self):
        told = json.dumps(self.environment)
        if told not in self.apps:
            app = azure_functions.app_of(Settings.read(self.environment))
            self.apps[told] = {one.get_function_name(): one for one in app.get_functions()}
        return self.apps[told]

    def send(self, operation, body, caller=CALLER):
        """Status and answer."""
        headers = {} if caller is None else {"X-MS-CLIENT-PRINCIPAL-ID": caller}
        request = func.HttpRequest(method="POST", url="/", headers=headers, body=body)
        answer = self.functions[operation].get_user_function()(request, CONTEXT)
        return answer.status_code, json.loads(answer.get_body())

    def call(self, operation, **event):
        status, answer = self.send(operation, json.dumps(event).encode())
        assert status == (400 if answer.get("outcome") == "invalid" else 200)
        return answer


CONTEXT = types.SimpleNamespace(invocation_id="request-1")


@pytest.fixture
def deploy(azure_secrets_world, azurite, monkeypatch):
    monkeypatch.setattr(azure, "_identity", lambda client_id: azurite.options["credential"])
    here = {"connection_verify": str(azurite.trust), "retry_backoff_factor": 0}
    monkeypatch.setattr(azure, "PATIENCE", {**azure.PATIENCE, **here})
    yield lambda store="table": Deployed(azure_secrets_world, store)
    azure._secrets.cache_clear()


@pytest.fixture(params=["table", "secrets"])
def deployed(request, deploy):
    return deploy(request.param)


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "bulwark.credentials")
    return lambda: [json.loads(message) for message in caplog.messages]


def test_a_name_that_was_deleted_can_be_taken_again(deployed):
    """Though Key Vault keeps what was deleted, and its name."""
    for password in (PASSWORD, OTHER + " 9"):
        assert deployed.call("register", user="ada", password=password)["outcome"] == "done"
        assert deployed.call("verify", user="ada", password=password)["outcome"] == "done"
        assert deployed.call("delete", user="ada")["outcome"] == "done"


@pytest.mark.parametrize("caller", [STRANGER, "", None])
def test_who_is_not_named_is_refused_before_anything_is_looked_at(deploy, caller, lines):
    deployed = deploy()
    event = json.dumps({"user": "ada", "password": PASSWORD}).encode()

    assert deployed.send("register", event, caller) == (403, {"outcome": "forbidden"})

    assert deployed.call("verify", user="ada", password=PASSWORD)["outcome"] == "refused"
    assert lines()[0] == {
        "level": "WARNING",
        "message": "forbidden",
        "service": "credentials",
        "vault": "shop-dev-vault",
        "request_id": "request-1",
        "operation": "register",
    }


def test_who_may_call_one_operation_may_not_call_another(deploy):
    deployed = deploy()
    deployed.environment["BULWARK_OPERATIONS"] = json.dumps(
        {"verify": [CALLER], "delete": [STRANGER]}
    )
    event = json.dumps({"user": "ada"}).encode()

    assert deployed.send("delete", event)[0] == 403
    assert deployed.send("delete", event, STRANGER)[0] == 200


def test_an_app_has_only_the_functions_that_it_is_told(deploy):
    deployed = deploy()
    deployed.environment["BULWARK_OPERATIONS"] = json.dumps({"begin-reset": [CALLER]})
    del deployed.environment["BULWARK_DROPS_EXPIRED"]

    assert list(deployed.functions) == ["begin_reset"]


def test_each_operation_has_a_route_of_its_name_that_takes_posts(deploy):
    ways_in = {
        name: function.get_trigger().get_dict_repr()
        for name, function in deploy().functions.items()
    }

    assert ways_in.pop("drop_expired")["schedule"] == "0 17 * * * *"
    assert {name: way["route"] for name, way in ways_in.items()} == {
        name.replace("-", "_"): name for name in OPERATIONS
    }
    assert all(way["methods"] == [func.HttpMethod.POST] for way in ways_in.values())


@pytest.mark.parametrize("body", [b"", b"hunter2", b"[]", b"\xff"])
def test_what_is_no_object_of_json_is_invalid(deploy, body):
    assert deploy().send("verify", body) == (
        400,
        {"outcome": "invalid", "problem": "the event: type object"},
    )


def test_a_wrong_event_is_answered_with_what_is_asked(deploy):
    answer = deploy().call("verify", user="ada", password=1234)

    assert answer == {"outcome": "invalid", "problem": "password: type string"}


def test_each_operation_is_a_log_line_with_its_metric(deploy, lines):
    deployed = deploy()
    deployed.call("register", user="ada", password=PASSWORD)
    deployed.call("verify", user="ada", password=OTHER, source=HOME)
    deployed.call("verify", user="ada")

    told = [
        tuple(line.get(name) for name in ("operation", "outcome", "user", "reason", "metric"))
        for line in lines()
    ]
    assert told == [
        ("register", "done", "ada", None, "Successes"),
        ("verify", "refused", "ada", "wrong password", "Failures"),
        ("verify", None, None, None, "InvalidEvents"),
    ]


def test_a_line_has_the_words_that_an_alarm_looks_for(deploy, caplog):
    caplog.set_level(logging.INFO, "bulwark.credentials")
    deployed = deploy()
    for _ in range(6):
        deployed.call("verify", user="ada", password=OTHER, source=HOME)

    assert sum('"metric":"Lockouts"' in message for message in caplog.messages) == 1


def test_no_value_is_logged(deploy, caplog):
    caplog.set_level(logging.DEBUG)
    deployed = deploy()
    deployed.call("register", user="ada", password=PASSWORD)
    device = deployed.call("verify", user="ada", password=PASSWORD, source=HOME)["device"]
    token = deployed.call("begin_reset", user="ada")["token"]
    deployed.call("verify", user="ada", password=OTHER, device=device, hunter2=OTHER)
    deployed.call("verify", user="typed-into-the-wrong-field", password=OTHER)
    deployed.send("verify", b"{}", "hunter2")

    logged = "\n".join(caplog.messages)
    assert "invalid event" in logged
    planted = (PASSWORD, OTHER, device, token, HOME, PEPPER, "$2b$", "hunter2", "wrong-field")
    assert not any(value in logged for value in planted)


def test_a_users_name_is_in_no_address(deploy, vault, azurite):
    """Azure logs addresses, and people type passwords as names."""
    deployed = deploy("secrets")
    deployed.call("register", user="joy@example.org", password=PASSWORD)  # no hexadecimal digits
    table = deployed.world.tables.get_table_client(deployed.world.table("users"))
    addresses = [entity["PartitionKey"] for entity in table.list_entities(select=["PartitionKey"])]

    assert any(re.fullmatch("[0-9a-f]{64}", address) for address in addresses)
    assert not any("joy" in address for address in [*addresses, *vault.asked()])


def test_two_tables_call_the_same_user_differently(azure_world):
    azure_world.vault().register("ada", PASSWORD)
    azure_world.vault().verify("ada", PASSWORD, source=HOME)

    def address(name):
        table = azure_world.tables.get_table_client(azure_world.table(name))
        (found,) = table.query_entities("PartitionKey lt 'g'")
        return found["PartitionKey"]

    assert address("users") != address("attempts")


def test_hashes_move_between_the_stores_in_calls_of_any_length(deploy, monkeypatch):
    deployed = deploy("secrets")
    deployed.environment["BULWARK_STORE"] = "table"
    for number in range(103):
        deployed.call("import_hash", user=f"user-{number}", hash="$2b$04$" + "a" * 53)
    deployed.environment["BULWARK_STORE"] = "secrets"

    with monkeypatch.context() as late:
        late.setattr(azure_functions, "UPKEEP_SECONDS", 0)
        first = deployed.call("move_hashes")
    second = deployed.call("move_hashes", cursor=first["cursor"])

    assert (first["done"], first["missed"]) == (100, 0)
    assert second == {"cursor": None, "done": 3, "missed": 0}
    assert deployed.call("count_peppers") == {"cursor": None, "hashes": {"none": 103}}


@pytest.mark.parametrize("cursor", ["hunter2", "[]", "{}", 7])
def test_a_cursor_that_no_call_gave_is_invalid(deploy, cursor):
    answer = deploy().call("count_peppers", cursor=cursor)

    assert answer == {"outcome": "invalid", "problem": "cursor: what an earlier call gave"}


def test_attempts_that_ended_are_deleted_and_others_stay(deploy, lines):
    deployed = deploy()
    attempts = deployed.world.attempts()
    none, _ = attempts.load("ada")
    for user, ends in (("ended", 1_000), ("alive", 9_999_999_999)):
        attempts.save(user, none, expected=None, expires_at=ends)

    deployed.functions["drop_expired"].get_user_function()(None, CONTEXT)

    assert attempts.load("ended")[1] is None
    assert attempts.load("alive")[1] is not None
    assert lines()[-1]["attempts"] == 1


def test_disable_enable_and_delete_need_no_pepper(deploy):
    deployed = deploy()
    deployed.call("register", user="ada", password=PASSWORD)
    del deployed.environment["BULWARK_PEPPER_URI"]

    for operation in ("disable", "enable", "delete", "delete"):
        assert deployed.call(operation, user="ada")["outcome"] == "done"


def test_a_vault_that_is_busy_is_asked_again(deploy, vault, monkeypatch):
    deployed, answer, refused = deploy(), vault.answer, []

    def busy(method, target, authorised, body):
        if authorised and len(refused) < 3:
            refused.append(target)
            return 429, {"Retry-After": "0"}, {"error": {"code": "Throttled", "message": "no"}}
        return answer(method, target, authorised, body)

    monkeypatch.setattr(vault, "answer", busy)

    assert deployed.call("register", user="ada", password=PASSWORD)["outcome"] == "done"
    assert len(refused) == 3


@pytest.mark.parametrize("read", [True, False], ids=["a reading", "a writing"])
def test_a_table_that_is_busy_is_asked_again(deploy, serve, read):
    """By a service that always is: a user does not wait for it for ever."""
    deployed, service = deploy(), serve("busy.example.com")
    service.answer = (503, {"Retry-After": "0"}, b"")
    deployed.environment["BULWARK_TABLES"] = f"https://127.0.0.1:{service.server_address[1]}"
    documents = azure.attempts_of(Settings.read(deployed.environment))
    documents._naming = b"naming"

    def write(key):
        documents.save(key, Document("{}", "v1"), expected=None)

    with pytest.raises(HttpResponseError):
        (documents.load if read else write)("ada")

    assert len(service.requests) == 1 + azure.PATIENCE["retry_total"]


GOOD = {
    "BULWARK_TABLES": "https://x.table.core.windows.net",
    "BULWARK_USERS_TABLE": "users",
    "BULWARK_ATTEMPTS_TABLE": "attempts",
    "BULWARK_OPERATIONS": "{}",
}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"BULWARK_TABLES": ""}, "BULWARK_TABLES is missing"),
        ({"BULWARK_STORE": "drawer"}, "BULWARK_STORE: table or secrets"),
        ({"BULWARK_STORE": "secrets"}, "BULWARK_HASHES_URI is missing: the store is secrets"),
        ({"BULWARK_POLICY": "{"}, "BULWARK_POLICY: it is not a JSON object"),
        *(
            (
                {"BULWARK_OPERATIONS": text},
                "BULWARK_OPERATIONS: a JSON object of operations and lists of callers",
            )
            for text in ("[]", "{", '{"verify": 7}', '{"verify": "all"}', '{"drop": []}')
        ),
    ],
)
def test_a_wrong_variable_is_named(changes, problem):
    with pytest.raises(ValueError, match="BULWARK_") as error:
        Settings.read(GOOD | changes)

    assert str(error.value) == problem


def test_every_variable_is_documented():
    def texts(*parts):
        trees = (ast.walk(ast.parse(inspect.getsource(part))) for part in parts)
        return {
            node.value
            for tree in trees
            for node in tree
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

    documented = {text.split(":")[0] for text in texts(Settings, settings.Common) if ":" in text}
    read = {
        text for text in texts(azure, settings) if re.fullmatch("(BULWARK|AZURE)_[A-Z_]+", text)
    }
    assert read <= documented
