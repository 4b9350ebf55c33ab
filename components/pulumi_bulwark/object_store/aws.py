"""Amazon S3 buckets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..naming import logical
from ..role.aws import AwsRole, AwsRoleArgs, service_trust
from .aws_policy import Delivery, Reader, bucket_policy
from .spec import LifecycleRuleSpec, ObjectStoreSpec

_UNFINISHED_UPLOADS_DAYS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsReplication:
    """A copy of every new object in another bucket, which exists and has versioning."""

    bucket_arn: pulumi.Input[str]
    """The bucket that receives the copies."""
    region: str
    """AWS region of that bucket."""
    key_arn: pulumi.Input[str]
    """KMS key of the copies, in their region."""
    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the role with which S3 makes the copies."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsObjectStoreArgs:
    spec: ObjectStoreSpec
    region: str
    """AWS region of the bucket."""
    key_arn: pulumi.Input[str] | None = None
    """KMS key of the objects. None encrypts with S3's own key (SSE-S3): only for a bucket that a
    service delivers to which can use no other, such as S3's own access logs, or one that holds
    what everybody may see."""
    no_key_because: str = "who writes here can use no other"
    """Why there is no KMS key, for the note that says so."""
    deliveries: Sequence[Delivery] = ()
    """The services that write into the bucket, each with its source."""
    readers_follow: bool = False
    """Whether services read the bucket that need it to be there before they can be named, as a
    distribution does. It then has no policy until `admit` has named them."""
    access_logs_bucket: pulumi.Input[str] | None = None
    """The bucket, another one of this account and region, that takes the server access logs."""
    replication: AwsReplication | None = None
    """Where copies of new objects go."""
    reports_loosened: bool = True
    """Whether it says which of its settings are weaker than the hardened ones. Off where they are
    taken from settings that say so themselves."""
    deletion_protection: bool = True
    """Whether Pulumi and S3 both refuse to delete the bucket."""
    delete_contents: bool = False
    """Whether the bucket may be deleted while it holds objects, with all of them: for the moment
    of a teardown, never for an environment that stands."""
    dns_suffix: str = "amazonaws.com"
    """The partition's domain, the end of every regional service's name."""


class AwsObjectStore(pulumi.ComponentResource):
    """A private bucket: encrypted, versioned, over TLS 1.2 or newer, and wholly the account's.

    A lock, access logs and copies elsewhere come as asked for.
    """

    id: pulumi.Output[str]
    """Name of the bucket, known once all of its settings are in place."""

    arn: pulumi.Output[str]
    """ARN of the bucket, known once all of its settings are in place."""

    domain_name: pulumi.Output[str]
    """Host name of the bucket in its region, known as soon as the bucket is there."""

    def __init__(
        self, name: str, args: AwsObjectStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsObjectStore", name, None, opts)
        spec = args.spec
        self._args, self._name = args, name

        # Pulumi names the bucket: its name is unique in the world, and a deleted one is not free.
        bucket = self._bucket = aws.s3.Bucket(
            logical("bucket", f"{name}-bucket"),
            object_lock_enabled=spec.lock is not None,
            force_destroy=args.delete_contents,
            opts=self._kept(args),
        )
        self._latest: pulumi.Resource = bucket
        for role, kind, inputs in self._settings(name, bucket, args):
            self._set(role, kind, inputs)

        if args.key_arn is None:
            notes.limit(self, f"encrypted with S3's own key: {args.no_key_because}")
        if args.reports_loosened:
            notes.loosened(self, name, spec)
        self.id = _after(self._latest, bucket.bucket)
        self.arn = _after(self._latest, bucket.arn)
        self.domain_name = bucket.bucket_regional_domain_name
        self.register_outputs({"id": self.id, "arn": self.arn, "domainName": self.domain_name})

    def admit(self, *readers: Reader) -> None:
        """Let services read the bucket, once, where its args said that they follow."""
        if not self._args.readers_follow:
            raise ValueError("the bucket has its policy already: say `readers_follow` in its args")
        self._set("policy", aws.s3.BucketPolicy, self._policy(readers))

    def _set(self, role: str, kind: Callable[..., pulumi.Resource], inputs: dict[str, Any]) -> None:
        # One after the other: S3 refuses changes of one bucket that come at once
        # ("OperationAborted: A conflicting conditional operation is currently in progress").
        in_turn = pulumi.ResourceOptions(depends_on=[self._latest])
        self._latest = kind(
            f"{self._name}-{role}",
            bucket=self._bucket.bucket,
            opts=pulumi.ResourceOptions.merge(self._kept(self._args), in_turn),
            **inputs,
        )

    def _policy(self, readers: Sequence[Reader] = ()) -> dict[str, Any]:
        policy = bucket_policy(
            self._bucket.arn,
            self._args.deliveries,
            readers,
            deletion_protection=self._args.deletion_protection,
        )
        return {"policy": policy}

    def _kept(self, args: AwsObjectStoreArgs) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            protect=args.deletion_protection,
            retain_on_delete=args.deletion_protection,
        )

    def _settings(
        self, name: str, bucket: aws.s3.Bucket, args: AwsObjectStoreArgs
    ) -> Iterator[tuple[str, Callable[..., pulumi.Resource], dict[str, Any]]]:
        """Each setting of the bucket, in an order that S3 accepts: role, class and inputs."""
        spec = args.spec
        yield "public-access", aws.s3.BucketPublicAccessBlock, _NOTHING_PUBLIC
        ownership = {"rule": {"object_ownership": "BucketOwnerEnforced"}}  # no ACL counts
        yield "ownership", aws.s3.BucketOwnershipControls, ownership
        status = {"status": "Enabled" if spec.versioning else "Suspended"}
        yield "versioning", aws.s3.BucketVersioning, {"versioning_configuration": status}
        rules = {"rules": [_encryption(args.key_arn)]}
        yield "encryption", aws.s3.BucketServerSideEncryptionConfiguration, rules
        if spec.lock:
            retention = {"mode": spec.lock.mode.upper(), "days": spec.lock.days}
            rule = {"rule": {"default_retention": retention}}
            yield "lock", aws.s3.BucketObjectLockConfiguration, rule
        if not args.readers_follow:
            yield "policy", aws.s3.BucketPolicy, self._policy()
        rules = {"rules": [_UNFINISHED_UPLOADS, *map(_rule, range(999), spec.lifecycle)]}
        yield "lifecycle", aws.s3.BucketLifecycleConfiguration, rules
        if args.access_logs_bucket is not None:
            yield "access-logs", aws.s3.BucketLogging, _access_logs(args.access_logs_bucket)
        if args.replication:
            role = self._replication_role(name, bucket, args, args.replication)
            rules = {"role": role.arn, "rules": [_copy(args, args.replication)]}
            yield "replication", aws.s3.BucketReplicationConfig, rules

    def _replication_role(
        self, name: str, bucket: aws.s3.Bucket, args: AwsObjectStoreArgs, copy: AwsReplication
    ) -> AwsRole:
        source, target = bucket.arn, pulumi.Output.from_input(copy.bucket_arn)
        statements = [
            _allow(source, "s3:GetReplicationConfiguration", "s3:ListBucket"),
            _allow(
                pulumi.Output.format("{0}/*", source),
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
                *(("s3:GetObjectRetention", "s3:GetObjectLegalHold") if args.spec.lock else ()),
            ),
            _allow(pulumi.Output.format("{0}/*", target), "s3:ReplicateObject", "s3:ReplicateTags"),
            _allow(copy.key_arn, "kms:Encrypt", through=f"s3.{copy.region}.{args.dns_suffix}"),
        ]
        if args.key_arn is not None:
            own = f"s3.{args.region}.{args.dns_suffix}"
            statements.append(_allow(args.key_arn, "kms:Decrypt", through=own))
        return AwsRole(
            f"{name}-copier",
            AwsRoleArgs(
                description="Lets S3 copy new objects to another bucket",
                # S3 sends no source with this role; who may pass it to a bucket is IAM's.
                trust=[service_trust("s3.amazonaws.com")],
                boundary_arn=copy.boundary_arn,
                statements=statements,
            ),
            pulumi.ResourceOptions(parent=self),
        )


_NOTHING_PUBLIC = {
    "block_public_acls": True,
    "block_public_policy": True,
    "ignore_public_acls": True,
    "restrict_public_buckets": True,
}

_UNFINISHED_UPLOADS = {
    "id": "unfinished-uploads",
    "status": "Enabled",
    "filter": {"prefix": ""},
    "abort_incomplete_multipart_upload": {"days_after_initiation": _UNFINISHED_UPLOADS_DAYS},
    # What is left of an expired object once its versions are gone.
    "expiration": {"expired_object_delete_marker": True},
}


def _encryption(key_arn: pulumi.Input[str] | None) -> dict[str, Any]:
    own_key = {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn}
    return {
        "apply_server_side_encryption_by_default": (
            {"sse_algorithm": "AES256"} if key_arn is None else own_key
        ),
        # One call to KMS for many objects, instead of one for each.
        "bucket_key_enabled": key_arn is not None,
        # A key that the caller keeps would take the objects away from us: that is how
        # extortionists encrypt other people's buckets.
        "blocked_encryption_types": ["SSE-C"],
    }


def _rule(number: int, rule: LifecycleRuleSpec) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": f"rule-{number}",
        "status": "Enabled",
        "filter": {"prefix": rule.prefix},
        "noncurrent_version_expiration": {"noncurrent_days": rule.expire_noncurrent_after_days},
    }
    if rule.archive_after_days is not None:
        made["transitions"] = [{"days": rule.archive_after_days, "storage_class": "GLACIER_IR"}]
    if rule.expire_after_days is not None:
        made["expiration"] = {"days": rule.expire_after_days}
    return made


def _access_logs(bucket: pulumi.Input[str]) -> dict[str, Any]:
    return {
        "target_bucket": bucket,
        "target_prefix": "s3/",
        # Keys that say account, region, bucket and day, so that a query reads only what it needs.
        "target_object_key_format": {"partitioned_prefix": {"partition_date_source": "EventTime"}},
    }


def _copy(args: AwsObjectStoreArgs, copy: AwsReplication) -> dict[str, Any]:
    selected = {"sse_kms_encrypted_objects": {"status": "Enabled"}}
    return {
        "id": "all",
        "status": "Enabled",
        "priority": 0,
        "filter": {"prefix": ""},
        # Whoever deletes the original does not delete the copy.
        "delete_marker_replication": {"status": "Disabled"},
        "destination": {
            "bucket": copy.bucket_arn,
            "encryption_configuration": {"replica_kms_key_id": copy.key_arn},
        },
        **({} if args.key_arn is None else {"source_selection_criteria": selected}),
    }


def _allow(resource: pulumi.Input[str], *actions: str, through: str = "") -> dict[str, Any]:
    condition = {"StringEquals": {"kms:ViaService": through}}
    return {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": resource,
        **({"Condition": condition} if through else {}),
    }


def _after(last: pulumi.Resource, value: pulumi.Output[str]) -> pulumi.Output[str]:
    return pulumi.Output.all(value, last.urn).apply(lambda all_: all_[0])
