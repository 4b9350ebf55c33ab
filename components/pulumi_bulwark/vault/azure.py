"""Azure key vaults, and the keys in them as those who encrypt with one see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_azure_native as azure_native

from ..naming import logical
from ..place import AzurePlace
from ..private_endpoint.azure import private_endpoint


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureKey:
    """A customer's key, for whoever encrypts with it."""

    name: pulumi.Input[str]
    """What the vault calls it. Without a version: a rotation is followed by itself."""
    vault_uri: pulumi.Input[str]
    """Address of the vault."""
    resource_id: pulumi.Input[str]
    """Full id of the key, at which roles are given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureVaultArgs:
    place: AzurePlace
    """Where the environment is."""
    soft_delete_days: int
    """Days in which what was deleted can be fetched back: 7 to 90, decided once and for all."""
    sku: Literal["premium", "standard"] = "premium"
    """Whether keys can be in a hardware security module: premium; standard is enough for what
    holds no key."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of its own, such as one by which the vault is found."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the vault. Azure itself keeps it for the days above."""


class AzureVault(pulumi.ComponentResource):
    """A key vault that Entra ID alone opens, behind a firewall, and that nobody can purge.

    Azure keeps the name of a deleted vault for as long as what was in it, so Pulumi adds a suffix
    of chance to the name: the next one has another.
    """

    id: pulumi.Output[str]
    """Full id of the vault."""

    uri: pulumi.Output[str]
    """Address of the vault, with a slash at its end."""

    vault_name: pulumi.Output[str]
    """What Azure calls it."""

    def __init__(
        self, name: str, args: AzureVaultArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureVault", name, None, opts)
        place = args.place
        vault = azure_native.keyvault.Vault(
            logical("key-vault", f"{name}-kv"),
            resource_group_name=place.resource_group_name,
            tags=args.tags or None,
            properties={
                "tenant_id": place.tenant_id,
                "sku": {"family": "A", "name": azure_native.keyvault.SkuName(args.sku)},
                "enable_rbac_authorization": True,
                "enable_soft_delete": True,
                # For good: Azure refuses to take it off, and no false is ever sent.
                "enable_purge_protection": True,
                "soft_delete_retention_in_days": args.soft_delete_days,
                "enabled_for_deployment": False,
                "enabled_for_disk_encryption": False,
                "enabled_for_template_deployment": False,
                "public_network_access": "Disabled" if place.subnet_id else "Enabled",
                "network_acls": {
                    "default_action": "Deny",
                    # Storage that encrypts with a key of the vault comes this way.
                    "bypass": "AzureServices",
                    "ip_rules": [{"value": network} for network in place.allowed_addresses],
                    "virtual_network_rules": [{"id": subnet} for subnet in place.admitted_subnets],
                },
            },
            opts=pulumi.ResourceOptions(parent=self, protect=args.deletion_protection),
        )
        private_endpoint(name, place, "vault", vault.id, pulumi.ResourceOptions(parent=self))
        self.id, self.vault_name = vault.id, vault.name
        self.uri = vault.properties.apply(lambda properties: properties.vault_uri)
        self.register_outputs({"id": self.id, "uri": self.uri, "vaultName": self.vault_name})
