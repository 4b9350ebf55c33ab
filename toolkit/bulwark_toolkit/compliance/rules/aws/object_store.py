"""S3 buckets."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance import buckets
from bulwark_toolkit.compliance.buckets import BUCKETS, bucket_of, settings
from bulwark_toolkit.compliance.customer_keys import is_customer_key
from bulwark_toolkit.compliance.policies import Statement, admitted
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

PUBLIC_ACCESS: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP: Final = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
ACCESS_POINT: Final = "aws:s3/accessPoint:AccessPoint"
WORLDWIDE_POINT: Final = "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint"
CHANNEL: Final = "aws:cfg/deliveryChannel:DeliveryChannel"

PUBLIC_ACCESS_BLOCKS: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)

_KMS: Final = ("aws:kms", "aws:kms:dsse")


@rule(
    "aws.object_store.bucket-blocks-public-access",
    *BUCKETS,
    severity="high",
    requires="Every bucket blocks public access in all four ways",
    remediation="Attach a BucketPublicAccessBlock with all four set to true.",
    reference="S3.8",
    alone=False,
)
def bucket_blocks_public_access(bucket: Subject) -> Iterator[Verdict]:
    blocks = bucket.attached(PUBLIC_ACCESS, "bucket")
    if not blocks:
        yield Verdict(False, "bucket", text="has no public access block")
    for block in blocks:
        for name in PUBLIC_ACCESS_BLOCKS:
            value = block.get(name, False)
            yield Verdict(value is True, name, value, urn=block.urn)


@rule(
    "aws.object_store.access-point-blocks-public-access",
    ACCESS_POINT,
    WORLDWIDE_POINT,
    severity="high",
    requires="Every access point blocks public access in all four ways",
    remediation="Leave the public access block out, or set all four to true: S3 does not let "
    "anybody change it later, so the access point is made anew.",
    reference="S3.19",
)
def access_point_blocks_public_access(point: Subject) -> Iterator[Verdict]:
    alone = point.resource.type == ACCESS_POINT
    block = "publicAccessBlockConfiguration" if alone else "details.publicAccessBlock"
    for name in PUBLIC_ACCESS_BLOCKS:
        value = point.get(f"{block}.{name}", True)
        yield Verdict(value is True, f"{block}.{name}", value)


@rule(
    "aws.object_store.bucket-policy-admits-nobody-outside",
    *BUCKETS,
    severity="critical",
    requires="No bucket's policy admits everybody",
    remediation="Name the principals, or hold the statement to a source by a condition.",
    reference="S3.2",
    alone=False,
)
def bucket_policy_admits_nobody_outside(bucket: Subject) -> Iterator[Verdict]:
    for holder, statement in buckets.policy(bucket):
        yield from admitted([statement], holder.urn)


@rule(
    "aws.object_store.bucket-is-reached-over-tls-only",
    *BUCKETS,
    severity="medium",
    requires="Every bucket's policy refuses whatever is sent in the clear",
    remediation="Deny s3:* to everybody, on the bucket and on its objects, where "
    "aws:SecureTransport is false.",
    reference="S3.5",
    alone=False,
)
def bucket_is_reached_over_tls_only(bucket: Subject) -> Iterator[Verdict]:
    for holder, statement in buckets.policy(bucket):
        if _refuses_the_clear(statement):
            yield Verdict(True, statement.place, "aws:SecureTransport", urn=holder.urn)
            return
    yield Verdict(False, "policy")


@rule(
    "aws.object_store.bucket-has-no-acl",
    *BUCKETS,
    severity="medium",
    requires="No access control list opens a bucket: all objects are its owner's",
    remediation="Set the object ownership to BucketOwnerEnforced, and no acl.",
    reference="S3.12",
    alone=False,
)
def bucket_has_no_acl(bucket: Subject) -> Iterator[Verdict]:
    controls = bucket.attached(OWNERSHIP, "bucket")
    if not controls:
        # S3's default for a new bucket since April 2023.
        yield Verdict(True, "bucket", "BucketOwnerEnforced")
    for control in controls:
        value = control.get("rule.objectOwnership")
        enforced = value == "BucketOwnerEnforced"
        yield Verdict(enforced, "rule.objectOwnership", value, urn=control.urn)


@rule(
    "aws.object_store.bucket-keeps-versions",
    *BUCKETS,
    severity="medium",
    requires="Every bucket keeps what is overwritten or deleted, as an older version",
    remediation="Attach a BucketVersioning with the status Enabled.",
    reference="S3.14",
    alone=False,
)
def bucket_keeps_versions(bucket: Subject) -> Iterator[Verdict]:
    at = "versioningConfiguration.status"
    for holder in settings(bucket, buckets.VERSIONING):
        value = holder.get(at)
        yield Verdict(value == "Enabled", at, value, urn=holder.urn)
        return
    value = bucket.get("versioning.enabled", False)
    yield Verdict(value is True, "versioning.enabled", value)


@rule(
    "aws.object_store.bucket-is-encrypted-with-a-key",
    *BUCKETS,
    severity="medium",
    requires="Every bucket encrypts with a KMS key, unless S3 delivers access logs to it",
    remediation="Attach a BucketServerSideEncryptionConfiguration with aws:kms and a key.",
    reference="S3.17",
    alone=False,
)
def bucket_is_encrypted_with_a_key(bucket: Subject) -> Iterator[Verdict]:
    if _takes_access_logs(bucket):
        return  # S3 delivers them to no other encryption than its own
    for holder, at in _encryptions(bucket):
        key = holder.get(f"{at}.kmsMasterKeyId")
        algorithm = holder.get(f"{at}.sseAlgorithm")
        yield Verdict(
            algorithm in _KMS and is_customer_key(key), at, key or algorithm, urn=holder.urn
        )
        return
    yield Verdict(False, "bucket", "AES256")


@rule(
    "aws.object_store.bucket-refuses-keys-of-the-caller",
    buckets.ENCRYPTION,
    buckets.older(buckets.ENCRYPTION),
    severity="medium",
    requires="No bucket takes an object that is encrypted with a key only its sender has",
    remediation="Add SSE-C to blockedEncryptionTypes: with it, intruders encrypt other people's "
    "objects for ransom.",
    reference="PCI 3.6.1",
)
def bucket_refuses_keys_of_the_caller(encryption: Subject) -> Iterator[Verdict]:
    for number in range(len(encryption.get("rules", []))):
        at = f"rules[{number}].blockedEncryptionTypes"
        blocked = encryption.get(at, ["SSE-C"])  # S3's default since April 2026
        yield Verdict("SSE-C" in blocked, at, blocked)


@rule(
    "aws.object_store.bucket-logs-who-uses-it",
    *BUCKETS,
    severity="low",
    requires="Every bucket logs who uses it, unless it is the one that takes such logs",
    remediation="Attach a BucketLogging with another bucket of the region as its target.",
    reference="S3.9",
    alone=False,
)
def bucket_logs_who_uses_it(bucket: Subject) -> Iterator[Verdict]:
    if _takes_access_logs(bucket):
        return  # it would log its own logs
    for holder in settings(bucket, buckets.LOGGING):
        yield Verdict(True, "targetBucket", holder.get("targetBucket"), urn=holder.urn)
        return
    target = bucket.get("logging.targetBucket")
    yield Verdict(bool(target), "logging.targetBucket", target)


@rule(
    "aws.object_store.target-of-logs-is-not-locked",
    buckets.LOGGING,
    buckets.older(buckets.LOGGING),
    CHANNEL,
    severity="high",
    requires="No bucket that takes access logs or AWS Config's files has an Object Lock",
    remediation="Deliver to a bucket without a lock: neither service can write to a locked one, "
    "and neither says so.",
    reference="PCI 10.3.3",
    alone=False,
)
def target_of_logs_is_not_locked(writer: Subject) -> Iterator[Verdict]:
    target, at = _target(writer)
    yield Verdict(not buckets.is_locked(target), at, target.resource.name)


@rule(
    "aws.object_store.target-of-logs-admits-who-delivers",
    buckets.LOGGING,
    buckets.older(buckets.LOGGING),
    CHANNEL,
    severity="high",
    requires="The policy of every bucket that takes access logs or AWS Config's files admits the "
    "service that delivers them",
    remediation="Allow logging.s3.amazonaws.com or config.amazonaws.com s3:PutObject in the "
    "bucket's policy.",
    reference="PCI 10.3.3",
    alone=False,
)
def target_of_logs_admits_who_delivers(writer: Subject) -> Iterator[Verdict]:
    target, at = _target(writer)
    service = "config" if writer.resource.type == CHANNEL else "logging.s3"
    admits = any(
        statement.admits(f"{service}.amazonaws.com", "s3:PutObject", {})
        for _, statement in buckets.policy(target)
    )
    yield Verdict(admits, at, target.resource.name, f"its policy does not admit {service}")


@rule(
    "aws.object_store.target-of-access-logs-has-s3s-own-key",
    buckets.LOGGING,
    buckets.older(buckets.LOGGING),
    severity="high",
    requires="Every bucket that takes access logs is encrypted with S3's own key",
    remediation="Encrypt that bucket with AES256: S3 delivers no access logs to one with KMS.",
    reference="PCI 10.3.3",
    alone=False,
)
def target_of_access_logs_has_s3s_own_key(writer: Subject) -> Iterator[Verdict]:
    target, at = _target(writer)
    algorithms = [holder.get(f"{path}.sseAlgorithm") for holder, path in _encryptions(target)]
    yield Verdict(not set(algorithms) & set(_KMS), at, ", ".join(algorithms) or "AES256")


@rule(
    "aws.object_store.bucket-with-objects-is-not-deleted",
    *BUCKETS,
    severity="low",
    requires="No bucket is deleted together with what is in it",
    remediation="Leave forceDestroy false, but for the moment of a teardown.",
    reference="PCI 10.3.2",
)
def bucket_with_objects_is_not_deleted(bucket: Subject) -> Iterator[Verdict]:
    value = bucket.get("forceDestroy", False)
    yield Verdict(value is not True, "forceDestroy", value)


@rule(
    "aws.object_store.bucket-has-an-end-for-its-objects",
    *BUCKETS,
    severity="low",
    requires="Every bucket has rules for how long it keeps what",
    remediation="Attach a BucketLifecycleConfiguration with a rule that is Enabled.",
    reference="S3.13",
    alone=False,
)
def bucket_has_an_end_for_its_objects(bucket: Subject) -> Iterator[Verdict]:
    for holder in settings(bucket, buckets.LIFECYCLE):
        on = [one.get("id") for one in holder.get("rules", []) if one.get("status") == "Enabled"]
        yield Verdict(bool(on), "rules", on, urn=holder.urn)
        return
    rules = bucket.get("lifecycleRules", [])
    yield Verdict(any(one.get("enabled") for one in rules), "lifecycleRules", len(rules))


def _refuses_the_clear(statement: Statement) -> bool:
    return (
        statement.effect == "Deny"
        and "*" in statement.principals
        and bool({"s3:*", "*"} & set(statement.actions))
        and ("Bool", "aws:securetransport", ("false",)) in list(statement.conditions())
        # Some of the bucket's ARN, and of the objects in it.
        and any(not arn.endswith("/*") for arn in statement.resources)
        and any(arn.endswith("*") for arn in statement.resources)
    )


def _encryptions(bucket: Subject) -> Iterator[tuple[Subject, str]]:
    for holder in settings(bucket, buckets.ENCRYPTION):
        yield holder, "rules[0].applyServerSideEncryptionByDefault"
    inline = "serverSideEncryptionConfiguration"
    if bucket.has(inline):
        yield bucket, f"{inline}.rule.applyServerSideEncryptionByDefault"


def _takes_access_logs(bucket: Subject) -> bool:
    admitted = {name for _, statement in buckets.policy(bucket) for name in statement.services}
    return "logging.s3.amazonaws.com" in admitted or any(
        bucket.attached(kind, "targetBucket")
        for kind in (buckets.LOGGING, buckets.older(buckets.LOGGING))
    )


def _target(writer: Subject) -> tuple[Subject, str]:
    at = "s3BucketName" if writer.resource.type == CHANNEL else "targetBucket"
    if bucket := bucket_of(writer, at):
        return bucket, at
    raise writer.elsewhere(at, "its bucket")
