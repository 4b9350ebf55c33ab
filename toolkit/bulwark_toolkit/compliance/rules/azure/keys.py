"""Key vaults and the keys in them."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.azure_logs import is_logged
from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

VAULT: Final = "azure-native:keyvault:Vault"
KEY: Final = "azure-native:keyvault:Key"
ENDPOINT: Final = "azure-native:network:PrivateEndpoint"

_SHORTEST_RSA: Final = 2048


@rule(
    "azure.keys.vault-is-opened-by-roles",
    VAULT,
    severity="high",
    requires="Every key vault is opened by roles of Azure, and not by policies of its own",
    remediation="Set enableRbacAuthorization to true, and give roles at the keys and secrets.",
    reference="CIS Azure 8.3.6",
)
def vault_is_opened_by_roles(vault: Subject) -> Iterator[Verdict]:
    value = vault.get("properties.enableRbacAuthorization", False)
    yield Verdict(value is True, "properties.enableRbacAuthorization", value)


@rule(
    "azure.keys.vault-cannot-be-purged",
    VAULT,
    severity="high",
    requires="Nobody can purge a key vault, or a key in it, before its days are over",
    remediation="Set enablePurgeProtection to true. It is for good, and storage that encrypts with "
    "a key of the vault asks for it.",
    reference="CIS Azure 8.3.5",
)
def vault_cannot_be_purged(vault: Subject) -> Iterator[Verdict]:
    value = vault.get("properties.enablePurgeProtection", False)
    yield Verdict(value is True, "properties.enablePurgeProtection", value)


@rule(
    "azure.keys.vault-keeps-what-is-deleted",
    VAULT,
    severity="medium",
    requires="What is deleted in a key vault can be fetched back",
    remediation="Leave enableSoftDelete out, or set it to true.",
    reference="PCI 3.7.5",
)
def vault_keeps_what_is_deleted(vault: Subject) -> Iterator[Verdict]:
    value = vault.get("properties.enableSoftDelete", True)  # Azure's default
    yield Verdict(value is True, "properties.enableSoftDelete", value)


@rule(
    "azure.keys.vault-refuses-strangers",
    VAULT,
    severity="high",
    requires="The firewall of every key vault refuses whoever is not named",
    remediation="Set networkAcls.defaultAction to Deny, or publicNetworkAccess to Disabled.",
    reference="PCI 1.4.4",
)
def vault_refuses_strangers(vault: Subject) -> Iterator[Verdict]:
    if str(vault.get("properties.publicNetworkAccess", "")).lower() == "disabled":
        yield Verdict(True, "properties.publicNetworkAccess", "Disabled")
        return
    value = vault.get("properties.networkAcls.defaultAction", "Allow")
    yield Verdict(value == "Deny", "properties.networkAcls.defaultAction", value)


@rule(
    "azure.keys.vault-has-no-public-address",
    VAULT,
    severity="low",
    requires="No key vault has a public address",
    remediation="Set publicNetworkAccess to Disabled, and give the vault a private endpoint.",
    reference="CIS Azure 8.3.7",
)
def vault_has_no_public_address(vault: Subject) -> Iterator[Verdict]:
    value = vault.get("properties.publicNetworkAccess", "Enabled")
    yield Verdict(str(value).lower() == "disabled", "properties.publicNetworkAccess", value)


@rule(
    "azure.keys.vault-has-a-private-endpoint",
    VAULT,
    severity="low",
    requires="Every key vault is reached by a private endpoint",
    remediation="Make a PrivateEndpoint that names the vault in privateLinkServiceConnections.",
    reference="CIS Azure 8.3.8",
    alone=False,
)
def vault_has_a_private_endpoint(vault: Subject) -> Iterator[Verdict]:
    endpoints = vault.attached(ENDPOINT, "privateLinkServiceConnections")
    for endpoint in endpoints:
        at = "privateLinkServiceConnections"
        yield Verdict(True, at, endpoint.resource.name, urn=endpoint.urn)
    if not endpoints:
        yield Verdict(False, "privateEndpoint", text="no private endpoint leads to it")


@rule(
    "azure.keys.vault-logs-who-uses-it",
    VAULT,
    severity="high",
    requires="Every key vault logs who uses it",
    remediation="Make a DiagnosticSetting for the vault with the category group audit or allLogs.",
    reference="CIS Azure 6.1.1.4",
    alone=False,
)
def vault_logs_who_uses_it(vault: Subject) -> Iterator[Verdict]:
    yield from is_logged(vault, {"AuditEvent", "audit", "allLogs"})


@rule(
    "azure.keys.key-has-an-end",
    KEY,
    severity="medium",
    requires="Every key, or each of its versions, has a day on which it ends",
    remediation="Set rotationPolicy.attributes.expiryTime, or attributes.expires.",
    reference="CIS Azure 8.3.1",
)
def key_has_an_end(key: Subject) -> Iterator[Verdict]:
    for at in ("rotationPolicy.attributes.expiryTime", "attributes.expires"):
        if value := key.get(f"properties.{at}"):
            yield Verdict(True, f"properties.{at}", value)
            return
    yield Verdict(False, "properties.rotationPolicy")


@rule(
    "azure.keys.key-rotates",
    KEY,
    severity="medium",
    requires="Every key is replaced by a new version by itself",
    remediation="Add a lifetime action of the type rotate to rotationPolicy. Azure reads the "
    "policy when it makes the key: give the key another name as well.",
    reference="CIS Azure 8.3.9",
)
def key_rotates(key: Subject) -> Iterator[Verdict]:
    at = "properties.rotationPolicy.lifetimeActions"
    actions = [key.get(f"{action}.action.type") for action in key.each(at)]
    rotates = any(str(action).lower() == "rotate" for action in actions)
    yield Verdict(rotates, at, actions)


@rule(
    "azure.keys.key-is-long-enough",
    KEY,
    severity="high",
    requires="Every RSA key has 2048 bits at least",
    remediation="Set keySize to 3072, and give the key another name: Azure does not change one.",
    reference="PCI 3.6.1",
)
def key_is_long_enough(key: Subject) -> Iterator[Verdict]:
    if not str(key.get("properties.kty", "RSA")).startswith("RSA"):
        return
    size = key.get("properties.keySize", _SHORTEST_RSA)  # Azure's default
    yield Verdict(size >= _SHORTEST_RSA, "properties.keySize", size)


@rule(
    "azure.keys.key-is-kept",
    KEY,
    severity="medium",
    requires="No key is deleted when its stack lets go of it",
    remediation="Set the resource option retainOnDelete: what the key encrypted cannot be read "
    "without it, and deleting it asks for a role that nobody else needs.",
    reference="PCI 3.7.5",
)
def key_is_kept(key: Subject) -> Iterator[Verdict]:
    options = key.resource.options
    yield Verdict(
        options.retain_on_delete or options.protect, "retainOnDelete", options.retain_on_delete
    )
