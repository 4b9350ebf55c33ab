"""AWS Secrets Manager secrets."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..errors import ConfigError
from ..log_group.aws import AwsLogStore
from ..naming import RULES, physical
from ..place import AwsPlace
from ..secret.aws_policy import LONGEST_POLICY, secret_policy
from ..secret.aws_rotator import AwsRotator, AwsRotatorArgs, rotation_rules, rotation_tags
from .spec import SecretSpec, SecretsSpec

_AT = "bulwark:secrets"


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsRotation:
    """Where the function runs that rotates secrets."""

    store: AwsLogStore
    """How the environment keeps its logs."""
    key_arn: pulumi.Input[str]
    """KMS key of the function's environment variables."""
    boundary_arn: pulumi.Input[str]
    """The permissions boundary of its role."""
    alarm_topic_arns: Sequence[pulumi.Input[str]] = ()
    """SNS topics that are told when a rotation fails."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsSecretsArgs(AwsPlace):
    spec: SecretsSpec
    key_arn: pulumi.Input[str]
    """KMS key of the secrets."""
    replica_key_arns: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """KMS key of the replicas, by their region."""
    rotation: AwsRotation | None = None
    """Where the function runs that rotates; it must be there if a secret is to rotate."""
    deletion_protection: bool = True
    """Whether Pulumi and Secrets Manager both refuse to delete a secret."""


class AwsSecrets(pulumi.ComponentResource):
    """A container for each named secret: encrypted, with its own policy, and without a value.

    No value passes through the program or its state: `bulwark secrets set NAME` puts it in, or
    the rotation. Raises a ConfigError for a reader of another account, a replica in the secrets'
    own region, or a rotation that has nowhere to run.
    """

    ids: dict[str, pulumi.Output[str]]
    """ARN of each secret, by its name in the config, known once its policy is in place."""

    names: dict[str, str]
    """What Secrets Manager calls each secret, by its name in the config."""

    rotator_arn: pulumi.Output[str] | None
    """ARN of the function that rotates secrets; None if none rotates."""

    generated: dict[str, int]
    """Characters of each value that Secrets Manager makes, by the secret's name in the config."""

    rotating: dict[str, int]
    """Days between two values, by the name of each secret that rotates."""

    def __init__(
        self, name: str, args: AwsSecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsSecrets", name, None, opts)
        found = problems(
            args.spec,
            args,
            deletion_protection=args.deletion_protection,
        )
        if args.rotation is None:
            found += [
                f"{_AT}.named.{secret}.rotationDays: needs `rotation` in the args of AwsSecrets"
                for secret in args.spec.rotating()
            ]
        if found:
            raise ConfigError(found)

        self._name, self._args = name, args
        named = args.spec.named
        place = (pulumi.get_project(), pulumi.get_stack(), name)
        self.names = {secret: physical("secret", *place, secret) for secret in named}
        containers = {secret: self._container(secret) for secret in named}
        rotator = self._rotator({s: containers[s].arn for s in args.spec.rotating()})
        self.ids = {secret: self._ready(secret, containers[secret], rotator) for secret in named}
        self.rotator_arn = rotator.arn if rotator else None
        if rotator:
            self._rotations(rotator)
        self.rotating = args.spec.rotating()
        self.generated = {s: spec.length for s, spec in named.items() if spec.source == "generated"}

        if named:
            copies = sum(1 + len(spec.replica_regions) for spec in named.values())
            notes.cost(
                self,
                f"{copies} secrets, replicas included: about {copies * 0.4:.2f} USD a month",
            )
            if len(args.spec.rotating()) < len(named):
                notes.limit(
                    self,
                    "a secret has no value before `bulwark secrets set NAME` or a rotation has "
                    "given it one",
                )
            if not args.spec.administrators:
                notes.limit(
                    self,
                    "IAM alone decides who manages the secrets: name administrators and deployers",
                )
        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "ids": self.ids,
                "names": self.names,
                "rotatorArn": self.rotator_arn,
                "generated": self.generated,
                "rotating": self.rotating,
            }
        )

    def _container(self, secret: str) -> aws.secretsmanager.Secret:
        args, spec = self._args, self._args.spec.named[secret]
        return aws.secretsmanager.Secret(
            f"{self._name}-{secret}",
            name=self.names[secret],
            description=spec.description,
            kms_key_id=args.key_arn,
            recovery_window_in_days=args.spec.recovery_days,
            replicas=[
                {"region": region, "kms_key_id": args.replica_key_arns[region]}
                for region in spec.replica_regions
            ]
            or None,  # Secrets Manager refuses an empty list
            tags=(
                rotation_tags("generated", length=str(spec.length))
                if spec.rotation_days is not None
                else None
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.deletion_protection,
                retain_on_delete=args.deletion_protection,
            ),
        )

    def _rotator(self, arns: Mapping[str, pulumi.Output[str]]) -> AwsRotator | None:
        """One function for all that rotate: what it may do with each is the same."""
        where = self._args.rotation
        if not arns or where is None:
            return None
        return AwsRotator(
            f"{self._name}-rotator",
            AwsRotatorArgs(
                kind="generated",
                secret_arns=list(arns.values()),
                secrets_key_arn=self._args.key_arn,
                store=where.store,
                key_arn=where.key_arn,
                boundary_arn=where.boundary_arn,
                alarm_topic_arns=where.alarm_topic_arns,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _ready(
        self, secret: str, container: aws.secretsmanager.Secret, rotator: AwsRotator | None
    ) -> pulumi.Output[str]:
        """The ARN of the secret, once its policy is in place."""
        args = self._args
        rotates = rotator if secret in args.spec.rotating() else None
        policy = aws.secretsmanager.SecretPolicy(
            f"{self._name}-{secret}-policy",
            secret_arn=container.arn,
            policy=pulumi.Output.json_dumps(
                _policy(
                    args.spec.named[secret],
                    args.spec,
                    args.root,
                    rotator=rotates.role_arn if rotates else None,
                    deletion_protection=args.deletion_protection,
                )
            ),
            block_public_policy=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.all(container.arn, policy.urn).apply(lambda all_: all_[0])

    def _rotations(self, rotator: AwsRotator) -> None:
        for secret, days in self._args.spec.rotating().items():
            aws.secretsmanager.SecretRotation(
                f"{self._name}-{secret}-rotation",
                secret_id=self.ids[secret],
                rotation_lambda_arn=rotator.arn,
                rotation_rules=rotation_rules(days, self._args.spec.rotation_window_hours),
                opts=pulumi.ResourceOptions(parent=self),
            )


def problems(spec: SecretsSpec, place: AwsPlace, *, deletion_protection: bool) -> list[str]:
    """What Secrets Manager would refuse of these settings in this place, a line each."""
    if refused := list(spec.unsupported("aws", f"{_AT}.")):
        return refused  # a principal of Azure's has no account to look for
    found = [*_abroad(spec, place.account_id), *_replicas_at_home(spec, place.region)]
    for name, secret in spec.named.items():
        # Nobody knows the rotator's role yet, but how long its name can be.
        rotator = place.global_arn("iam", f"role/{'x' * RULES['iam-role'].longest}")
        policy = json.dumps(
            _policy(
                secret, spec, place.root, rotator=rotator, deletion_protection=deletion_protection
            )
        )
        if len(policy) > LONGEST_POLICY:
            found.append(
                f"{_AT}.named.{name}.readers: make the secret's policy {len(policy):,} characters "
                f"long, and Secrets Manager takes {LONGEST_POLICY:,}. Name fewer, or shorter "
                "paths."
            )
    return found


def _policy(
    secret: SecretSpec,
    spec: SecretsSpec,
    root: str,
    *,
    rotator: pulumi.Input[str] | None,
    deletion_protection: bool,
) -> dict[str, Any]:
    return secret_policy(
        root=root,
        readers=secret.readers,
        rotator=rotator,
        managers=(*spec.administrators, *spec.deployers),
        deletion_protection=deletion_protection,
    )


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
