"""Who may do what with a secret in Secrets Manager.

In a secret's own policy, the resource "*" means this secret. An Allow of the account's IAM is not
enough to read: everyone who is not a named reader is denied.
"""

from collections.abc import Sequence
from typing import Any

import pulumi

Statement = dict[str, Any]

_MANAGE = [
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RestoreSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:StopReplicationToReplica",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
]
"""Every action that changes a secret. Descriptions stay open to auditors, as IAM allows them."""

_READ = ["secretsmanager:GetSecretValue"]
"""BatchGetSecretValue needs it too, for each secret."""


LONGEST_POLICY = 20_480
"""Characters of a resource policy: a quota of Secrets Manager."""


def secret_policy(
    *,
    root: str,
    readers: Sequence[str] = (),
    functions: Sequence[pulumi.Input[str]] = (),
    rotator: pulumi.Input[str] | None = None,
    managers: Sequence[str] = (),
    deletion_protection: bool,
) -> dict[str, Any]:
    """The resource policy of a secret. `root` is the ARN of the account's root user.

    The named readers are let in here, and exist. Our own functions, and the one that rotates the
    secret, are let in by their roles: here they are only not denied. Without managers, IAM alone
    decides who manages the secret.
    """
    rotators = [] if rotator is None else [rotator]
    statements = [
        _deny("OnlyOverTls", ["secretsmanager:*"], {"Bool": {"aws:SecureTransport": "false"}}),
        _deny("OnlyReadersRead", _READ, _unless([*readers, *functions, *rotators])),
    ]
    if readers:
        statements.insert(0, _allow("ReadersRead", readers))
    if managers:
        # The root user, whose every use raises an alarm, is the way out of a lost role.
        statements.append(
            _deny("OnlyManagersManage", _MANAGE, _unless([root, *managers, *rotators]))
        )
    if deletion_protection:
        statements.append(_deny("RefuseDeletion", ["secretsmanager:DeleteSecret"], {}))
    return {"Version": "2012-10-17", "Statement": statements}


def _unless(principals: Sequence[pulumi.Input[str]]) -> Statement:
    # A session's principal ARN is that of its role. Secrets Manager's own replication has none.
    people = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    return people | ({"ArnNotEquals": {"aws:PrincipalArn": list(principals)}} if principals else {})


def _allow(sid: str, principals: Sequence[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": list(principals)},
        "Action": [*_READ, "secretsmanager:DescribeSecret"],
        "Resource": "*",
    }


def _deny(sid: str, actions: list[str], condition: Statement) -> Statement:
    statement = {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": "*",
    }
    return statement | ({"Condition": condition} if condition else {})
