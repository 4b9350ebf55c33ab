"""The function that gives a secret its next value, and its first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ..function import FunctionSpec, Package
from ..function.aws import AwsFunction, AwsFunctionArgs
from ..function.aws_invoker import Invoker
from ..log_group.aws import AwsLogStore
from ..role.aws import Statement


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsRotatorArgs:
    handler: str
    """What makes the values: a handler of bulwark_runtime.rotation.aws."""
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
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Settings that the handler reads."""
    alarm_topic_arns: Sequence[pulumi.Input[str]] = ()
    """SNS topics that are told when a rotation fails."""


class AwsRotator(pulumi.ComponentResource):
    """A function that Secrets Manager calls, for this account only, to rotate the named secrets.

    Its role reads and writes those secrets; their own policies must not deny it that.
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
                handler=args.handler,
                store=args.store,
                key_arn=args.key_arn,
                boundary_arn=args.boundary_arn,
                statements=_statements(args),
                environment=args.environment,
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


def rotation_rules(days: int, window_hours: int) -> dict[str, int | str]:
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
            "Sid": "MakeValues",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetRandomPassword"],
            "Resource": "*",  # it belongs to no secret
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
