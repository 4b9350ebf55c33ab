"""Where a component of Azure is built in a test: a resource group, its logs and its key."""

from pulumi_bulwark.function import FunctionApplication
from pulumi_bulwark.log_group.azure import AzureLogStore
from pulumi_bulwark.place import AzurePlace
from pulumi_bulwark.vault.azure import AzureKey

PLACE = AzurePlace(
    subscription_id="00000000-0000-0000-0000-000000000001",
    tenant_id="00000000-0000-0000-0000-000000000002",
    location="westeurope",
    resource_group_name="group",
    functions_subnet_id="/subnets/functions",
)
GROUP = f"{PLACE.subscription}/resourceGroups/group"
PROVIDERS = f"{GROUP}/providers"
STORE = AzureLogStore(
    place=PLACE,
    workspace_id=f"{PROVIDERS}/Microsoft.OperationalInsights/workspaces/logs",
    archive_id=f"{PROVIDERS}/Microsoft.Storage/storageAccounts/logs",
    retention_days=400,
    deletion_protection=True,
)
KEY = AzureKey(
    name="data",
    vault_uri="https://vault.vault.azure.net/",
    resource_id=f"{PROVIDERS}/Microsoft.KeyVault/vaults/vault/keys/data",
)
APPLICATION = FunctionApplication(
    client_id="00000000-0000-0000-0000-000000000004", audience="api://functions"
)
