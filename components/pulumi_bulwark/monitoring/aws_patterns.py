"""What CIS asks to watch for in the trail, as metric filters of CloudWatch Logs.

Each finds at least what the benchmark's own pattern finds. The words after `also` are ours: ways to
the same end that the benchmark does not list.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .kinds import AlarmKind

LONGEST = 1024
"""Characters of a pattern: a limit of CloudWatch Logs."""


@dataclass(frozen=True, slots=True)
class Pattern:
    cis: str
    """Id in CIS AWS Foundations 5.0."""
    text: str


def _events(*names: str, source: str | None = None) -> str:
    """Events by name, of one service where other services have events of the same name."""
    listed = "||".join(f"($.eventName={name})" for name in names)
    return f"{{($.eventSource={source})&&({listed})}}" if source else f"{{{listed}}}"


PATTERNS: Mapping[AlarmKind, Pattern] = {
    "refused-calls": Pattern(
        "4.1", '{($.errorCode="*UnauthorizedOperation")||($.errorCode="AccessDenied*")}'
    ),
    # People who come by a central directory have their second factor there, and no MFAUsed here.
    "sign-in-without-mfa": Pattern(
        "4.2",
        '{($.eventName="ConsoleLogin")&&($.additionalEventData.MFAUsed!="Yes")'
        '&&($.userIdentity.type="IAMUser")&&($.responseElements.ConsoleLogin="Success")}',
    ),
    "root-user": Pattern(
        "4.3",
        '{($.userIdentity.type="Root")&&($.userIdentity.invokedBy NOT EXISTS)'
        '&&($.eventType!="AwsServiceEvent")}',
    ),
    "iam-changes": Pattern(
        "4.4",
        _events(
            "DeleteGroupPolicy",
            "DeleteRolePolicy",
            "DeleteUserPolicy",
            "PutGroupPolicy",
            "PutRolePolicy",
            "PutUserPolicy",
            "CreatePolicy",
            "DeletePolicy",
            "CreatePolicyVersion",
            "DeletePolicyVersion",
            "AttachRolePolicy",
            "DetachRolePolicy",
            "AttachUserPolicy",
            "DetachUserPolicy",
            "AttachGroupPolicy",
            "DetachGroupPolicy",
            # also
            "SetDefaultPolicyVersion",
            "UpdateAssumeRolePolicy",
            "DeleteRolePermissionsBoundary",
            source="iam.amazonaws.com",
        ),
    ),
    "trail-changes": Pattern(
        "4.5",
        _events(
            "CreateTrail",
            "UpdateTrail",
            "DeleteTrail",
            "StartLogging",
            "StopLogging",
            # also
            "PutEventSelectors",
            "PutInsightSelectors",
        ),
    ),
    "failed-console-sign-ins": Pattern(
        "4.6", '{($.eventName=ConsoleLogin)&&($.errorMessage="Failed authentication")}'
    ),
    "key-deletion": Pattern(
        "4.7",
        _events(
            "DisableKey",
            "ScheduleKeyDeletion",
            # also
            "DeleteImportedKeyMaterial",
            source="kms.amazonaws.com",
        ),
    ),
    "bucket-changes": Pattern(
        "4.8",
        _events(
            "PutBucketAcl",
            "PutBucketPolicy",
            "PutBucketCors",
            "PutBucketLifecycle",
            "PutBucketReplication",
            "DeleteBucketPolicy",
            "DeleteBucketCors",
            "DeleteBucketLifecycle",
            "DeleteBucketReplication",
            # also
            "PutBucketPublicAccessBlock",
            "DeleteBucketPublicAccessBlock",
            "PutAccountPublicAccessBlock",
            "DeleteAccountPublicAccessBlock",
            source="s3.amazonaws.com",
        ),
    ),
    "config-changes": Pattern(
        "4.9",
        _events(
            "StopConfigurationRecorder",
            "DeleteDeliveryChannel",
            "PutDeliveryChannel",
            "PutConfigurationRecorder",
            # also
            "DeleteConfigurationRecorder",
            source="config.amazonaws.com",
        ),
    ),
    "security-group-changes": Pattern(
        "4.10",
        _events(
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
            # also
            "ModifySecurityGroupRules",
        ),
    ),
    "network-acl-changes": Pattern(
        "4.11",
        _events(
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "DeleteNetworkAcl",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
        ),
    ),
    "gateway-changes": Pattern(
        "4.12",
        _events(
            "CreateCustomerGateway",
            "DeleteCustomerGateway",
            "AttachInternetGateway",
            "CreateInternetGateway",
            "DeleteInternetGateway",
            "DetachInternetGateway",
        ),
    ),
    "route-changes": Pattern(
        "4.13",
        _events(
            "CreateRoute",
            "CreateRouteTable",
            "ReplaceRoute",
            "ReplaceRouteTableAssociation",
            "DeleteRouteTable",
            "DeleteRoute",
            "DisassociateRouteTable",
            source="ec2.amazonaws.com",
        ),
    ),
    "network-changes": Pattern(
        "4.14",
        _events(
            "CreateVpc",
            "DeleteVpc",
            "ModifyVpcAttribute",
            "AcceptVpcPeeringConnection",
            "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
            "RejectVpcPeeringConnection",
            "AttachClassicLinkVpc",
            "DetachClassicLinkVpc",
            "DisableVpcClassicLink",
            "EnableVpcClassicLink",
        ),
    ),
    "organisation-changes": Pattern(
        "4.15",
        _events(
            "AcceptHandshake",
            "AttachPolicy",
            "CreateAccount",
            "CreateOrganizationalUnit",
            "CreatePolicy",
            "DeclineHandshake",
            "DeleteOrganization",
            "DeleteOrganizationalUnit",
            "DeletePolicy",
            "DetachPolicy",
            "DisablePolicyType",
            "EnablePolicyType",
            "InviteAccountToOrganization",
            "LeaveOrganization",
            "MoveAccount",
            "RemoveAccountFromOrganization",
            "UpdatePolicy",
            "UpdateOrganizationalUnit",
            source="organizations.amazonaws.com",
        ),
    ),
}
