import json

import pulumi
import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import keys

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADMITS = "aws.keys.key-admits-who-writes-with-it"
LOGS = {"Service": "logs.eu-central-1.amazonaws.com"}


def policy(**statement):
    allow = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow | statement]})


def key(**inputs):
    return lambda: aws.kms.Key("it", **inputs)


def with_key(make, **statement):
    """A program in which something uses a key with this one statement."""

    def program():
        it = aws.kms.Key("key", policy=policy(**statement))
        make(it)

    return program


def group(it):
    aws.cloudwatch.LogGroup("it", name="/it", kms_key_id=it.arn)


def topic_with(*, role=False, alarm=False, event=False):
    def make(it):
        topic = aws.sns.Topic("it", kms_master_key_id=it.key_id)
        if alarm:
            aws.cloudwatch.MetricAlarm(
                "alarm",
                comparison_operator="GreaterThanThreshold",
                evaluation_periods=1,
                alarm_actions=[topic.arn],
            )
        if event:
            role_arn = f"arn:aws:iam::{ACCOUNT}:role/it" if role else None
            aws.cloudwatch.EventTarget("target", rule="it", arn=topic.arn, role_arn=role_arn)

    return make


def trail(it):
    aws.cloudtrail.Trail("it", name="it", s3_bucket_name="logs", kms_key_id=it.arn)


def bucket(it):
    bucket = aws.s3.Bucket("it")
    deliver = {"Principal": {"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:PutObject"}
    aws.s3.BucketPolicy("policy", bucket=bucket.bucket, policy=policy(**deliver))
    encrypt(bucket, it)


def encrypt(bucket, it):
    by = {"sse_algorithm": "aws:kms", "kms_master_key_id": it.arn}
    aws.s3.BucketServerSideEncryptionConfiguration(
        "encryption",
        bucket=bucket.bucket,
        rules=[{"apply_server_side_encryption_by_default": by}],
    )


CASES = {
    "aws.keys.key-rotates": (
        key(enable_key_rotation=True),
        key(enable_key_rotation=True, rotation_period_in_days=800),
        key(customer_master_key_spec="RSA_2048", key_usage="SIGN_VERIFY"),
    ),
    "aws.keys.key-waits-before-it-is-gone": (
        key(),
        key(deletion_window_in_days=7),
        lambda: aws.kms.Alias("it", target_key_id="1234"),
    ),
    "aws.keys.key-policy-admits-nobody-outside": (
        key(policy=policy()),
        key(policy=policy(Principal="*")),
        key(),
    ),
    "aws.keys.who-manages-a-key-does-not-use-it": (
        key(policy=policy(Action="kms:PutKeyPolicy")),
        key(policy=policy()),
        lambda: aws.kms.Alias("it", target_key_id="1234"),
    ),
    "aws.keys.key-is-used": (
        with_key(group, Principal=LOGS),
        key(),
        lambda: aws.kms.Alias("it", target_key_id="1234"),
    ),
    "aws.keys.key-is-in-the-region-of-its-user": (
        with_key(group),
        lambda: aws.cloudwatch.LogGroup(
            "it", region="us-east-1", kms_key_id=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"
        ),
        lambda: aws.cloudwatch.LogGroup("it"),
    ),
    ADMITS: (
        with_key(group, Principal=LOGS),
        with_key(group),
        lambda: aws.cloudwatch.LogGroup("it"),
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(keys).values() if r in RULES} == CASES.keys()


def test_everybody_within_the_account_is_not_everybody(outcomes):
    here = {"StringEquals": {"kms:CallerAccount": ACCOUNT}}
    program = key(policy=policy(Principal="*", Condition=here))

    assert outcomes("aws.keys.key-policy-admits-nobody-outside", program) == {"pass"}


def test_awss_own_policy_lets_who_manages_a_key_use_it(outcomes):
    assert outcomes("aws.keys.who-manages-a-key-does-not-use-it", key()) == {"fail"}


def test_everybody_over_tls_is_everybody_all_the_same(outcomes):
    program = key(policy=policy(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}}))

    assert outcomes("aws.keys.key-policy-admits-nobody-outside", program) == {"fail"}


@pytest.mark.parametrize("rendered", [False, True])
def test_a_key_is_used_by_what_names_its_alias_or_replica(outcomes, rendered):
    def program():
        it = aws.kms.Key("it")
        alias = aws.kms.Alias("alias", target_key_id=it.key_id)
        aws.sqs.Queue("queue", kms_master_key_id=alias.name)

    assert outcomes("aws.keys.key-is-used", program, rendered=rendered) == {"pass"}


