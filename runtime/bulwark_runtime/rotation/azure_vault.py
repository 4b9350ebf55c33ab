"""A secret in a key vault, of which each version has a day on which it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from azure.core.exceptions import ResourceNotFoundError
from azure.keyvault.secrets import SecretClient, SecretProperties

from .renewal import Version
from .steps import RotationError

LARGEST = 25_600
"""Bytes of a value: a limit of Key Vault."""

_HELD_BACK = "bulwark-held-back"
"""A tag of a version. Those who look at it need not read the value for it."""

_CONTENT = "text/plain; made by Bulwark"


@dataclass(frozen=True, slots=True)
class VaultSecret:
    client: SecretClient
    name: str

    def versions(self) -> Sequence[Version]:
        found = self.client.list_properties_of_secret_versions(self.name)
        try:
            versions = [_version(one) for one in found]
        except ResourceNotFoundError:
            return ()  # a secret is not there before its first value
        return sorted(versions, key=lambda version: version.created)

    def value(self) -> str:
        value = self.client.get_secret(self.name).value
        if value is None:
            raise RotationError("the secret has no value")
        return value

    def put(self, value: str, *, ends: datetime, held_back: bool) -> None:
        if len(value.encode()) > LARGEST:
            raise RotationError(f"the new value is larger than the {LARGEST:,} bytes of Key Vault")
        self.client.set_secret(
            self.name,
            value,
            expires_on=ends,
            content_type=_CONTENT,
            tags={_HELD_BACK: "true"} if held_back else {},
        )

    def switch_off(self, version: str) -> None:
        self.client.update_secret_properties(self.name, version, enabled=False)


def _version(found: SecretProperties) -> Version:
    if found.version is None or found.created_on is None:
        raise RotationError("Key Vault does not say when a version was made")
    return Version(
        id=found.version,
        created=found.created_on,
        ends=found.expires_on,
        usable=bool(found.enabled),
        held_back=_HELD_BACK in (found.tags or {}),
    )
