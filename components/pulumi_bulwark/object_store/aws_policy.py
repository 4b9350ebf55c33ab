"""Who may do what with a bucket: nobody in the clear, and each service what it delivers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

Statement = dict[str, Any]

_OLDEST_TLS = "1.2"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A service that writes into the bucket."""

    sid: str
    """Names the service in the policy: letters and digits, and no other delivery's."""
    service: str
    """The service's principal, such as cloudtrail.amazonaws.com."""
    prefixes: Sequence[str]
    """Where it writes: the beginnings of its keys, each without the last slash."""
    condition: Mapping[str, Mapping[str, Any]]
    """The source that the service sends, which holds it to this account."""
    checks: Sequence[str] = ("s3:GetBucketAcl",)
    """What it asks of the bucket before it writes."""
    writes: Sequence[str] = ("s3:PutObject",)
    """How it writes."""
    gives_ownership: bool = True
    """It writes with the ACL that gives the object to the bucket's owner, and must."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """A service that reads what is in the bucket."""

    sid: str
    """Names the service in the policy: letters and digits, and no other's."""
    service: str
    """The service's principal, such as cloudfront.amazonaws.com."""
    condition: Mapping[str, Mapping[str, pulumi.Input[str]]]
    """The source that the service sends, which holds it to one resource of this account."""
    tells_missing: bool = False
    """Whether it is told that an object is not there (404) instead of that it may not see it
    (403). It could then list the bucket as well."""


def bucket_policy(
    bucket_arn: pulumi.Input[str],
    deliveries: Sequence[Delivery],
    readers: Sequence[Reader] = (),
    *,
    deletion_protection: bool,
) -> pulumi.Output[str]:
    """The policy document of a bucket, as JSON."""
    # Here and not in `apply`, or the policy would not wait for what a reader is held to.
    sources = [pulumi.Output.from_input(_sources(reader.condition)) for reader in readers]

    def document(known: list[Any]) -> Statement:
        arn, *held_to = known
        statements = list(_only_over_tls(arn))
        for delivery in deliveries:
            statements += _deliver(arn, delivery)
        for reader, source in zip(readers, held_to, strict=True):
            statements += _read(arn, reader, source)
        if deletion_protection:
            statements.append(_deny("RefuseDeletion", "s3:DeleteBucket", [arn], {}))
        return {"Version": "2012-10-17", "Statement": statements}

    return pulumi.Output.json_dumps(pulumi.Output.all(bucket_arn, *sources).apply(document))


def _only_over_tls(arn: str) -> Iterator[Statement]:
    everything = [arn, f"{arn}/*"]
    yield _deny("OnlyOverTls", "s3:*", everything, {"Bool": {"aws:SecureTransport": "false"}})
    yield _deny(
        "OnlyOverNewTls", "s3:*", everything, {"NumericLessThan": {"s3:TlsVersion": _OLDEST_TLS}}
    )


def _deliver(arn: str, delivery: Delivery) -> Iterator[Statement]:
    base = {"Effect": "Allow", "Principal": {"Service": delivery.service}}
    source = _sources(delivery.condition)
    if delivery.checks:
        yield {
            "Sid": f"{delivery.sid}Checks",
            **base,
            "Action": list(delivery.checks),
            "Resource": arn,
            "Condition": source,
        }
    equals = dict(source.get("StringEquals", {}))
    if delivery.gives_ownership:
        equals["s3:x-amz-acl"] = "bucket-owner-full-control"
    yield {
        "Sid": f"{delivery.sid}Writes",
        **base,
        "Action": delivery.writes[0] if len(delivery.writes) == 1 else list(delivery.writes),
        "Resource": [f"{arn}/{prefix}/*" for prefix in delivery.prefixes],
        "Condition": source | ({"StringEquals": equals} if equals else {}),
    }


def _read(arn: str, reader: Reader, source: Statement) -> Iterator[Statement]:
    base = {"Effect": "Allow", "Principal": {"Service": reader.service}}
    yield {
        "Sid": f"{reader.sid}Reads",
        **base,
        "Action": "s3:GetObject",
        "Resource": f"{arn}/*",
        "Condition": source,
    }
    if reader.tells_missing:
        yield {
            "Sid": f"{reader.sid}Looks",
            **base,
            "Action": "s3:ListBucket",
            "Resource": arn,
            "Condition": source,
        }


def _sources(condition: Mapping[str, Mapping[str, Any]]) -> Statement:
    return {operator: dict(keys) for operator, keys in condition.items()}


def _deny(sid: str, action: str, resources: list[str], condition: Statement) -> Statement:
    statement = {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resources,
    }
    return statement | ({"Condition": condition} if condition else {})
