"""S3 buckets as rules read them: a setting is a resource of its own, or an input of the bucket."""

from collections.abc import Iterator
from typing import Final

from .policies import Statement, statements
from .subject import Subject

BUCKET: Final = "aws:s3/bucket:Bucket"
BUCKETS: Final = (BUCKET, "aws:s3/bucketV2:BucketV2")

VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
LOGGING: Final = "aws:s3/bucketLogging:BucketLogging"
LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"

DAYS_OF_A_YEAR: Final = 365


def older(token: str) -> str:
    """The token that the provider used to give to the same resource."""
    module, _, kind = token.rpartition(":")
    return f"{module}V2:{kind}V2"


def settings(bucket: Subject, token: str) -> list[Subject]:
    """The resources that hold one setting of a bucket."""
    return [s for kind in (token, older(token)) for s in bucket.attached(kind, "bucket")]


def bucket_of(other: Subject, at: str) -> Subject | None:
    """The bucket that another resource names; None where the program does not make it."""
    found = (other.named(token, at) for token in BUCKETS)
    return next((bucket for bucket in found if bucket), None)


def policy(bucket: Subject) -> list[tuple[Subject, Statement]]:
    """The statements of a bucket's policy, each with the resource that has it."""
    holders = [bucket, *bucket.attached(POLICY, "bucket")]
    return [(holder, found) for holder in holders for found in statements(holder, "policy")]


def locked_days(bucket: Subject) -> tuple[Subject, int]:
    """For how many days each new object is locked, 0 for not at all, and who says so."""
    for holder, at in locks(bucket):
        days = holder.get(f"{at}.defaultRetention.days", 0)
        years = holder.get(f"{at}.defaultRetention.years", 0)
        return holder, int(days or years * DAYS_OF_A_YEAR)
    return bucket, 0


def is_locked(bucket: Subject) -> bool:
    """Whether services that cannot write to a bucket with Object Lock can write to this one."""
    return bucket.get("objectLockEnabled") is True or any(locks(bucket))


def locks(bucket: Subject) -> Iterator[tuple[Subject, str]]:
    """Who says how a bucket's objects are locked, and at which path."""
    if bucket.has("objectLockConfiguration"):
        yield bucket, "objectLockConfiguration.rule"
    for lock in settings(bucket, LOCK):
        yield lock, "rule"
