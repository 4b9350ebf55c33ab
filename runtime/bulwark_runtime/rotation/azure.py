"""Rotation on Azure: what goes through the secrets of a vault and gives each the value it is due.

Key Vault rotates nothing by itself, so nobody tells which secret it is: a plan does, in the
environment, with the settings that are tags of the secret on AWS. docs/adr/0027 says why.
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from azure.core.exceptions import AzureError, HttpResponseError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from .azure_vault import LARGEST, VaultSecret
from .generated import Generated
from .pepper import Pepper
from .renewal import Renewal
from .steps import Kind, RotationError

VAULT: Final = "BULWARK_VAULT_URI"
PLAN: Final = "BULWARK_ROTATION"
"""`{"session-key": {"kind": "generated", "days": 30, "settings": {"bulwark:length": "48"}}}`"""

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind for kind in (Generated(), Pepper(largest=LARGEST))
}

logger = logging.getLogger("bulwark.rotation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A secret that rotates."""

    name: str
    """What Key Vault calls it."""
    kind: Kind
    days: int
    settings: Mapping[str, str]


def planned(text: str) -> Iterator[Planned]:
    for name, about in json.loads(text).items():
        yield Planned(
            name=name,
            kind=KINDS[about["kind"]],
            days=int(about["days"]),
            settings=dict(about.get("settings", {})),
        )


def rotate(client: SecretClient, plan: Iterator[Planned], now: datetime) -> None:
    """Give each secret what it is due. One that fails keeps none of the others from it."""
    done = {secret.name: _done(client, secret, now) for secret in plan}
    failed = [name for name, well in done.items() if not well]
    # An alarm counts the second number, and another hears when no such line comes any more.
    _log(logging.INFO, "rotation over", secrets=len(done), failed=len(failed))
    if failed:
        raise RotationError(f"no rotation of {', '.join(failed)}: see the lines above")


def run() -> None:
    """What the timer calls."""
    rotate(_client(), planned(os.environ[PLAN]), datetime.now(UTC))


def _done(client: SecretClient, planned: Planned, now: datetime) -> bool:
    renewal = Renewal(
        secret=VaultSecret(client, planned.name),
        kind=planned.kind,
        days=planned.days,
        settings=planned.settings,
    )
    about = {"secret": planned.name, "kind": planned.kind.name}
    try:
        outcome = renewal.run(now)
    except RotationError as refused:
        _log(logging.ERROR, "refused", **about, reason=str(refused))
        return False
    except AzureError as error:
        # By its kind and code: its text could quote what was sent.
        _log(logging.ERROR, "failed", **about, reason=_codes(error))
        return False
    _log(logging.INFO, outcome, **about)
    return True


def _log(level: int, message: str, **more: Any) -> None:
    """A line of JSON as a record's text, which is all that the app's log keeps."""
    line = {"level": logging.getLevelName(level), "message": message, **more}
    logger.log(level, json.dumps(line))


def _codes(error: AzureError) -> str:
    said: list[Any] = [type(error).__name__]
    if isinstance(error, HttpResponseError):
        inner = getattr(error.error, "innererror", None) or {}
        said += [error.status_code, getattr(error.error, "code", None), inner.get("code")]
    return " ".join(str(part) for part in said if part)


@cache
def _client() -> SecretClient:
    # The SDK writes a line for each request; who asks what, the vault's own log has.
    logging.getLogger("azure").setLevel(logging.WARNING)
    credential = ManagedIdentityCredential(client_id=os.environ["AZURE_CLIENT_ID"])
    return SecretClient(
        os.environ[VAULT], credential, connection_timeout=5, read_timeout=10, retry_total=4
    )
