"""Amazon DynamoDB tables."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from ..naming import logical


def hardened_table(
    name: str,
    *,
    parent: pulumi.Resource,
    key_arn: pulumi.Input[str],
    keys: Sequence[str] = ("id",),
    expires: bool = True,
    deletion_protection: bool,
    physical_name: str | None = None,
    region: str | None = None,
) -> aws.dynamodb.Table:
    """A table with a customer key and a way back in time, priced by request.

    `keys` are the names of one or two texts. Where `expires`, records end by themselves at the time
    in `expires_at`, up to two days late. `deletion_protection`: Pulumi and DynamoDB both refuse.
    """
    return aws.dynamodb.Table(
        logical("dynamodb-table", name),
        name=physical_name,
        region=region,
        attributes=[{"name": key, "type": "S"} for key in keys],
        hash_key=keys[0],
        range_key=keys[1] if len(keys) > 1 else None,
        billing_mode="PAY_PER_REQUEST",
        server_side_encryption={"enabled": True, "kms_key_arn": key_arn},
        point_in_time_recovery={"enabled": True},
        ttl={"attribute_name": "expires_at", "enabled": True} if expires else None,
        deletion_protection_enabled=deletion_protection,
        opts=pulumi.ResourceOptions(
            parent=parent, protect=deletion_protection, retain_on_delete=deletion_protection
        ),
    )
