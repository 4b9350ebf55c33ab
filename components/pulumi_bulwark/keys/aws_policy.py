"""Who may do what with a KMS key.

Three kinds of statement: the account manages the key but does not use it; the account's roles use
it through the services its purpose is for; a service that acts for itself uses it for this
account only. In a key policy, the resource "*" means this key.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..place import AwsPlace
from .spec import Purpose

Statement = dict[str, Any]

_MANAGE = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:Describe*",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:Get*",
    "kms:List*",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:SynchronizeMultiRegionKey",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
]
"""No action that encrypts, decrypts or grants. PutKeyPolicy for the account is what keeps the
key manageable: without it KMS refuses the policy, or nobody could ever change it again. KMS keeps
replicas in step by a role of the account, which needs SynchronizeMultiRegionKey."""

_NOT_FOR_PEOPLE = {
    "kms:ReplicateKey",
    "kms:ScheduleKeyDeletion",
    "kms:SynchronizeMultiRegionKey",
    "kms:UpdatePrimaryRegion",
}

_ADMINISTER = [action for action in _MANAGE if action not in _NOT_FOR_PEOPLE]

_ENCRYPT_AND_DECRYPT = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
]

_GRANT = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]

THROUGH: Mapping[Purpose, tuple[str, ...]] = {
    # Lambda: environment variables. SQS: events that a function could not handle.
    "data": ("s3", "dynamodb", "lambda", "sqs"),
    "logs": ("s3",),  # reading a trail that is kept in a bucket
    "secrets": ("secretsmanager",),
}
"""The services through which the account's roles may use each key (kms:ViaService)."""

GRANTED = ("dynamodb", "lambda")
"""Those of them that keep using the key for a resource, by a grant that a role gives them."""


def key_policy(
    purpose: Purpose,
    owner: AwsPlace,
    *,
    edge: bool,
    administrators: tuple[str, ...],
    deletion_protection: bool,
) -> str:
    """The policy document of a key, as JSON. `edge`: the key serves the edge's logs only."""
    statements = [
        _allow("AccountManages", {"AWS": owner.root}, _MANAGE),
        *_use_through_services(purpose, owner),
        *(_write_logs(owner, edge=edge) if purpose == "logs" else ()),
        *(_administer(administrators) if administrators else ()),
    ]
    if deletion_protection:
        statements.append(_deny("RefuseDeletion", {"AWS": "*"}, ["kms:ScheduleKeyDeletion"]))
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _use_through_services(purpose: Purpose, owner: AwsPlace) -> Iterator[Statement]:
    # Each role needs the permission in IAM as well: the root principal stands for "IAM decides".
    principal = {"AWS": owner.root}
    yield _allow("RolesUse", principal, _ENCRYPT_AND_DECRYPT, _through(THROUGH[purpose], owner))
    if granted := [service for service in THROUGH[purpose] if service in GRANTED]:
        only_services = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        yield _allow("RolesGrant", principal, _GRANT, _through(granted, owner) | only_services)


def _through(services: Iterable[str], owner: AwsPlace) -> Statement:
    names = [owner.host(service) for service in services]
    return {"StringEquals": {"kms:CallerAccount": owner.account_id, "kms:ViaService": names}}


def _write_logs(owner: AwsPlace, *, edge: bool) -> Iterator[Statement]:
    # Without its encryption context, any account's log groups could use this key.
    groups = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": owner.arn("logs", "log-group:*")}}
    yield _allow("CloudWatchLogs", {"Service": owner.host("logs")}, _ENCRYPT_AND_DECRYPT, groups)

    # Vended logs: WAF, API Gateway, CloudFront and flow logs, on their way to a bucket.
    deliveries = {
        "StringEquals": {"aws:SourceAccount": owner.account_id},
        "ArnLike": {"aws:SourceArn": owner.arn("logs", "*")},
    }
    delivery = {"Service": "delivery.logs.amazonaws.com"}
    yield _allow("LogDelivery", delivery, _ENCRYPT_AND_DECRYPT, deliveries)

    yield from _tell(owner, edge=edge)

    if not edge:  # a trail is written in its home region
        # Decrypt is for a bucket with an S3 bucket key. With one, the encryption context is the
        # bucket and not the trail, so the condition is on the source: always the trail.
        trails = {"ArnLike": {"aws:SourceArn": owner.arn("cloudtrail", "trail/*", region="*")}}
        actions = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"]
        yield _allow("CloudTrail", {"Service": "cloudtrail.amazonaws.com"}, actions, trails)


def _tell(owner: AwsPlace, *, edge: bool) -> Iterator[Statement]:
    # Alarms go to encrypted topics, with this key in either region: what an alarm says is a log.
    actions = ["kms:Decrypt", "kms:GenerateDataKey*"]
    for sid, service, operator, at_edge in _TELLERS:
        if edge and not at_edge:
            continue
        condition = {operator: {"aws:SourceAccount": owner.account_id}}
        yield _allow(sid, {"Service": service}, actions, condition)


_TELLERS = (
    ("Alarms", "cloudwatch.amazonaws.com", "StringEquals", True),
    ("Budgets", "budgets.amazonaws.com", "StringEquals", False),
    # EventBridge sends no source to the key of a topic or queue, and what it may not encrypt is
    # lost in silence.
    ("Events", "events.amazonaws.com", "StringEqualsIfExists", True),
)
"""Sid, service, how its source is held to this account, and whether it tells the edge's topics."""


def _administer(administrators: tuple[str, ...]) -> Iterator[Statement]:
    principal = {"AWS": list(administrators)}
    yield _allow("Administer", principal, _ADMINISTER)
    # Denied, not only left out: IAM could give it to them otherwise (PCI DSS 3.6.1, 3.7.6).
    yield _deny("AdministratorsDoNotUse", principal, [*_CRYPTOGRAPHIC, "kms:CreateGrant"])


_CRYPTOGRAPHIC = [a for a in _ENCRYPT_AND_DECRYPT if a != "kms:DescribeKey"]


def _allow(
    sid: str, principal: Statement, actions: list[str], condition: Statement | None = None
) -> Statement:
    return _statement("Allow", sid, principal, actions) | (
        {"Condition": condition} if condition else {}
    )


def _deny(sid: str, principal: Statement, actions: list[str]) -> Statement:
    return _statement("Deny", sid, principal, actions)


def _statement(effect: str, sid: str, principal: Statement, actions: list[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": effect,
        "Principal": principal,
        "Action": actions,
        "Resource": "*",
    }
