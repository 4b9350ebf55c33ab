"""Where an environment's logs go on Azure, and how a resource sends its own there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure_native

from ..naming import physical
from ..place import AzurePlace


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureLogStore:
    """How an environment keeps its logs: the same for every capability that writes some."""

    place: AzurePlace
    """Where the environment is."""
    workspace_id: pulumi.Input[str]
    """Full id of the Log Analytics workspace, in which logs are searched."""
    archive_id: pulumi.Input[str]
    """Full id of the storage account, in the same region, whose blobs nobody changes."""
    retention_days: int
    """Days that logs can be searched."""
    deletion_protection: bool
    """Whether Pulumi refuses to delete what holds logs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Logged:
    """What a kind of resource can log."""

    groups: Sequence[str] = ()
    """Groups of categories, which take in those that Azure adds later. `audit` is within
    `allLogs`: with both, each event would be stored twice."""
    categories: Sequence[str] = ()
    """Categories one by one, for kinds that know no groups. Never both for the same logs."""
    archived: bool = True
    """Whether the logs go to the archive as well."""
    table: bool = False
    """Whether Azure must be asked for the kind's own table, whose columns are known. Else the logs
    are in AzureDiagnostics, for which kinds share 500 columns, and more are dropped. Kinds that
    know one place only are not asked: they would answer with nothing, which is a change each time.
    """


LOGGED: Mapping[str, Logged] = {
    # The archive cannot hold its own logs, and each delivery would be one more write to tell of.
    "archive": Logged(categories=("StorageRead", "StorageDelete"), archived=False),
    "Microsoft.ApiManagement/service": Logged(groups=("allLogs",), table=True),
    "Microsoft.Cdn/profiles": Logged(
        categories=(
            "FrontDoorAccessLog",
            "FrontDoorHealthProbeLog",
            "FrontDoorWebApplicationFirewallLog",
        )
    ),
    "Microsoft.KeyVault/vaults": Logged(groups=("allLogs",), table=True),
    "Microsoft.OperationalInsights/workspaces": Logged(groups=("audit",)),
    "Microsoft.ServiceBus/namespaces": Logged(groups=("allLogs",)),
    # An account has metrics only; who reads and writes is logged by each of its services.
    "Microsoft.Storage/storageAccounts/blobServices": Logged(
        categories=("StorageRead", "StorageWrite", "StorageDelete")
    ),
    "Microsoft.Storage/storageAccounts/tableServices": Logged(
        categories=("StorageRead", "StorageWrite", "StorageDelete")
    ),
    "Microsoft.Web/sites": Logged(groups=("allLogs",)),
}
"""What is logged of each kind of resource, and of the archive."""

SUBSCRIPTION_CATEGORIES: Sequence[str] = (
    "Administrative",
    "Security",
    "ServiceHealth",
    "Alert",
    "Recommendation",
    "Policy",
    "Autoscale",
    "ResourceHealth",
)
"""All categories of the Activity Log, which knows no groups."""


def diagnostics(
    name: str,
    kind: str,
    resource_id: pulumi.Input[str],
    store: AzureLogStore,
    opts: pulumi.ResourceOptions,
) -> azure_native.monitor.DiagnosticSetting:
    """Send the logs of a resource to the workspace and to the archive.

    `kind` is a key of LOGGED. How long logs are kept is said by where they go: Azure refuses a
    retention here. A setting outlives its resource and comes back with the next of that name, so
    it belongs to whoever made the resource, and goes first.
    """
    logged = LOGGED[kind]
    return azure_native.monitor.DiagnosticSetting(
        f"{name}-logs",
        # A second environment that logs the same resource must have another.
        name=physical("diagnostic-setting", pulumi.get_project(), pulumi.get_stack(), name),
        resource_uri=resource_id,
        workspace_id=store.workspace_id,
        storage_account_id=store.archive_id if logged.archived else None,
        log_analytics_destination_type="Dedicated" if logged.table else None,
        logs=[
            *({"category_group": group, "enabled": True} for group in logged.groups),
            *({"category": category, "enabled": True} for category in logged.categories),
        ],
        opts=opts,
    )
