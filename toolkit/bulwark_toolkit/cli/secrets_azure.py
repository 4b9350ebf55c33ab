"""Values of secrets in Azure Key Vault."""

import secrets
import string
from collections.abc import Iterator, Mapping
from datetime import UTC
from functools import cached_property
from typing import Any, Final

from ..preview import Graph, UsageError
from . import azure_sdk
from .secrets_keeper import Named, unlogged

TAG: Final = "bulwark-vault"
"""By which a stack's vault is found: Azure adds chance to its name."""

_SYMBOLS: Final = "!#$%&*+-.:=?@^_~"
_CLASSES: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SYMBOLS)


def named(graph: Graph) -> Iterator[Named]:
    """The secrets that a program names."""
    for component in graph.of_type("bulwark:index:AzureSecrets"):
        for name, physical in component.outputs["names"].items():
            yield Named(
                name=name,
                component=component.name,
                physical=physical,
                length=component.outputs["generated"].get(name),
                project=graph.project,
                stack=graph.stack,
            )


class Vaults:
    """The vaults of a stack's secrets, in one subscription."""

    service = "Key Vault"
    maker = "this command"
    longest_bytes = 25_600

    def __init__(self, subscription: str) -> None:
        self._subscription = subscription
        self._clients: dict[str, Any] = {}

    def version(self, secret: Named) -> str | None:
        current = self._current(secret)
        return current.version if current else None

    def put(self, secret: Named, value: str) -> str:
        client = self._client(secret)
        with azure_sdk.refusals(f"setting {secret}"), unlogged():
            return client.set_secret(secret.physical, value).properties.version

    def generate(self, secret: Named, length: int) -> str:
        return self.put(secret, _made(length))

    def state(self, secret: Named) -> Mapping[str, str | None]:
        try:
            current = self._current(secret)
        except NotDeployedError:
            return {"state": "not deployed", "since": None}
        if current is None:
            return {"state": "no value", "since": None}
        since = current.created_on.astimezone(UTC)
        return {"state": "has a value", "since": f"{since:%Y-%m-%dT%H:%M:%SZ}"}

    def _current(self, secret: Named) -> Any:
        """What is said of the version that readers get, and never its value; None before the first.

        They get the newest or, where that is switched off, nothing: no older one takes its place.
        """
        from azure.core.exceptions import ResourceNotFoundError

        client = self._client(secret)
        with azure_sdk.refusals(f"looking at {secret}"), unlogged():
            try:
                found = list(client.list_properties_of_secret_versions(secret.physical))
            except ResourceNotFoundError:
                return None
        newest = max(found, key=lambda version: version.created_on, default=None)
        return newest if newest and newest.enabled else None

    def _client(self, secret: Named) -> Any:
        claim = f"{secret.project}/{secret.stack}/{secret.component}"
        if claim not in self._clients:
            self._clients[claim] = azure_sdk.vault(self._vault(claim, secret.stack))
        return self._clients[claim]

    def _vault(self, claim: str, stack: str) -> str:
        """The name of the one vault that is tagged so."""
        found = [
            resource["name"]
            for resource in self._manager.tagged(TAG, claim)
            if resource["type"].lower() == "microsoft.keyvault/vaults"
        ]
        if not found:
            raise NotDeployedError(
                f"no vault of {claim} is in subscription {self._subscription}; deploy the stack "
                f"first: pulumi up -s {stack}"
            )
        if len(found) > 1:
            # Somebody may have made one to be given the values.
            raise UsageError(
                f"several vaults say that they are {claim}: {', '.join(sorted(found))}. Find out "
                f"who made the others, and take their tag {TAG} off"
            )
        return found[0]

    @cached_property
    def _manager(self) -> azure_sdk.Subscription:
        return azure_sdk.Subscription(self._subscription)


class NotDeployedError(UsageError):
    """The stack's vault is not there."""


def _made(length: int) -> str:
    """A value with a character of each class, made and seen by nobody."""
    everything = "".join(_CLASSES)
    while True:
        value = "".join(secrets.choice(everything) for _ in range(length))
        if all(set(value) & set(characters) for characters in _CLASSES):
            return value
