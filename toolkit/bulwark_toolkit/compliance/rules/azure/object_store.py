"""Storage accounts and their containers."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.azure_logs import SETTING, categories
from bulwark_toolkit.compliance.rule import Rule, Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

ACCOUNT: Final = "azure-native:storage:StorageAccount"
BLOBS: Final = "azure-native:storage:BlobServiceProperties"
CONTAINER: Final = "azure-native:storage:BlobContainer"

_NEWEST_TLS: Final = ("TLS1_2", "TLS1_3")


@rule(
    "azure.object_store.account-takes-no-shared-keys",
    ACCOUNT,
    severity="high",
    requires="No storage account lets anybody in who has one of its keys",
    remediation="Set allowSharedKeyAccess to false, and give roles to who reads and writes.",
    reference="CIS Azure 9.3.1.3",
)
def account_takes_no_shared_keys(account: Subject) -> Iterator[Verdict]:
    value = account.get("allowSharedKeyAccess", True)  # Azure's default
    yield Verdict(value is False, "allowSharedKeyAccess", value)


@rule(
    "azure.object_store.account-has-no-public-address",
    ACCOUNT,
    severity="low",
    requires="No storage account has a public address",
    remediation="Set publicNetworkAccess to Disabled, and give the account a private endpoint.",
    reference="CIS Azure 9.3.2.2",
)
def account_has_no_public_address(account: Subject) -> Iterator[Verdict]:
    value = account.get("publicNetworkAccess", "Enabled")
    yield Verdict(value == "Disabled", "publicNetworkAccess", value)


@rule(
    "azure.object_store.account-refuses-strangers",
    ACCOUNT,
    severity="high",
    requires="The firewall of every storage account refuses whoever is not named",
    remediation="Set networkRuleSet.defaultAction to Deny, or publicNetworkAccess to Disabled.",
    reference="CIS Azure 9.3.2.3",
)
def account_refuses_strangers(account: Subject) -> Iterator[Verdict]:
    if account.get("publicNetworkAccess", "Enabled") == "Disabled":
        yield Verdict(True, "publicNetworkAccess", "Disabled")
        return
    value = account.get("networkRuleSet.defaultAction", "Allow")
    yield Verdict(value == "Deny", "networkRuleSet.defaultAction", value)


@rule(
    "azure.object_store.account-is-reached-over-tls-only",
    ACCOUNT,
    severity="high",
    requires="Every storage account refuses whatever is sent in the clear",
    remediation="Set enableHttpsTrafficOnly to true.",
    reference="CIS Azure 9.3.4",
)
def account_is_reached_over_tls_only(account: Subject) -> Iterator[Verdict]:
    value = account.get("enableHttpsTrafficOnly", True)  # Azure's default since 2019
    yield Verdict(value is True, "enableHttpsTrafficOnly", value)


@rule(
    "azure.object_store.account-speaks-tls-1-2-at-least",
    ACCOUNT,
    severity="medium",
    requires="Every storage account speaks TLS 1.2 or newer",
    remediation="Set minimumTlsVersion to TLS1_2.",
    reference="CIS Azure 9.3.6",
)
def account_speaks_tls_1_2_at_least(account: Subject) -> Iterator[Verdict]:
    value = account.get("minimumTlsVersion", "TLS1_0")  # Azure's default
    yield Verdict(value in _NEWEST_TLS, "minimumTlsVersion", value)


@rule(
    "azure.object_store.account-has-no-anonymous-readers",
    ACCOUNT,
    severity="critical",
    requires="Nobody reads a storage account without saying who they are",
    remediation="Set allowBlobPublicAccess to false.",
    reference="CIS Azure 9.3.8",
)
def account_has_no_anonymous_readers(account: Subject) -> Iterator[Verdict]:
    value = account.get("allowBlobPublicAccess", False)  # Azure's default since 2023
    yield Verdict(value is False, "allowBlobPublicAccess", value)


@rule(
    "azure.object_store.account-does-not-copy-to-other-tenants",
    ACCOUNT,
    severity="medium",
    requires="No storage account lets its blobs be copied to accounts of other tenants",
    remediation="Set allowCrossTenantReplication to false.",
    reference="CIS Azure 9.3.7",
)
def account_does_not_copy_to_other_tenants(account: Subject) -> Iterator[Verdict]:
    value = account.get("allowCrossTenantReplication", False)  # Azure's default since 2023
    yield Verdict(value is False, "allowCrossTenantReplication", value)


@rule(
    "azure.object_store.account-is-encrypted-with-a-customer-key",
    ACCOUNT,
    severity="medium",
    requires="Every storage account is encrypted with a customer's key that rotates",
    remediation="Set encryption.keySource to Microsoft.Keyvault, and name a key without a version.",
    reference="PCI 3.5.1",
)
def account_is_encrypted_with_a_customer_key(account: Subject) -> Iterator[Verdict]:
    source = account.get("encryption.keySource", "Microsoft.Storage")
    version = account.get("encryption.keyVaultProperties.keyVersion", "")
    ours = str(source).lower() == "microsoft.keyvault"
    yield Verdict(ours and not version, "encryption.keySource", source)


@rule(
    "azure.object_store.account-is-encrypted-twice",
    ACCOUNT,
    severity="low",
    requires="Every storage account is encrypted once more below its own encryption",
    remediation="Set encryption.requireInfrastructureEncryption to true as the account is made.",
    reference="PCI 3.5.1",
)
def account_is_encrypted_twice(account: Subject) -> Iterator[Verdict]:
    at = "encryption.requireInfrastructureEncryption"
    value = account.get(at, False)
    yield Verdict(value is True, at, value)


@rule(
    "azure.object_store.account-lets-azure-services-in",
    ACCOUNT,
    severity="medium",
    requires="The firewall of a storage account lets Azure's own services through",
    remediation="Set networkRuleSet.bypass to AzureServices: else Azure Monitor stops delivering "
    "logs to it, and says nothing.",
    reference="CIS Azure 9.3.5",
)
def account_lets_azure_services_in(account: Subject) -> Iterator[Verdict]:
    if account.get("networkRuleSet.defaultAction", "Allow") == "Allow":
        return
    value = account.get("networkRuleSet.bypass", "AzureServices")  # Azure's default
    yield Verdict("AzureServices" in str(value), "networkRuleSet.bypass", value)


@rule(
    "azure.object_store.account-logs-who-reads-it",
    ACCOUNT,
    severity="medium",
    requires="Every storage account logs who reads and deletes its blobs",
    remediation="Make a DiagnosticSetting for the account's id with /blobServices/default behind "
    "it, with StorageRead and StorageDelete.",
    reference="PCI 10.2.1.1",
    alone=False,
)
def account_logs_who_reads_it(account: Subject) -> Iterator[Verdict]:
    for setting in account.attached(SETTING, "resourceUri"):
        found = categories(setting)
        if found & {"allLogs", "audit"} or {"StorageRead", "StorageDelete"} <= found:
            yield Verdict(True, "logs", ", ".join(sorted(found)), urn=setting.urn)
            return
    yield Verdict(False, "logs", text="no diagnostic setting logs who reads and deletes")


@rule(
    "azure.object_store.container-is-private",
    CONTAINER,
    severity="critical",
    requires="No container is open to whoever does not say who they are",
    remediation="Set publicAccess to None.",
    reference="CIS Azure 9.3.8",
)
def container_is_private(container: Subject) -> Iterator[Verdict]:
    value = container.get("publicAccess", "None")
    yield Verdict(value == "None", "publicAccess", value)


def _kept(rule_id: str, what: str, at: str, reference: str) -> Rule:
    @rule(
        rule_id,
        ACCOUNT,
        severity="medium",
        requires=f"Every storage account keeps {what} for a while",
        remediation=f"Attach BlobServiceProperties with {at} set to true.",
        reference=reference,
        alone=False,
    )
    def judgement(account: Subject) -> Iterator[Verdict]:
        for blobs in account.attached(BLOBS, "accountName"):
            value = blobs.get(at, False)
            yield Verdict(value is True, at, value, urn=blobs.urn)
            return
        yield Verdict(False, at, text="has no BlobServiceProperties")

    return judgement


account_keeps_what_is_deleted: Final = (
    _kept(
        "azure.object_store.account-keeps-deleted-blobs",
        "what is deleted",
        "deleteRetentionPolicy.enabled",
        "CIS Azure 9.2.1",
    ),
    _kept(
        "azure.object_store.account-keeps-deleted-containers",
        "containers that are deleted",
        "containerDeleteRetentionPolicy.enabled",
        "CIS Azure 9.2.2",
    ),
    _kept(
        "azure.object_store.account-keeps-versions",
        "what is overwritten",
        "isVersioningEnabled",
        "CIS Azure 9.2.3",
    ),
)
