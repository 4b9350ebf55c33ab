"""The tables of the vault on Azure: in a storage account in which nothing else is."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import pulumi

from ..log_group.azure import AzureLogStore
from ..object_store import ObjectStoreSpec
from ..object_store.azure import AzureObjectStore, AzureObjectStoreArgs
from ..table.azure import hardened_table, table_service
from ..vault.azure import AzureKey

TableName = Literal["attempts", "users"]

_TABLES: Final[tuple[TableName, ...]] = get_args(TableName)


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
        account = AzureObjectStore(
            f"{name}-account",
            AzureObjectStoreArgs(
                spec=ObjectStoreSpec(),
                place=place,
                key=args.key,
                endpoints=(),
                deletion_protection=args.deletion_protection,
            ),
            child,
        )
        service = table_service(name, account.id, args.store, child)
        tables = {
            table: hardened_table(
                f"{name}-{table}",
                table,
                account_name=account.account_name,
                store=args.store,
                deletion_protection=args.deletion_protection,
                opts=child,
            )
            for table in _TABLES
        }
        self.uri = pulumi.Output.format("https://{0}.table.core.windows.net", account.account_name)
        self.names = {table: tables[table].name for table in _TABLES}
        self.scopes = {
            table: pulumi.Output.format("{0}/tables/{1}", service, made)
            for table, made in self.names.items()
        }
        self.register_outputs({"uri": self.uri, "names": self.names, "scopes": self.scopes})