@pytest.mark.parametrize("rendered", [False, True])
def test_a_key_is_used_if_other_stacks_get_it(outcomes, rendered):
    def program():
        pulumi.export("keys", {"data": aws.kms.Key("it").arn})

    assert outcomes("aws.keys.key-is-used", program, rendered=rendered) == {"pass"}


def test_an_alias_alone_uses_no_key(outcomes):
    def program():
        aws.kms.Alias("alias", target_key_id=aws.kms.Key("it").key_id)

    assert outcomes("aws.keys.key-is-used", program) == {"fail"}


def test_the_copy_of_a_secret_has_a_key_where_it_is(found):
    def program():
        arn = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"
        copy = {"region": "eu-west-1", "kms_key_id": arn}
        aws.secretsmanager.Secret("it", kms_key_id=arn, replicas=[copy])

    assert found("aws.keys.key-is-in-the-region-of-its-user", program) == [
        ("pass", "it", "kmsKeyId"),
        ("fail", "it", "replicas[0].kmsKeyId"),
    ]


@pytest.mark.parametrize(
    ("groups", "outcome"),
    [
        (f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:*", "pass"),
        (f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/other", "fail"),
    ],
)
def test_a_group_is_one_of_those_that_the_keys_policy_means(outcomes, groups, outcome):
    condition = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}
    program = with_key(group, Principal=LOGS, Condition=condition)

    assert outcomes(ADMITS, program) == {outcome}


def test_the_log_service_of_another_region_is_another(outcomes):
    program = with_key(group, Principal={"Service": "logs.us-east-1.amazonaws.com"})

    assert outcomes(ADMITS, program) == {"fail"}


def test_a_trail_is_admitted_by_its_own_arn(outcomes):
    def held_to(name):
        arn = f"arn:aws:cloudtrail:eu-central-1:{ACCOUNT}:trail/{name}"
        service = {"Service": "cloudtrail.amazonaws.com"}
        return with_key(
            trail, Principal=service, Condition={"StringEquals": {"aws:SourceArn": arn}}
        )

    assert outcomes(ADMITS, held_to("it")) == {"pass"}
    assert outcomes(ADMITS, held_to("other")) == {"fail"}


def test_an_alarm_reaches_a_topic_only_if_its_key_admits_cloudwatch(outcomes):
    alarm = topic_with(alarm=True)

    assert outcomes(ADMITS, with_key(alarm)) == {"fail"}
    admitted = with_key(alarm, Principal={"Service": "cloudwatch.amazonaws.com"})
    assert outcomes(ADMITS, admitted) == {"pass"}


def test_awss_own_key_admits_no_alarm(outcomes):
    def program():
        topic = aws.sns.Topic("it", kms_master_key_id="alias/aws/sns")
        aws.cloudwatch.MetricAlarm(
            "alarm",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            alarm_actions=[topic.arn],
        )

    assert outcomes(ADMITS, program) == {"fail"}


@pytest.mark.parametrize(
    ("operator", "outcome"), [("StringEquals", "fail"), ("StringEqualsIfExists", "pass")]
)
def test_eventbridge_sends_no_source_to_the_key_of_a_topic(outcomes, operator, outcome):
    condition = {operator: {"aws:SourceAccount": ACCOUNT}}
    events = {"Service": "events.amazonaws.com"}
    program = with_key(topic_with(event=True), Principal=events, Condition=condition)

    assert outcomes(ADMITS, program) == {outcome}


def test_an_event_that_comes_by_a_role_needs_no_statement(outcomes):
    program = with_key(topic_with(event=True, role=True))

    assert outcomes(ADMITS, program) == {"not applicable"}


def test_what_delivers_to_a_bucket_is_admitted_by_the_buckets_key(outcomes):
    delivery = {"Service": "delivery.logs.amazonaws.com"}

    assert outcomes(ADMITS, with_key(bucket)) == {"fail"}
    assert outcomes(ADMITS, with_key(bucket, Principal=delivery)) == {"pass"}


def test_a_policy_of_its_own_counts_as_the_keys(outcomes):
    def program():
        it = aws.kms.Key("key")
        aws.kms.KeyPolicy("policy", key_id=it.key_id, policy=policy(Principal=LOGS))
        group(it)

    assert outcomes(ADMITS, program) == {"pass"}


def test_nobody_knows_whom_a_key_of_another_program_admits(preview):
    from bulwark_toolkit.compliance import judge

    arn = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"
    graph = preview(lambda: aws.cloudwatch.LogGroup("it", kms_key_id=arn), rendered=True)
    (finding,) = judge(graph, [r for r in RULES if r.id == ADMITS])

    assert (finding.outcome, finding.text) == ("unknown", "its key is not in this program")
