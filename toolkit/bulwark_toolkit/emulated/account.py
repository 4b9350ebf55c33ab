"""The emulated account: its clients, and what was deployed into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3


@dataclass
class Account:
    endpoint: str = ""
    """Where another emulator than moto listens."""
    stale: list[str] = field(default_factory=list)
    """What the tables say about moto and is no longer true."""
    _properties: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str) -> Any:
        """A boto3 client, for further questions."""
        if (service, region) not in self._clients:
            at = self.endpoint or None
            made = self._session.client(service, region_name=region, endpoint_url=at)
            self._clients[service, region] = made
        return self._clients[service, region]

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        """The inputs and the outputs of a resource, as the account knows them."""
        return self._properties[name]

    def keep(self, name: str, properties: Mapping[str, Any]) -> None:
        self._properties[name] = properties

    @cached_property
    def _session(self) -> boto3.Session:
        # Nobody's: whatever the environment has must not be used, not even by mistake.
        return boto3.Session(aws_access_key_id="emulated", aws_secret_access_key="emulated")  # noqa: S106
