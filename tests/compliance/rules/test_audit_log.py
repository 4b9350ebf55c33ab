import json

import pulumi
import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import audit_log

A = "aws.audit_log."
ARN = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/it"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:it:*"
ROLE = "arn:aws:iam::123456789012:role/it"


def trail(**inputs):
    return lambda: aws.cloudtrail.Trail("it", **{"name": "it", "s3_bucket_name": "logs"} | inputs)


def selector(**fields):
    asked = [{"field": name.replace("_", "."), "equals": [to]} for name, to in fields.items()]
    return {"field_selectors": asked}


def nothing():
    """A program without a trail."""
    aws.s3.Bucket("it")


OBJECTS = selector(eventCategory="Data", resources_type="AWS::S3::Object")


def in_a_bucket(*, retention=None, expires=None, source=ARN, policy=True, waits=True):
    def program():
        bucket = aws.s3.Bucket("bucket", object_lock_enabled=True)
        if retention:
            aws.s3.BucketObjectLockConfiguration(
                "lock", bucket=bucket.bucket, rule={"default_retention": retention}
            )
        if expires:
            rule = {"id": "it", "status": "Enabled", "expiration": {"days": expires}}
            aws.s3.BucketLifecycleConfiguration("expiry", bucket=bucket.bucket, rules=[rule])
        before = [_policy(bucket, source)] if policy else []
        aws.cloudtrail.Trail(
            "it",
            name="it",
            s3_bucket_name=bucket.bucket,
            opts=pulumi.ResourceOptions(depends_on=before if waits else []),
        )

    return program


def _policy(bucket, source):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceArn": source}},
    }
    return aws.s3.BucketPolicy(
        "policy",
        bucket=bucket.bucket,
        policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


CASES = {
    A + "trail-covers-all-regions": (trail(is_multi_region_trail=True), trail(), nothing),
    A + "trail-is-on": (trail(), trail(enable_logging=False), nothing),
    A + "trail-records-management-events": (
        trail(advanced_event_selectors=[selector(eventCategory="Management"), OBJECTS]),
        trail(advanced_event_selectors=[OBJECTS]),
        nothing,
    ),
    A + "trail-records-access-to-objects": (
        trail(advanced_event_selectors=[OBJECTS]),
        trail(),
        nothing,
    ),
    A + "trail-validates-files": (trail(enable_log_file_validation=True), trail(), nothing),
    A + "trail-is-encrypted-with-a-key": (trail(kms_key_id=KEY), trail(), nothing),
    A + "trail-can-be-searched": (
        trail(cloud_watch_logs_group_arn=GROUP, cloud_watch_logs_role_arn=ROLE),
        trail(),
        nothing,
    ),
    A + "trail-bucket-is-locked-for-a-year": (
        in_a_bucket(retention={"mode": "COMPLIANCE", "days": 365}),
        in_a_bucket(retention={"mode": "COMPLIANCE", "days": 90}),
        nothing,
    ),
    A + "nobody-lifts-the-lock-of-a-trail": (
        in_a_bucket(retention={"mode": "COMPLIANCE", "days": 365}),
        in_a_bucket(retention={"mode": "GOVERNANCE", "days": 365}),
        in_a_bucket(),
    ),
    A + "trail-bucket-expires-nothing-within-a-year": (
        in_a_bucket(expires=400),
        in_a_bucket(expires=90),
        in_a_bucket(),
    ),
    A + "trail-may-write-to-its-bucket": (
        in_a_bucket(),
        in_a_bucket(source=ARN + "-other"),
        nothing,
    ),
    A + "trail-waits-for-its-buckets-policy": (in_a_bucket(), in_a_bucket(waits=False), nothing),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(audit_log).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize(
    ("inputs", "outcome"),
    [
        ({}, "pass"),
        ({"event_selectors": [{"read_write_type": "All"}]}, "pass"),
        ({"event_selectors": [{"read_write_type": "WriteOnly"}]}, "fail"),
        (
            {"event_selectors": [{"exclude_management_event_sources": ["kms.amazonaws.com"]}]},
            "fail",
        ),
        (
            {"advanced_event_selectors": [selector(eventCategory="Management", readOnly="false")]},
            "fail",
        ),
    ],
)
def test_management_events_are_recorded_wholly(outcomes, inputs, outcome):
    assert outcomes(A + "trail-records-management-events", trail(**inputs)) == {outcome}


def test_objects_are_recorded_by_the_older_selectors_too(outcomes):
    data = {"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}
    program = trail(event_selectors=[{"data_resources": [data]}])

    assert outcomes(A + "trail-records-access-to-objects", program) == {"pass"}


def test_a_lock_may_count_in_years(outcomes):
    program = in_a_bucket(retention={"mode": "GOVERNANCE", "years": 1})

    assert outcomes(A + "trail-bucket-is-locked-for-a-year", program) == {"pass"}


def test_a_lock_without_a_retention_keeps_nothing(outcomes):
    assert outcomes(A + "trail-bucket-is-locked-for-a-year", in_a_bucket()) == {"fail"}


def test_nobody_knows_the_bucket_of_another_program(outcomes):
    for rule in ("trail-bucket-is-locked-for-a-year", "trail-may-write-to-its-bucket"):
        assert outcomes(A + rule, trail()) == {"unknown"}


def test_a_trail_waits_for_what_another_resource_waits_for(outcomes):
    def program():
        bucket = aws.s3.Bucket("bucket")
        policy = _policy(bucket, ARN)
        after = pulumi.ResourceOptions(depends_on=[policy])
        last = aws.s3.BucketVersioning(
            "last",
            bucket=bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=after,
        )
        aws.cloudtrail.Trail(
            "it",
            s3_bucket_name=bucket.bucket,
            opts=pulumi.ResourceOptions(depends_on=[last]),
        )

    assert outcomes(A + "trail-waits-for-its-buckets-policy", program) == {"pass"}


def test_a_bucket_without_a_policy_admits_no_trail(outcomes):
    program = in_a_bucket(policy=False)

    assert outcomes(A + "trail-may-write-to-its-bucket", program) == {"fail"}
