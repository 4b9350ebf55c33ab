"""What the alarms of a stack on Azure watch, gathered as its parts are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args

import pulumi

from ..incident_response.azure import AzureIncidentResponse
from ..incident_response.spec_playbooks import Told
from ..monitoring.azure_watched import WatchedLine, WatchedQueue


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

    def add_response(self, made: AzureIncidentResponse) -> None:
        """The queues that must be worked off, and what the writer and the responder say."""
        for label, name in made.queues.items():
            queue = WatchedQueue(namespace_id=made.dead_letters[label], name=name)
            self.queues[label] = self.dead_letters[label] = queue
        if app := made.functions.get("block-list"):
            self.lines |= _of_block_list(app)
        if app := made.functions.get("playbooks"):
            self.lines |= _of_playbooks(app)


def _of_block_list(app: pulumi.Input[str]) -> dict[str, WatchedLine]:
    looked = '"event": "converged"'
    return {
        "block-list-full": WatchedLine(
            app=app,
            words=looked,
            number="fill_percent",
            threshold=90,
            severity="page",
            says="The block list has hardly room for more",
        ),
        "block-list-silent": WatchedLine(
            app=app,
            words=looked,
            silent_minutes=15,
            severity="page",
            says="Nobody looks over the block list",
        ),
        "block-list-repaired": WatchedLine(
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
