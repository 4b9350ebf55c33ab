"""What keeps the events that a function could not handle, made against the service models."""

import json

import pulumi_aws as aws
import pytest

from pulumi_bulwark.function.aws_failures import AwsFailures, AwsFailuresArgs

REGION = "eu-central-1"


@pytest.fixture
def queue(deployed):
    def program():
        key = aws.kms.Key("key")
        AwsFailures("it", AwsFailuresArgs(region=REGION, key_arn=key.arn, days=14))

    account = deployed(program)
    return account.client("sqs", REGION).get_queue_attributes(
        QueueUrl=account["it-queue"]["url"], AttributeNames=["All"]
    )["Attributes"]


def test_the_queue_keeps_an_event_for_two_weeks(queue):
    assert queue["MessageRetentionPeriod"] == str(14 * 86_400)


def test_the_queue_is_encrypted_with_our_key(queue):
    assert queue["KmsMasterKeyId"].startswith("arn:aws:kms:")


def test_the_queue_answers_over_tls_only(queue):
    (statement,) = json.loads(queue["Policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
