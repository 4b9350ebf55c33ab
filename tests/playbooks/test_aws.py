"""The function as Lambda calls it: messages of two queues, with settings and roles as deployed."""

import json
import uuid
from types import SimpleNamespace

import pytest
from botocore.client import BaseClient

from bulwark_runtime.playbooks import aws, samples
from bulwark_runtime.playbooks.aws_cases import TableCases

ACCOUNT, REGION = "123456789012", "eu-central-1"
EVENTS, DECISIONS = (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in ("events", "decisions"))
NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})


class Cloud:
    """An account with a stopped trail, and the function beside it."""

    def __init__(self, client, monkeypatch):
        self.client, self._monkeypatch = client, monkeypatch
        place = {"LocationConstraint": REGION}
        client("s3").create_bucket(Bucket="audit-logs", CreateBucketConfiguration=place)
        client("cloudtrail").create_trail(Name="audit", S3BucketName="audit-logs")
        made = client("iam").create_role(RoleName="security", AssumeRolePolicyDocument=NOBODY)
        self.approver = made["Role"]
        self.topics = {
            how: client("sns").create_topic(Name=how)["TopicArn"] for how in ("page", "ticket")
        }
        self.mail = client("sqs").create_queue(QueueName="mail")["QueueUrl"]
        for topic in self.topics.values():
            client("sns").subscribe(
                TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:mail"
            )

    def run(self, mode="auto", **settings):
        playbook = {
            "source": "trail",
            "types": ["cloudtrail:"],
            "action": "start-trail",
            "mode": mode,
        }
        variables = {
            "AWS_REGION": REGION,
            "BULWARK_STACK": "prod",
            "BULWARK_RUNBOOK": "docs/runbook.md",
            "BULWARK_ACCOUNT": ACCOUNT,
            "BULWARK_TABLE": "cases",
            "BULWARK_TOPICS": json.dumps(self.topics),
            "BULWARK_PLAYBOOKS": json.dumps({"trail-stopped": playbook}),
            "BULWARK_ROLES": f"arn:aws:iam::{ACCOUNT}:role/respond/it-{{}}",
            "BULWARK_APPROVERS": json.dumps([self.approver["Arn"]]),
            "BULWARK_DECISIONS": DECISIONS,
            "BULWARK_ATTEMPTS": "5",
            **settings,
        }
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
        for thing in vars(aws).values():  # what an instance keeps from call to call
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()
        return self

    def handle(self, *records):
        answer = aws.handler({"Records": list(records)}, SimpleNamespace(aws_request_id="1"))
        return [failed["itemIdentifier"] for failed in answer["batchItemFailures"]]

    def event(self, event="trail-trail", **attributes):
        body = json.dumps(samples.all_()[event]) if event in samples.all_() else event
        return message(EVENTS, body, SenderId="events", **attributes)

    def decision(self, what, of, sender=None, **attributes):
        body = {"format": aws.FORMAT, "decision": what, "of": of}
        sender = sender or f"{self.approver['RoleId']}:ada"
        return message(DECISIONS, json.dumps(body), SenderId=sender, **attributes)

    @property
    def logs(self):
        return self.client("cloudtrail").get_trail_status(Name="audit")["IsLogging"]

    @property
    def case(self):
        scanned = self.client("dynamodb").scan(TableName="cases")["Items"]
        (found,) = [each["id"]["S"] for each in scanned if each["id"]["S"].startswith("case#")]
        return TableCases(self.client("dynamodb"), "cases").find(found.removeprefix("case#"))

    def told(self):
        got = self.client("sqs").receive_message(QueueUrl=self.mail, MaxNumberOfMessages=10)
        return [json.loads(each["Body"]) for each in got.get("Messages", [])]


def message(source, body, **attributes):
    attributes = {"ApproximateReceiveCount": "1", **attributes}
    return {
        "messageId": str(uuid.uuid4()),
        "body": body,
        "eventSourceARN": source,
        "attributes": attributes,
    }


@pytest.fixture
def cloud(world, account, monkeypatch):
    return Cloud(account, monkeypatch)


def test_an_event_is_acted_on(cloud):
    assert cloud.run().handle(cloud.event()) == []
    assert cloud.logs


def test_people_are_told_by_the_topic(cloud):
    cloud.run().handle(cloud.event())

    (told,) = cloud.told()
    assert told["TopicArn"] == cloud.topics["page"]
    assert told["Subject"] == "[prod] trail-stopped: was acted on"
    assert "logs again" in told["Message"]


