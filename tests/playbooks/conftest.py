"""The responder over an account in moto, with a clock that tests turn."""

import functools
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import boto3
import moto
import pytest

from bulwark_runtime.playbooks import Decision, Playbook, Responder, actions, events, samples
from bulwark_runtime.playbooks.aws_cases import TableCases
from bulwark_runtime.playbooks.responder import Person

ACCOUNT, REGION = "123456789012", "eu-central-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
START = datetime(2026, 11, 2, 3, 15, tzinfo=UTC)


@pytest.fixture
def account(monkeypatch):
    """An empty account in this process. Nothing of the developer's own is read."""
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with moto.mock_aws():
        yield _client


@functools.cache
def _client(service):
    """Once for all tests: to read a service's model takes longer than a test."""
    return boto3.client(service, REGION)


@dataclass
class World:
    """What is around the responder, and what it did."""

    client: object
    book: TableCases
    queue_url: str
    told: list = field(default_factory=list)
    log: list = field(default_factory=list)
    now: datetime = START
    number: int = 0
    responder: Responder = None

    def later(self, **passed):
        self.now += timedelta(**passed)

    def action(self, name, case):
        clients = self.client
        return {
            "block-source": lambda: actions.BlockSource(clients, self.queue_url),
            "close-bucket": lambda: actions.CloseBucket(clients),
            "close-group": lambda: actions.CloseGroup(clients),
            "disable-key": lambda: actions.DisableKey(
                clients, frozenset({f"arn:aws:iam::{ACCOUNT}:user/glass"})
            ),
            "disable-user": lambda: actions.DisableUser(clients),
            "isolate-instance": lambda: actions.IsolateInstance(clients),
            "revoke-sessions": lambda: actions.RevokeSessions(clients, BOUNDARY),
            "rotate-secret": lambda: actions.RotateSecret(clients),
            "start-trail": lambda: actions.StartTrail(clients),
        }[name]()

    def playbooks(self, **by_name):
        found = {
            name.replace("_", "-"): Playbook(name=name.replace("_", "-"), **settings)
            for name, settings in by_name.items()
        }
        self.responder = Responder(
            stack="prod",
            runbook="https://wiki.example.com/runbook",
            account=ACCOUNT,
            region=REGION,
            playbooks=found,
            book=self.book,
            action=self.action,
            tell=lambda how, message: self.told.append((how, message)),
            person=lambda sender: Person(
                allowed=sender.startswith("AROAAPPROVER"), unique_id=sender.partition(":")[0]
            ),
            sample=samples.incident,
            log=lambda case, step: self.log.append((case, step)),
            now=lambda: self.now,
        )
        return self

    def happens(self, event, **more):
        """An event arrives; the cases that come of it."""
        found = [self.responder.meet(incident, **more) for incident in events.read(event)]
        return [case for cases in found for case in cases]

    def decides(self, what, of, by="AROAAPPROVER:ada", number=None):
        self.number += 1
        return self.responder.decide(
            Decision(id=number or f"message-{self.number}", what=what, of=of, by=by)
        )

    def state(self, case):
        return self.book.find(case.id).state

    def steps(self, case):
        return [step.what for step in self.book.find(case.id).history]


@pytest.fixture
def world(account):
    dynamodb = account("dynamodb")
    dynamodb.create_table(
        TableName="cases",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    url = account("sqs").create_queue(QueueName="blocks.fifo", Attributes={"FifoQueue": "true"})[
        "QueueUrl"
    ]
    return World(client=account, book=TableCases(dynamodb, "cases"), queue_url=url)


@pytest.fixture
def sample():
    """A documented event with other subjects: texts of it are replaced by these."""

    def make(name, **replaced):
        text = json.dumps(samples.all_()[name])
        for old, new in replaced.items():
            text = text.replace(OF_SAMPLES[old], new)
        return json.loads(text)

    return make


OF_SAMPLES = {
    "account": ACCOUNT,
    "address": "8.8.4.4",
    "bucket": '"reports"',
    "group": "sg-0a1b2c3d4e5f60718",
    "rule": "sgr-0a1b2c3d4e5f60718",
    "key": "AKIAIOSFODNN7EXAMPLE",
    "machine": "i-0a1b2c3d4e5f60718",
    "pool": f"{REGION}_aB1cD2eF3",
    "secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:webhook-a1B2c3",
    "trail": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/audit",
    "user": "0a1b2c3d-0000-4000-8000-000000000000",
    "at": "2026-11-02T03:14:07",
    "id": "11111111111111111111111111111111",
}
