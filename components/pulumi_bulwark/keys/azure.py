"""Azure Key Vault keys."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..place import AzurePlace
from ..role.azure import administrators
from ..vault.azure import AzureKey, AzureVault, AzureVaultArgs
from .spec import KeysSpec, Purpose

PURPOSES: Sequence[Purpose] = ("data", "logs")
"""Key Vault encrypts the secrets in it with keys of Microsoft's: none of ours has that purpose."""

_MANAGE = (
    "Microsoft.KeyVault/vaults/keys/read",
    "Microsoft.KeyVault/vaults/keys/create/action",
    "Microsoft.KeyVault/vaults/keys/update/action",
    "Microsoft.KeyVault/vaults/keys/rotate/action",
    "Microsoft.KeyVault/vaults/keys/recover/action",
    "Microsoft.KeyVault/vaults/keys/delete",
    "Microsoft.KeyVault/vaults/keyrotationpolicies/read",
    "Microsoft.KeyVault/vaults/keyrotationpolicies/write",
)
"""What Key Vault Crypto Officer may, without any use of a key, and without a way to take one out of
the vault."""

_DAYS_AFTER_ROTATION = 90
"""Days that a version can still be used once the next one is there: who encrypts with the key looks
for a new version once a day, and something may be off for a while."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureKeysArgs:
    spec: KeysSpec
    place: AzurePlace
    """Where the environment is."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the vault."""


class AzureKeys(pulumi.ComponentResource):
    """A key for each purpose in a vault of their own, in a hardware security module.

    Using a key takes a role at that key. Nobody has one at the vault but administrators, and
    theirs lets them manage keys and not use them.
    """

    ids: dict[Purpose, pulumi.Output[str]]
    """Address of each key without its version, by purpose."""

    resource_ids: dict[Purpose, pulumi.Output[str]]
    """Full id of each key, at which roles are given, by purpose."""

    vault_id: pulumi.Output[str]
    """Full id of the vault, which logs who uses a key."""

    def __init__(
        self, name: str, args: AzureKeysArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureKeys", name, None, opts)
        args.spec.must_suit("azure", "bulwark:keys")
        self._name, self._args = name, args
        self._vault = AzureVault(
            f"{name}-vault",
            AzureVaultArgs(
                place=args.place,
                soft_delete_days=args.spec.deletion_window_days,
                deletion_protection=args.deletion_protection,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self._keys: dict[Purpose, azure_native.keyvault.Key] = {
            purpose: self._key(purpose) for purpose in PURPOSES
        }
        self._administrators()

        self.ids = {purpose: key.key_uri for purpose, key in self._keys.items()}
        self.resource_ids = {purpose: key.id for purpose, key in self._keys.items()}
        self.vault_id = self._vault.id
        notes.cost(
            self,
            f"{len(PURPOSES)} keys in a hardware security module: about {len(PURPOSES) * 5} USD a "
            "month, and as much again for each version that is used in it",
        )
        notes.loosened(self, "bulwark:keys", args.spec)
        self.register_outputs(
            {"ids": self.ids, "resourceIds": self.resource_ids, "vaultId": self.vault_id}
        )

    def key(self, purpose: Purpose) -> AzureKey:
        """The key of a purpose, for whoever encrypts with it."""
        key = self._keys[purpose]
        return AzureKey(name=key.name, vault_uri=self._vault.uri, resource_id=key.id)

    def _key(self, purpose: Purpose) -> azure_native.keyvault.Key:
        properties = _properties(self._args.spec)
        return azure_native.keyvault.Key(
            f"{self._name}-{purpose}",
            # Azure reads the properties of a key once: whoever changes them wants another key.
            key_name=f"{purpose}-{_fingerprint(properties)}",
            resource_group_name=self._args.place.resource_group_name,
            vault_name=self._vault.vault_name,
            properties=properties,
            # What it encrypted must stay readable, and deleting takes a role that nobody needs.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )

    def _administrators(self) -> None:
        people = self._args.spec.administrators
        if not people:
            notes.limit(self, "nobody manages the keys apart from deployments: name administrators")
            return
        administrators(
            self._name,
            self._args.place,
            people,
            vault_id=self._vault.id,
            description="Manages the keys of a vault and cannot use them",
            data_actions=_MANAGE,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _properties(spec: KeysSpec) -> Any:
    days = spec.rotation_days
    return {
        "kty": "RSA-HSM",
        "key_size": 3072,
        # Storage and the like wrap a key of their own with it; nothing is encrypted with it itself.
        "key_ops": ["wrapKey", "unwrapKey"],
        "rotation_policy": {
            "attributes": {"expiry_time": f"P{days + _DAYS_AFTER_ROTATION}D"},
            "lifetime_actions": [
                {"action": {"type": "rotate"}, "trigger": {"time_after_create": f"P{days}D"}},
                {"action": {"type": "notify"}, "trigger": {"time_before_expiry": "P30D"}},
            ],
        },
    }


def _fingerprint(properties: Any) -> str:
    return hashlib.sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()[:8]
