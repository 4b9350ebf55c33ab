"""What pipelines may do on Azure, by the types of resources that our stacks are made of.

Azure compares every action of a custom role with what its providers register, and refuses the whole
role for a single one that it does not know (InvalidActionOrNotAction). A top-level type registers
all three verbs; of what is below one not each child does, so children are named by `/*`, which fits
whatever is registered. Never where that would take in what tells a key, a value or a log: there the
children are named one by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

Verbs = Sequence[Literal["read", "write", "delete", "*"]]

CHANGE: Final[Verbs] = ("read", "write", "delete")
KEEP: Final[Verbs] = ("read", "write")
"""What holds keys, secrets or logs, or lets somebody in: whoever deploys never takes it away."""
LOOK: Final[Verbs] = ("read",)
"""What says who may do what, or guards the subscription: an administrator makes it."""
WHOLE: Final[Verbs] = ("*",)
"""What registers its verbs in more than one way, and has nothing to tell."""
UNSEEN: Final[Verbs] = ()
"""What shows what others wrote into it, secrets too, or of which it is not certain that a verb is
registered: an administrator's alone."""

RIGHTS: Final[Mapping[str, Verbs]] = {
    # What everything stands on, and nobody who deploys changes.
    "Microsoft.AlertsManagement/actionRules": LOOK,
    "Microsoft.Authorization/locks": LOOK,
    "Microsoft.Authorization/policyAssignments": LOOK,
    "Microsoft.Authorization/policySetDefinitions": LOOK,
    "Microsoft.Authorization/roleDefinitions": LOOK,
    "Microsoft.Authorization/roleEligibilityScheduleRequests": LOOK,
    "Microsoft.Authorization/roleManagementPolicies": LOOK,
    "Microsoft.Insights/activityLogAlerts": LOOK,
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials": LOOK,
    "Microsoft.Resources/deployments": UNSEEN,
    "Microsoft.Resources/subscriptions/resourceGroups": LOOK,
    "Microsoft.Security/automations": LOOK,
    "Microsoft.Security/governanceRules": UNSEEN,
    "Microsoft.SecurityInsights/onboardingStates": LOOK,
    # What holds keys, secrets and logs. A key's deletion is no action of Azure Resource Manager.
    "Microsoft.Insights/diagnosticSettings": KEEP,
    "Microsoft.KeyVault/vaults": KEEP,
    "Microsoft.KeyVault/vaults/keys": KEEP,
    "Microsoft.OperationalInsights/workspaces": KEEP,
    "Microsoft.OperationalInsights/workspaces/savedSearches": CHANGE,
    "Microsoft.Storage/storageAccounts": KEEP,
    "Microsoft.Storage/storageAccounts/blobServices": KEEP,
    "Microsoft.Storage/storageAccounts/blobServices/containers": KEEP,
    "Microsoft.Storage/storageAccounts/managementPolicies": KEEP,
    "Microsoft.Storage/storageAccounts/tableServices/tables": KEEP,
    # Workloads. The condition of its assignment says which roles a deployer gives, and to whom.
    "Microsoft.Authorization/roleAssignments": CHANGE,
    "Microsoft.ManagedIdentity/userAssignedIdentities": KEEP,
    "Microsoft.Web/serverfarms": CHANGE,
    "Microsoft.Web/sites": CHANGE,
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": WHOLE,
    "Microsoft.Web/sites/config": KEEP,
    # The front door.
    "Microsoft.ApiManagement/service": CHANGE,
    "Microsoft.ApiManagement/service/apis": CHANGE,
    "Microsoft.ApiManagement/service/apis/*": CHANGE,
    "Microsoft.ApiManagement/service/namedValues": CHANGE,
    "Microsoft.ApiManagement/service/subscriptions": CHANGE,
    "Microsoft.Cdn/profiles": CHANGE,
    "Microsoft.Cdn/profiles/*": CHANGE,
    "Microsoft.Network/dnsZones/*": CHANGE,
    "Microsoft.Network/frontDoorWebApplicationFirewallPolicies": CHANGE,
    "Microsoft.Network/networkSecurityGroups": CHANGE,
    "Microsoft.Network/privateEndpoints": CHANGE,
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": CHANGE,
    "Microsoft.Network/virtualNetworks": CHANGE,
    # Operations.
    "Microsoft.Consumption/budgets": CHANGE,
    "Microsoft.Insights/actionGroups": CHANGE,
    "Microsoft.Insights/metricAlerts": CHANGE,
    "Microsoft.Insights/scheduledQueryRules": CHANGE,
    "Microsoft.Insights/workbooks": CHANGE,
    "Microsoft.Logic/workflows": CHANGE,
    "Microsoft.Maintenance/configurationAssignments": CHANGE,
    "Microsoft.Maintenance/maintenanceConfigurations": CHANGE,
    "Microsoft.SecurityInsights/alertRules": CHANGE,
    "Microsoft.ServiceBus/namespaces": CHANGE,
    "Microsoft.ServiceBus/namespaces/queues": CHANGE,
}
"""What whoever deploys may do with each type. Whoever previews reads what that one reads."""

