"""Buckets, and the account's own block of public ones (of which S3 Control is the API)."""

from typing import Final

from bulwark_toolkit.emulated.language import Call, Default, Fixed, If, Read, Row, Unless, pascal

_BUCKET: Final = {"Bucket": "bucket"}
_OWNED: Final = {"Bucket": "bucket", "ExpectedBucketOwner": "expectedBucketOwner"}
_CREATE: Final = {**_BUCKET, "ObjectLockEnabledForBucket": "objectLockEnabled"}
_BLOCKS: Final = pascal(
    "blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"
)
_BLOCKED: Final = {
    f"PublicAccessBlockConfiguration.{name}": given for name, given in _BLOCKS.items()
}

ROWS: Final = {
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Row(
        calls=(
            Call(
                "s3control.PutPublicAccessBlock",
                {"AccountId": "accountId", "PublicAccessBlockConfiguration": _BLOCKS},
            ),
        ),
        reads=(Read("s3control.GetPublicAccessBlock", {"AccountId": "accountId"}, _BLOCKED),),
    ),
    "aws:s3/bucket:Bucket": Row(
        calls=(
            # us-east-1 is the one region that must not be named.
            Call("s3.CreateBucket", _CREATE, when=If("region", "us-east-1")),
            Call(
                "s3.CreateBucket",
                {**_CREATE, "CreateBucketConfiguration": {"LocationConstraint": "region"}},
                when=Unless("region", "us-east-1"),
            ),
            Call(
                "s3.PutBucketTagging", {**_BUCKET, "Tagging": {"TagSet": "tags"}}, when=If("tags")
            ),
        ),
        reads=(
            Read(
                "s3.GetBucketLocation",
                _BUCKET,
                {"LocationConstraint": "region"},
                when=Unless("region", "us-east-1"),
            ),
            Read("s3.GetBucketTagging", _BUCKET, {"TagSet": "tags"}, when=If("tags")),
            Read(
                "s3.GetObjectLockConfiguration",
                _BUCKET,
                {"ObjectLockConfiguration.ObjectLockEnabled": Fixed("Enabled")},
                when=If("objectLockEnabled", True),
            ),
        ),
        provider_only=("bucketPrefix", "forceDestroy"),
        auto_name="bucket",
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Row(
        calls=(
            Call("s3.PutPublicAccessBlock", {**_BUCKET, "PublicAccessBlockConfiguration": _BLOCKS}),
        ),
        reads=(Read("s3.GetPublicAccessBlock", _BUCKET, _BLOCKED),),
        provider_only=("skipDestroy",),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Row(
        calls=(
            Call(
                "s3.PutBucketOwnershipControls",
                {**_BUCKET, "OwnershipControls": {"Rules": ["rule"]}},
            ),
        ),
        reads=(
            Read("s3.GetBucketOwnershipControls", _BUCKET, {"OwnershipControls.Rules[0]": "rule"}),
        ),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Row(
        calls=(
            Call(
                "s3.PutBucketVersioning",
                {**_OWNED, "MFA": "mfa", "VersioningConfiguration": "versioningConfiguration"},
            ),
        ),
        reads=(Read("s3.GetBucketVersioning", _OWNED, {"@": "versioningConfiguration"}),),
        unread={"mfa": "a code, not a property"},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Row(
        calls=(
            Call(
                "s3.PutBucketEncryption",
                {**_OWNED, "ServerSideEncryptionConfiguration": pascal("rules")},
            ),
        ),
        reads=(
            Read(
                "s3.GetBucketEncryption",
                _OWNED,
                {"ServerSideEncryptionConfiguration.Rules": "rules"},
            ),
        ),
        names={"blockedEncryptionTypes": "BlockedEncryptionTypes.EncryptionType"},
        unread={"rules[].BlockedEncryptionTypes": "moto drops it"},
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Row(
        calls=(
            Call(
                "s3.PutObjectLockConfiguration",
                {
                    **_OWNED,
                    "ObjectLockConfiguration": {
                        "ObjectLockEnabled": Default("objectLockEnabled", "Enabled"),
                        "Rule": "rule",
                    },
                    "Token": "token",
                },
            ),
        ),
        reads=(
            Read(
                "s3.GetObjectLockConfiguration",
                _OWNED,
                {
                    "ObjectLockConfiguration.ObjectLockEnabled": "objectLockEnabled",
                    "ObjectLockConfiguration.Rule": "rule",
                },
            ),
        ),
        unread={"token": "a permission, not a property"},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Row(
        calls=(Call("s3.PutBucketPolicy", {**_BUCKET, "Policy": "policy"}),),
        reads=(Read("s3.GetBucketPolicy", _BUCKET, {"Policy": "policy"}),),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Row(
        calls=(
            Call(
                "s3.PutBucketLifecycleConfiguration",
                {
                    **_OWNED,
                    "LifecycleConfiguration": pascal("rules"),
                    **pascal("transitionDefaultMinimumObjectSize"),
                },
            ),
        ),
        reads=(
            Read(
                "s3.GetBucketLifecycleConfiguration",
                _OWNED,
                {
                    "Rules": "rules",
                    "TransitionDefaultMinimumObjectSize": "transitionDefaultMinimumObjectSize",
                },
            ),
        ),
        provider_only=("timeouts",),
        unread={"rules[].NoncurrentVersionExpiration.NewerNoncurrentVersions": "moto drops it"},
    ),
    "aws:s3/bucketLogging:BucketLogging": Row(
        calls=(
            Call(
                "s3.PutBucketLogging",
                {
                    **_OWNED,
                    "BucketLoggingStatus": {
                        "LoggingEnabled": pascal(
                            "targetBucket", "targetGrants", "targetObjectKeyFormat", "targetPrefix"
                        )
                    },
                },
            ),
        ),
        reads=(
            Read(
                "s3.GetBucketLogging",
                _OWNED,
                {
                    "LoggingEnabled.TargetBucket": "targetBucket",
                    "LoggingEnabled.TargetGrants": "targetGrants",
                    "LoggingEnabled.TargetObjectKeyFormat": "targetObjectKeyFormat",
                    "LoggingEnabled.TargetPrefix": "targetPrefix",
                },
            ),
        ),
        unread={"targetObjectKeyFormat": "moto drops it"},
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": Row(
        calls=(
            Call(
                "s3.PutBucketReplication",
                {
                    **_BUCKET,
                    "ReplicationConfiguration": pascal("role", "rules"),
                    "Token": "token",
                },
            ),
        ),
        reads=(
            Read(
                "s3.GetBucketReplication",
                _BUCKET,
                {
                    "ReplicationConfiguration.Role": "role",
                    "ReplicationConfiguration.Rules": "rules",
                },
            ),
        ),
        unread={
            "token": "a permission, not a property",
            "rules[].DeleteMarkerReplication.Status": "moto always answers Disabled",
            "rules[].SourceSelectionCriteria": "moto drops it",
        },
    ),
}
