"""The command, with a block list that an emulator runs."""

import io
import itertools
import json
import os
import sys
import threading
import time
from importlib import import_module

import pytest

from bulwark_runtime.block_list import aws
from bulwark_toolkit.cli.block_list import BlockList
from bulwark_toolkit.emulated.block_list import environment, make, pump, run, server, tick
from pulumi_bulwark.naming import physical

COMMAND = import_module("bulwark_toolkit.cli.block")
NUMBERS = itertools.count()

PROGRAM = """
from pulumi_bulwark.incident_response import BlockListSpec
from pulumi_bulwark.incident_response.aws_block_list import AwsBlockList, AwsBlockListArgs
from pulumi_bulwark.log_group.aws import AwsLogStore

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
AwsBlockList(
    "kept-out",
    AwsBlockListArgs(
        spec=BlockListSpec(),
        store=AwsLogStore(
            account_id="123456789012", region="eu-central-1", key_arn=KEY, retention_days=400,
            access_logs_id="logs", deletion_protection=False,
        ),
        key_arn=KEY,
        boundary_arn="arn:aws:iam::123456789012:policy/boundary",
        sets={"blocked": []},
    ),
)
"""


@pytest.fixture(scope="module")
def endpoint():
    with server() as at:
        yield at


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """Nothing of the developer's own is read."""
    for name in [n for n in os.environ if n.startswith(("AWS_", "BULWARK_", "PULUMI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def idle(endpoint, nobody):
    """A block list whose writer does nothing."""
    made = make(endpoint, f"cli-{next(NUMBERS)}")
    with environment(made):
        yield made


@pytest.fixture
def unnamed(idle):
    """The same, and no variable of the environment says which: `idle` puts them back."""
    for name in ("BULWARK_BLOCK_QUEUE", "BULWARK_BLOCK_TABLE"):
        del os.environ[name]
    return idle


class Clock:
    ahead = 0

    def __call__(self):
        return time.time() + self.ahead


@pytest.fixture
def clock():
    """The writer's, which a test can turn."""
    return Clock()


@pytest.fixture
def running(idle, clock, monkeypatch):
    """A block list that runs."""
    usual = aws.writer_of

    def writer_of(settings, **more):
        return usual(settings, sleep=lambda _: None, clock=clock, **more)

    monkeypatch.setattr(aws, "writer_of", writer_of)
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(idle, stop), kwargs={"tick_seconds": 0.3})
    thread.start()
    yield idle
    stop.set()
    thread.join()


@pytest.fixture
def typed(monkeypatch):
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def rows(bulwark, *networks):
    result = bulwark("block", "list", *networks, "--format", "json")
    assert result.status == 0, result.err
    # The writer runs in this process: its log lines are before the answer.
    return json.loads(result.out[result.out.index("[\n" if "[\n" in result.out else "[]") :])


def until_gone(bulwark):
    for _ in range(100):
        if not (found := rows(bulwark)):
            return
        time.sleep(0.1)
    pytest.fail(f"still there: {found}")


def test_an_address_is_blocked_listed_with_its_reason_and_gone_when_its_time_is_over(
    bulwark, running, clock
):
    added = bulwark("block", "add", "203.0.113.7", "--for", "4h", "--reason", "Guesses passwords")

    assert added.status == 0, added.err
    assert "203.0.113.7/32 is blocked until 20" in added.out
    (row,) = rows(bulwark)
    assert (row["network"], row["inSets"]) == ("203.0.113.7/32", "yes")
    assert (row["reason"], row["source"]) == ("Guesses passwords", "cli")
    assert row["who"]
    clock.ahead = 4 * 3600 + 1
    until_gone(bulwark)
    assert {tuple(held) for held in running.addresses().values()} == {()}


def test_the_list_is_a_table_for_people(bulwark, running):
    bulwark("block", "add", "203.0.113.7", "--for", "ever", "--reason", "Guesses passwords")

    lines = bulwark("block", "list").out.splitlines()[-2:]

    assert lines[0].split() == ["NETWORK", "UNTIL", "SINCE", "IN", "SETS", "WHO", "REASON"]
    assert lines[1].startswith("203.0.113.7/32  taken out  20")
    assert lines[1].endswith("Guesses passwords")


def test_an_address_is_taken_out(bulwark, running):
    bulwark("block", "add", "203.0.113.7", "--for", "4h", "--reason", "Guesses passwords")
    removed = bulwark("block", "remove", "203.0.113.7")

    assert removed.out.endswith("203.0.113.7/32 is no longer in the list\n")
    assert rows(bulwark) == []
    assert bulwark("block", "list").out.endswith("nothing is blocked\n")


def test_whoever_takes_out_what_is_not_there_or_stays_blocked_is_told(bulwark, running):
    bulwark("block", "add", "203.0.113.0/24", "--for", "4h", "--reason", "Guesses passwords")

    result = bulwark("block", "remove", "203.0.113.7", "198.51.100.7")

    assert result.out.splitlines()[-2:] == [
        "203.0.113.7/32 is blocked still, by 203.0.113.0/24: take that out too",
        "198.51.100.7/32 was not in the list",
    ]


def test_one_can_ask_about_an_address_and_see_what_it_is_blocked_by(bulwark, running):
    reason = ["--for", "4h", "--reason", "A botnet"]
    bulwark("block", "add", "203.0.113.0/24", "198.51.100.7", *reason)

    assert [row["network"] for row in rows(bulwark, "203.0.113.7")] == ["203.0.113.0/24"]
    assert rows(bulwark, "192.0.2.7") == []


def test_addresses_are_read_from_standard_input(bulwark, running, typed):
    typed("".join(f"198.51.{n // 256}.{n % 256}\n" for n in range(0, 1000, 2)) + "\n")

    result = bulwark("block", "add", "-", "--for", "4h", "--reason", "A botnet")

    assert result.out.endswith("Z\n")
    assert "500 networks are blocked until" in result.out
    assert len(rows(bulwark)) == 500


def test_what_the_writer_refuses_is_a_finding_with_the_reason(bulwark, running):
    result = bulwark("block", "add", "8.8.0.0/16", "--for", "4h", "--reason", "Too much")

    assert result.status == 1
    assert result.out.endswith(
        "refused:\nnetworks[0]: 8.8.0.0/16 is too wide: /24 is the widest of IPv4 that may be "
        "blocked\n"
    )


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_sent(bulwark, idle):
    result = bulwark("block", "add", "10.0.0.1", "203.0.113.7", "nobody", "--for", "4h")

    assert result.status == 2
    assert result.err.splitlines() == [
        "error: nothing was asked for:",
        "networks[0]: 10.0.0.1 is private (10.0.0.0/8), and no client comes from there",
        "networks[2]: nobody is no address or network, such as 203.0.113.7 or 2001:db8::/48",
        "reason: says why, so that somebody can tell later whether it still holds",
    ]
    about = idle.client("sqs").get_queue_attributes(QueueUrl=idle.queue_url, AttributeNames=["All"])
    assert about["Attributes"]["ApproximateNumberOfMessages"] == "0"


@pytest.mark.parametrize("for_", ["4", "h", "0h", "-4h", "4 h", "4y", "forever", ""])
def test_a_time_that_is_none_is_refused(bulwark, idle, for_):
    result = bulwark("block", "add", "203.0.113.7", "--for", for_, "--reason", "x")

    assert result.status == 2
    assert "must be a number and s, m, h, d or w, such as 4h, or ever" in result.err


@pytest.mark.parametrize("for_", ["3651d", "999999w"])
def test_a_time_beyond_ten_years_is_said_to_be_ever(bulwark, idle, for_):
    result = bulwark("block", "add", "203.0.113.7", "--for", for_, "--reason", "x")

    assert result.status == 2
    assert "is more than ten years: say ever" in result.err


def test_without_waiting_it_is_only_asked_for(bulwark, idle):
    result = bulwark("block", "add", "203.0.113.7", "--for", "4h", "--reason", "x", "--no-wait")

    assert result.status == 0
    assert result.out.startswith("it is asked for: see bulwark block list. Request ")


def test_what_is_not_done_when_the_wait_is_over_is_a_finding(bulwark, idle, monkeypatch):
    monkeypatch.setattr(BlockList.outcomes, "__kwdefaults__", {"seconds": 0})

    result = bulwark("block", "add", "203.0.113.7", "--for", "4h", "--reason", "x")

    assert result.status == 1
    assert result.out.startswith("it is not done yet")


def test_the_answer_is_json_for_programs(bulwark, idle):
    answer = bulwark(
        "block",
        "add",
        "203.0.113.7",
        "--for",
        "4h",
        "--reason",
        "x",
        "--no-wait",
        "--format",
        "json",
    )

    found = json.loads(answer.out)
    assert found["outcomes"] == []
    assert len(found["requests"]) == 1


def test_where_no_writer_has_looked_yet_nobody_is_told_that_nothing_is_blocked(bulwark, idle):
    result = bulwark("block", "list")

    assert result.status == 2
    assert "no list blocked that a writer has looked at" in result.err


def test_what_is_not_in_every_set_is_seen(bulwark, idle):
    bulwark("block", "add", "203.0.113.7", "--for", "4h", "--reason", "x", "--no-wait")
    pump(idle, idle.client("sqs"))
    first = idle.sets["blocked"][0]
    waf = idle.client("wafv2", first["region"])
    which = {"Name": first["name"], "Scope": first["scope"], "Id": first["id"]}
    token = waf.get_ip_set(**which)["LockToken"]
    waf.update_ip_set(**which, Addresses=[], LockToken=token)

    assert [row["inSets"] for row in rows(bulwark)] == ["partly"]


def test_half_of_a_place_is_refused(bulwark, nobody):
    result = bulwark("block", "list", "--queue", "q.fifo")

    assert result.status == 2
    assert "--queue and --table go together" in result.err


def test_a_queue_that_is_not_there_is_said(bulwark, idle, monkeypatch):
    monkeypatch.setenv("BULWARK_BLOCK_QUEUE", "nowhere.fifo")

    result = bulwark("block", "add", "203.0.113.7", "--for", "4h", "--reason", "x")

    assert result.err == (
        "error: the queue nowhere.fifo is not there; deploy the stack first, or name another\n"
    )


def test_a_stack_is_found_by_its_own_names(bulwark, unnamed, project):
    folder = project(PROGRAM, config='{"aws:region": "eu-central-1"}')
    sqs = unnamed.client("sqs")
    url = sqs.create_queue(
        QueueName=f"{physical('queue', 'app', 'dev', 'kept-out-requests')}.fifo",
        Attributes={"FifoQueue": "true"},
    )

    result = bulwark(
        "block", "add", "203.0.113.7", "--for", "4h", "--reason", "x", "--no-wait", "-C", folder
    )

    assert result.status == 0, result.err
    (message,) = sqs.receive_message(QueueUrl=url["QueueUrl"])["Messages"]
    assert json.loads(message["Body"])["networks"] == ["203.0.113.7/32"]


def test_a_stack_without_a_block_list_says_what_to_do(bulwark, unnamed, project):
    folder = project("", config='{"aws:region": "eu-central-1"}')

    result = bulwark("block", "list", "-C", folder)

    assert result.status == 2
    assert "dev has no block list" in result.err


def test_the_looks_over_the_list_do_not_need_requests(bulwark, idle):
    tick(idle, idle.client("sqs"))
    pump(idle, idle.client("sqs"))

    assert bulwark("block", "list").out.endswith("nothing is blocked\n")
