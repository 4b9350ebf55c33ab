"""The writer in Lambda's own runtime, from the zip that is deployed, and behind a queue.

moto holds the sets to their tokens and runs no function; ministack runs the function behind the
queue and holds nothing to a token, nor asks a role. Each shows what it does truthfully.
"""

import json
import time
from pathlib import Path

import boto3
import pytest
from block_list_world import TICK, asking
from ministack import ACCOUNT, ministack

from bulwark_runtime.block_list.requests import DETAIL_TYPE
from bulwark_toolkit.emulated.block_list import GROUP, REGION, make, server

pytestmark = pytest.mark.e2e

HANDLER = "bulwark_runtime.block_list.aws.handler"
PATIENCE_SECONDS = 60
LAMBDA = Path(__file__).parents[2] / ".venvs" / "lambda"
BOTO3 = ":".join(map(str, LAMBDA.glob("lib/python*/site-packages")))
"""Lambda's runtime brings it; the emulator's does not."""


@pytest.fixture(scope="module")
def place():
    with server() as endpoint:
        yield make(endpoint)


def event(*bodies):
    """As Lambda gives a batch of messages to a function."""
    return {
        "Records": [
            {
                "messageId": f"00000000-0000-0000-0000-{number:012d}",
                "receiptHandle": "x",
                "body": json.dumps(body) if isinstance(body, dict) else body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": str(int(time.time() * 1000)),
                    "SequenceNumber": str(number),
                    "SenderId": "AROAEXAMPLE:ada",
                    "MessageGroupId": GROUP,
                },
            }
            for number, body in enumerate(bodies)
        ]
    }


def test_the_writer_blocks_rejects_and_lets_in_again(lambda_runtime, place):
    write = lambda_runtime("block-list", HANDLER, {**place.environment, **place.settings})

    answer = write(event(asking("add", ["203.0.113.7", "2001:db8::/48"]), "no request", TICK))

    assert answer == {"batchItemFailures": []}
    assert sorted(map(tuple, place.addresses().values())) == [
        ("2001:db8::/48",),
        ("2001:db8::/48",),
        ("203.0.113.7/32",),
        ("203.0.113.7/32",),
    ]
    write(event(asking("remove", ["0.0.0.0/0", "::/0"])))
    assert set(map(tuple, place.addresses().values())) == {()}
    logged = write.logged()
    assert '"event":"rejected"' in logged.replace(": ", ":")
    assert "SecondsToBlock" in logged


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    with ministack(tmp_path_factory.mktemp("ministack"), LAMBDA_EXECUTOR="local") as endpoint:
        yield make(endpoint)


@pytest.fixture(scope="module")
def wired(emulator, packaged):
    """The function behind its queue, and the two rules that write to that."""
    calls, sqs, events = (emulator.client(s) for s in ("lambda", "sqs", "events"))
    about = sqs.get_queue_attributes(QueueUrl=emulator.queue_url, AttributeNames=["QueueArn"])
    queue = about["Attributes"]["QueueArn"]
    function = calls.create_function(
        FunctionName="writer",
        Runtime="python3.12",
        Handler=HANDLER,
        Role=f"arn:aws:iam::{ACCOUNT}:role/writer",
        Timeout=60,
        Code={"ZipFile": packaged("block-list").read_bytes()},
        Environment={
            "Variables": {**emulator.environment, **emulator.settings, "PYTHONPATH": BOTO3}
        },
    )
    calls.create_event_source_mapping(
        FunctionName=function["FunctionArn"],
        EventSourceArn=queue,
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    events.put_rule(Name="asks", EventPattern=json.dumps({"detail-type": [DETAIL_TYPE]}))
    target = {"Id": "queue", "Arn": queue, "SqsParameters": {"MessageGroupId": GROUP}}
    events.put_targets(Rule="asks", Targets=[target])
    return emulator


def until(found):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if got := found():
            return got
        time.sleep(0.2)
    pytest.fail("it never came")


def blocked(place):
    return {address for held in place.addresses().values() for address in held}


def send(place, asked):
    place.client("sqs").send_message(
        QueueUrl=place.queue_url,
        MessageBody=json.dumps(asked),
        MessageGroupId=GROUP,
        MessageDeduplicationId=asked["id"],
    )


def test_a_message_on_the_queue_blocks(wired):
    send(wired, asking("add", ["203.0.113.7"]))

    assert until(lambda: "203.0.113.7/32" in blocked(wired))


def test_an_event_on_the_bus_blocks(wired):
    detail = {"action": "add", "networks": ["198.51.100.7"], "reason": "Card testing"}
    wired.client("events").put_events(
        Entries=[
            {"Source": "acme.fraud", "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)},
        ]
    )

    assert until(lambda: "198.51.100.7/32" in blocked(wired))


def test_many_messages_are_all_applied(wired):
    for number in range(0, 60, 2):
        send(wired, asking("add", [f"192.0.2.{number}"]))

    wanted = {f"192.0.2.{number}/32" for number in range(0, 60, 2)}
    assert until(lambda: wanted <= blocked(wired))
    dynamodb = boto3.resource(
        "dynamodb",
        endpoint_url=wired.endpoint_url,
        region_name=REGION,
        aws_access_key_id="emulated",
        aws_secret_access_key="emulated",
    )
    items = dynamodb.Table(wired.table).scan()["Items"]
    assert len([i for i in items if i["part"] == "request"]) >= 30
