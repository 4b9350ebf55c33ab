import json

import pulumi
import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import messaging

A = "aws.messaging."
KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
ARN = "arn:aws:sqs:eu-central-1:123456789012:it"
ROLE = "arn:aws:iam::123456789012:role/it"
IN_THE_CLEAR = {"Bool": {"aws:SecureTransport": "false"}}


def nothing():
    """A program without a message."""
    aws.s3.Bucket("it")


def queue(**inputs):
    return lambda: aws.sqs.Queue("it", **inputs)


def topic(**inputs):
    return lambda: aws.sns.Topic("it", **inputs)


def policy(**statement):
    given = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [given | statement]})


def tls_only(action, **more):
    return policy(Effect="Deny", Action=action, Condition=IN_THE_CLEAR | more)


def permission(**inputs):
    return lambda: aws.cloudwatch.EventPermission("it", statement_id="it", **inputs)


def firehose(**inputs):
    s3 = {"bucket_arn": "arn:aws:s3:::it", "role_arn": ROLE}
    return lambda: aws.kinesis.FirehoseDeliveryStream(
        "it", destination="extended_s3", extended_s3_configuration=s3, **inputs
    )


def with_a_policy(text):
    def program():
        it = aws.sqs.Queue("it")
        aws.sqs.QueuePolicy("policy", queue_url=it.url, policy=text)

    return program


def topic_with_a_policy(text):
    def program():
        it = aws.sns.Topic("it")
        aws.sns.TopicPolicy("policy", arn=it.arn, policy=text)

    return program


def set_aside():
    failed = aws.sqs.Queue("failed")
    redrive = {"deadLetterTargetArn": failed.arn, "maxReceiveCount": 3}
    aws.sqs.Queue("it", redrive_policy=pulumi.Output.json_dumps(redrive))


def for_failures_of_elsewhere():
    aws.sqs.Queue("it", redrive_allow_policy=json.dumps({"redrivePermission": "allowAll"}))


CASES = {
    A + "queue-is-encrypted": (queue(), queue(sqs_managed_sse_enabled=False), topic()),
    A + "stream-is-encrypted": (
        lambda: aws.kinesis.Stream("it", encryption_type="KMS", kms_key_id=KEY),
        lambda: aws.kinesis.Stream("it"),
        firehose(kinesis_source_configuration={"kinesis_stream_arn": ARN, "role_arn": ROLE}),
    ),
    A + "messages-have-a-customer-key": (
        topic(kms_master_key_id=KEY),
        queue(kms_master_key_id="alias/aws/sqs"),
        nothing,
    ),
    A + "policy-admits-nobody-outside": (
        queue(policy=policy(Principal={"AWS": ROLE})),
        topic_with_a_policy(policy()),
        queue(),
    ),
    A + "event-permission-names-an-account": (
        permission(principal="123456789012"),
        permission(principal="*"),
        nothing,
    ),
    A + "messages-travel-by-tls": (with_a_policy(tls_only("sqs:*")), queue(), nothing),
    A + "queue-sets-failures-aside": (set_aside, queue(), for_failures_of_elsewhere),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(messaging).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ({"StringEquals": {"AWS:SourceOwner": "123456789012"}}, "pass"),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "pass"),
        ({"Bool": {"aws:SecureTransport": "true"}}, "fail"),
        ({"StringNotEquals": {"aws:SourceAccount": "123456789012"}}, "fail"),
        ({"ArnLike": {"aws:SourceArn": "*"}}, "fail"),
    ],
)
def test_a_condition_narrows_everybody_only_if_it_says_who_calls(outcomes, condition, outcome):
    program = queue(policy=policy(Condition=condition))

    assert outcomes(A + "policy-admits-nobody-outside", program) == {outcome}


def test_a_permission_for_an_organisation_is_not_everybodys(outcomes):
    condition = {"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o-1"}
    program = permission(principal="*", condition=condition)

    assert outcomes(A + "event-permission-names-an-account", program) == {"pass"}


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        (queue(policy=tls_only("*")), "pass"),
        (with_a_policy(tls_only(["SQS:SendMessage", "sqs:ReceiveMessage"])), "pass"),
        (with_a_policy(tls_only("sqs:SendMessage")), "fail"),
        (with_a_policy(tls_only("*", StringEquals={"aws:SourceVpce": "vpce-1"})), "fail"),
        (with_a_policy(policy(Condition={"Bool": {"aws:SecureTransport": "true"}})), "fail"),
        (topic_with_a_policy(tls_only("sns:Publish")), "pass"),
    ],
)
def test_tls_is_required_by_a_denial_of_all_that_sends_and_receives(outcomes, program, outcome):
    assert outcomes(A + "messages-travel-by-tls", program) == {outcome}


def test_a_firehose_that_is_written_to_encrypts_by_itself(outcomes):
    encrypted = firehose(server_side_encryption={"enabled": True})

    assert outcomes(A + "stream-is-encrypted", encrypted) == {"pass"}
    assert outcomes(A + "stream-is-encrypted", firehose()) == {"fail"}


def test_a_queue_that_a_rule_s_target_sets_failures_aside_in_needs_none_itself(outcomes):
    def program():
        failed = aws.sqs.Queue("failed")
        dead = {"arn": failed.arn}
        aws.cloudwatch.EventTarget("it", rule="it", arn=ARN, dead_letter_config=dead)

    assert outcomes(A + "queue-sets-failures-aside", program) == {"not applicable"}


def test_a_redrive_policy_can_be_a_resource_of_its_own(outcomes):
    def program():
        it, failed = aws.sqs.Queue("it"), aws.sqs.Queue("failed")
        text = pulumi.Output.json_dumps({"deadLetterTargetArn": failed.arn, "maxReceiveCount": 3})
        aws.sqs.RedrivePolicy("redrive", queue_url=it.url, redrive_policy=text)

    assert outcomes(A + "queue-sets-failures-aside", program) == {"pass"}
