"""What is watched for in the Activity Log of the subscription, as alerts of Azure Monitor.

CIS wants an alert for each operation, with no other condition than the category: neither who nor
how it ended. So one change is told more than once, as it begins and as it ends. The others tell
only of what was done, and one alert has several operations.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .azure_alarm import ActivityAlarm
from .kinds import AlarmKind

ADMINISTRATIVE: Final = {"field": "category", "equals": "Administrative"}
_DONE: Final = {"field": "status", "equals": "Succeeded"}

CIS: Final[tuple[tuple[str, AlarmKind, str, str], ...]] = (
    ("6.1.2.1", "policy-changes", "assigned", "Microsoft.Authorization/policyAssignments/write"),
    ("6.1.2.2", "policy-changes", "deleted", "Microsoft.Authorization/policyAssignments/delete"),
    (
        "6.1.2.3",
        "security-group-changes",
        "written",
        "Microsoft.Network/networkSecurityGroups/write",
    ),
    (
        "6.1.2.4",
        "security-group-changes",
        "deleted",
        "Microsoft.Network/networkSecurityGroups/delete",
    ),
    (
        "6.1.2.5",
        "security-solution-changes",
        "written",
        "Microsoft.Security/securitySolutions/write",
    ),
    (
        "6.1.2.6",
        "security-solution-changes",
        "deleted",
        "Microsoft.Security/securitySolutions/delete",
    ),
    (
        "6.1.2.7",
        "database-firewall-changes",
        "written",
        "Microsoft.Sql/servers/firewallRules/write",
    ),
    (
        "6.1.2.8",
        "database-firewall-changes",
        "deleted",
        "Microsoft.Sql/servers/firewallRules/delete",
    ),
    ("6.1.2.9", "public-address-changes", "written", "Microsoft.Network/publicIPAddresses/write"),
    ("6.1.2.10", "public-address-changes", "deleted", "Microsoft.Network/publicIPAddresses/delete"),
)
"""Row of CIS Azure Foundations 5.0, kind, what tells it from others of its kind, operation."""

OURS: Final[Mapping[AlarmKind, tuple[str, ...]]] = {
    "iam-changes": (
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments/delete",
        "Microsoft.Authorization/roleDefinitions/write",
        "Microsoft.Authorization/roleDefinitions/delete",
        "Microsoft.Authorization/roleEligibilityScheduleRequests/write",
        "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
    ),
    "lock-changes": ("Microsoft.Authorization/locks/delete",),
    "trail-changes": (
        "Microsoft.Insights/diagnosticSettings/delete",
        "Microsoft.Insights/activityLogAlerts/delete",
        "Microsoft.Insights/scheduledQueryRules/delete",
        "Microsoft.Insights/actionGroups/delete",
        "Microsoft.OperationalInsights/workspaces/delete",
    ),
    "key-deletion": (
        "Microsoft.KeyVault/vaults/delete",
        "Microsoft.KeyVault/locations/deletedVaults/purge/action",
    ),
    "bucket-changes": (
        "Microsoft.Storage/storageAccounts/write",
        "Microsoft.Storage/storageAccounts/delete",
        "Microsoft.Storage/storageAccounts/regenerateKey/action",
        "Microsoft.Storage/storageAccounts/blobServices/containers/write",
    ),
    "firewall-removal": (
        "Microsoft.Network/frontDoorWebApplicationFirewallPolicies/delete",
        "Microsoft.Cdn/profiles/securityPolicies/delete",
    ),
    "security-group-changes": (
        "Microsoft.Network/networkSecurityGroups/securityRules/write",
        "Microsoft.Network/networkSecurityGroups/securityRules/delete",
    ),
    "security-solution-changes": (
        "Microsoft.Security/pricings/write",
        "Microsoft.Security/pricings/delete",
        "Microsoft.Security/securityContacts/delete",
        "Microsoft.Security/automations/delete",
    ),
    "gateway-changes": (
        "Microsoft.Network/virtualNetworkGateways/write",
        "Microsoft.Network/virtualNetworkGateways/delete",
        "Microsoft.Network/natGateways/write",
        "Microsoft.Network/natGateways/delete",
        "Microsoft.Network/azureFirewalls/write",
        "Microsoft.Network/azureFirewalls/delete",
    ),
    "route-changes": (
        "Microsoft.Network/routeTables/write",
        "Microsoft.Network/routeTables/delete",
        "Microsoft.Network/routeTables/routes/write",
        "Microsoft.Network/routeTables/routes/delete",
    ),
    "network-changes": (
        "Microsoft.Network/virtualNetworks/write",
        "Microsoft.Network/virtualNetworks/delete",
        "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/write",
        "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/delete",
    ),
}
"""What we watch for beside the benchmark, by kind."""


def of_subscription() -> Iterator[ActivityAlarm]:
    for row, kind, what, operation in CIS:
        yield ActivityAlarm(
            kind=kind,
            name=f"{kind}-{what}",
            about=f"CIS Azure {row}",
            conditions=[ADMINISTRATIVE, _is(operation)],
        )
    for kind, operations in OURS.items():
        yield ActivityAlarm(
            kind=kind,
            name=kind,
            conditions=[ADMINISTRATIVE, {"any_of": list(map(_is, operations))}, _DONE],
        )
    yield from _of_azure()


def _is(operation: str) -> dict[str, Any]:
    return {"field": "operationName", "equals": operation}


def _of_azure() -> Iterator[ActivityAlarm]:
    """Of events that nobody in the subscription caused."""
    health = {"field": "category", "equals": "ServiceHealth"}
    incidents = {"Incident": "CIS Azure 6.1.2.11", "Security": "an advisory on security"}
    for incident, about in incidents.items():
        yield ActivityAlarm(
            kind="service-health",
            name=f"service-health-{incident.lower()}",
            about=about,
            conditions=[health, {"field": "properties.incidentType", "equals": incident}],
        )
    # Of every severity, so it wakes nobody; where findings come to the workspace, the grave do.
    yield ActivityAlarm(
        kind="threats",
        name="threats",
        conditions=[{"field": "category", "equals": "Security"}],
        severity="ticket",
    )
