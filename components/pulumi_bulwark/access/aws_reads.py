"""What is denied to whoever looks after an environment and not after its customers' data."""

from collections.abc import Sequence
from typing import Any

VALUES_AND_DATA = (
    "athena:GetQueryResults*",
    "cloudformation:GetTemplate",  # other programs write secrets into theirs
    "cognito-idp:AdminGetUser",
    "cognito-idp:ListUsers*",
    "dynamodb:BatchGetItem",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQL*",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ec2:GetConsole*",
    "ec2:GetPasswordData",
    "kinesis:Get*Records",
    "lambda:InvokeFunction",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter*",
)
"""Whose answer is a secret value or a customer's data, whatever the resource."""

LOGS = ("logs:FilterLogEvents", "logs:GetLog*", "logs:GetQueryResults", "logs:StartQuery")
"""Whose answer is what was logged: who called from where, if not what."""


def keep_values(
    *,
    objects: Sequence[Any],
    keys: Sequence[Any],
    also: Sequence[str] = (),
    services: Sequence[str] = (),
    via: str = "",
) -> list[dict[str, Any]]:
    """Denies of values and data, except the objects of some buckets and the use of some keys.

    `objects` are ARNs with wildcards. `services` are the only ones that are allowed at all; none
    means any. `via` is a service, as kms:ViaService has it, that may decrypt with other keys too.
    """
    reads = [a for a in VALUES_AND_DATA if not services or a.partition(":")[0] in services]
    decrypts: dict[str, Any] = {
        "Sid": "KeepKeys",
        "Effect": "Deny",
        "Action": ["kms:Decrypt", "kms:ReEncryptFrom"],
        **_all_but(keys),
    }
    if via:
        decrypts["Condition"] = {"StringNotLike": {"kms:ViaService": via}}
    return [
        {
            "Sid": "KeepData",
            "Effect": "Deny",
            "Action": [*reads, *also],
            "Resource": "*",
        },
        {"Sid": "KeepObjects", "Effect": "Deny", "Action": "s3:GetObject*", **_all_but(objects)},
        decrypts,
    ]


def _all_but(arns: Sequence[Any]) -> dict[str, Any]:
    return {"NotResource": list(arns)} if arns else {"Resource": "*"}
