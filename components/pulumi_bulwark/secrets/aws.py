"""AWS Secrets Manager secrets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from .. import notes
from ..errors import ConfigError
from ..naming import physical
from .aws_policy import secret_policy
from .spec import SecretSpec, SecretsSpec

_AT = "bulwark:secrets"

_LONGEST_POLICY = 20_480
"""Characters of a resource policy: a quota of Secrets Manager."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsSecretsArgs:
    spec: SecretsSpec
    account_id: str
    """The 12-digit AWS account that owns the secrets and in which the readers are."""
    region: str
    """AWS region, such as eu-central-1. It holds the secrets; a replica is somewhere else."""
    key_arn: pulumi.Input[str]
    """KMS key of the secrets."""
    replica_key_arns: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """KMS key of the replicas, by their region."""
    partition: str = "aws"
    """AWS partition, the second part of every ARN."""
    deletion_protection: bool = True
    """Whether Pulumi and Secrets Manager both refuse to delete a secret."""


class AwsSecrets(pulumi.ComponentResource):
    """A container for each named secret: encrypted, with its own policy, and without a value.

    No value passes through the program or its state: `bulwark secrets set NAME` puts it in.
    Raises a ConfigError for a reader of another account, or a replica in the secrets' own region.
    """

    ids: dict[str, pulumi.Output[str]]
    """ARN of each secret, by its name in the config, known once its policy is in place."""

    names: dict[str, str]
    """What Secrets Manager calls each secret, by its name in the config."""

    generated: dict[str, int]
    """Characters of each value that Secrets Manager makes, by the secret's name in the config."""

    def __init__(
        self, name: str, args: AwsSecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsSecrets", name, None, opts)
        found = problems(
            args.spec,
            account_id=args.account_id,
            region=args.region,
            partition=args.partition,
            deletion_protection=args.deletion_protection,
        )
        if found:
            raise ConfigError(found)

        named = args.spec.named
        place = (pulumi.get_project(), pulumi.get_stack(), name)
        self.names = {secret: physical("secret", *place, secret) for secret in named}
        self.ids = {secret: self._secret(name, secret, args) for secret in named}
        self.generated = {s: spec.length for s, spec in named.items() if spec.source == "generated"}

        if named:
            copies = sum(1 + len(spec.replica_regions) for spec in named.values())
            notes.cost(
                self,
                f"{copies} secrets, replicas included: about {copies * 0.4:.2f} USD a month",
            )
            notes.limit(
                self, "a secret has no value before `bulwark secrets set NAME` has given it one"
            )
            if not args.spec.administrators:
                notes.limit(
                    self,
                    "IAM alone decides who manages the secrets: name administrators and deployers",
                )
        notes.loosened(self, _AT, args.spec)
        self.register_outputs({"ids": self.ids, "names": self.names, "generated": self.generated})

    def _secret(self, name: str, secret: str, args: AwsSecretsArgs) -> pulumi.Output[str]:
        spec = args.spec.named[secret]
        container = aws.secretsmanager.Secret(
            f"{name}-{secret}",
            name=self.names[secret],
            description=spec.description,
            kms_key_id=args.key_arn,
            recovery_window_in_days=args.spec.recovery_days,
            replicas=[
                {"region": region, "kms_key_id": args.replica_key_arns[region]}
                for region in spec.replica_regions
            ]
            or None,  # Secrets Manager refuses an empty list
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.deletion_protection,
                retain_on_delete=args.deletion_protection,
            ),
        )
        policy = aws.secretsmanager.SecretPolicy(
            f"{name}-{secret}-policy",
            secret_arn=container.arn,
            policy=_policy(
                spec,
                args.spec,
                _root(args.account_id, args.partition),
                deletion_protection=args.deletion_protection,
            ),
            block_public_policy=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.all(container.arn, policy.urn).apply(lambda all_: all_[0])


def problems(
    spec: SecretsSpec, *, account_id: str, region: str, partition: str, deletion_protection: bool
) -> list[str]:
    """What Secrets Manager would refuse of these settings in this place, a line each."""
    found = [*_abroad(spec, account_id), *_replicas_at_home(spec, region)]
    for name, secret in spec.named.items():
        root = _root(account_id, partition)
        policy = _policy(secret, spec, root, deletion_protection=deletion_protection)
        if len(policy) > _LONGEST_POLICY:
            found.append(
                f"{_AT}.named.{name}.readers: make the secret's policy {len(policy):,} characters "
                f"long, and Secrets Manager takes {_LONGEST_POLICY:,}. Name fewer, or shorter "
                "paths."
            )
    return found


def _policy(secret: SecretSpec, spec: SecretsSpec, root: str, *, deletion_protection: bool) -> str:
    return secret_policy(
        root=root,
        readers=secret.readers,
        managers=(*spec.administrators, *spec.deployers),
        deletion_protection=deletion_protection,
    )


def _root(account_id: str, partition: str) -> str:
    return f"arn:{partition}:iam::{account_id}:root"


def _abroad(spec: SecretsSpec, account_id: str) -> Iterator[str]:
    principals = {"administrators": spec.administrators, "deployers": spec.deployers}
    principals |= {f"named.{name}.readers": secret.readers for name, secret in spec.named.items()}
    for path, arns in principals.items():
        for number, arn in enumerate(arns):
            if arn.split(":")[4] != account_id:
                yield (
                    f"{_AT}.{path}[{number}]: is not in account {account_id}, and the secrets' "
                    "key serves that account only. Name a role there for it to assume."
                )


def _replicas_at_home(spec: SecretsSpec, region: str) -> Iterator[str]:
    for name, secret in spec.named.items():
        for number, replica in enumerate(secret.replica_regions):
            if replica == region:
                yield (
                    f"{_AT}.named.{name}.replicaRegions[{number}]: {region} is where the secret "
                    "itself is. Remove it, or name another region."
                )
