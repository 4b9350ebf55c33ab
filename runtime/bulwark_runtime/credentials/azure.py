"""The vault on Azure: what its functions are told in environment variables, and its stores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from time import time
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableServiceClient
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import KeyVaultSecretIdentifier, SecretClient

from .azure_secrets import SecretHashes
from .azure_table import TableDocuments
from .breached import RangeService, over_https
from .events import SCHEMAS
from .peppers import LoadedPeppers, PepperError, Peppers
from .results import Event
from .settings import Common, json_object, read_common
from .stores import AttemptCounters, Users
from .upkeep import UPKEEP
from .vault import Vault

PATIENCE: Mapping[str, Any] = {
    "connection_timeout": 2,
    "read_timeout": 5,
    "retry_total": 5,
    "retry_status": 5,
    "retry_backoff_factor": 0.2,
    "retry_backoff_max": 2,
}
"""How long a client waits, and how often it asks again: a user waits for the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Common):
    tables: str
    """BULWARK_TABLES: address of a storage account's tables, https://NAME.table.core.windows.net."""
    users_table: str
    """BULWARK_USERS_TABLE: name of the table of users."""
    attempts_table: str
    """BULWARK_ATTEMPTS_TABLE: likewise of attempts."""
    operations: Mapping[str, frozenset[str]]
    """BULWARK_OPERATIONS: JSON, {"verify": ["<principal id>", ...], ...}: what the app does, and
    who may ask it for that."""
    drops_expired: bool = False
    """BULWARK_DROPS_EXPIRED: whether the app deletes attempts that ended, every hour: true."""
    pepper: str | None = None
    """BULWARK_PEPPER_URI: address of the secret with the peppers, without its version; disable,
    enable and delete need none."""
    hashes: str | None = None
    """BULWARK_HASHES_URI: address of the vault of users' secrets. With the store `table` it says
    that some hashes may still be in secrets."""
    client_id: str | None = None
    """AZURE_CLIENT_ID: of the app's identity."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises a ValueError that names every variable that is missing or wrong."""
        wrong = [f"{name} is missing" for name in _NEEDED if not environment.get(name)]
        common = read_common(environment, wrong)
        if common["store"] == "secrets" and not environment.get("BULWARK_HASHES_URI"):
            wrong.append("BULWARK_HASHES_URI is missing: the store is secrets")
        operations: Mapping[str, frozenset[str]] = {}
        try:
            operations = _operations(environment.get("BULWARK_OPERATIONS", "{}"))
        except ValueError:
            wrong.append("BULWARK_OPERATIONS: a JSON object of operations and lists of callers")
        if wrong:
            raise ValueError("; ".join(wrong))
        return cls(
            tables=environment["BULWARK_TABLES"],
            users_table=environment["BULWARK_USERS_TABLE"],
            attempts_table=environment["BULWARK_ATTEMPTS_TABLE"],
            operations=operations,
            drops_expired=environment.get("BULWARK_DROPS_EXPIRED") == "true",
            pepper=environment.get("BULWARK_PEPPER_URI") or None,
            hashes=environment.get("BULWARK_HASHES_URI") or None,
            client_id=environment.get("AZURE_CLIENT_ID") or None,
            **common,
        )


_NEEDED = (
    "BULWARK_TABLES",
    "BULWARK_USERS_TABLE",
    "BULWARK_ATTEMPTS_TABLE",
    "BULWARK_OPERATIONS",
)


OPERATIONS = frozenset({*(name.replace("_", "-") for name in SCHEMAS), *UPKEEP})
"""What an app can be told to do."""


def _operations(text: str) -> Mapping[str, frozenset[str]]:
    told = json_object(text)
    if not (OPERATIONS.issuperset(told) and all(isinstance(who, list) for who in told.values())):
        raise ValueError
    return {name: frozenset(callers) for name, callers in told.items()}


def vault_of(settings: Settings, audit: Callable[[Event], None]) -> Vault:
    return Vault(
        users_of(settings),
        AttemptCounters(attempts_of(settings)),
        LoadedPeppers(lambda: _peppers(settings), time),
        settings.policy,
        breaches=RangeService(over_https(settings.range_service)),
        audit=audit,
    )


def users_of(settings: Settings) -> Users:
    documents = TableDocuments(_tables(settings).get_table_client(settings.users_table))
    place = SecretHashes(_secrets(settings.hashes, settings.client_id)) if settings.hashes else None
    return Users(documents, place, writes_inline=settings.store == "table")


def attempts_of(settings: Settings) -> TableDocuments:
    return TableDocuments(_tables(settings).get_table_client(settings.attempts_table))


def _peppers(settings: Settings) -> Peppers:
    if settings.pepper is None:
        raise PepperError("BULWARK_PEPPER_URI is missing")
    secret = KeyVaultSecretIdentifier(settings.pepper)
    try:
        found = _secrets(secret.vault_url, settings.client_id).get_secret(secret.name)
    except ResourceNotFoundError:
        raise PepperError("there is no pepper yet: its rotation makes the first") from None
    return Peppers.from_json(found.value or "")


def _tables(settings: Settings) -> TableServiceClient:
    return TableServiceClient(settings.tables, credential=_identity(settings.client_id), **PATIENCE)


@cache
def _secrets(vault: str, client_id: str | None) -> SecretClient:
    return SecretClient(vault, _identity(client_id), **PATIENCE)


@cache
def _identity(client_id: str | None) -> ManagedIdentityCredential:
    return ManagedIdentityCredential(client_id=client_id)
