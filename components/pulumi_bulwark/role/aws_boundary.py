"""The permissions boundary of every workload's role."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ..naming import physical
from ..place import AwsPlace


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsBoundaryArgs(AwsPlace):
    """The region too: two of one account have a boundary each."""


class AwsBoundary(pulumi.ComponentResource):
    """An IAM policy that limits what a workload's role can ever do, whatever it is given.

    It cannot turn off logging, make users or keys for them, change the policy of a key or a
    secret, delete a key, make a role without this boundary, or change the boundary itself.
    """

    arn: pulumi.Output[str]
    """ARN of the boundary."""

    def __init__(
        self, name: str, args: AwsBoundaryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsBoundary", name, None, opts)

        # The policy speaks of itself, so its name is known before it exists.
        policy_name = physical(
            "iam-policy", pulumi.get_project(), pulumi.get_stack(), name, args.region
        )
        arn = args.global_arn("iam", f"policy/{policy_name}")
        policy = aws.iam.Policy(
            f"{name}-policy",
            name=policy_name,
            description="The most that a role of a workload can do",
            policy=json.dumps({"Version": "2012-10-17", "Statement": _statements(arn)}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = policy.arn
        self.register_outputs({"arn": self.arn})


_TURN_OFF_LOGGING = [
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "ec2:DeleteFlowLogs",
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "inspector2:Disable",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "logs:DeleteRetentionPolicy",
    "logs:DisassociateKmsKey",
    "logs:PutRetentionPolicy",
    "macie2:DisableMacie",
    "s3:BypassGovernanceRetention",
    "s3:PutBucketObjectLockConfiguration",
    "securityhub:BatchDisableStandards",
    "securityhub:DisableSecurityHub",
    "wafv2:DeleteLoggingConfiguration",
]

_MAKE_USERS_OR_THEIR_KEYS = [
    "iam:AddUserToGroup",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:CreateUser",
    "iam:PutUserPolicy",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
    "iam:UploadSigningCertificate",
    "iam:UploadSSHPublicKey",
]

_TOUCH_KEYS = ["kms:DeleteImportedKeyMaterial", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]

_OPEN_SECRETS = ["secretsmanager:DeleteResourcePolicy", "secretsmanager:PutResourcePolicy"]

_LEAVE = [
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
]

_MAKE_OR_WIDEN_ROLES = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
]

_CHANGE_POLICY = [
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
]


def _statements(boundary_arn: str) -> list[dict[str, Any]]:
    # A boundary grants nothing: a role can do what both its own policy and the boundary allow.
    everything = {"Sid": "Limit", "Effect": "Allow", "Action": "*", "Resource": "*"}
    without_it = {"StringNotEquals": {"iam:PermissionsBoundary": boundary_arn}}
    return [
        everything,
        _deny("KeepLogging", _TURN_OFF_LOGGING),
        _deny("KeepPeopleOut", _MAKE_USERS_OR_THEIR_KEYS),
        _deny("KeepKeys", _TOUCH_KEYS),
        _deny("KeepSecrets", _OPEN_SECRETS),
        _deny("KeepBoundaries", _LEAVE),
        _deny("OnlyRolesInside", _MAKE_OR_WIDEN_ROLES) | {"Condition": without_it},
        _deny("KeepThisBoundary", _CHANGE_POLICY) | {"Resource": boundary_arn},
    ]


def _deny(sid: str, actions: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": actions, "Resource": "*"}
