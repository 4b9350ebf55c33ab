"""The function that gives a secret its next value, and its first."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws.secretsmanager import SecretRotationRotationRulesArgsDict

from ..function import FunctionSpec, Package
from ..function.aws import AwsFunction, AwsFunctionArgs
from ..function.aws_invoker import Invoker
from ..log_group.aws import AwsLogStore
from ..role.aws import Statement
from .kind import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsRotatorArgs:
    kind: Kind
    """What the values are like: a handler of bulwark_runtime.rotation.aws, and the secrets' tag."""
    secret_arns: Sequence[pulumi.Input[str]]
    """The secrets that it may give values, and no other."""
    secrets_key_arn: pulumi.Input[str]
    """KMS key of those secrets."""
    store: AwsLogStore
    """How the environment keeps its logs."""
    key_arn: pulumi.Input[str]
    """KMS key of the function's environment variables."""
    boundary_arn: pulumi.Input[str]
    """The permissions boundary of its role."""
    alarm_topic_arns: Sequence[pulumi.Input[str]] = ()
    """SNS topics that are told when a rotation fails."""


class AwsRotator(pulumi.ComponentResource):
    """A function that Secrets Manager calls, for this account only, to rotate the named secrets.

    Its role reads and writes those secrets; their own policies must not deny it that. It needs no
    settings: what it must know is in the secret's tags.
    """

    arn: pulumi.Output[str]
    """ARN of the function, known once Secrets Manager may call it."""

    role_arn: pulumi.Output[str]
    """ARN of its role, known once its permissions are attached."""

    def __init__(
        self, name: str, args: AwsRotatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsRotator", name, None, opts)
        function = AwsFunction(
            f"{name}-function",
            AwsFunctionArgs(
                spec=FunctionSpec(timeout_seconds=30),
                description="Makes the next value of the secrets that rotate",
                code=Package("rotation"),
                handler=f"bulwark_runtime.rotation.aws.{args.kind}",
                store=args.store,
                key_arn=args.key_arn,
                boundary_arn=args.boundary_arn,
                statements=_statements(args),
                invokers=[
                    Invoker(
                        name="secrets-manager",
                        principal="secretsmanager.amazonaws.com",
                        source_account=args.store.account_id,
                    )
                ],
                alarm_topic_arns=args.alarm_topic_arns,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.arn, self.role_arn = function.arn, function.role_arn
        self.register_outputs({"arn": self.arn, "roleArn": self.role_arn})


def rotation_tags(kind: Kind, **settings: str) -> dict[str, str]:
    """The tags that a secret must have for its function to rotate it: it refuses any other."""
    return {
        "bulwark:rotation": kind,
        **{f"bulwark:{name}": value for name, value in settings.items()},
    }


def rotation_rules(days: int, window_hours: int) -> SecretRotationRotationRulesArgsDict:
    """When Secrets Manager rotates: from midnight UTC of the day it is due, for these hours.

    It rotates at once as well, when it is told the rules or others: so comes the first value.
    """
    return {"automatically_after_days": days, "duration": f"{window_hours}h"}


def _statements(args: AwsRotatorArgs) -> list[Statement]:
    store = args.store
    return [
        {
            "Sid": "GiveValues",
            "Effect": "Allow",
            "Action": [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
            "Resource": list(args.secret_arns),
        },
        {
            "Sid": "UseTheirKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": args.secrets_key_arn,
            "Condition": {
                "StringLike": {"kms:ViaService": f"secretsmanager.{store.region}.*"},
            },
        },
    ]
