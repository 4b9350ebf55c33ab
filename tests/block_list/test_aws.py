"""The writer on services that behave like AWS's: moto holds sets to their tokens."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from block_list_world import CALLED_BY_WRITER, NUMBERS, asking
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from bulwark_runtime.block_list import aws
from bulwark_runtime.block_list.aws_table import DynamoTable
from bulwark_runtime.block_list.requests import as_text
from bulwark_toolkit.emulated.block_list import (
    GROUP,
    Context,
    environment,
    make,
    pump,
    server,
    tick,
)

BATCHES = 100  # a bound, for what never ends


@pytest.fixture(scope="module")
def endpoint():
    with server() as at:
        yield at


@pytest.fixture
def place(endpoint, monkeypatch):
    """A block list of the test's own, whose writer does not really wait."""
    made = make(endpoint, f"list-{next(NUMBERS)}")
    usual = aws.writer_of
    monkeypatch.setattr(
        aws, "writer_of", lambda settings, **more: usual(settings, sleep=lambda _: None, **more)
    )
    with environment(made):
        yield made


def put(of, ip_set, addresses):
    waf = of.client("wafv2", ip_set["region"])
    which = {"Name": ip_set["name"], "Scope": ip_set["scope"], "Id": ip_set["id"]}
    token = waf.get_ip_set(**which)["LockToken"]
    waf.update_ip_set(**which, Addresses=addresses, LockToken=token)


def send(of, *networks, action="add", sqs=None, **more):
    asked = asking(action, networks, **more)
    return (sqs or of.client("sqs")).send_message(
        QueueUrl=of.queue_url,
        MessageBody=json.dumps(asked),
        MessageGroupId=GROUP,
        MessageDeduplicationId=asked["id"],
    )


def work_off(of):
    sqs = of.client("sqs")
    for _ in range(BATCHES):
        if not pump(of, sqs):
            return
    pytest.fail("the queue is never empty")


def v4(of):
    return {tuple(found) for name, found in of.addresses().items() if name.endswith("ipv4")}


def refusing(monkeypatch, operation, code, times):
    """Have a service answer with an error so many times, as it does on the wire."""
    left, lock = [times], threading.Lock()

    def answer(**_):
        with lock:
            if not left[0]:
                return None
            left[0] -= 1
        response = AWSResponse("http://127.0.0.1", 400, {}, None)
        response._content = json.dumps({"__type": code, "message": "not now"}).encode()
        return response

    for region in ("us-east-1", "eu-central-1"):
        aws._client("wafv2", region).meta.events.register(f"before-send.wafv2.{operation}", answer)
    return left


def test_an_address_is_blocked_in_every_set_of_its_version(place):
    send(place, "203.0.113.7", "2001:db8::/48")
    work_off(place)

    found = place.addresses()
    assert {name.partition("blocked-")[2]: held for name, held in found.items()} == {
        "cloudfront-ipv4": ["203.0.113.7/32"],
        "cloudfront-ipv6": ["2001:db8::/48"],
        "regional-ipv4": ["203.0.113.7/32"],
        "regional-ipv6": ["2001:db8::/48"],
    }


def test_what_the_table_says_comes_back_as_it_was(place):
    until = as_text(2_000_000_000)
    send(place, "203.0.113.7", until=until, reason="They “scan” for logins", source="playbook:x")
    work_off(place)

    (entry,) = DynamoTable(boto3.resource("dynamodb"), place.table).load("blocked").entries
    assert (str(entry.network), entry.until) == ("203.0.113.7/32", 2_000_000_000)
    assert (entry.reason, entry.source) == ("They “scan” for logins", "playbook:x")
    assert entry.who  # whatever moto calls its only user


def test_fifty_requesters_at_once_through_throttling_lose_nothing(place, monkeypatch):
    left = refusing(monkeypatch, "UpdateIPSet", "ThrottlingException", 25)
    sqs = place.client("sqs")

    with ThreadPoolExecutor(50) as pool:
        sent = [pool.submit(send, place, f"203.0.113.{2 * n}", sqs=sqs) for n in range(50)]
        for each in sent:
            each.result()
    work_off(place)

    assert left == [0]
    assert v4(place) == {tuple(sorted(f"203.0.113.{2 * n}/32" for n in range(50)))}


def test_whoever_else_has_the_token_first_only_makes_it_take_longer(place, monkeypatch):
    refusing(monkeypatch, "UpdateIPSet", "WAFOptimisticLockException", 3)
    send(place, "203.0.113.7")
    work_off(place)

    assert v4(place) == {("203.0.113.7/32",)}


