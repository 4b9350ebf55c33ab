"""A whole environment on AWS."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .. import notes
from ..account.aws import AwsAccount, AwsAccountArgs
from ..audit_log.aws import AwsAuditLog, AwsAuditLogArgs
from ..errors import ConfigError
from ..keys import Purpose
from ..keys.aws import AwsKeys, AwsKeysArgs
from ..role.aws_boundary import AwsBoundary, AwsBoundaryArgs
from ..secrets.aws import AwsSecrets, AwsSecretsArgs
from ..secrets.aws import problems as secrets_problems
from ..tags import tagging
from .spec import StackConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsStackArgs:
    spec: StackConfig


class AwsStack(pulumi.ComponentResource):
    """The capabilities wired together. Region and credentials are the AWS provider's own.

    Raises a ConfigError when the credentials belong to another account than the config says.
    """

    key_ids: dict[Purpose, pulumi.Output[str]]
    """ARN of each encryption key, by purpose."""

    boundary_arn: pulumi.Output[str]
    """ARN of the permissions boundary that every workload's role must have."""

    trail_arn: pulumi.Output[str] | None
    """ARN of the account's trail; None where another stack owns it."""

    access_logs_id: pulumi.Output[str]
    """Name of the bucket for the logs that services deliver to one."""

    secret_ids: dict[str, pulumi.Output[str]]
    """ARN of each named secret."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the account or region, in words."""

    def __init__(
        self, name: str, args: AwsStackArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        spec = args.spec
        tagged = pulumi.ResourceOptions(transformations=[tagging(spec.tags.as_tags())])
        super().__init__(
            "bulwark:index:AwsStack", name, None, pulumi.ResourceOptions.merge(opts, tagged)
        )
        child = pulumi.ResourceOptions(parent=self)
        look_up = pulumi.InvokeOptions(parent=self)

        account_id = aws.get_caller_identity(opts=look_up).account_id
        _check_account(spec, account_id)
        region = aws.get_region(opts=look_up).region
        partition = aws.get_partition(opts=look_up)
        # All before the first resource: the engine makes what was asked for before an error.
        if problems := secrets_problems(
            spec.secrets,
            account_id=account_id,
            region=region,
            partition=partition.partition,
            deletion_protection=spec.protection.deletion,
        ):
            raise ConfigError(problems)

        boundary = AwsBoundary(
            f"{name}-boundary",
            AwsBoundaryArgs(account_id=account_id, region=region, partition=partition.partition),
            child,
        )
        keys = AwsKeys(
            f"{name}-keys",
            AwsKeysArgs(
                spec=spec.keys,
                account_id=account_id,
                region=region,
                partition=partition.partition,
                dns_suffix=partition.dns_suffix,
                secret_replica_regions=spec.secrets.replica_regions(),
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )

        account = AwsAccount(
            f"{name}-account",
            AwsAccountArgs(
                spec=spec.account, boundary_arn=boundary.arn, partition=partition.partition
            ),
            child,
        )

        audit_log = AwsAuditLog(
            f"{name}-audit-log",
            AwsAuditLogArgs(
                spec=spec.audit_log,
                account_id=account_id,
                region=region,
                partition=partition.partition,
                key_arn=keys.ids["logs"],
                boundary_arn=boundary.arn,
                baseline=None if spec.account.manage == "all" else spec.account.baseline,
                deletion_protection=spec.protection.deletion,
                delete_contents=not spec.protection.contents,
            ),
            child,
        )
        secrets = AwsSecrets(
            f"{name}-secrets",
            AwsSecretsArgs(
                spec=spec.secrets,
                account_id=account_id,
                region=region,
                partition=partition.partition,
                key_arn=keys.ids["secrets"],
                replica_key_arns=keys.secret_replica_ids,
                deletion_protection=spec.protection.deletion,
            ),
            child,
        )

        notes.loosened(self, "bulwark:protection", spec.protection)
        self.key_ids = keys.ids
        self.boundary_arn = boundary.arn
        self.secret_ids = secrets.ids
        self.trail_arn = audit_log.trail_arn
        self.access_logs_id = audit_log.access_logs_id
        self.owned = (*account.owned, *audit_log.owned)
        self.register_outputs(
            {
                "keyIds": self.key_ids,
                "boundaryArn": self.boundary_arn,
                "trailArn": self.trail_arn,
                "accessLogsId": self.access_logs_id,
                "secretIds": self.secret_ids,
                "owned": list(self.owned),
            }
        )


def _check_account(spec: StackConfig, current: str) -> None:
    if spec.account.id not in (None, current):
        raise ConfigError(
            [
                (
                    f"bulwark:account.id: this stack belongs to account {spec.account.id}, but the "
                    f"credentials are those of {current}. Sign in to the stack's own account."
                )
            ]
        )
