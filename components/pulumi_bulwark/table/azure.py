"""Tables of Azure Storage, in an account that is somebody's own."""

import pulumi
from pulumi_azure_native import storage

from ..log_group.azure import AzureLogStore, diagnostics
from ..private_endpoint.azure import private_endpoint

_SERVICE = "Microsoft.Storage/storageAccounts/tableServices"


def table_service(
    name: str,
    account_id: pulumi.Output[str],
    store: AzureLogStore,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Full id of an account's tables, which are reached as its blobs are, and logged."""
    private_endpoint(name, store.place, "table", account_id, opts)
    service = pulumi.Output.format("{0}/tableServices/default", account_id)
    # Who reads, writes and deletes which record (PCI DSS 10.2.1.1).
    diagnostics(name, _SERVICE, service, store, opts)
    return service


def hardened_table(
    name: str,
    table: str,
    *,
    account_name: pulumi.Input[str],
    store: AzureLogStore,
    deletion_protection: bool,
    opts: pulumi.ResourceOptions,
) -> storage.Table:
    """A table that nothing deletes by mistake."""
    kept = pulumi.ResourceOptions(protect=deletion_protection, retain_on_delete=deletion_protection)
    return storage.Table(
        name,
        account_name=account_name,
        resource_group_name=store.place.resource_group_name,
        table_name=table,
        opts=pulumi.ResourceOptions.merge(opts, kept),
    )
