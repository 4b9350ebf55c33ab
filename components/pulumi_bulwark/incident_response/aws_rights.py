"""What the role of each action may do: that action, and nothing else.

Reads come with it, since an action looks before it acts. What is tagged to be left alone is denied
as well, wherever the service lets a policy see tags.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from ..place import AwsPlace
from ..role.aws import Statement
from .actions import ActionName


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach(AwsPlace):
    """Where the actions are done, and what they must not touch."""

    boundary_arn: pulumi.Input[str]
    """The boundary of the roles whose sessions may be revoked."""
    never_arns: Sequence[str]
    """Users and roles that are left alone."""
    responder_arn: pulumi.Input[str]
    """The responder's own role."""
    user_pool_arn: pulumi.Input[str] | None
    rotator_arns: Sequence[pulumi.Input[str]]
    """Functions that rotate secrets: Secrets Manager calls them on behalf of who asks for it."""
    may_request_blocks: Sequence[Statement]


def statements(action: ActionName, reach: Reach) -> list[Statement]:
    return list(_RIGHTS[action](reach))


def _start_trail(reach: Reach) -> Iterator[Statement]:
    actions = ["cloudtrail:GetTrailStatus", "cloudtrail:StartLogging"]
    yield _allow("Start", actions, reach.arn("cloudtrail", "trail/*"))


def _disable_key(reach: Reach) -> Iterator[Statement]:
    actions = [
        "iam:GetAccessKeyLastUsed",
        "iam:GetUser",
        "iam:ListAccessKeys",
        "iam:UpdateAccessKey",
    ]
    yield _allow("Disable", actions, reach.global_arn("iam", "user/*"))
    users = [arn for arn in reach.never_arns if ":user/" in arn]
    yield from _never("iam:UpdateAccessKey", arns=users)


def _revoke_sessions(reach: Reach) -> Iterator[Statement]:
    changes = ["iam:DeleteRolePolicy", "iam:PutRolePolicy"]
    roles = reach.global_arn("iam", "role/*")
    yield _allow("Look", ["iam:GetRole", "iam:GetRolePolicy"], roles)
    # What is put on a role inside the boundary cannot lead out of it.
    inside = {"StringEquals": {"iam:PermissionsBoundary": reach.boundary_arn}}
    yield _allow("Revoke", changes, roles) | {"Condition": inside}
    own = [reach.responder_arn, reach.global_arn("iam", f"role{PATH}*")]
    never = [arn for arn in reach.never_arns if ":role/" in arn]
    yield from _never(*changes, arns=[*own, *never])


def _disable_user(reach: Reach) -> Iterator[Statement]:
    actions = [
        "cognito-idp:AdminDisableUser",
        "cognito-idp:AdminEnableUser",
        "cognito-idp:AdminGetUser",
        "cognito-idp:AdminUserGlobalSignOut",
    ]
    yield _allow("Disable", actions, reach.user_pool_arn)


def _close_bucket(reach: Reach) -> Iterator[Statement]:
    actions = [
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketTagging",
        "s3:PutBucketPublicAccessBlock",
    ]
    ours = {"StringEquals": {"aws:ResourceAccount": reach.account_id}}
    buckets = reach.bucket("*")
    yield _allow("Close", actions, buckets) | {"Condition": ours}


def _close_group(reach: Reach) -> Iterator[Statement]:
    changes = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
    yield _allow("Look", ["ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"], "*")
    groups = [reach.arn("ec2", f"{kind}/*") for kind in ("security-group", "security-group-rule")]
    yield _allow("Close", changes, groups)
    yield from _never(*changes)


def _isolate_instance(reach: Reach) -> Iterator[Statement]:
    looks = [
        "autoscaling:DescribeAutoScalingInstances",
        "ec2:DescribeInstances",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSnapshots",
    ]
    yield _allow("Look", looks, "*")
    machines = [reach.arn("ec2", f"{kind}/*") for kind in ("instance", "network-interface")]
    groups = reach.arn("ec2", "security-group/*")
    cut = "ec2:ModifyNetworkInterfaceAttribute"
    yield _allow("CutOff", [cut], [*machines, groups])
    yield _allow("MakeGroup", ["ec2:CreateSecurityGroup"], [groups, reach.arn("ec2", "vpc/*")])
    isolated = {"StringEquals": {f"aws:ResourceTag/{ISOLATION}": "true"}}
    yield _allow("EmptyGroup", ["ec2:RevokeSecurityGroupEgress"], groups) | {"Condition": isolated}
    # A snapshot is nobody's before it is there.
    snapshots = f"arn:{reach.partition}:ec2:{reach.region}::snapshot/*"
    disks = reach.arn("ec2", "volume/*")
    yield _allow("KeepDisks", ["ec2:CreateSnapshot"], [disks, snapshots])
    made = {"StringEquals": {"ec2:CreateAction": ["CreateSecurityGroup", "CreateSnapshot"]}}
    yield _allow("Name", ["ec2:CreateTags"], [groups, snapshots]) | {"Condition": made}
    scaled = reach.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")
    yield _allow("TakeOut", ["autoscaling:DetachInstances"], scaled)
    yield from _never("autoscaling:DetachInstances", cut)


def _rotate_secret(reach: Reach) -> Iterator[Statement]:
    actions = ["secretsmanager:DescribeSecret", "secretsmanager:RotateSecret"]
    yield _allow("Rotate", actions, reach.arn("secretsmanager", "secret:*"))
    if reach.rotator_arns:
        yield _allow("CallRotation", ["lambda:InvokeFunction"], list(reach.rotator_arns))
    yield from _never("secretsmanager:RotateSecret")


def _block_source(reach: Reach) -> Iterator[Statement]:
    yield from reach.may_request_blocks


_RIGHTS: Mapping[ActionName, Callable[[Reach], Iterator[Statement]]] = {
    "block-source": _block_source,
    "close-bucket": _close_bucket,
    "close-group": _close_group,
    "disable-key": _disable_key,
    "disable-user": _disable_user,
    "isolate-instance": _isolate_instance,
    "revoke-sessions": _revoke_sessions,
    "rotate-secret": _rotate_secret,
    "start-trail": _start_trail,
}

PATH = "/respond/"
"""IAM path of the actions' roles, apart from those that whoever deploys may change."""

ISOLATION = "bulwark:isolation"
"""Tag of the security group that lets nothing in or out."""

OUTSIDE: frozenset[ActionName] = frozenset({"disable-key"})
"""Actions that the workloads' boundary forbids. The role's own policy is its boundary then."""


def _never(*actions: str, arns: Sequence[pulumi.Input[str]] = ()) -> Iterator[Statement]:
    tagged = {"StringEquals": {"aws:ResourceTag/bulwark:respond": "never"}}
    yield _deny("LeaveTagged", actions, "*") | {"Condition": tagged}
    if arns:
        yield _deny("LeaveThese", actions, list(arns))


def _allow(sid: str, actions: Sequence[str], resource: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def _deny(sid: str, actions: Sequence[str], resource: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": list(actions), "Resource": resource}
