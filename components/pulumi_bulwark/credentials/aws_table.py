"""A table of the vault: what is in it is read and written by the vault alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from ..table.aws import hardened_table


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsVaultTableArgs:
    key_arn: pulumi.Input[str]
    """KMS key of the table."""
    expires: bool = False
    """Whether records end by themselves, at the time in `expires_at`."""
    deletion_protection: bool = True
    """Whether Pulumi and DynamoDB both refuse to delete the table."""


class AwsVaultTable(pulumi.ComponentResource):
    """A DynamoDB table with a customer key and a way back in time, priced by request."""

    arn: pulumi.Output[str]
    """ARN of the table."""

    name: pulumi.Output[str]
    """Name of the table."""

    def __init__(
        self, name: str, args: AwsVaultTableArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsVaultTable", name, None, opts)
        table = hardened_table(
            f"{name}-table",
            parent=self,
            key_arn=args.key_arn,
            expires=args.expires,
            deletion_protection=args.deletion_protection,
        )
        self.arn, self.name = table.arn, table.name
        self.register_outputs({"arn": self.arn, "name": self.name})


_ITEMS = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLSelect",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
]
"""All that reads or writes what is in a table. Backups and settings stay IAM's to say."""


def only(principals: Sequence[pulumi.Input[str]], table_arn: pulumi.Input[str]) -> dict[str, Any]:
    """The resource policy that keeps everyone else from what is in the table."""
    statement = {
        "Sid": "OnlyTheVault",
        "Effect": "Deny",
        "Principal": "*",
        "Action": _ITEMS,
        "Resource": table_arn,
        # A session's principal ARN is that of its role.
        "Condition": {
            "ArnNotEquals": {"aws:PrincipalArn": list(principals)},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