def test_an_error_that_does_not_pass_leaves_the_message_on_the_queue(place, monkeypatch):
    refusing(monkeypatch, "GetIPSet", "AccessDeniedException", 1)
    send(place, "203.0.113.7")
    sqs = place.client("sqs")
    with pytest.raises(ClientError, match="AccessDenied"):
        pump(place, sqs)

    about = sqs.get_queue_attributes(QueueUrl=place.queue_url, AttributeNames=["All"])["Attributes"]
    assert about["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_the_pause_before_the_next_try_grows_and_has_an_end():
    assert [aws.pause(tries) for tries in (1, 2, 3, 6, 7, 10)] == [5, 10, 20, 160, 300, 300]


def test_a_message_that_failed_comes_again_in_seconds_not_in_the_queues_six_minutes(
    place, monkeypatch
):
    asked = []
    sqs = aws._client("sqs")
    sqs.meta.events.register(
        "before-parameter-build.sqs.ChangeMessageVisibilityBatch",
        lambda params, **_: asked.extend(e["VisibilityTimeout"] for e in params["Entries"]),
    )
    refusing(monkeypatch, "GetIPSet", "AccessDeniedException", 1)
    send(place, "203.0.113.7")
    with pytest.raises(ClientError):
        pump(place, place.client("sqs"))

    assert asked == [5]


def test_what_a_hand_or_a_stack_update_did_is_mended_at_the_next_look(place, caplog, capsys):
    send(place, "203.0.113.7")
    work_off(place)
    put(place, place.sets["blocked"][0], ["198.51.100.7/32"])
    capsys.readouterr()

    tick(place, place.client("sqs"))
    work_off(place)

    assert v4(place) == {("203.0.113.7/32",)}
    (told,) = [line for line in caplog.records if getattr(line, "event", "") == "repaired"]
    assert (told.put_back, told.taken_out) == (1, 1)
    measured = metrics(capsys)
    assert [line["Repaired"] for line in measured if "Repaired" in line] == [[1.0]]
    assert [line["list"] for line in measured if "SecondsToRepair" in line] == ["blocked"]


def metrics(capsys):
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line) for line in lines if "CloudWatchMetrics" in line]


def test_a_thousand_addresses_are_one_write_a_set(place):
    calls = []
    for region in ("us-east-1", "eu-central-1"):
        aws._client("wafv2", region).meta.events.register(
            "before-call.wafv2.UpdateIPSet", lambda **_: calls.append(1)
        )
    send(place, *(f"198.{20 + n // 65536}.{n // 256 % 256}.{n % 256}" for n in range(0, 2_000, 2)))
    work_off(place)

    assert {len(found) for found in v4(place)} == {1_000}
    assert len(calls) == 2


def test_the_metrics_have_the_list_and_how_full_it_is(place, capsys):
    send(place, "203.0.113.7")
    work_off(place)

    lines = metrics(capsys)
    (full,) = [line for line in lines if "FillPercent" in line]
    assert (full["list"], full["FillPercent"], full["Entries"]) == ("blocked", [0.01], [1.0])
    (took,) = [line for line in lines if "SecondsToBlock" in line]
    assert 0 <= took["SecondsToBlock"][0] < 60


def test_no_call_is_made_that_the_role_does_not_allow(place, capsys):
    """And the role allows nothing that is not called, but for what Lambda itself does."""
    called = set()
    clients = [
        aws._client("sqs"),
        aws._client("wafv2", "us-east-1"),
        aws._client("wafv2", "eu-central-1"),
        aws._resource("dynamodb").meta.client,
    ]
    for client in clients:
        service = client.meta.service_model.service_name

        def note(model, service=service, **_):
            called.add(f"{service}:{model.name}")

        client.meta.events.register(f"before-call.{service}", note)
    send(place, "203.0.113.7", "2001:db8::1", until=as_text(2_000_000_000))
    work_off(place)
    send(place, "203.0.113.7", action="remove")
    tick(place, place.client("sqs"))
    work_off(place)
    aws._again_soon(
        aws._settings(), [{"receiptHandle": "x", "attributes": {"ApproximateReceiveCount": "1"}}]
    )

    # Of a batch, IAM asks for the right to the single thing.
    assert {call.removesuffix("Batch") for call in called} == CALLED_BY_WRITER


# --- settings

GOOD = {
    "BULWARK_TABLE": "t",
    "BULWARK_QUEUE_URL": "q",
    "BULWARK_SETS": json.dumps(
        {
            "blocked": [
                {
                    "id": "1",
                    "name": "n",
                    "scope": "REGIONAL",
                    "region": "eu-central-1",
                    "version": "IPV6",
                }
            ]
        }
    ),
}


def test_settings_are_read():
    found = aws.Settings.read(
        GOOD | {"BULWARK_WIDEST": "16 40", "BULWARK_NEVER_BLOCK": "192.0.2.0/24 2001:db8::/48"}
    )

    assert found.lists["blocked"][0].version == 6
    assert found.rules.widest == {4: 16, 6: 40}
    assert [str(n) for n in found.rules.never] == ["192.0.2.0/24", "2001:db8::/48"]
    assert found.history_days == 400


def test_every_setting_that_is_wrong_is_named_at_once():
    wrong = {
        "BULWARK_SETS": '{"blocked": [{"id": "1"}]}',
        "BULWARK_WIDEST": "24",
        "BULWARK_NEVER_BLOCK": "192.0.2.1/24",
        "BULWARK_HISTORY_DAYS": "a year",
    }
    with pytest.raises(ValueError, match="BULWARK") as error:
        aws.Settings.read(wrong)

    assert str(error.value) == (
        "BULWARK_TABLE is missing; BULWARK_QUEUE_URL is missing; "
        "BULWARK_SETS is not as it should be; BULWARK_WIDEST is not as it should be; "
        "BULWARK_NEVER_BLOCK is not as it should be; BULWARK_HISTORY_DAYS is not as it should be"
    )


def test_the_time_that_is_left_keeps_some_for_the_end():
    assert 45 < aws._time_left(Context(60))() <= 50
