"""Attributes that two resources can set: two owners undo each other's work for ever."""

from collections.abc import Iterator, Mapping
from typing import Final

from bulwark_toolkit.compliance import buckets
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

_BUCKET: Final[Mapping[str, tuple[str, str]]] = {
    "policy": (buckets.POLICY, "bucket"),
    "acl": ("aws:s3/bucketAcl:BucketAcl", "bucket"),
    "versioning": (buckets.VERSIONING, "bucket"),
    "serverSideEncryptionConfiguration": (buckets.ENCRYPTION, "bucket"),
    "objectLockConfiguration": (buckets.LOCK, "bucket"),
    "logging": (buckets.LOGGING, "bucket"),
    "lifecycleRules": (buckets.LIFECYCLE, "bucket"),
    "corsRules": ("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration", "bucket"),
    "website": ("aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration", "bucket"),
    "replicationConfiguration": (
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "bucket",
    ),
}

_ONE: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    **dict.fromkeys(buckets.BUCKETS, _BUCKET),
    "aws:kms/key:Key": {"policy": ("aws:kms/keyPolicy:KeyPolicy", "keyId")},
    "aws:sns/topic:Topic": {"policy": ("aws:sns/topicPolicy:TopicPolicy", "arn")},
    "aws:sqs/queue:Queue": {"policy": ("aws:sqs/queuePolicy:QueuePolicy", "queueUrl")},
    "aws:secretsmanager/secret:Secret": {
        "policy": ("aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn")
    },
    "aws:apigateway/restApi:RestApi": {
        "policy": ("aws:apigateway/restApiPolicy:RestApiPolicy", "restApiId")
    },
}
"""By type: each input that a resource of its own can set as well, and how that one names it."""

_MANY: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "aws:iam/role:Role": {
        "inlinePolicies": ("aws:iam/rolePolicy:RolePolicy", "role"),
        "managedPolicyArns": ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role"),
    },
    "aws:ec2/securityGroup:SecurityGroup": {
        "ingress": ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "securityGroupId"),
        "egress": ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "securityGroupId"),
    },
}
"""The same for lists: many resources may add to one, but not beside the input."""


@rule(
    "aws.ownership.attribute-has-one-owner",
    *_ONE,
    *_MANY,
    severity="medium",
    requires="Every attribute is set by one resource: its own, or one beside it",
    remediation="Keep one of them: each `up` would undo what the other has set.",
    reference="PCI 6.5.1",
    alone=False,
)
def attribute_has_one_owner(subject: Subject) -> Iterator[Verdict]:
    token = subject.resource.type
    several = token in _MANY
    for name, (other, by) in (_MANY if several else _ONE)[token].items():
        inside = [subject.resource.name] if subject.has(name) else []
        beside = [one.resource.name for one in subject.attached(other, by)]
        if owners := inside + beside:
            one = not (inside and beside) if several else len(owners) == 1
            yield Verdict(one, name, ", ".join(owners))
