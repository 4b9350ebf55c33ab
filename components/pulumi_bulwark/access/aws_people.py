"""Auditors, and the way in when nothing else helps."""

from collections.abc import Iterator, Sequence
from typing import Any

import pulumi

from .aws_reads import keep_values
from .spec import BreakGlassSpec

_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def auditor_trusts(principals: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Users show a second factor here; a role's session carries none, and its own trust asked."""
    users = [arn for arn in principals if ":user/" in arn]
    roles = [arn for arn in principals if ":user/" not in arn]
    for arns, condition in ((users, {"Condition": _MFA}), (roles, {})):
        if arns:
            yield {
                "Effect": "Allow",
                "Principal": {"AWS": arns},
                "Action": "sts:AssumeRole",
            } | condition


def auditor_reads(
    evidence_arns: Sequence[pulumi.Input[str]], key_arn: pulumi.Input[str] | None
) -> list[dict[str, Any]]:
    """The trail's files and events, and nothing else that has content."""
    files = [pulumi.Output.concat(arn, "/*") for arn in evidence_arns]
    keys = [key_arn] if key_arn is not None and files else []
    reads: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": "cloudtrail:LookupEvents", "Resource": "*"}
    ]
    if files:
        reads += [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:GetObjectVersion", "logs:GetLogEvents"],
                "Resource": files,
            },
            {
                "Effect": "Allow",
                "Action": ["logs:FilterLogEvents", "logs:StartQuery", "s3:ListBucket"],
                "Resource": [*evidence_arns, *files],
            },
            # The answers of a query are asked for by its id: there is no resource to name.
            {"Effect": "Allow", "Action": "logs:GetQueryResults", "Resource": "*"},
        ]
    if keys:
        reads.append({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": keys})
    return [*reads, *keep_values(objects=files, keys=keys)]


def break_glass_trust(spec: BreakGlassSpec, region: str) -> dict[str, Any]:
    """A user by name, with a fresh second factor and a reason, where the alarm is listening."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": list(spec.users)},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "NumericLessThan": {"aws:MultiFactorAuthAge": str(spec.mfa_minutes * 60)},
            # CloudTrail then says who, and why, in the event itself.
            "StringEquals": {
                "sts:RoleSessionName": "${aws:username}",
                # Another region's endpoint would tell its own region only.
                "aws:RequestedRegion": sorted({region, "us-east-1"}),
            },
            "StringLike": {"aws:RequestTag/reason": "?*"},
        },
    }


def break_glass_keeps(evidence_arns: Sequence[pulumi.Input[str]]) -> list[dict[str, Any]]:
    """Nobody in an emergency has to stop the trail, or to take away what it wrote."""
    files = [pulumi.Output.concat(arn, "/*") for arn in evidence_arns]
    stops = [
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:StopLogging",
        "s3:BypassGovernanceRetention",
    ]
    kept: list[dict[str, Any]] = [
        {"Sid": "KeepTrail", "Effect": "Deny", "Action": stops, "Resource": "*"}
    ]
    if evidence_arns:
        kept.append(
            {
                "Sid": "KeepEvidence",
                "Effect": "Deny",
                "Action": [
                    "logs:DeleteLogGroup",
                    "logs:DeleteLogStream",
                    "s3:DeleteObject*",
                    "s3:PutLifecycleConfiguration",
                ],
                "Resource": [*evidence_arns, *files],
            }
        )
    return kept
