"""Questions to the trail that an investigation begins with, for CloudWatch Logs Insights."""

from collections.abc import Mapping

_WHO = "userIdentity.arn, userIdentity.invokedBy, sourceIPAddress"
_WHAT = "eventSource, eventName, errorCode, awsRegion"


def _query(condition: str) -> str:
    return (
        f"fields @timestamp, {_WHO}, {_WHAT}\n| filter {condition}\n"
        "| sort @timestamp desc\n| limit 200"
    )


def _events(*names: str) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    return f"eventName in [{listed}]"


QUERIES: Mapping[str, str] = {
    "calls of the root user": _query('userIdentity.type = "Root"'),
    "calls that were denied": _query("errorCode like /(AccessDenied|UnauthorizedOperation)/"),
    "who is denied most": (
        "filter errorCode like /(AccessDenied|UnauthorizedOperation)/\n"
        "| stats count(*) as denied by userIdentity.arn, eventSource, eventName\n"
        "| sort denied desc\n| limit 50"
    ),
    "sign-ins to the console without MFA": _query(
        'eventName = "ConsoleLogin" and additionalEventData.MFAUsed != "Yes"'
        ' and responseElements.ConsoleLogin = "Success"'
    ),
    "sign-ins to the console that failed": _query(
        'eventName = "ConsoleLogin" and responseElements.ConsoleLogin = "Failure"'
    ),
    "changes of users, roles and policies": _query(
        'eventSource = "iam.amazonaws.com" and readOnly = 0'
    ),
    "changes of logging": _query(
        'eventSource in ["cloudtrail.amazonaws.com", "logs.amazonaws.com", "config.amazonaws.com"]'
        " and eventName like /^(Delete|Stop|Update|Put|Disassociate)/"
        ' and eventName != "PutLogEvents"'
    ),
    "changes of keys": _query(
        'eventSource = "kms.amazonaws.com" and '
        + _events(
            "CancelKeyDeletion",
            "CreateGrant",
            "DisableKey",
            "DisableKeyRotation",
            "PutKeyPolicy",
            "ScheduleKeyDeletion",
        )
    ),
    "secrets that were read or set": _query(
        'eventSource = "secretsmanager.amazonaws.com" and '
        + _events(
            "BatchGetSecretValue",
            "DeleteSecret",
            "GetSecretValue",
            "PutResourcePolicy",
            "PutSecretValue",
            "UpdateSecret",
        )
    ),
    "buckets whose access has changed": _query(
        'eventSource = "s3.amazonaws.com" and '
        + _events(
            "DeleteBucketPolicy",
            "DeleteBucketPublicAccessBlock",
            "DeletePublicAccessBlock",
            "PutAccountPublicAccessBlock",
            "PutBucketAcl",
            "PutBucketPolicy",
            "PutBucketPublicAccessBlock",
        )
    ),
    "changes of the network": _query(
        'eventSource = "ec2.amazonaws.com" and readOnly = 0 and '
        "eventName like /(SecurityGroup|NetworkAcl|Route|Gateway|Vpc|Subnet)/"
    ),
}
"""CIS AWS 4.1 to 4.16 ask to watch for these; the alarms on them are monitoring's."""
