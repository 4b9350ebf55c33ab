"""Azure Key Vault secrets: their names, and who reads each."""

from dataclasses import dataclass

import pulumi

from .. import notes
from ..errors import ConfigError
from ..log_group.azure import AzureLogStore, diagnostics
from ..place import AzurePlace
from ..role.azure import Grant, administrators, assign_to_people
from ..secret.azure_rotator import AzureRotator, AzureRotatorArgs, RotatingSecret
from ..vault.azure import AzureKey, AzureVault, AzureVaultArgs
from .spec import SecretsSpec

_AT = "bulwark:secrets"

_SET = (
    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
    "Microsoft.KeyVault/vaults/secrets/setSecret/action",
    "Microsoft.KeyVault/vaults/secrets/update/action",
    "Microsoft.KeyVault/vaults/secrets/delete",
    "Microsoft.KeyVault/vaults/secrets/recover/action",
)
"""What Key Vault Secrets Officer may, without reading a value, or taking one out as a backup."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureRotation:
    """What the function needs that rotates secrets."""

    key: AzureKey
    """The key that encrypts its own storage."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureSecretsArgs:
    spec: SecretsSpec
    place: AzurePlace
    """Where the environment is."""
    store: AzureLogStore
    """How the environment keeps its logs: who read which secret is among them."""
    rotation: AzureRotation | None = None
    """What the function needs that rotates; it must be there if a secret is to rotate."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the vault."""


class AzureSecrets(pulumi.ComponentResource):
    """A vault for the named secrets, and for each of them the roles of who reads it.

    A secret of Key Vault cannot be there without a value, and no value passes through the program
    or its state: `bulwark secrets set NAME` makes the secret with its first one, or the rotation
    does. Roles are given at its future place before that.

    Raises a ConfigError for what Key Vault does not take, or a rotation that has nowhere to run.
    """

    ids: dict[str, pulumi.Output[str]]
    """Address of each secret without its version, by its name in the config."""

    names: dict[str, str]
    """What Key Vault calls each secret, by its name in the config."""

    generated: dict[str, int]
    """Characters of each value that nobody sees, by the secret's name in the config."""

    rotating: dict[str, int]
    """Days between two values, by the name of each secret that rotates."""

    rotator_name: pulumi.Output[str] | None
    """What Azure calls the function app that rotates secrets; None if none rotates."""

    vault_uri: pulumi.Output[str]
    """Address of the vault."""

    def __init__(
        self, name: str, args: AzureSecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureSecrets", name, None, opts)
        if found := problems(args.spec, rotation=args.rotation is not None):
            raise ConfigError(found)
        self._name, self._args = name, args
        child = pulumi.ResourceOptions(parent=self)
        self._vault = AzureVault(
            f"{name}-vault",
            AzureVaultArgs(
                place=args.place,
                soft_delete_days=args.spec.recovery_days,
                sku="standard",  # no key is in it
                # Azure adds chance to the vault's name: `bulwark secrets` finds it by this.
                tags={"bulwark-vault": f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"},
                deletion_protection=args.deletion_protection,
            ),
            child,
        )
        diagnostics(name, "Microsoft.KeyVault/vaults", self._vault.id, args.store, child)
        for secret in args.spec.named:
            self._readers(secret)
        self._administrators()
        rotator = self._rotator()

        named = args.spec.named
        self.names = {secret: secret for secret in named}
        self.ids = {
            secret: pulumi.Output.format("{0}secrets/{1}", self._vault.uri, secret)
            for secret in named
        }
        self.rotating = args.spec.rotating()
        self.generated = {s: spec.length for s, spec in named.items() if spec.source == "generated"}
        self.rotator_name = rotator.function_name if rotator else None
        self.vault_uri = self._vault.uri
        if len(args.spec.rotating()) < len(named):
            notes.limit(
                self,
                "no secret is there before `bulwark secrets set NAME` or a rotation has made it",
            )
        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "ids": self.ids,
                "names": self.names,
                "generated": self.generated,
                "rotating": self.rotating,
                "rotatorName": self.rotator_name,
                "vaultUri": self.vault_uri,
            }
        )

    def scope(self, secret: str) -> pulumi.Output[str]:
        """Full id of a named secret, at which a reader gets a role before the secret is there."""
        return pulumi.Output.format("{0}/secrets/{1}", self._vault.id, secret)

    def _readers(self, secret: str) -> None:
        scope = self.scope(secret)
        assign_to_people(
            f"{self._name}-{secret}",
            self._args.place,
            self._args.spec.named[secret].readers,
            Grant(name="reader", role="Key Vault Secrets User", scope=scope),
            pulumi.ResourceOptions(parent=self),
        )

    def _rotator(self) -> AzureRotator | None:
        """One function for all that rotate: what it may do with each is the same."""
        args, where = self._args, self._args.rotation
        rotating = {
            secret: RotatingSecret(
                kind="generated",
                days=days,
                settings={"length": str(args.spec.named[secret].length)},
            )
            for secret, days in args.spec.rotating().items()
        }
        if not rotating or where is None:
            return None
        return AzureRotator(
            f"{self._name}-rotator",
            AzureRotatorArgs(
                vault_id=self._vault.id,
                vault_uri=self._vault.uri,
                secrets=rotating,
                store=args.store,
                key=where.key,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _administrators(self) -> None:
        people = self._args.spec.administrators
        if not people:
            notes.limit(
                self,
                "nobody sets values by a role of this stack: name administrators, or give the role "
                "Key Vault Secrets Officer yourself",
            )
            return
        administrators(
            self._name,
            self._args.place,
            people,
            vault_id=self._vault.id,
            description="Sets the values of secrets and cannot read them",
            data_actions=_SET,
            opts=pulumi.ResourceOptions(parent=self),
        )


def problems(spec: SecretsSpec, *, rotation: bool) -> list[str]:
    """Why these settings cannot be deployed, a line each."""
    found = list(spec.unsupported("azure", f"{_AT}."))
    if not rotation:
        found += [
            f"{_AT}.named.{secret}.rotationDays: needs `rotation` in the args of AzureSecrets"
            for secret in spec.rotating()
        ]
    return found
