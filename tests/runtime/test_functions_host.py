"""A packaged function app in Microsoft's worker library. The host is ours, and says less."""

import json

import pytest
from functions_host import FunctionError

from pulumi_bulwark.function import Package

pytestmark = pytest.mark.e2e

LETTERS = Package("letters", folder="tests/runtime/functions/letters")


@pytest.fixture
def letters(functions_host):
    return functions_host(LETTERS, "main:app")


def given(host):
    """What the app has said that it was given."""
    lines = (line.partition("given ")[2] for line in host.logged().splitlines())
    return [json.loads(line) for line in lines if line]


def test_a_request_comes_whole_to_its_function(letters):
    principal = {"X-MS-CLIENT-PRINCIPAL-ID": "one"}

    answer = letters.call("POST", "/letters/a?to=me&cc=", principal, b"hello")

    assert (answer.status, answer.headers["X-Kept"]) == (201, "yes")
    assert answer.json() == {
        "letter": "a",
        "query": {"to": "me", "cc": ""},
        "principal": "one",
        "body": "hello",
        "function": "write",
    }


def test_a_route_for_the_rest_takes_what_no_other_takes(letters):
    assert letters.call("GET", "/letters/a").body == b"nothing at letters/a"


def test_a_function_that_wants_a_key_is_called_by_nobody(letters):
    assert letters.call("GET", "/keyed").status == 401


def test_a_function_that_raises_tells_the_log_and_not_the_caller(letters):
    answer = letters.call("GET", "/broken")

    assert (answer.status, answer.body) == (500, b"")
    assert "ink is out" in letters.logged()


def test_a_timer_a_queue_an_event_and_a_session_each_bring_what_is_theirs(letters):
    event = {
        "id": "1",
        "topic": "/vaults/v",
        "subject": "password",
        "eventType": "Microsoft.KeyVault.SecretNearExpiry",
        "eventTime": "2026-01-01T00:00:00Z",
        "data": {"ObjectName": "password"},
        "dataVersion": "1",
    }
    letters.timer("nightly", past_due=True)
    letters.queue("queued", {"a": 1}, dequeue_count=2)
    letters.event("told", event)
    letters.message("in_order", "block", SessionId="list", DeliveryCount=3)

    assert given(letters) == [
        {"past_due": True},
        {"text": '{"a": 1}', "count": 2},
        {"type": event["eventType"], "subject": "password", "data": event["data"]},
        {"text": "block", "session": "list", "count": 3},
    ]


def test_what_a_function_raises_is_the_hosts_to_retry(letters):
    with pytest.raises(FunctionError, match="cannot be read"):
        letters.queue("queued", "bad")


def test_settings_say_which_app_of_the_package_runs_and_files_lie_beside_it(functions_host):
    host = functions_host(LETTERS, "main:other", files={"guard/document.json": '{"a": 1}'})

    assert host.call("GET", "/document").json() == {"a": 1}
    assert host.call("GET", "/broken").status == 404


def test_an_app_that_is_not_there_does_not_start(functions_host):
    with pytest.raises(RuntimeError, match="no attribute 'nobody'"):
        functions_host(LETTERS, "main:nobody")