_ADMITS_SUBNET: Final = "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action"
"""For a firewall that lets the subnet of functions in."""

BESIDE: Final[Mapping[str, Sequence[str]]] = {
    "Microsoft.Insights/diagnosticSettings": (
        # Refused without it. The workspaces' keys open nothing.
        "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
    ),
    "Microsoft.KeyVault/vaults": (_ADMITS_SUBNET,),
    "Microsoft.ManagedIdentity/userAssignedIdentities": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    ),
    "Microsoft.Network/frontDoorWebApplicationFirewallPolicies": (
        "Microsoft.Network/frontDoorWebApplicationFirewallPolicies/join/action",
    ),
    "Microsoft.Network/networkSecurityGroups": (
        "Microsoft.Network/networkSecurityGroups/join/action",
    ),
    # The owner of what an endpoint leads to says yes to it.
    "Microsoft.Network/privateEndpoints": (
        "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action",
        "Microsoft.Network/virtualNetworks/subnets/join/action",
        "Microsoft.Storage/storageAccounts/privateEndpointConnectionsApproval/action",
        "Microsoft.Web/sites/privateEndpointConnectionsApproval/action",
    ),
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": (
        "Microsoft.Network/privateDnsZones/join/action",
    ),
    "Microsoft.Storage/storageAccounts": (_ADMITS_SUBNET,),
    "Microsoft.Web/serverfarms": ("Microsoft.Web/serverfarms/join/action",),
    "Microsoft.Web/sites": (
        "Microsoft.Network/virtualNetworks/subnets/join/action",
        # Who may sign in to a function app is read back by it, and with it the app's settings,
        # which hold the names of secrets and none themselves.
        "Microsoft.Web/sites/config/list/action",
        # The door by which code comes into an app.
        "Microsoft.Web/sites/publish/action",
    ),
}
"""What Azure asks for beside reading and writing a type, where one resource uses another. No
`listKeys` and nothing like it: the one that Azure insists on is for the archive alone, see
HAND_OVER."""

_ASKED: Final = ("Microsoft.Logic/workflows/triggers/listCallbackUrl/action",)
"""What the program asks Azure for whenever it runs, previews too, and fails without: the address at
which alarms reach the playbooks. It is a secret, and the state that a preview reads has it, too."""

HAND_OVER: Final = ("Microsoft.Storage/storageAccounts/listKeys/action",)
"""What Azure asks of whoever sends a resource's logs to a storage account, given at the archive
alone. Its keys open nothing, since it takes none; Azure asks all the same."""


_TELLING: Final = frozenset({"Microsoft.ApiManagement/service/subscriptions"})
"""Whose read tells an API's key to whoever asks in the words of 2018."""


def reads() -> Iterator[str]:
    """The actions of whoever previews: settings, and no key, log or customer's data."""
    seen = (kind for kind, verbs in RIGHTS.items() if "read" in verbs and kind not in _TELLING)
    yield from (f"{kind}/read" for kind in seen)
    yield from _ASKED


def deploys() -> Iterator[str]:
    """The actions of whoever deploys."""
    yield from (f"{kind}/{verb}" for kind, verbs in RIGHTS.items() for verb in verbs)
    yield from sorted({action for actions in BESIDE.values() for action in actions})
    yield from _ASKED


def only_roles_of_workloads(role_guids: Sequence[str], never_to: Sequence[str]) -> str:
    """Which roles a deployer gives and takes: these, to identities, and never to a pipeline's own.

    Whoever gives roles at will is an administrator in two steps. The words are those of Microsoft's
    own template for delegated role assignments, with the principals beside.
    """
    return " AND ".join(
        f"((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/{verb}'}})) OR ("
        f"@{asked}[{_ROLES}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals "
        f"{{{', '.join(role_guids)}}} AND "
        f"@{asked}[{_ROLES}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase "
        "{'ServicePrincipal'} AND "
        f"@{asked}[{_ROLES}:PrincipalId] ForAnyOfAllValues:GuidNotEquals "
        f"{{{', '.join(never_to)}}}))"
        for verb, asked in (("write", "Request"), ("delete", "Resource"))
    )


_ROLES: Final = "Microsoft.Authorization/roleAssignments"
