"""The tables of the vault on Azure: in a storage account in which nothing else is."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import pulumi
import pulumi_azure_native as azure_native

from ..log_group.azure import AzureLogStore, diagnostics
from ..object_store import ObjectStoreSpec
from ..object_store.azure import AzureObjectStore, AzureObjectStoreArgs
from ..private_endpoint.azure import private_endpoint
from ..vault.azure import AzureKey

TableName = Literal["attempts", "users"]

_TABLES: Final[tuple[TableName, ...]] = get_args(TableName)

_SERVICE: Final = "Microsoft.Storage/storageAccounts/tableServices"


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureVaultTablesArgs:
    store: AzureLogStore
    """How the environment keeps its logs: who reads which record is among them. Its place is the
    tables'."""
    key: AzureKey
    """The key that encrypts the account's own."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the tables, and keeps them when the stack lets go."""


class AzureVaultTables(pulumi.ComponentResource):
    """Tables that Entra ID alone opens, encrypted with a customer's key, and logged."""

    uri: pulumi.Output[str]
    """Address of the account's tables."""

    names: dict[TableName, pulumi.Output[str]]
    """What Azure calls each table."""

    scopes: dict[TableName, pulumi.Output[str]]
    """Full id of each table, at which roles are given."""

    def __init__(
        self, name: str, args: AzureVaultTablesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureVaultTables", name, None, opts)
        place, child = args.store.place, pulumi.ResourceOptions(parent=self)
        kept = pulumi.ResourceOptions(
            parent=self,
            protect=args.deletion_protection,
            retain_on_delete=args.deletion_protection,
        )
        account = AzureObjectStore(
            f"{name}-account",
            AzureObjectStoreArgs(
                spec=ObjectStoreSpec(),
                place=place,
                key=args.key,
                deletion_protection=args.deletion_protection,
            ),
            child,
        )
        private_endpoint(f"{name}-table", place, "table", account.id, child)
        service = pulumi.Output.format("{0}/tableServices/default", account.id)
        diagnostics(name, _SERVICE, service, args.store, child)
        tables: dict[TableName, azure_native.storage.Table] = {
            table: azure_native.storage.Table(
                f"{name}-{table}",
                account_name=account.account_name,
                resource_group_name=place.resource_group_name,
                table_name=table,
                opts=kept,
            )
            for table in _TABLES
        }
        self.uri = pulumi.Output.format("https://{0}.table.core.windows.net", account.account_name)
        self.names = {table: made.name for table, made in tables.items()}
        self.scopes = {
            table: pulumi.Output.format("{0}/tables/{1}", service, made)
            for table, made in self.names.items()
        }
        self.register_outputs({"uri": self.uri, "names": self.names, "scopes": self.scopes})
