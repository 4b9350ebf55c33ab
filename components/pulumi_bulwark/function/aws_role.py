"""What every function's role may do, beside what the function itself asks for."""

from collections.abc import Iterator
from typing import Any

import pulumi

from ..place import AwsPlace
from ..role.aws import Statement

_TRACE = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
"""X-Ray knows no resource to hold these to."""

_NETWORK = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:UnassignPrivateIpAddresses",
]
"""What Lambda does in a VPC with the function's role; EC2 has no resource for most of it before
the interface is there."""


def statements(
    place: AwsPlace,
    *,
    log_group_arn: pulumi.Input[str],
    traced: bool,
    failures_arn: pulumi.Input[str] | None,
    failures_key_arn: pulumi.Input[str],
    functions: str,
    in_a_network: bool,
) -> Iterator[Statement]:
    """`functions` is the function's name, or a pattern of what Pulumi will call it."""
    # No CreateLogGroup: the group is there, and one that Lambda made would have no key.
    yield _allow(
        "WriteLog",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        pulumi.Output.format("{0}:log-stream:*", log_group_arn),
    )
    if traced:
        yield _allow("Trace", _TRACE, "*")
    if failures_arn is not None:
        yield _allow("KeepFailures", ["sqs:SendMessage"], failures_arn)
        through_sqs = {"StringLike": {"kms:ViaService": f"sqs.{place.region}.*"}}
        yield {
            **_allow("EncryptFailures", ["kms:Decrypt", "kms:GenerateDataKey"], failures_key_arn),
            "Condition": through_sqs,
        }
    if in_a_network:
        own = place.arn("lambda", f"function:{functions}")
        yield _allow("UseNetwork", _NETWORK, "*")
        # Lambda itself sends no source function when it makes an interface; the code would.
        yield {
            "Sid": "CodeUsesNoNetworkCalls",
            "Effect": "Deny",
            "Action": _NETWORK,
            "Resource": "*",
            "Condition": {"ArnLike": {"lambda:SourceFunctionArn": own}},
        }


def _allow(sid: str, actions: list[str], resource: pulumi.Input[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
