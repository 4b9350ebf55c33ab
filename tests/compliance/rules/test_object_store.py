import json

import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import object_store

A = "aws.object_store."
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
ALL = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
OVER_TLS = {"Bool": {"aws:SecureTransport": "false"}}
ENCRYPTION = aws.s3.BucketServerSideEncryptionConfiguration


def nothing():
    """A program without a bucket."""
    aws.kms.Key("it")


def bucket(**inputs):
    return lambda: aws.s3.Bucket("it", **inputs)


def access_point(open_=None):
    block = {open_: False} if open_ else {}
    return lambda: aws.s3.AccessPoint(
        "it", bucket="b", public_access_block_configuration=block or None
    )


def worldwide_point(open_=None):
    details = {"name": "it", "regions": [{"bucket": "b"}]}
    block = {"public_access_block": {open_: False}} if open_ else {}
    return lambda: aws.s3control.MultiRegionAccessPoint("it", details=details | block)


def with_setting(kind, **inputs):
    def program():
        it = aws.s3.Bucket("it")
        kind("setting", bucket=it.bucket, **inputs)

    return program


def statement(**given):
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow | given]})


def with_policy(**given):
    return with_setting(aws.s3.BucketPolicy, policy=statement(**given))


def refusing(*resources, **given):
    deny = {"Effect": "Deny", "Action": "s3:*", "Condition": OVER_TLS, "Resource": list(resources)}
    return with_policy(**deny | given)


def encrypted(algorithm="aws:kms", key=KEY, **rule):
    by = {"sse_algorithm": algorithm, "kms_master_key_id": key}
    rules = [{"apply_server_side_encryption_by_default": by, **rule}]
    return with_setting(ENCRYPTION, rules=rules)


def logging_to(*, admits=None, locked=False, algorithm=None, of=None):
    """A program in which one bucket takes the access logs of another."""

    def program():
        target = aws.s3.Bucket("target", object_lock_enabled=locked)
        if algorithm:
            by = {"sse_algorithm": algorithm}
            rules = [{"apply_server_side_encryption_by_default": by}]
            ENCRYPTION("encryption", bucket=target.bucket, rules=rules)
        if admits:
            text = statement(Principal={"Service": admits}, Action="s3:PutObject")
            aws.s3.BucketPolicy("policy", bucket=target.bucket, policy=text)
        if of == "config":
            aws.cfg.DeliveryChannel("config", name="default", s3_bucket_name=target.bucket)
        else:
            source = aws.s3.Bucket("source")
            aws.s3.BucketLogging(
                "logging", bucket=source.bucket, target_bucket=target.bucket, target_prefix="s3/"
            )

    return program


def lifecycle(status):
    rule = {"id": "it", "status": status, "filter": {"prefix": ""}, "expiration": {"days": 400}}
    return with_setting(aws.s3.BucketLifecycleConfiguration, rules=[rule])


CASES = {
    A + "access-point-blocks-public-access": (access_point(), access_point(ALL[0]), nothing),
    A + "bucket-blocks-public-access": (
        with_setting(aws.s3.BucketPublicAccessBlock, **dict.fromkeys(ALL, True)),
        bucket(),
        nothing,
    ),
    A + "bucket-policy-admits-nobody-outside": (
        with_policy(Principal={"AWS": "arn:aws:iam::123456789012:role/it"}),
        with_policy(),
        nothing,
    ),
    A + "bucket-is-reached-over-tls-only": (
        refusing("arn:aws:s3:::it", "arn:aws:s3:::it/*"),
        bucket(),
        nothing,
    ),
    A + "bucket-has-no-acl": (
        bucket(),
        with_setting(
            aws.s3.BucketOwnershipControls, rule={"object_ownership": "BucketOwnerPreferred"}
        ),
        nothing,
    ),
    A + "bucket-keeps-versions": (
        with_setting(aws.s3.BucketVersioning, versioning_configuration={"status": "Enabled"}),
        with_setting(aws.s3.BucketVersioning, versioning_configuration={"status": "Suspended"}),
        nothing,
    ),
    A + "bucket-is-encrypted-with-a-key": (encrypted(), bucket(), nothing),
    A + "bucket-refuses-keys-of-the-caller": (
        encrypted(blocked_encryption_types=["SSE-C"]),
        encrypted(blocked_encryption_types=["NONE"]),
        bucket(),
    ),
    A + "bucket-logs-who-uses-it": (logging_to(), bucket(), nothing),
    A + "target-of-logs-is-not-locked": (logging_to(), logging_to(locked=True), bucket()),
    A + "target-of-logs-admits-who-delivers": (
        logging_to(admits="logging.s3.amazonaws.com"),
        logging_to(),
        bucket(),
    ),
    A + "target-of-access-logs-has-s3s-own-key": (
        logging_to(algorithm="AES256"),
        logging_to(algorithm="aws:kms"),
        bucket(),
    ),
    A + "bucket-with-objects-is-not-deleted": (bucket(), bucket(force_destroy=True), nothing),
    A + "bucket-has-an-end-for-its-objects": (lifecycle("Enabled"), lifecycle("Disabled"), nothing),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(object_store).values() if r in RULES} == CASES.keys()


