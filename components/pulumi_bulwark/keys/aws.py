"""AWS KMS keys."""

from dataclasses import dataclass
from typing import get_args

import pulumi
import pulumi_aws as aws

from .. import notes
from ..place import AwsPlace
from .aws_policy import key_policy
from .spec import KeysSpec, Purpose

EDGE_REGION = "us-east-1"
"""Where CloudFront, its web ACL and their logs and alarms live, wherever the stack is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsKeysArgs(AwsPlace):
    spec: KeysSpec
    secret_replica_regions: tuple[str, ...] = ()
    """Regions with copies of secrets, each of which needs a key there."""
    deletion_protection: bool = True
    """Whether Pulumi and KMS both refuse to delete a key."""


class AwsKeys(pulumi.ComponentResource):
    """A customer-managed KMS key and alias for each purpose.

    Using a key takes a statement of its policy and an IAM permission; neither alone is enough.
    The policy admits the account's roles only through the services that the purpose is for.
    """

    ids: dict[Purpose, pulumi.Output[str]]
    """Key ARN by purpose."""

    edge_ids: dict[Purpose, pulumi.Output[str]]
    """ARN, by purpose, of the same key where the edge's logs and alarms can use it."""

    secret_replica_ids: dict[str, pulumi.Output[str]]
    """Key ARN, by region, of the copies of secrets there."""

    def __init__(
        self, name: str, args: AwsKeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsKeys", name, None, opts)

        keys = {purpose: self._key(name, purpose, args) for purpose in get_args(Purpose)}
        self.secret_replica_ids = {
            region: self._key(name, "secrets", args, region).arn
            for region in args.secret_replica_regions
        }
        self.ids = {purpose: key.arn for purpose, key in keys.items()}
        self.edge_ids = {}
        if args.region == EDGE_REGION:
            self.edge_ids["logs"] = self.ids["logs"]
        elif args.partition == "aws":  # the other partitions have no edge of their own
            self.edge_ids["logs"] = self._edge_replica(name, keys["logs"], args).arn

        count = len(keys) + len(self.secret_replica_ids)
        count += (args.region != EDGE_REGION) * len(self.edge_ids)
        notes.cost(
            self,
            f"{count} KMS keys, replicas included: about {count} USD a month, and as "
            "much again after each of the first two rotations",
        )
        notes.loosened(self, "bulwark:keys", args.spec)
        self.register_outputs(
            {
                "ids": self.ids,
                "edgeIds": self.edge_ids,
                "secretReplicaIds": self.secret_replica_ids,
            }
        )

    def _key(
        self, name: str, purpose: Purpose, args: AwsKeysArgs, replica_region: str | None = None
    ) -> aws.kms.Key:
        """A key with its alias; with a `replica_region`, one of its own for the copies there."""
        label = f"{name}-{purpose}" + (f"-{replica_region}" if replica_region else "")
        key = aws.kms.Key(
            label,
            description=label,
            region=replica_region,
            enable_key_rotation=True,
            rotation_period_in_days=args.spec.rotation_days,
            deletion_window_in_days=args.spec.deletion_window_days,
            # A later change replaces the key, so the logs key is ready for its replica always.
            # A key for copies of secrets is one of its region: it shares nothing with the other.
            multi_region=purpose == "logs" or (args.spec.multi_region and not replica_region),
            policy=_policy(purpose, args, replica_region or args.region),
            opts=self._kept(args),
        )
        # Auto-named: a fixed alias would collide with a second stack in the account.
        aws.kms.Alias(
            f"{label}-alias",
            target_key_id=key.key_id,
            region=replica_region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return key

    def _edge_replica(self, name: str, key: aws.kms.Key, args: AwsKeysArgs) -> aws.kms.ReplicaKey:
        replica = aws.kms.ReplicaKey(
            f"{name}-logs-edge",
            description=f"{name} logs, for the edge",
            primary_key_arn=key.arn,
            region=EDGE_REGION,
            deletion_window_in_days=args.spec.deletion_window_days,
            policy=_policy("logs", args, EDGE_REGION),
            opts=self._kept(args),
        )
        aws.kms.Alias(
            f"{name}-logs-edge-alias",
            target_key_id=replica.key_id,
            region=EDGE_REGION,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return replica

    def _kept(self, args: AwsKeysArgs) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            protect=args.deletion_protection,
            retain_on_delete=args.deletion_protection,
        )


def _policy(purpose: Purpose, args: AwsKeysArgs, region: str) -> str:
    return key_policy(
        purpose,
        args.at(region),
        edge=region != args.region,
        administrators=args.spec.administrators,
        deletion_protection=args.deletion_protection,
    )
