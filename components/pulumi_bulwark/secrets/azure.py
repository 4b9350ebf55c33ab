"""Azure Key Vault secrets: their names, and who reads each."""

from dataclasses import dataclass

import pulumi

from .. import notes
from ..log_group.azure import AzureLogStore, diagnostics
from ..place import AzurePlace
from ..role.azure import Grant, assign_to_people, custom_role
from ..vault.azure import AzureVault, AzureVaultArgs
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
class AzureSecretsArgs:
    spec: SecretsSpec
    place: AzurePlace
    """Where the environment is."""
    store: AzureLogStore
    """How the environment keeps its logs: who read which secret is among them."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the vault."""


class AzureSecrets(pulumi.ComponentResource):
    """A vault for the named secrets, and for each of them the roles of who reads it.

    A secret of Key Vault cannot be there without a value, and no value passes through the program
    or its state: `bulwark secrets set NAME` makes the secret with its first one. Roles are given
    at its future place before that.
    """

    ids: dict[str, pulumi.Output[str]]
    """Address of each secret without its version, by its name in the config."""

    names: dict[str, str]
    """What Key Vault calls each secret, by its name in the config."""

    generated: dict[str, int]
    """Characters of each value that nobody sees, by the secret's name in the config."""

    vault_uri: pulumi.Output[str]
    """Address of the vault."""

    def __init__(
        self, name: str, args: AzureSecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureSecrets", name, None, opts)
        args.spec.must_suit("azure", _AT)
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

        named = args.spec.named
        self.names = {secret: secret for secret in named}
        self.ids = {
            secret: pulumi.Output.format("{0}secrets/{1}", self._vault.uri, secret)
            for secret in named
        }
        self.generated = {s: spec.length for s, spec in named.items() if spec.source == "generated"}
        self.vault_uri = self._vault.uri
        if named:
            notes.limit(self, "no secret is there before `bulwark secrets set NAME`")
        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "ids": self.ids,
                "names": self.names,
                "generated": self.generated,
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

    def _administrators(self) -> None:
        people = self._args.spec.administrators
        if not people:
            notes.limit(
                self,
                "nobody sets values by a role of this stack: name administrators, or give the role "
                "Key Vault Secrets Officer yourself",
            )
            return
        child = pulumi.ResourceOptions(parent=self)
        role = custom_role(
            f"{self._name}-administrators",
            self._args.place,
            description="Sets the values of secrets and cannot read them",
            data_actions=_SET,
            opts=child,
        )
        assign_to_people(
            self._name,
            self._args.place,
            people,
            Grant(name="administrator", role=role, scope=self._vault.id),
            child,
        )