@pytest.mark.parametrize("point", [access_point, worldwide_point])
@pytest.mark.parametrize("name", ALL)
def test_an_access_point_is_open_by_any_of_the_four(outcomes, point, name):
    rule_id = A + "access-point-blocks-public-access"

    assert outcomes(rule_id, point()) == {"pass"}
    assert "fail" in outcomes(rule_id, point(name))


@pytest.mark.parametrize("name", ALL)
def test_each_of_the_four_ways_counts(found, name):
    program = with_setting(aws.s3.BucketPublicAccessBlock, **{way: way != name for way in ALL})

    failed = [
        at
        for outcome, _, at in found(A + "bucket-blocks-public-access", program)
        if outcome == "fail"
    ]
    assert len(failed) == 1


@pytest.mark.parametrize(
    "program",
    [
        refusing("arn:aws:s3:::it"),
        refusing("arn:aws:s3:::it/*"),
        refusing("arn:aws:s3:::it", "arn:aws:s3:::it/*", Action="s3:GetObject"),
        refusing("arn:aws:s3:::it", "arn:aws:s3:::it/*", Principal={"AWS": "arn:aws:iam::1:root"}),
    ],
)
def test_to_refuse_some_of_it_in_the_clear_is_not_to_refuse_all(outcomes, program):
    assert outcomes(A + "bucket-is-reached-over-tls-only", program) == {"fail"}


def test_everybody_of_ones_organisation_is_not_everybody(outcomes):
    ours = {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}

    assert outcomes(A + "bucket-policy-admits-nobody-outside", with_policy(Condition=ours)) == {
        "pass"
    }


def test_encryption_with_awss_own_kms_key_is_not_enough(outcomes):
    program = encrypted(key=None)

    assert outcomes(A + "bucket-is-encrypted-with-a-key", program) == {"fail"}


def test_s3_blocks_keys_of_the_caller_by_itself(outcomes):
    assert outcomes(A + "bucket-refuses-keys-of-the-caller", encrypted()) == {"pass"}


def test_the_bucket_that_takes_access_logs_needs_neither_key_nor_logs_of_its_own(found):
    for rule in ("bucket-is-encrypted-with-a-key", "bucket-logs-who-uses-it"):
        assert "target" not in {name for _, name, _ in found(A + rule, logging_to())}


@pytest.mark.parametrize(("locked", "outcome"), [(True, "fail"), (False, "pass")])
def test_config_cannot_deliver_to_a_locked_bucket_either(outcomes, locked, outcome):
    program = logging_to(locked=locked, of="config")

    assert outcomes(A + "target-of-logs-is-not-locked", program) == {outcome}


def test_each_service_is_admitted_by_its_own_name(outcomes):
    it = A + "target-of-logs-admits-who-delivers"

    assert outcomes(it, logging_to(of="config", admits="config.amazonaws.com")) == {"pass"}
    assert outcomes(it, logging_to(of="config", admits="logging.s3.amazonaws.com")) == {"fail"}


def test_settings_may_be_inputs_of_the_bucket(outcomes):
    by = {"sse_algorithm": "aws:kms", "kms_master_key_id": KEY}
    program = bucket(
        versioning={"enabled": True},
        policy=statement(),
        server_side_encryption_configuration={
            "rule": {"apply_server_side_encryption_by_default": by}
        },
        lifecycle_rules=[{"enabled": True, "expiration": {"days": 1}}],
        logging={"target_bucket": "logs"},
    )

    assert outcomes(A + "bucket-keeps-versions", program) == {"pass"}
    assert outcomes(A + "bucket-is-encrypted-with-a-key", program) == {"pass"}
    assert outcomes(A + "bucket-policy-admits-nobody-outside", program) == {"fail"}
    assert outcomes(A + "bucket-has-an-end-for-its-objects", program) == {"pass"}
    assert outcomes(A + "bucket-logs-who-uses-it", program) == {"pass"}


def test_what_is_logged_to_a_bucket_of_another_program_is_unknown(outcomes):
    program = with_setting(aws.s3.BucketLogging, target_bucket="logs", target_prefix="")

    assert outcomes(A + "target-of-logs-is-not-locked", program) == {"unknown"}


def test_the_older_classes_of_the_provider_are_buckets_too(outcomes):
    def program():
        it = aws.s3.BucketV2("it")
        aws.s3.BucketVersioningV2(
            "versions", bucket=it.bucket, versioning_configuration={"status": "Enabled"}
        )

    assert outcomes(A + "bucket-keeps-versions", program) == {"pass"}
