"""A packaged function behind a bus and behind a queue, in an emulator that runs it.

The emulator asks no policy: these tests say how things are wired, and nothing of who is let in.
"""

import json
import time

import boto3
import pytest
from ministack import ACCOUNT, ministack

from pulumi_bulwark.function import Package

WORKER = Package("worker", folder="tests/runtime/functions/worker")
REGION = "eu-central-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    with ministack(tmp_path_factory.mktemp("ministack"), LAMBDA_EXECUTOR="local") as address:
        yield address


@pytest.fixture(scope="module")
def client(endpoint):
    session = boto3.Session(aws_access_key_id="emulated", aws_secret_access_key="emulated")
    return lambda service: session.client(service, region_name=REGION, endpoint_url=endpoint)


@pytest.fixture
def queue(client):
    """Make a queue; its URL and its ARN."""
    sqs = client("sqs")

    def make(name, **attributes):
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    return make


@pytest.fixture
def worker(client, packaged, tmp_path):
    """Make the function; its ARN and where it writes down what it did."""

    def make(name):
        journal = tmp_path / name
        journal.touch()
        made = client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Handler="main.handler",
            Role=ROLE,
            Code={"ZipFile": packaged(WORKER).read_bytes()},
            Environment={"Variables": {"JOURNAL": str(journal)}},
        )
        return made["FunctionArn"], journal

    return make


def until(found):
    """What `found` gives once it gives anything."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if got := found():
            return got
        time.sleep(0.1)
    pytest.fail("it never came")


def messages(client, url):
    answer = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_an_event_on_the_bus_reaches_the_function(client, worker):
    arn, journal = worker("on-the-bus")
    events = client("events")
    events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="orders", Targets=[{"Id": "worker", "Arn": arn}])

    for source, order in (("elsewhere", "other"), ("shop", "ours")):
        detail = json.dumps({"order": order})
        events.put_events(Entries=[{"Source": source, "DetailType": "order", "Detail": detail}])

    assert until(lambda: journal.read_text().split()) == ["ours"]


def test_an_event_that_fails_is_tried_again_and_then_kept(client, worker, queue):
    arn, journal = worker("fails")
    url, failures = queue("failures")
    calls = client("lambda")
    calls.put_function_event_invoke_config(
        FunctionName=arn,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": failures}},
    )

    event = json.dumps({"detail": {"order": "bad"}})
    calls.invoke(FunctionName=arn, InvocationType="Event", Payload=event)

    (kept,) = until(lambda: messages(client, url))
    assert json.loads(kept)["requestPayload"] == {"detail": {"order": "bad"}}
    assert json.loads(kept)["responsePayload"]["errorMessage"] == "it is bad"
    assert journal.read_text().split() == ["bad", "bad"]


def test_of_a_batch_only_what_failed_comes_back(client, worker, queue):
    arn, journal = worker("batches")
    dead_url, dead = queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    url, source = queue("orders", VisibilityTimeout="6", RedrivePolicy=redrive)
    client("lambda").create_event_source_mapping(
        FunctionName=arn,
        EventSourceArn=source,
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )

    entries = [{"Id": order, "MessageBody": order} for order in ("one", "bad", "two")]
    client("sqs").send_message_batch(QueueUrl=url, Entries=entries)

    assert until(lambda: messages(client, dead_url)) == ["bad"]
    assert sorted(journal.read_text().split()) == ["bad", "bad", "one", "two"]
