"""The block list as it is deployed, made against the service models, and then used."""

import json

import pulumi_aws as aws
import pytest

from bulwark_toolkit import emulated
from bulwark_toolkit.testing import Preview
from pulumi_bulwark.incident_response import BlockListSpec
from pulumi_bulwark.incident_response.aws_block_list import AwsBlockList, AwsBlockListArgs
from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.waf.aws_list import AwsIpList, AwsIpListArgs

REGION = "eu-central-1"
ACCOUNT = "123456789012"


def program():
    key = aws.kms.Key("key")
    boundary = aws.iam.Policy(
        "boundary",
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            }
        ),
    )
    lists = [
        AwsIpList(f"set-{scope}", AwsIpListArgs(scope=scope, region=region))
        for scope, region in (("CLOUDFRONT", "us-east-1"), ("REGIONAL", REGION))
    ]
    AwsBlockList(
        "it",
        AwsBlockListArgs(
            spec=BlockListSpec(),
            store=AwsLogStore(
                account_id=ACCOUNT,
                region=REGION,
                key_arn=key.arn,
                retention_days=400,
                access_logs_id="logs",
                deletion_protection=False,
            ),
            key_arn=key.arn,
            boundary_arn=boundary.arn,
            sets={"blocked": [made for each in lists for made in each.sets]},
            deletion_protection=False,
        ),
    )


@pytest.fixture(scope="module")
def account():
    graph = Preview()(program, config={"aws:region": REGION}, rendered=True)
    with emulated.deploy(graph) as made:
        yield made


def test_both_queues_are_in_order_and_the_first_tells_messages_apart_by_what_is_in_them(account):
    about = {
        name: account.client("sqs", REGION).get_queue_attributes(
            QueueUrl=account[name]["url"], AttributeNames=["All"]
        )["Attributes"]
        for name in ("it-requests-queue", "it-requests-dead-letters")
    }

    assert {of["FifoQueue"] for of in about.values()} == {"true"}
    assert about["it-requests-queue"]["ContentBasedDeduplication"] == "true"
    redrive = json.loads(about["it-requests-queue"]["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == about["it-requests-dead-letters"]["QueueArn"]


def test_the_table_has_a_part_and_an_item_for_its_key(account):
    table = account.client("dynamodb", REGION).describe_table(TableName="project-stack-it")["Table"]

    assert table["KeySchema"] == [
        {"AttributeName": "part", "KeyType": "HASH"},
        {"AttributeName": "item", "KeyType": "RANGE"},
    ]


def test_the_queue_is_read_by_the_writer(account):
    (reading,) = account.client("lambda", REGION).list_event_source_mappings()[
        "EventSourceMappings"
    ]

    assert reading["EventSourceArn"].endswith(".fifo")
    assert reading["BatchSize"] == 10
