"""What whoever deploys may do: create what the stack contains, and not weaken what it stands on.

One document is both the deploy role's permissions and its boundary, so that whatever else the role
is given adds nothing. Of IAM it allows the roles of the stack and what only reads: no users and no
keys for them, no identity providers, no policies of their own, no password policy. The first
`pulumi up` is an administrator's: it makes what this document then keeps from everybody who
deploys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from ..place import AwsPlace
from .aws_reads import keep_values

_SERVICES = (
    "acm",
    "apigateway",
    "budgets",
    "cloudfront",
    "cloudwatch",
    "cognito-idp",
    "dynamodb",
    "events",
    "kms",
    "lambda",
    "logs",
    "route53",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "wafv2",
)
"""IAM's prefixes of the services that the stacks are made of, beside IAM. What guards the whole
account is not among them: an administrator turns it on, and nobody who deploys turns it off."""

_ELSEWHERE = {"apigateway": "*::/*", "route53": "::*", "s3": "::*"}
"""Services whose ARNs do not name the account: what follows the service in them."""

_WITHOUT_A_RESOURCE = (
    "access-analyzer:GetAnalyzer",
    "access-analyzer:ListAnalyzers",
    "account:GetAlternateContact",
    "acm:ListCertificates",
    "acm:RequestCertificate",
    "cloudfront:CreateCachePolicy",
    "cloudfront:CreateDistribution",
    "cloudfront:CreateFunction",
    "cloudfront:CreateOriginAccessControl",
    "cloudfront:CreateOriginRequestPolicy",
    "cloudfront:CreateResponseHeadersPolicy",
    "cloudfront:List*",
    "cloudtrail:Describe*",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetInsightSelectors",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:ListTags",
    "cloudwatch:Describe*",
    "cognito-idp:CreateUserPool",
    "cognito-idp:DescribeUserPoolDomain",
    "config:Describe*",
    "ec2:Describe*",
    "ec2:GetEbsEncryptionByDefault",
    "ec2:GetImageBlockPublicAccessState",
    "ec2:GetInstanceMetadataDefaults",
    "ec2:GetSerialConsoleAccessStatus",
    "ec2:GetSnapshotBlockPublicAccessState",
    "guardduty:GetDetector",
    "guardduty:List*",
    "iam:GetAccountPasswordPolicy",
    "iam:List*",
    "inspector2:BatchGetAccountStatus",
    "inspector2:List*",
    "kms:CreateKey",
    "kms:ListAliases",
    "lambda:CreateEventSourceMapping",
    "lambda:List*",
    "logs:DeleteQueryDefinition",
    "logs:DeleteResourcePolicy",
    "logs:Describe*",
    "logs:PutQueryDefinition",
    "logs:PutResourcePolicy",
    "macie2:GetMacieSession",
    "route53:ListHostedZones",
    "s3:GetAccountPublicAccessBlock",
    "securityhub:Describe*",
    "securityhub:GetEnabledStandards",
    "ssm:CreateMaintenanceWindow",
    "ssm:CreatePatchBaseline",
    "ssm:Describe*",
    "wafv2:CheckCapacity",
)
"""Actions that know no resource to be held to, and what shows how the account is guarded."""

_LOOKED_AT = ("oidc-provider", "policy", "role")

_ROLES = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:PutRole*",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole*",
)

_ANY_CHANGE = tuple(
    f"iam:{verb}*"
    for verb in ("Attach", "Delete", "Detach", "Pass", "Put", "Tag", "Untag", "Update")
)

_INSIDE_ONLY = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
)
"""Actions by which a role outside of the workloads' boundary would come to be, or get more."""

_BASELINE = (
    "kms:DisableKey*",
    "kms:ScheduleKeyDeletion",
    "s3:BypassGovernanceRetention",
    "s3:PutAccountPublicAccessBlock",
    "ssm:SendCommand",
    "ssm:StartAutomationExecution",
    "ssm:StartSession",
)
"""What the account and its keys stand on, and the ways onto a machine."""

_EVIDENCE = ("logs:Delete*", "logs:Disassociate*", "logs:Put*", "s3:Delete*", "s3:Put*")
"""By which a trail's files and events would go, be opened, or no longer be listened to."""

