"""From the command line to the responder and back, in one process, over moto."""

import importlib
import json
import os
import time

import boto3
import moto
import pytest

from bulwark_runtime.playbooks import aws, samples
from pulumi_bulwark.naming import physical

ACCOUNT, REGION = "123456789012", "eu-central-1"
APPROVER = f"arn:aws:iam::{ACCOUNT}:role/security"
NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})

STACK_FILE = f"""
config:
  aws:region: {REGION}
  bulwark:cloud: aws
  bulwark:profile: staging
  bulwark:tags: {{owner: me, environment: dev, costCenter: "1", dataClassification: internal}}
  bulwark:incidentResponse: {{approvers: ["{APPROVER}"]}}
"""


@pytest.fixture
def account(monkeypatch, tmp_path):
    """An AWS account in this process. Nothing of the developer's own is read."""
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "HOME": str(tmp_path),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    with moto.mock_aws():
        yield lambda service: boto3.client(service, REGION)


class Deployed:
    """What the stack has of incident response; its function runs when somebody waits for it."""

    def __init__(self, client, folder, monkeypatch):
        self.client, self.folder = client, folder
        of = ("bulwark", "dev", "dev-incident-response")
        names = {"table": physical("dynamodb-table", *of, "cases")}
        client("dynamodb").create_table(
            TableName=names["table"],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        queue = physical("queue", "bulwark", "dev", "dev-incident-response-inbox", "decisions")
        self.queue = client("sqs").create_queue(QueueName=queue)["QueueUrl"]
        self.sender = client("iam").create_role(
            RoleName="security", AssumeRolePolicyDocument=NOBODY
        )["Role"]["RoleId"]
        place = {"LocationConstraint": REGION}
        client("s3").create_bucket(Bucket="audit-logs", CreateBucketConfiguration=place)
        client("cloudtrail").create_trail(Name="audit", S3BucketName="audit-logs")
        topic = client("sns").create_topic(Name="alarms")["TopicArn"]
        playbook = {
            "source": "trail",
            "types": ["cloudtrail:StopLogging"],
            "action": "start-trail",
            "mode": "approve",
        }
        for name, value in {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "BULWARK_STACK": "dev",
            "BULWARK_RUNBOOK": "docs/runbook.md",
            "BULWARK_ACCOUNT": ACCOUNT,
            "BULWARK_TABLE": names["table"],
            "BULWARK_TOPICS": json.dumps({"page": topic, "ticket": topic}),
            "BULWARK_PLAYBOOKS": json.dumps({"trail-stopped": playbook}),
            "BULWARK_ROLES": f"arn:aws:iam::{ACCOUNT}:role/respond/it-{{}}",
            "BULWARK_APPROVERS": json.dumps([APPROVER]),
            "BULWARK_DECISIONS": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
            "BULWARK_ATTEMPTS": "5",
        }.items():
            monkeypatch.setenv(name, value)
        for thing in vars(aws).values():
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()

    def works(self, _=None):
        """What Lambda does with the queue while somebody waits."""
        sqs = self.client("sqs")
        got = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in got:
            self.handle(os.environ["BULWARK_DECISIONS"], message["Body"], message["MessageId"])
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def handle(self, source, body, number="1"):
        attributes = {"ApproximateReceiveCount": "1", "SenderId": f"{self.sender}:ada"}
        record = {
            "messageId": number,
            "body": body,
            "eventSourceARN": source,
            "attributes": attributes,
        }
        aws.handler({"Records": [record]}, None)

    def happens(self, event="trail-trail"):
        self.handle("events", json.dumps(samples.all_()[event]))
        scanned = self.client("dynamodb").scan(TableName=os.environ["BULWARK_TABLE"])["Items"]
        (found,) = [each["id"]["S"] for each in scanned if each["id"]["S"].startswith("case#")]
        return found.removeprefix("case#")

    @property
    def logs(self):
        return self.client("cloudtrail").get_trail_status(Name="audit")["IsLogging"]


@pytest.fixture
def deployed(account, ours, monkeypatch):
    made = Deployed(account, ours(STACK_FILE), monkeypatch)
    monkeypatch.setattr(time, "sleep", made.works)
    return made


def test_what_waits_is_listed(bulwark, deployed, capsys):
    case = deployed.happens()
    capsys.readouterr()

    listed = bulwark("respond", "list", "-C", deployed.folder)

    assert listed.status == 0
    assert case in listed.out
    assert "would start trail" in listed.out


def test_nothing_waits(bulwark, deployed):
    assert bulwark("respond", "list", "-C", deployed.folder).out == "Nothing waits.\n"


def test_an_approval_is_sent_and_what_came_of_it_is_shown(bulwark, deployed):
    case = deployed.happens()

    approved = bulwark("respond", "approve", case, "-C", deployed.folder)

    assert approved.status == 0
    assert f"{case} is done" in approved.out
    assert deployed.logs


def test_what_is_declined_is_an_exit_status(bulwark, deployed):
    case = deployed.happens()
    bulwark("respond", "reject", case, "-C", deployed.folder)

    late = bulwark("respond", "approve", case, "-C", deployed.folder)

    assert late.status == 1
    assert "approve declined: it is rejected, not waiting" in late.err
    assert not deployed.logs


def test_a_case_is_shown_with_all_that_was_done(bulwark, deployed, capsys):
    case = deployed.happens()
    bulwark("respond", "approve", case, "-C", deployed.folder)

    shown = bulwark("respond", "show", case, "-C", deployed.folder)

    assert f"approved  ({deployed.sender}:ada)" in shown.out
    assert "logs again" in shown.out


def test_a_case_is_shown_to_programs(bulwark, deployed, capsys):
    case = deployed.happens()
    capsys.readouterr()

    listed = bulwark("respond", "list", "--format", "json", "-C", deployed.folder)

    (found,) = json.loads(listed.out)
    assert (found["id"], found["state"]) == (case, "waiting")


def test_a_playbook_is_fired_in_dry_run(bulwark, deployed):
    fired = bulwark("respond", "fire", "trail-stopped", "-C", deployed.folder)

    assert fired.status == 0
    assert "(dry run)" in fired.out
    assert not deployed.logs


def test_a_case_that_is_not_there_is_an_error(bulwark, deployed):
    missing = bulwark("respond", "approve", "0" * 16, "-C", deployed.folder)

    assert missing.status == 2
    assert "no such case" in missing.err


def test_a_playbook_that_is_not_there_names_the_nearest(bulwark, deployed):
    missing = bulwark("respond", "fire", "trail-stoped", "-C", deployed.folder)

    assert missing.status == 2
    assert "Did you mean trail-stopped?" in missing.err


def test_who_does_not_wait_is_told_what_was_sent(bulwark, deployed):
    case = deployed.happens()
    sent = bulwark("respond", "approve", case, "--wait", "0", "-C", deployed.folder)

    assert sent.status == 0
    assert "bulwark respond show" in sent.err
    assert not deployed.logs


def test_a_stack_without_playbooks_says_so(bulwark, account, ours):
    folder = ours(f"{STACK_FILE}".replace("{approvers", "{enabled: false, approvers"))
    listed = bulwark("respond", "list", "-C", folder)

    assert listed.status == 2
    assert "has no playbooks" in listed.err


def test_it_speaks_as_the_responder_listens():
    # The package's own name for it is the command.
    assert importlib.import_module("bulwark_toolkit.cli.respond").FORMAT == aws.FORMAT
