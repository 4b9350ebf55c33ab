import json

import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import incident_response

A = "aws.incident_response."
ROLE = "arn:aws:iam::123456789012:role/writer"
WRITER = "bulwark_runtime.block_list.aws.handler"
SETS = "arn:aws:wafv2:us-east-1:123456789012:global/ipset/"


def nothing():
    """A program without a block list."""
    aws.s3.Bucket("it")


def function(handler=WRITER, timeout=60, **variables):
    return aws.lambda_.Function(
        "it",
        role=ROLE,
        handler=handler,
        timeout=timeout,
        environment={"variables": variables} if variables else None,
    )


def reading(handler=WRITER, queue=None, timeout=60, **mapping):
    def program():
        made = aws.sqs.Queue("queue", **(queue or {}))
        aws.lambda_.EventSourceMapping(
            "it",
            event_source_arn=made.arn,
            function_name=function(handler, timeout).arn,
            **mapping,
        )

    return program


def reading_a_stream():
    stream = aws.kinesis.Stream("stream", shard_count=1)
    aws.lambda_.EventSourceMapping(
        "it", event_source_arn=stream.arn, function_name=function("app.main").arn
    )


def targeting(**queue):
    def program():
        made = aws.sqs.Queue("queue", fifo_queue=True, **queue)
        rule = aws.cloudwatch.EventRule("rule", schedule_expression="rate(1 minute)")
        aws.cloudwatch.EventTarget(
            "it", rule=rule.name, arn=made.arn, sqs_target={"message_group_id": "one"}
        )

    return program


def targeting_a_plain_queue():
    rule = aws.cloudwatch.EventRule("rule", schedule_expression="rate(1 minute)")
    aws.cloudwatch.EventTarget("it", rule=rule.name, arn=aws.sqs.Queue("queue").arn)


def told(**variables):
    return lambda: function(**variables)


def elsewhere():
    """A function of somebody else's with a setting of the same name."""
    function("app.main", BULWARK_WIDEST="1 1", BULWARK_HISTORY_DAYS="1", BULWARK_TABLE="t")


def keeping(*, denies=("dynamodb:PutItem", "dynamodb:UpdateItem"), condition="ArnNotEquals"):
    def program():
        table = aws.dynamodb.Table(
            "table",
            name="block-list",
            hash_key="part",
            attributes=[{"name": "part", "type": "S"}],
            billing_mode="PAY_PER_REQUEST",
        )
        aws.dynamodb.Table(
            "another",
            name="another",
            hash_key="part",
            attributes=[{"name": "part", "type": "S"}],
            billing_mode="PAY_PER_REQUEST",
        )
        function(BULWARK_TABLE=table.name)
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": list(denies),
            "Resource": "*",
            "Condition": {condition: {"aws:PrincipalArn": [ROLE]}},
        }
        document = {"Version": "2012-10-17", "Statement": [statement]}
        if denies:
            aws.dynamodb.ResourcePolicy(
                "policy", resource_arn=table.arn, policy=json.dumps(document)
            )

    return program


def allowing(action, resource):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return lambda: aws.iam.RolePolicy("it", role="it", policy=policy)


ALONE = {"function_response_types": ["ReportBatchItemFailures"]}

CASES = {
    A + "block-list-has-one-writer": (
        reading(queue={"fifo_queue": True}),
        reading(),
        reading("app.main"),
    ),
    A + "a-queue-gives-back-what-failed-alone": (reading(**ALONE), reading(), reading_a_stream),
    A + "messages-stay-hidden-while-they-are-handled": (
        reading(queue={"visibility_timeout_seconds": 360}),
        reading(queue={"visibility_timeout_seconds": 359}),
        reading_a_stream,
    ),
    A + "events-reach-a-queue-in-order": (
        targeting(content_based_deduplication=True),
        targeting(),
        targeting_a_plain_queue,
    ),
    A + "block-list-refuses-what-is-too-wide": (
        told(BULWARK_WIDEST="24 48"),
        told(BULWARK_WIDEST="8 48"),
        elsewhere,
    ),
    A + "block-list-keeps-its-history": (
        told(BULWARK_HISTORY_DAYS="400"),
        told(BULWARK_HISTORY_DAYS="90"),
        elsewhere,
    ),
    A + "block-list-is-changed-by-its-writer-alone": (keeping(), keeping(denies=()), elsewhere),
    A + "lists-of-addresses-are-changed-by-name": (
        allowing("wafv2:UpdateIPSet", f"{SETS}blocked/1"),
        allowing("wafv2:UpdateIPSet", "*"),
        allowing("wafv2:GetIPSet", "*"),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(incident_response).values() if r in RULES} == CASES.keys()


def test_a_message_at_a_time_needs_no_answer_about_several(outcomes):
    rule_id = A + "a-queue-gives-back-what-failed-alone"

    assert outcomes(rule_id, reading(batch_size=1)) == {"not applicable"}


def test_what_aws_takes_where_nothing_is_said_is_too_short_for_a_minute(outcomes):
    rule_id = A + "messages-stay-hidden-while-they-are-handled"

    assert outcomes(rule_id, reading()) == {"fail"}
    assert outcomes(rule_id, reading(timeout=5)) == {"pass"}


def test_both_versions_of_ip_have_a_floor(outcomes):
    rule_id = A + "block-list-refuses-what-is-too-wide"

    assert outcomes(rule_id, told(BULWARK_WIDEST="24 19")) == {"fail"}


@pytest.mark.parametrize(
    ("denies", "condition", "outcome"),
    [
        (["dynamodb:*"], "ArnNotEquals", "pass"),
        (["dynamodb:PutItem"], "ArnNotEquals", "fail"),
        (["dynamodb:DeleteTable"], "ArnNotEquals", "fail"),
    ],
)
def test_a_table_is_closed_when_every_way_to_write_into_it_is(outcomes, denies, condition, outcome):
    rule_id = A + "block-list-is-changed-by-its-writer-alone"

    assert outcomes(rule_id, keeping(denies=denies, condition=condition)) == {outcome}


@pytest.mark.parametrize(
    ("resource", "outcome"),
    [
        (f"{SETS}pay-*", "pass"),
        (f"{SETS}*", "fail"),
        ("arn:aws:wafv2:*", "fail"),
        ("arn:aws:wafv2:us-east-1:123456789012:global/*", "fail"),
    ],
)
@pytest.mark.parametrize("action", ["wafv2:UpdateIPSet", "wafv2:*", "*"])
def test_a_list_is_named_by_its_name(outcomes, action, resource, outcome):
    rule_id = A + "lists-of-addresses-are-changed-by-name"

    assert outcomes(rule_id, allowing(action, resource)) == {outcome}
