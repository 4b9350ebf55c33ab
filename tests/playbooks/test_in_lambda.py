"""The responder in Lambda's own runtime, from the zip that is deployed."""

import json

import boto3
import pytest
from moto.server import ThreadedMotoServer

from bulwark_runtime.playbooks import samples

pytestmark = pytest.mark.e2e

ACCOUNT, REGION = "123456789012", "eu-central-1"
EVENTS, DECISIONS = (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in ("events", "decisions"))
NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture(scope="module")
def services():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def record(source, body, sender="x"):
    return {
        "messageId": f"message-{hash((source, body))}",
        "body": body,
        "eventSourceARN": source,
        "attributes": {"ApproximateReceiveCount": "1", "SenderId": sender},
    }


def test_an_event_waits_and_an_approval_has_it_done(lambda_runtime, services):
    session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")

    def client(service):
        return session.client(service, region_name=REGION, endpoint_url=services)

    client("dynamodb").create_table(
        TableName="cases",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    place = {"LocationConstraint": REGION}
    client("s3").create_bucket(Bucket="audit-logs", CreateBucketConfiguration=place)
    client("cloudtrail").create_trail(Name="audit", S3BucketName="audit-logs")
    topic = client("sns").create_topic(Name="page")["TopicArn"]
    approver = client("iam").create_role(RoleName="security", AssumeRolePolicyDocument=NOBODY)
    playbook = {
        "source": "trail",
        "types": ["cloudtrail:StopLogging"],
        "action": "start-trail",
        "mode": "approve",
    }
    respond = lambda_runtime(
        "playbooks",
        "bulwark_runtime.playbooks.aws.handler",
        {
            "AWS_ENDPOINT_URL": services,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "BULWARK_STACK": "prod",
            "BULWARK_RUNBOOK": "docs/runbook.md",
            "BULWARK_ACCOUNT": ACCOUNT,
            "BULWARK_TABLE": "cases",
            "BULWARK_TOPICS": json.dumps({"page": topic, "ticket": topic}),
            "BULWARK_PLAYBOOKS": json.dumps({"trail-stopped": playbook}),
            "BULWARK_ROLES": f"arn:aws:iam::{ACCOUNT}:role/respond/it-{{}}",
            "BULWARK_APPROVERS": json.dumps([approver["Role"]["Arn"]]),
            "BULWARK_DECISIONS": DECISIONS,
            "BULWARK_ATTEMPTS": "5",
        },
    )

    def logs():
        return client("cloudtrail").get_trail_status(Name="audit")["IsLogging"]

    event = record(EVENTS, json.dumps(samples.all_()["trail-trail"]))
    assert respond({"Records": [event]}) == {"batchItemFailures": []}
    (item,) = client("dynamodb").scan(TableName="cases")["Items"]
    case = item["id"]["S"].removeprefix("case#")
    assert not logs()

    body = json.dumps({"format": "bulwark.decision/1", "decision": "approve", "of": case})
    sender = f"{approver['Role']['RoleId']}:ada"
    answer = respond({"Records": [record(DECISIONS, body, sender)]})
    assert answer == {"batchItemFailures": []}
    assert logs()
