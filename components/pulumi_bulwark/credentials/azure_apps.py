"""Which function app does what, and what it may do with the users, the attempts and the secrets.

Two apps, because an app is what has an identity. Those who sign in need the pepper; those who
manage users do not get it. Between the operations of one app the roles make no difference: Azure
has none that gives one record of a table and not all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi

from ..role.azure import Grant
from .azure_table import TableName
from .spec import Operation

AppName = Literal["administration", "sign-in"]
Role = Literal["clears-records", "keeps-hashes", "keeps-records"]

_ENTITIES: Final = "Microsoft.Storage/storageAccounts/tableServices/tables/entities"
_SECRETS: Final = "Microsoft.KeyVault/vaults/secrets"

DATA_ACTIONS: Final[Mapping[Role, tuple[str, ...]]] = {
    "clears-records": (f"{_ENTITIES}/read", f"{_ENTITIES}/delete"),
    "keeps-records": (
        f"{_ENTITIES}/read",
        f"{_ENTITIES}/add/action",
        f"{_ENTITIES}/update/action",
        f"{_ENTITIES}/delete",
    ),
    # Neither lists nor restores, and nobody purges.
    "keeps-hashes": (
        f"{_SECRETS}/getSecret/action",
        f"{_SECRETS}/setSecret/action",
        f"{_SECRETS}/delete",
    ),
}
"""What each role of the vault's own may do; Microsoft's would let it make and delete tables too."""

SAYS: Final[Mapping[Role, str]] = {
    "clears-records": "Reads and deletes records of a table",
    "keeps-records": "Reads and writes records of a table",
    "keeps-hashes": "Reads and writes secrets whose names it knows",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class App:
    says: str
    """What it is for, in a few words."""
    operations: Sequence[Operation]
    tables: Mapping[TableName, Role]
    pepper: bool = False
    drops_expired: bool = False
    """Whether it deletes attempts that ended: Table Storage has no time to live."""


APPS: Final[Mapping[AppName, App]] = {
    "sign-in": App(
        says="Takes and checks passwords of users",
        operations=("register", "verify", "change", "begin-reset", "finish-reset"),
        tables={"users": "keeps-records", "attempts": "keeps-records"},
        pepper=True,
    ),
    "administration": App(
        says="Manages users and cannot check a password",
        operations=(
            "disable",
            "enable",
            "delete",
            "import-hash",
            "count-peppers",
            "move-hashes",
        ),
        tables={"users": "keeps-records", "attempts": "clears-records"},
        drops_expired=True,
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Scopes:
    """Where the roles are given."""

    tables: Mapping[TableName, pulumi.Input[str]]
    pepper: pulumi.Input[str]
    hashes: pulumi.Input[str] | None
    """The vault of users' secrets, where the hashes are in some: their names come and go."""


def grants(app: App, roles: Mapping[Role, pulumi.Input[str]], scopes: Scopes) -> Iterator[Grant]:
    for table, role in app.tables.items():
        yield Grant(name=table, role=roles[role], scope=scopes.tables[table])
    if app.pepper:
        yield Grant(name="pepper", role="Key Vault Secrets User", scope=scopes.pepper)
    if scopes.hashes is not None:
        yield Grant(name="hashes", role=roles["keeps-hashes"], scope=scopes.hashes)
