"""From EventBridge to the changed resource: the rules, the queues and the packaged function.

The emulator asks no policy and puts the same sender on every message: these tests say how things
are wired, and nothing of who is let in.
"""

import json
import time

import boto3
import pytest
from ministack import ACCOUNT, ministack

from bulwark_runtime.playbooks import samples
from pulumi_bulwark.function import Package
from pulumi_bulwark.incident_response import aws_triggers
from pulumi_bulwark.incident_response.aws import _settings
from pulumi_bulwark.incident_response.builtin import ACTING

REGION = "eu-central-1"
PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    with ministack(tmp_path_factory.mktemp("ministack"), LAMBDA_EXECUTOR="local") as address:
        yield address


@pytest.fixture(scope="module")
def client(endpoint):
    session = boto3.Session(aws_access_key_id="emulated", aws_secret_access_key="emulated")
    return lambda service: session.client(service, region_name=REGION, endpoint_url=endpoint)


def queue(client, name, **attributes):
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, found["Attributes"]["QueueArn"]


class Wired:
    """The playbooks of prod, as the component wires them."""

    def __init__(self, client, endpoint, code):
        self.client = client
        self.dead_url, dead = queue(client, "dead")
        redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
        how = {"VisibilityTimeout": "8", "RedrivePolicy": redrive}
        self.events_url, events = queue(client, "events", **how)
        self.decisions_url, decisions = queue(client, "decisions", **how)
        self.blocks_url, _ = queue(client, "blocks.fifo", FifoQueue="true")
        self.mail_url, mail = queue(client, "mail")
        topic = client("sns").create_topic(Name="page")["TopicArn"]
        client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=mail)
        client("dynamodb").create_table(
            TableName="cases",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for source, pattern in aws_triggers.patterns(list(ACTING.values())).items():
            # As from AWS itself nobody may put an event, in the emulator as in the cloud.
            own = pattern.replace('"aws.', '"of-aws.')
            client("events").put_rule(Name=source, EventPattern=own)
            client("events").put_targets(Rule=source, Targets=[{"Id": "it", "Arn": events}])
        function = client("lambda").create_function(
            FunctionName="responder",
            Runtime="python3.13",
            Handler="bulwark_runtime.playbooks.aws.handler",
            Role=f"arn:aws:iam::{ACCOUNT}:role/responder",
            Timeout=30,
            Code={"ZipFile": code},
            Environment={
                "Variables": {
                    "AWS_ENDPOINT_URL": endpoint,
                    "AWS_ACCESS_KEY_ID": "emulated",
                    "AWS_SECRET_ACCESS_KEY": "emulated",
                    "AWS_REGION": REGION,
                    "AWS_DEFAULT_REGION": REGION,
                    "BULWARK_STACK": "prod",
                    "BULWARK_RUNBOOK": "docs/runbook.md",
                    "BULWARK_ACCOUNT": ACCOUNT,
                    "BULWARK_TABLE": "cases",
                    "BULWARK_TOPICS": json.dumps({"page": topic, "ticket": topic}),
                    "BULWARK_PLAYBOOKS": json.dumps({n: _settings(p) for n, p in ACTING.items()}),
                    "BULWARK_ROLES": f"arn:aws:iam::{ACCOUNT}:role/respond/it-{{}}",
                    "BULWARK_DECISIONS": decisions,
                    "BULWARK_ATTEMPTS": "2",
                    "BULWARK_BLOCK_QUEUE": self.blocks_url,
                }
            },
        )["FunctionArn"]
        for source in (events, decisions):
            client("lambda").create_event_source_mapping(
                FunctionName=function,
                EventSourceArn=source,
                BatchSize=5,
                FunctionResponseTypes=["ReportBatchItemFailures"],
            )

    def happens(self, event):
        entry = {
            "Source": f"of-{event['source']}",
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "Resources": event["resources"],
        }
        answer = self.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer

    def got(self, url, count=1):
        """As many messages of a queue, once they are there."""
        found = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and len(found) < count:
            answer = self.client("sqs").receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                found.append(message["Body"])
                self.client("sqs").delete_message(
                    QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]
                )
            time.sleep(0.1)
        assert len(found) >= count, "it never came"
        return found

    def told(self, count=1):
        return [json.loads(body)["Message"] for body in self.got(self.mail_url, count)]


@pytest.fixture(scope="module")
def wired(client, endpoint, packaged):
    return Wired(client, endpoint, packaged(Package("playbooks")).read_bytes())


def test_an_attack_from_outside_becomes_one_request_to_the_block_list(wired):
    event = samples.all_()["guardduty-address"]
    another = json.loads(
        json.dumps(event).replace("8.8.4.4", "9.9.9.9").replace("1" * 32, "9" * 32)
    )
    wired.happens(event)
    told = wired.told()
    wired.happens(event)
    wired.happens(another)
    told += wired.told()

    asked = [json.loads(body)["networks"] for body in wired.got(wired.blocks_url, 2)]
    assert asked == [["8.8.4.4/32"], ["9.9.9.9/32"]]
    assert [("8.8.4.4/32" in text, "9.9.9.9/32" in text) for text in told] == [
        (True, False),
        (False, True),
    ]


def test_a_leaked_key_waits_and_a_stranger_does_not_approve_it(wired, client):
    iam = client("iam")
    iam.create_user(UserName="reports")
    key = iam.create_access_key(UserName="reports")["AccessKey"]["AccessKeyId"]
    event = json.dumps(samples.all_()["guardduty-access-key"]).replace("AKIAIOSFODNN7EXAMPLE", key)
    wired.happens(json.loads(event))

    (told,) = wired.told()
    assert f"would disable access key {key} of user reports" in told
    case = told.split("bulwark respond approve ")[1].split()[0]
    decision = {"format": "bulwark.decision/1", "decision": "approve", "of": case}
    client("sqs").send_message(QueueUrl=wired.decisions_url, MessageBody=json.dumps(decision))

    declined = wired_case(wired, case, "approve declined")
    assert "whoever asked is no approver" in declined
    (kept,) = iam.list_access_keys(UserName="reports")["AccessKeyMetadata"]
    assert kept["Status"] == "Active"


def wired_case(wired, case, words):
    """The record of a case once it has these words."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = wired.client("dynamodb").get_item(
            TableName="cases", Key={"id": {"S": f"case#{case}"}}
        )
        if words in json.dumps(found.get("Item", {})):
            return json.dumps(found["Item"])
        time.sleep(0.1)
    pytest.fail("it never came")


def test_what_nobody_can_read_is_kept_for_a_person(wired, client):
    client("sqs").send_message(QueueUrl=wired.events_url, MessageBody="no JSON")

    assert wired.got(wired.dead_url) == ["no JSON"]


MATCHED = {
    "guardduty-address": True,
    "guardduty-bucket": True,
    "guardduty-instance": True,
    "guardduty-role": True,
    "security-hub-secret": True,
    "security-hub-security-group": True,
    "trail-trail": True,
    "alarm-instance": False,
    "security-hub-bucket": False,
    "trail-bucket": False,
    "trail-secret": False,
}


@pytest.mark.parametrize("name", MATCHED)
def test_the_rules_let_through_what_playbooks_are_for_and_nothing_else(client, name):
    """By the emulator's own matching, whose numbers are right by delivery only: all are high."""
    event = samples.all_()[name]
    patterns = aws_triggers.patterns(list(ACTING.values()))
    matched = [
        client("events").test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]
        for pattern in patterns.values()
    ]

    assert any(matched) == MATCHED[name]
