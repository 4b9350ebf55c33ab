"""What the alarms of a stack on Azure watch, gathered as its parts are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args

import pulumi

from ..credentials.azure import AzureCredentials
from ..incident_response.azure import AzureIncidentResponse
from ..incident_response.spec_playbooks import Told
from ..monitoring.azure_watched import WatchedLine, WatchedQueue

_LOCKOUTS = 20
"""Attempts in five minutes that the vault held back: more than one person who forgot a password."""

_LOOKED_OVER = '"event": "converged"'
"""What the block list's writer says of each look at a list."""

_FULL_PERCENT = 90
"""A list that is fuller may be full before somebody has made room."""

_SILENT_MINUTES = 15

_COUNTED = '"message": "counted"'
"""What the function says that counts weaknesses, every three hours."""

_COUNTED_MINUTES = 6 * 60
"""Two of its runs: one may be missed."""


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
        apps = {of: name for of, name in names.items() if of != "rotation"}
        self.add_functions({f"vault-{of}": name for of, name in apps.items()})
        self.add_rotation("vault-rotation", names["rotation"])
        self.lines["vault-lockouts"] = WatchedLine(
            app=names["sign-in"],
            words=f'"metric":"{vault.metrics["lockouts"]}"',
            threshold=_LOCKOUTS,
            says="sign-ins were held back by the vault",
        )

    def add_rotation(self, label: str, app: pulumi.Input[str] | None) -> None:
        """A function app that rotates secrets: what it fails at, and that it still looks."""
        if app is None:
            return
        self.add_functions({label: app})
        self.lines[label] = WatchedLine(
            app=app,
            words='"message": "rotation over"',
            silent_minutes=60,
            says=f"{label}: no secret was looked at for an hour",
        )

    def add_counter(self, app: pulumi.Input[str] | None) -> None:
        """The function app that counts weaknesses and patches that failed."""
        if app is None:
            return
        self.add_functions({"weaknesses": app})
        self.lines |= _of_counter(app)

    def add_response(self, made: AzureIncidentResponse) -> None:
        """The queues that must be worked off, and what the writer and the responder say."""
        for label, name in made.queues.items():
            queue = WatchedQueue(namespace_id=made.dead_letters[label], name=name)
            self.queues[label] = self.dead_letters[label] = queue
        if app := made.functions.get("block-list"):
            self.lines |= _of_block_list(app)
        if app := made.functions.get("playbooks"):
            self.lines |= _of_playbooks(app)


def _of_counter(app: pulumi.Input[str]) -> dict[str, WatchedLine]:
    return {
        "weaknesses-overdue": WatchedLine(
            app=app,
            words=_COUNTED,
            number="overdue",
            latest_minutes=_COUNTED_MINUTES,
            says="Weaknesses are open for longer than they may be: bulwark findings --overdue",
        ),
        "patches-failed": WatchedLine(
            app=app,
            words=_COUNTED,
            number="failed_machines",
            latest_minutes=_COUNTED_MINUTES,
            says="Patches could not be installed on a machine",
        ),
        "weaknesses-silent": WatchedLine(
            app=app,
            words=_COUNTED,
            silent_minutes=_COUNTED_MINUTES,
            says="For six hours nobody has counted which weaknesses are open for too long",
        ),
    }


def _of_block_list(app: pulumi.Input[str]) -> dict[str, WatchedLine]:
    return {
        "blocked": WatchedLine(
            app=app,
            words=_LOOKED_OVER,
            number="fill_percent",
            threshold=_FULL_PERCENT,
            kind="block-list-full",
        ),
        "looked-over": WatchedLine(
            app=app,
            words=_LOOKED_OVER,
            silent_minutes=_SILENT_MINUTES,
            kind="block-list-silence",
        ),
        "repaired": WatchedLine(
            app=app,
            words='"event": "repaired"',
            severity="ticket",
            says="Somebody else has changed the rules of the block list",
        ),
    }


def _of_playbooks(app: pulumi.Input[str]) -> dict[str, WatchedLine]:
    """People are told by an alarm: `bulwark respond list` says of what."""
    return {
        f"playbooks-{how}": WatchedLine(
            app=app,
            words=f'"event": "tell", "how": "{how}"',
            severity=how,
            says="A playbook has something to tell: bulwark respond list --all",
        )
        for how in get_args(Told)
    }
