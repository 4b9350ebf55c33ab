"""Azure storage accounts for blobs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..naming import logical
from ..place import AzurePlace
from ..private_endpoint.azure import Service, private_endpoint
from ..role.azure import AzureIdentity, AzureIdentityArgs, Grant
from ..vault.azure import AzureKey
from .spec import LifecycleRuleSpec, LockSpec, ObjectStoreSpec

_DefaultAction = azure_native.storage.DefaultAction

_MOST_RULES = 100
"""Rules that the lifecycle of a storage account takes."""

_SHORTEST_PAUSE_DAYS = 7
"""Days in which what was deleted can be fetched back, where versions are not kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureObjectStoreArgs:
    spec: ObjectStoreSpec
    place: AzurePlace
    """Where the environment is."""
    key: AzureKey
    """The key that encrypts the account's own."""
    containers: Sequence[str] = ()
    """Names of the containers; Azure Monitor makes its own."""
    endpoints: Sequence[Service] = ("blob",)
    """What of it has a private address, where the environment has a network: each costs. Of the
    tables, who makes them says so."""
    reached_from_everywhere: bool = False
    """Whether its firewall lets everybody knock, who then still has to show a token."""
    reports_loosened: bool = True
    """Whether it says which of its settings are weaker than the hardened ones. Off where they are
    taken from settings that say so themselves."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the account, and keeps it when the stack lets go of it."""


