"""The block list on one machine: its real writer, between a queue, a table and sets of moto's.

For trying, and for tests and figures. What Lambda does for it is done here: take up to ten
messages, call the writer, take away those that it does not want again. moto holds the sets to their
lock tokens; it asks no role and no key, and its speed says nothing of the cloud's.
"""

import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

REGION: Final = "eu-central-1"
EDGE_REGION: Final = "us-east-1"
GROUP: Final = "block-list"
NAME: Final = "block-list"

_WRITER_SECONDS: Final = 60
_NOBODYS: Final = {"AWS_ACCESS_KEY_ID": "emulated", "AWS_SECRET_ACCESS_KEY": "emulated"}
"""Credentials: boto3 wants some, and nobody asks whose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulated:
    """Where an emulated block list is."""

    endpoint_url: str
    table: str
    queue_url: str
    sets: dict[str, list[dict[str, str]]]

    @property
    def environment(self) -> dict[str, str]:
        """By which the commands, and the writer, find it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": REGION,
            **_NOBODYS,
            "BULWARK_BLOCK_QUEUE": self.queue_url,
            "BULWARK_BLOCK_TABLE": self.table,
        }

    @property
    def settings(self) -> dict[str, str]:
        """What the writer is told in the cloud by its environment."""
        return {
            "BULWARK_TABLE": self.table,
            "BULWARK_QUEUE_URL": self.queue_url,
            "BULWARK_SETS": json.dumps(self.sets),
        }

    def client(self, service: str, region: str = REGION) -> Any:
        import boto3

        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=_NOBODYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_NOBODYS["AWS_SECRET_ACCESS_KEY"],
        )

    def addresses(self, name: str = "blocked") -> dict[str, list[str]]:
        """What is in each of a list's sets, by the set's name."""
        found = {}
        for made in self.sets[name]:
            waf = self.client("wafv2", made["region"])
            which = {"Name": made["name"], "Scope": made["scope"], "Id": made["id"]}
            found[made["name"]] = sorted(waf.get_ip_set(**which)["IPSet"]["Addresses"])
        return found


@contextmanager
def emulated(port: int = 0) -> Iterator[Emulated]:
    """A server of moto's on the loopback, with a queue, a table and sets."""
    with server(port) as endpoint_url:
        yield make(endpoint_url)


@contextmanager
def server(port: int = 0) -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    started = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    started.start()
    try:
        host, at = started.get_host_and_port()
        yield f"http://{host}:{at}"
    finally:
        started.stop()


def make(endpoint_url: str, name: str = NAME, lists: tuple[str, ...] = ("blocked",)) -> Emulated:
    """The parts of a block list, in whatever emulator listens there."""
    bare = Emulated(endpoint_url=endpoint_url, table=name, queue_url="", sets={})
    bare.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "part", "KeyType": "HASH"},
            {"AttributeName": "item", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "part", "AttributeType": "S"},
            {"AttributeName": "item", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return Emulated(
        endpoint_url=endpoint_url,
        table=name,
        queue_url=_queue(bare),
        sets={of: list(_sets(bare, f"{name}-{of}")) for of in lists},
    )


def _queue(of: Emulated) -> str:
    sqs = of.client("sqs")
    dead = sqs.create_queue(QueueName=f"{of.table}-dead.fifo", Attributes={"FifoQueue": "true"})
    about = sqs.get_queue_attributes(QueueUrl=dead["QueueUrl"], AttributeNames=["QueueArn"])
    redrive = {"deadLetterTargetArn": about["Attributes"]["QueueArn"], "maxReceiveCount": 10}
    attributes = {
        "FifoQueue": "true",
        "ContentBasedDeduplication": "true",
        "VisibilityTimeout": str(6 * _WRITER_SECONDS),
        "RedrivePolicy": json.dumps(redrive),
    }
    return sqs.create_queue(QueueName=f"{of.table}.fifo", Attributes=attributes)["QueueUrl"]


def _sets(of: Emulated, name: str) -> Iterator[dict[str, str]]:
    for scope, region in (("CLOUDFRONT", EDGE_REGION), ("REGIONAL", REGION)):
        for version in ("IPV4", "IPV6"):
            made = of.client("wafv2", region).create_ip_set(
                Name=f"{name}-{scope.lower()}-{version.lower()}",
                Scope=scope,
                IPAddressVersion=version,
                Addresses=[],
            )
            yield {
                "id": made["Summary"]["Id"],
                "name": made["Summary"]["Name"],
                "scope": scope,
                "region": region,
                "version": version,
            }


@contextmanager
def environment(of: Emulated) -> Iterator[None]:
    """Make the process the writer's own: its environment, and nothing of another one's."""
    from bulwark_runtime.block_list import aws

    before = dict(os.environ)
    os.environ.update({**of.environment, **of.settings})
    caches = (aws._settings, aws._client, aws._resource)  # noqa: SLF001 of whoever was it before
    for cache in caches:
        cache.cache_clear()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        for cache in caches:
            cache.cache_clear()


class Context:
    """What Lambda tells a function of its call, as far as the writer asks."""

    aws_request_id = "emulated"

    def __init__(self, seconds: float = _WRITER_SECONDS) -> None:
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (self._end - time.monotonic()))


def pump(of: Emulated, sqs: Any, *, wait_seconds: int = 0) -> int:
    """What Lambda does with a queue: one batch to the writer, in its environment.

    How many messages there were. Those that fail stay; what the writer raises is passed on.
    """
    from bulwark_runtime.block_list import aws

    answer = sqs.receive_message(
        QueueUrl=of.queue_url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=wait_seconds,
        AttributeNames=["All"],
    )
    records = [_record(message) for message in answer.get("Messages", [])]
    if not records:
        return 0
    answered = aws.handler({"Records": records}, Context())
    failed = {item["itemIdentifier"] for item in answered["batchItemFailures"]}
    for record in records:
        if record["messageId"] not in failed:
            sqs.delete_message(QueueUrl=of.queue_url, ReceiptHandle=record["receiptHandle"])
    return len(records)


def _record(message: dict[str, Any]) -> dict[str, Any]:
    """A message as it is in Lambda's event."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
    }


def tick(of: Emulated, sqs: Any) -> None:
    """What EventBridge does each minute."""
    event = {"id": str(uuid.uuid4()), "source": "aws.events", "detail-type": "Scheduled Event"}
    sqs.send_message(
        QueueUrl=of.queue_url,
        MessageBody=json.dumps(event),
        MessageGroupId=GROUP,
        MessageDeduplicationId=event["id"],
    )


def run(of: Emulated, stop: threading.Event, *, tick_seconds: float) -> None:
    """Be the block list until somebody stops it. It runs in the writer's `environment`."""
    sqs = of.client("sqs")
    next_tick = 0.0
    while not stop.is_set():
        if time.monotonic() >= next_tick:
            tick(of, sqs)
            next_tick = time.monotonic() + tick_seconds
        if not pump(of, sqs):
            stop.wait(0.1)
