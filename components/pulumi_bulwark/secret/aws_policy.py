"""Who may do what with a secret in Secrets Manager.

In a secret's own policy, the resource "*" means this secret. An Allow of the account's IAM is not
enough to read: everyone who is not a named reader is denied.
"""

import json
from typing import Any

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


def secret_policy(
    *,
    root: str,
    readers: tuple[str, ...],
    managers: tuple[str, ...],
    deletion_protection: bool,
) -> str:
    """The resource policy of a secret, as JSON. `root` is the ARN of the account's root user.

    Without managers, IAM alone decides who manages the secret.
    """
    statements = [
        _deny("OnlyOverTls", ["secretsmanager:*"], {"Bool": {"aws:SecureTransport": "false"}}),
        _deny("OnlyReadersRead", _READ, _unless(readers)),
    ]
    if readers:
        statements.insert(0, _allow("ReadersRead", readers))
    if managers:
        # The root user, whose every use raises an alarm, is the way out of a lost role.
        statements.append(_deny("OnlyManagersManage", _MANAGE, _unless((root, *managers))))
    if deletion_protection:
        statements.append(_deny("RefuseDeletion", ["secretsmanager:DeleteSecret"], {}))
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _unless(principals: tuple[str, ...]) -> Statement:
    # A session's principal ARN is that of its role. Secrets Manager's own replication has none.
    people = {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    return people | ({"ArnNotEquals": {"aws:PrincipalArn": list(principals)}} if principals else {})


def _allow(sid: str, principals: tuple[str, ...]) -> Statement:
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