def test_an_action_runs_as_its_own_role_in_a_session_named_after_the_case(cloud, monkeypatch):
    make, calls = BaseClient._make_api_call, []

    def note(self, operation, given):
        calls.append((operation, given, self._request_signer._credentials.access_key))
        return make(self, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", note)
    cloud.run().handle(cloud.event())

    (taken,) = [given for operation, given, _ in calls if operation == "AssumeRole"]
    (key,) = {key for operation, _, key in calls if operation == "StartLogging"}
    assert taken["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/respond/it-start-trail"
    assert taken["RoleSessionName"] == cloud.case.id
    assert key != "testing"  # the function's own


def test_an_approvers_decision_counts(cloud):
    cloud.run("approve").handle(cloud.event())
    assert not cloud.logs

    assert cloud.handle(cloud.decision("approve", cloud.case.id)) == []
    assert cloud.logs


@pytest.mark.parametrize("sender", ["AROASTRANGER:ada", "AIDASTRANGER", "", "security"])
def test_a_strangers_decision_does_not(cloud, sender):
    cloud.run("approve").handle(cloud.event())
    cloud.handle(cloud.decision("approve", cloud.case.id, sender=sender or "?"))

    assert not cloud.logs
    assert cloud.case.history[-1].what == "approve declined: whoever asked is no approver"


def test_a_role_that_was_made_anew_under_an_approvers_name_is_the_approver_and_the_old_one_is_not(
    cloud,
):
    cloud.run("approve").handle(cloud.event())
    cloud.client("iam").delete_role(RoleName="security")
    cloud.client("iam").create_role(RoleName="security", AssumeRolePolicyDocument=NOBODY)

    cloud.handle(cloud.decision("approve", cloud.case.id))

    assert cloud.case.state == "waiting"


def test_a_role_of_the_same_name_at_another_path_is_no_approver(cloud):
    other = f"arn:aws:iam::{ACCOUNT}:role/elsewhere/security"
    cloud.run("approve", BULWARK_APPROVERS=json.dumps([other])).handle(cloud.event())
    cloud.handle(cloud.decision("approve", cloud.case.id))

    assert cloud.case.state == "waiting"


def test_a_user_can_be_an_approver(cloud):
    user = cloud.client("iam").create_user(UserName="ada")["User"]
    cloud.run("approve", BULWARK_APPROVERS=json.dumps([user["Arn"]])).handle(cloud.event())
    cloud.handle(cloud.decision("approve", cloud.case.id, sender=user["UserId"]))

    assert cloud.case.state == "done"


def test_the_responder_never_approves_what_it_asks_for(cloud, monkeypatch):
    sts = cloud.client("sts")
    own = sts.get_caller_identity()["UserId"].partition(":")[0]
    from bulwark_runtime.playbooks.aws_people import People

    people = People(cloud.client("iam"), sts, [cloud.approver["Arn"]])
    monkeypatch.setattr(people, "_ids", lambda: {own})

    assert not people.of(f"{own}:any").allowed


def test_what_no_one_can_read_goes_to_the_dead_letters_alone(cloud):
    unreadable = [
        cloud.event("no JSON"),
        cloud.event("[]"),
        cloud.event('{"detail-type": "Scheduled Event"}'),
        cloud.event('{"detail-type": "GuardDuty Finding", "detail": {}}'),
        message(DECISIONS, '{"decision": "approve"}', SenderId="x"),
        message(DECISIONS, json.dumps(samples.all_()["trail-trail"]), SenderId="x"),
    ]
    failed = cloud.run().handle(*unreadable, cloud.event())

    assert failed == [record["messageId"] for record in unreadable]
    assert cloud.logs


def test_a_decision_on_the_queue_of_events_is_no_decision(cloud):
    cloud.run("approve").handle(cloud.event())
    decision = cloud.decision("approve", cloud.case.id) | {"eventSourceARN": EVENTS}

    assert cloud.handle(decision) == [decision["messageId"]]
    assert not cloud.logs


def test_what_fails_comes_back_and_after_the_last_attempt_people_are_told(cloud):
    cloud.client("dynamodb")
    cloud.run(BULWARK_ROLES="no-arn-{}")

    first = cloud.event()
    assert cloud.handle(first) == [first["messageId"]]
    assert cloud.told() == []
    last = first | {"attributes": {"ApproximateReceiveCount": "5", "SenderId": "x"}}
    assert cloud.handle(last) == [last["messageId"]]
    (told,) = cloud.told()
    assert told["Subject"] == "[prod] trail-stopped: could not be acted on"


def test_it_counts_cases_and_how_long_an_action_took(cloud, capsys):
    cloud.run().handle(cloud.event())

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    metrics = {
        m["Name"] for line in lines for c in line["_aws"]["CloudWatchMetrics"] for m in c["Metrics"]
    }
    done = [line for line in lines if line.get("result") == "done"]
    assert metrics == {"Cases", "SecondsToAction"}
    assert [line["playbook"] for line in done] == ["trail-stopped"]


def test_a_missing_setting_is_named():
    with pytest.raises(KeyError, match="BULWARK_STACK"):
        aws.Settings.read({"BULWARK_PLAYBOOKS": "{}"})
