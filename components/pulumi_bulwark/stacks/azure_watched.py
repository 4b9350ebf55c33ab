"""What the alarms of a stack on Azure watch, gathered as its parts are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import pulumi

from ..credentials.azure import AzureCredentials
from ..monitoring.azure_watched import WatchedLine, WatchedQueue

_LOCKOUTS = 20
"""Attempts in five minutes that the vault held back: more than one person who forgot a password."""


@dataclass(slots=True, kw_only=True)
class Watched:
    """The fields are those of AzureMonitoringArgs. Vaults need no entry: all that log are seen."""

    api_id: pulumi.Input[str] | None = None
    edge_id: pulumi.Input[str] | None = None
    functions: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    queues: dict[str, WatchedQueue] = field(default_factory=dict)
    dead_letters: dict[str, WatchedQueue] = field(default_factory=dict)
    lines: dict[str, WatchedLine] = field(default_factory=dict)
    threats: bool = False

    def as_args(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def add_functions(self, names: Mapping[str, pulumi.Input[str] | None]) -> None:
        """Function apps by their names, each by a short name of its own."""
        self.functions |= {label: name for label, name in names.items() if name is not None}

    def add_vault(self, vault: AzureCredentials) -> None:
        names = vault.function_names
        self.add_functions({f"vault-{of}": name for of, name in names.items()})
        self.lines["vault-lockouts"] = WatchedLine(
            app=names["sign-in"],
            words=f'"metric":"{vault.metrics["lockouts"]}"',
            threshold=_LOCKOUTS,
            says="sign-ins were held back by the vault",
        )