class AzureObjectStore(pulumi.ComponentResource):
    """A private storage account: encrypted twice, versioned, over TLS 1.2, and without keys.

    Who reads or writes is known by Entra ID: shared keys, SFTP users and anonymous readers are off.
    """

    id: pulumi.Output[str]
    """Full id of the account, known once all of its settings are in place."""

    account_name: pulumi.Output[str]
    """What Azure calls it."""

    domain_name: pulumi.Output[str]
    """Host name of its blobs."""

    def __init__(
        self, name: str, args: AzureObjectStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureObjectStore", name, None, opts)
        self._name, self._args = name, args
        identity = AzureIdentity(
            f"{name}-encryption",
            AzureIdentityArgs(
                place=args.place,
                grants=[
                    Grant(
                        name="uses-key",
                        role="Key Vault Crypto Service Encryption User",
                        scope=args.key.resource_id,
                    )
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        account = self._account(identity.id)
        settings = list(self._settings(account))
        for service in () if args.reached_from_everywhere else args.endpoints:
            child = pulumi.ResourceOptions(parent=self)
            private_endpoint(f"{name}-{service}", args.place, service, account.id, child)

        _say_how_firm(self, args.spec.lock)
        if args.reports_loosened:
            notes.loosened(self, name, args.spec)
        done = [setting.urn for setting in settings]
        self.id = pulumi.Output.all(account.id, *done).apply(lambda all_: all_[0])
        self.account_name = account.name
        self.domain_name = pulumi.Output.format("{0}.blob.core.windows.net", account.name)
        self.register_outputs(
            {"id": self.id, "accountName": self.account_name, "domainName": self.domain_name}
        )

    def _account(self, identity_id: pulumi.Output[str]) -> azure_native.storage.StorageAccount:
        args, place = self._args, self._args.place
        open_ = args.reached_from_everywhere
        return azure_native.storage.StorageAccount(
            logical("storage-account", f"{self._name}-account"),
            resource_group_name=place.resource_group_name,
            kind="StorageV2",
            sku={"name": place.storage_sku},
            identity={"type": "UserAssigned", "user_assigned_identities": [identity_id]},
            encryption=_encryption(args.key, identity_id),
            immutable_storage_with_versioning=_lock(args.spec.lock),
            public_network_access="Enabled" if open_ or not place.subnet_id else "Disabled",
            network_rule_set={
                "default_action": _DefaultAction.ALLOW if open_ else _DefaultAction.DENY,
                # Azure Monitor delivers logs this way.
                "bypass": "AzureServices",
                "ip_rules": [
                    {"i_p_address_or_range": network} for network in place.allowed_addresses
                ],
                "virtual_network_rules": [
                    {"virtual_network_resource_id": subnet} for subnet in place.admitted_subnets
                ],
            },
            opts=self._kept(),
            **_ENTRA_ID_OVER_TLS_ONLY,
        )

    def _settings(
        self, account: azure_native.storage.StorageAccount
    ) -> Iterator[pulumi.CustomResource]:
        spec, place = self._args.spec, self._args.place
        pause = max(_pauses(spec), default=_SHORTEST_PAUSE_DAYS)
        yield azure_native.storage.BlobServiceProperties(
            f"{self._name}-blobs",
            account_name=account.name,
            blob_services_name="default",
            resource_group_name=place.resource_group_name,
            is_versioning_enabled=spec.versioning,
            delete_retention_policy={"enabled": True, "days": min(pause, 365)},
            container_delete_retention_policy={"enabled": True, "days": min(pause, 365)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        if rules := [_rule(number, rule) for number, rule in enumerate(spec.lifecycle)]:
            yield azure_native.storage.ManagementPolicy(
                f"{self._name}-lifecycle",
                account_name=account.name,
                management_policy_name="default",
                resource_group_name=place.resource_group_name,
                policy={"rules": rules},
                opts=pulumi.ResourceOptions(parent=self),
            )
        for container in self._args.containers:
            yield azure_native.storage.BlobContainer(
                f"{self._name}-{container}",
                account_name=account.name,
                container_name=container,
                public_access=azure_native.storage.PublicAccess.NONE,
                resource_group_name=place.resource_group_name,
                opts=self._kept(),
            )

    def _kept(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            protect=self._args.deletion_protection,
            retain_on_delete=self._args.deletion_protection,
        )


def problems(spec: ObjectStoreSpec, at: str) -> Iterator[str]:
    """What Azure Storage would refuse of these settings, a line each."""
    if len(spec.lifecycle) > _MOST_RULES:
        yield (
            f"{at}.lifecycle: has {len(spec.lifecycle)} rules, and a storage account takes "
            f"{_MOST_RULES}."
        )


_ENTRA_ID_OVER_TLS_ONLY: Mapping[str, Any] = {
    "access_tier": "Hot",
    "allow_blob_public_access": False,
    "allow_cross_tenant_replication": False,
    "allow_shared_key_access": False,
    "default_to_o_auth_authentication": True,
    "enable_https_traffic_only": True,
    "is_hns_enabled": False,
    "is_local_user_enabled": False,
    "is_sftp_enabled": False,
    "minimum_tls_version": "TLS1_2",
}


def _encryption(key: AzureKey, identity_id: pulumi.Output[str]) -> Any:
    # Tables and queues are in the account's key only if that is said when it is made.
    whole = {"enabled": True, "key_type": "Account"}
    return {
        "key_source": "Microsoft.Keyvault",
        "require_infrastructure_encryption": True,
        "encryption_identity": {"encryption_user_assigned_identity": identity_id},
        # No version: a rotation is followed within a day.
        "key_vault_properties": {"key_name": key.name, "key_vault_uri": key.vault_uri},
        "services": dict.fromkeys(("blob", "file", "queue", "table"), whole),
    }


def _lock(lock: LockSpec | None) -> Any:
    """The policy for all containers, also those that others make; only a new account takes one."""
    if lock is None:
        return None
    return {
        "enabled": True,
        "immutability_policy": {
            "state": "Locked" if lock.sealed else "Unlocked",
            "immutability_period_since_creation_in_days": lock.days,
            # Azure Monitor adds to the blob of the hour.
            "allow_protected_append_writes": True,
        },
    }


def _say_how_firm(component: pulumi.ComponentResource, lock: LockSpec | None) -> None:
    if lock and lock.mode == "compliance" and not lock.sealed:
        notes.limit(
            component,
            "the lock is open: whoever manages the account can take it off. Once the logs arrive, "
            "set lock.sealed and deploy again; it is final",
        )


def _pauses(spec: ObjectStoreSpec) -> Iterator[int]:
    return (rule.expire_noncurrent_after_days for rule in spec.lifecycle)


def _rule(number: int, rule: LifecycleRuleSpec) -> Any:
    aged: dict[str, Any] = {}
    if rule.archive_after_days is not None:
        # The tier that still answers at once.
        aged["tier_to_cold"] = _after(rule.archive_after_days)
    if rule.expire_after_days is not None:
        aged["delete"] = _after(rule.expire_after_days)
    older = {"days_after_creation_greater_than": rule.expire_noncurrent_after_days}
    # A blob that is added to can be deleted, and nothing else.
    kinds = ["blockBlob"] if rule.archive_after_days is not None else ["blockBlob", "appendBlob"]
    return {
        "name": f"rule-{number}",
        "type": "Lifecycle",
        "enabled": True,
        "definition": {
            "filters": {
                "blob_types": kinds,
                **({"prefix_match": [rule.prefix]} if rule.prefix else {}),
            },
            "actions": {
                **({"base_blob": aged} if aged else {}),
                "version": {"delete": older},
            },
        },
    }


def _after(days: int) -> Mapping[str, int]:
    return {"days_after_modification_greater_than": days}