_ALARM = ("events:Delete*", "events:Disable*", "events:Put*", "events:Remove*")

_UNSAFE = {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}
_MAYBE_PUBLIC = {"BoolIfExists": {"secretsmanager:BlockPublicPolicy": "false"}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployer(AwsPlace):
    stack: str
    """What the names of everything in the stack begin with."""
    regions: Sequence[str]
    """Where deployments may act."""
    workload_boundary_arn: Any
    """The boundary that every role of the stack has."""
    kept: Sequence[str]
    """What the names of roles and event rules begin with that only an administrator changes."""
    alarm_arns: Sequence[Any]
    """ARNs of the event rules that tell of a broken glass."""
    evidence_arns: Sequence[Any]
    """ARNs of the trail's bucket and log group; none where another stack owns the trail."""
    state_objects: Sequence[str]
    """ARNs of the objects that hold Pulumi's state."""
    state_keys: Sequence[str]

    def statements(self) -> list[dict[str, Any]]:
        return [*self._allowed(), *self._denied()]

    def _allowed(self) -> list[dict[str, Any]]:
        # The roles of `access` have a path, so this pattern matches none of them.
        roles = [f"{self._iam}:role/{self.stack}-*"]
        return [
            _allow("Build", [f"{service}:*" for service in _SERVICES], self._resources()),
            _allow("Look", _WITHOUT_A_RESOURCE, "*"),
            # IAM takes no pattern for all of its kinds at once.
            _allow("LookAtRoles", ["iam:Get*"], [f"{self._iam}:{kind}/*" for kind in _LOOKED_AT]),
            _allow("Roles", _ROLES, roles),
            _allow(
                "ServiceRoles",
                ["iam:CreateServiceLinkedRole"],
                f"{self._iam}:role/aws-service-role/*",
            ),
        ]

    def _denied(self) -> list[dict[str, Any]]:
        inside = {"iam:PermissionsBoundary": self.workload_boundary_arn}
        kept = {
            "KeepEvidence": (_EVIDENCE, self._evidence()),
            "KeepAlarm": (
                _ALARM,
                [*self.alarm_arns, *(f"{self._events}/{n}-*" for n in self.kept)],
            ),
            "KeepRoles": (_ANY_CHANGE, [f"{self._iam}:role/{name}-*" for name in self.kept]),
        }
        return [
            _deny("OnlyRolesInside", _INSIDE_ONLY, "*", {"StringNotEquals": inside}),
            # Nobody is locked out of a key, and no secret is opened to the world.
            _deny("KeepKeysOpen", ["kms:CreateKey", "kms:PutKeyPolicy"], "*", _UNSAFE),
            _deny("KeepSecretsPrivate", ["secretsmanager:PutResourcePolicy"], "*", _MAYBE_PUBLIC),
            _deny("KeepBaseline", _BASELINE, "*"),
            *(_deny(sid, actions, arns) for sid, (actions, arns) in kept.items() if arns),
            _deny(
                "KeepRegions",
                ["*"],
                "*",
                {"StringNotEquals": {"aws:RequestedRegion": list(self.regions)}},
            ),
            # Lambda shows the environment of a function to whoever may decrypt it.
            *keep_values(
                objects=self.state_objects,
                keys=self.state_keys,
                services=_SERVICES,
                via="lambda.*.amazonaws.com",
            ),
        ]

    def _evidence(self) -> list[Any]:
        return [
            *self.evidence_arns,
            *(pulumi.Output.concat(arn, "/*") for arn in self.evidence_arns),
        ]

    @property
    def _events(self) -> str:
        return self.arn("events", "rule", region="*")

    @property
    def _iam(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}"

    def _resources(self) -> list[str]:
        return [
            f"arn:{self.partition}:{service}:{_ELSEWHERE.get(service, f'*:{self.account_id}:*')}"
            for service in _SERVICES
        ]


def _allow(sid: str, actions: Sequence[str], resources: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}


def _deny(
    sid: str, actions: Sequence[str], resources: Any, condition: Any = None
) -> dict[str, Any]:
    denied = {"Sid": sid, "Effect": "Deny", "Action": list(actions), "Resource": resources}
    return denied | ({"Condition": condition} if condition else {})
