"""AWS Config: what there is, and how it was."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ..log_group.aws import AwsLogStore
from ..naming import logical
from .aws_checks import CHECKS, Check
from .aws_parts import Parts, after
from .spec import RecorderSpec

_SERVICE = "config.amazonaws.com"
_NAME = "default"
"""A region takes one recorder and one channel, so no two stacks can have the same name at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorder:
    """What is asked of the recorder."""

    spec: RecorderSpec
    store: AwsLogStore
    owns_account: bool
    """Whether what exists once in the account is this stack's: the role, and the recording of
    what has no region."""


def recorder(parts: Parts, asked: Recorder) -> aws.cfg.RecorderStatus:
    """The region's recorder, started, with the checks that judge what it records."""
    made = aws.cfg.Recorder(
        f"{parts.name}-recorder",
        name=_NAME,
        role_arn=_role_arn(asked.store),
        recording_group=_group(asked),
        recording_mode={"recording_frequency": asked.spec.frequency.upper()},
        opts=after(parts.kept, *_role(parts, asked)),
    )
    channel = aws.cfg.DeliveryChannel(
        f"{parts.name}-channel",
        name=_NAME,
        # Not locked, and with a policy that admits AWS Config: the store's name comes after it.
        s3_bucket_name=asked.store.access_logs_id,
        opts=after(parts.kept, made),
    )
    status = aws.cfg.RecorderStatus(
        f"{parts.name}-recording",
        name=made.name,
        is_enabled=True,
        opts=after(parts.kept, channel),  # "NoAvailableDeliveryChannelException" without
    )
    aws.cfg.RetentionConfiguration(
        f"{parts.name}-history",
        retention_period_in_days=asked.spec.history_days,
        opts=after(parts.child, made),
    )
    for role, check in CHECKS.items():
        _check(f"{parts.name}-{role}", check, after(parts.child, status))
    return status


def _role_arn(store: AwsLogStore) -> str:
    # The service's own: Config.1 of Security Hub asks for it, nobody can widen it, and AWS keeps
    # it in step with the types that AWS Config knows. Its name is the same everywhere.
    role = f"role/aws-service-role/{_SERVICE}/AWSServiceRoleForConfig"
    return store.global_arn("iam", role)


def _role(parts: Parts, asked: Recorder) -> Iterator[aws.iam.ServiceLinkedRole]:
    if asked.owns_account and not asked.spec.role_exists:
        yield aws.iam.ServiceLinkedRole(
            f"{parts.name}-role", aws_service_name=_SERVICE, opts=parts.kept
        )


def _group(asked: Recorder) -> Any:
    # Users, roles and policies have no region: each recorder that records them is billed for them.
    return {"all_supported": True, "include_global_resource_types": asked.owns_account}


def _check(name: str, check: Check, opts: pulumi.ResourceOptions) -> None:
    aws.cfg.Rule(
        logical("config-rule", name),
        description=f"For {', '.join(check.controls)}",
        source={"owner": "AWS", "source_identifier": check.identifier},
        input_parameters=json.dumps(dict(check.parameters)) if check.parameters else None,
        opts=opts,
    )
