"""Hashes in Azure Key Vault: one secret for each user, and a version of it for each password.

The service has no conditional write, so the user's record in the table says which version counts: a
version is written first, then the record is turned to it. What is deleted is kept, and its name
taken, until the vault's days are over: no name is used twice. docs/credentials.md has the limits.
"""

import json
from dataclasses import dataclass

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.keyvault.secrets import SecretClient

from .records import Hash, hashes_from, hashes_to_json
from .stores import HashesMovedError


@dataclass(frozen=True, slots=True)
class SecretHashes:
    client: SecretClient
    """Of a vault in which nothing else is: who reads one of its secrets may read them all."""
    prefix: str = "user-"
    """What the names of the secrets begin with; the rest is random, and names nobody."""
    decoy: str = "nobody"
    """A secret that is read for users who do not exist. Whoever misses it makes it."""

    def keep(self, nest: str, hashes: tuple[Hash, ...], *, beside: str | None) -> str:  # noqa: ARG002 versions do not end
        try:
            return self._set(self.prefix + nest, hashes_to_json(hashes))
        except ResourceExistsError:
            # Deleted, and its name is taken until the vault's days are over.
            raise HashesMovedError from None

    def fetch(self, nest: str, kept: str) -> tuple[Hash, ...]:
        try:
            found = self.client.get_secret(self.prefix + nest, kept)
        except ResourceNotFoundError:
            raise HashesMovedError from None
        return hashes_from(json.loads(found.value or "{}"))

    def fetch_nothing(self) -> None:
        try:
            self.client.get_secret(self.decoy)
        except ResourceNotFoundError:
            self._set(self.decoy, hashes_to_json(()))

    def settle(self, nest: str, kept: str) -> None:
        """Nothing: the record says what counts, and no version ends by itself."""

    def discard(self, nest: str) -> None:
        try:
            # Without waiting for it: the name is not used again.
            self.client.begin_delete_secret(self.prefix + nest)
        except (ResourceNotFoundError, ResourceExistsError):
            return  # never made; or deleted just now, by another

    def _set(self, name: str, text: str) -> str:
        made = self.client.set_secret(name, text, content_type="application/json")
        assert made.properties.version is not None
        return made.properties.version
