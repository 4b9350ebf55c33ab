"""Which of Microsoft's own policies back our rules in the whole subscription.

The GUIDs, the same in every tenant, and the names of the parameters are from the definitions in
github.com/Azure/azure-policy; those of Defender's policies, whose effect is left at its default,
from lists that others made of the definitions in their tenants. Which control a policy is part of
is from the titles of CIS Azure 5.0 in github.com/turbot/steampipe-mod-azure-compliance.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class BackingPolicy:
    """A policy of Microsoft's."""

    name: str
    guid: str
    controls: Sequence[str]
    """Whose verdict in the portal it is part of: ids of CIS Azure Foundations 5.0 and PCI DSS."""
    rule: str = ""
    """The rule of ours that asks the same of a program; none where no program knows the answer."""
    instead: str = ""
    """What whoever is refused reads; empty for a policy that cannot refuse."""


POLICIES: Sequence[BackingPolicy] = (
    BackingPolicy(
        name="no-public-blobs",
        guid="4fa4b6c0-31ca-4c0d-b10d-24b96f62a751",
        controls=("CIS Azure 9.3.8", "PCI DSS 1.4.4"),
        rule="azure.object_store.account-has-no-anonymous-readers",
        instead="Set allowBlobPublicAccess to false, and give roles to who reads.",
    ),
    BackingPolicy(
        name="no-storage-in-the-clear",
        guid="404c3081-a854-4457-ae30-26a93ef643f9",
        controls=("CIS Azure 9.3.4", "PCI DSS 4.2.1"),
        rule="azure.object_store.account-is-reached-over-tls-only",
        instead="Set supportsHttpsTrafficOnly to true.",
    ),
    BackingPolicy(
        name="no-old-tls-of-storage",
        guid="fe83a0eb-a853-422d-aac2-1bffd182c5d0",
        controls=("CIS Azure 9.3.6", "PCI DSS 4.2.1"),
        rule="azure.object_store.account-speaks-tls-1-2-at-least",
        instead="Set minimumTlsVersion to TLS1_2: the policy knows no newer.",
    ),
    BackingPolicy(
        name="no-shared-keys",
        guid="8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54",
        controls=("CIS Azure 9.3.1.3", "PCI DSS 8.6.2"),
        rule="azure.object_store.account-takes-no-shared-keys",
        instead="Set allowSharedKeyAccess to false, and give roles to who reads.",
    ),
    BackingPolicy(
        name="no-copies-to-other-tenants",
        guid="92a89a79-6c52-4a7e-a03f-61306fc49312",
        controls=("CIS Azure 9.3.7", "PCI DSS 1.4.4"),
        rule="azure.object_store.account-does-not-copy-to-other-tenants",
        instead="Set allowCrossTenantReplication to false.",
    ),
    BackingPolicy(
        name="no-purged-vaults",
        guid="0b60c0b2-2dc2-4e1c-b5c9-abbed971de53",
        controls=("CIS Azure 8.3.5", "PCI DSS 3.7.5"),
        rule="azure.keys.vault-cannot-be-purged",
        instead="Set enablePurgeProtection to true.",
    ),
    BackingPolicy(
        name="no-vaults-without-roles",
        guid="12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5",
        controls=("CIS Azure 8.3.6", "PCI DSS 7.3.1"),
        rule="azure.keys.vault-is-opened-by-roles",
        instead="Set enableRbacAuthorization to true, and give roles instead of access policies.",
    ),
    BackingPolicy(
        name="no-open-vaults",
        guid="55615ac9-af46-4a59-874e-391cc3dfb490",
        controls=("CIS Azure 8.3.7", "PCI DSS 1.4.4"),
        rule="azure.keys.vault-refuses-strangers",
        instead="Set networkAcls.defaultAction to Deny, and name who may come.",
    ),
    BackingPolicy(
        name="no-secrets-in-an-api",
        guid="f1cc7827-022c-473e-836e-5a51cae0b249",
        controls=("PCI DSS 8.6.2",),
        rule="azure.api.secrets-stay-in-key-vault",
        instead="Give the named value a keyVault.secretIdentifier instead of a value.",
    ),
    BackingPolicy(
        name="vaults-log",
        guid="cf820ca0-f99e-4f3e-84fb-66e913812d21",
        controls=("CIS Azure 6.1.1.4", "PCI DSS 10.2.1"),
        rule="azure.keys.vault-logs-who-uses-it",
    ),
    BackingPolicy(
        name="owners-have-a-second-factor",
        guid="e3e008c3-56b9-4133-8fd7-d3347377402a",
        controls=("CIS Azure 5.1.2", "PCI DSS 8.4.1"),
    ),
    BackingPolicy(
        name="writers-have-a-second-factor",
        guid="931e118d-50a1-4457-a5e4-78550e086c52",
        controls=("CIS Azure 5.1.2", "PCI DSS 8.4.1"),
    ),
    BackingPolicy(
        name="readers-have-a-second-factor",
        guid="81b3ccb4-e6e8-4e4a-8d05-5df25cd29fd4",
        controls=("CIS Azure 5.1.2", "PCI DSS 8.4.2"),
    ),
    BackingPolicy(
        name="three-owners-at-most",
        guid="4f11b553-d42e-4e3a-89be-32ca364cad4c",
        controls=("CIS Azure 5.27", "PCI DSS 7.2.2"),
    ),
    BackingPolicy(
        name="no-guests-who-own",
        guid="339353f6-2387-4a45-abe4-7f529d121046",
        controls=("CIS Azure 5.3.2", "PCI DSS 8.2.7"),
    ),
    BackingPolicy(
        name="no-guests-who-write",
        guid="94e1c2ac-cbbe-4cac-a2b5-389c812dee87",
        controls=("CIS Azure 5.3.2", "PCI DSS 8.2.7"),
    ),
    BackingPolicy(
        name="no-blocked-accounts-that-own",
        guid="0cfea604-3201-4e14-88fc-fae4c427a6c5",
        controls=("CIS Azure 5.3.5", "PCI DSS 8.2.5"),
    ),
)
"""What no environment of ours makes, so that a policy that refuses it stops no deployment; and what
only Azure knows, such as who has a second factor."""
