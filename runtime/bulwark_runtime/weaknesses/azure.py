"""What counts on Azure what is open for too long, and where patches could not be installed.

Settings are the environment variables in `Settings`. Each count is a line of the log, JSON, of
which alarms read the numbers: Azure's alarms cannot ask Resource Graph themselves.
"""

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Protocol

from . import azure_finding
from .azure_accepted import Accepted, not_accepted
from .azure_graph import ENDPOINT, ResourceGraph
from .azure_patches import FAILED, UNPATCHED
from .finding import Deadlines, by_age

COUNTED: Final = "counted"
"""What the line with the numbers says."""

_MOST_LOGGED: Final = 100
"""Lines about single things of a kind: `bulwark findings` has them all."""

logger = logging.getLogger("bulwark.weaknesses")


class Graph(Protocol):
    def ask(self, query: str) -> list[Mapping[str, Any]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    subscription_id: str
    """BULWARK_SUBSCRIPTION: id of the subscription that is asked."""
    deadlines: Deadlines
    """BULWARK_DEADLINES: JSON, the days for which a finding may be open, by severity."""
    accepted: Sequence[Accepted]
    """BULWARK_EXCEPTIONS: JSON, the exceptions as AzureSecurityTesting tells them."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        return cls(
            subscription_id=environment["BULWARK_SUBSCRIPTION"],
            deadlines=json.loads(environment["BULWARK_DEADLINES"]),
            accepted=tuple(map(Accepted.read, json.loads(environment["BULWARK_EXCEPTIONS"]))),
        )


def count(graph: Graph, settings: Settings, now: datetime) -> None:
    """Say what is open, what is overdue, and which machines could not be patched."""
    known = by_age(map(azure_finding.read, graph.ask(azure_finding.QUERY)))
    findings = list(not_accepted(known, settings.accepted, now.astimezone(UTC).date()))
    late = [one for one in findings if one.overdue(settings.deadlines, now)]
    failed = graph.ask(FAILED)
    for one in late[:_MOST_LOGGED]:
        _log(
            logging.WARNING,
            "overdue",
            weakness=one.weakness,
            severity=one.severity,
            resource=one.resource,
            since=one.since.isoformat(),
        )
    for machine in failed[:_MOST_LOGGED]:
        _log(logging.WARNING, "patches failed", **machine)
    counts = {"overdue": len(late), "open": len(findings), "failed_machines": len(failed)}
    _log(logging.INFO, COUNTED, **counts, unpatched_machines=len(graph.ask(UNPATCHED)))


def run() -> None:
    """What the timer calls."""
    settings = Settings.read(os.environ)
    graph = ResourceGraph(_credential(), settings.subscription_id, ENDPOINT, **_options())
    count(graph, settings, datetime.now(UTC))


def _log(level: int, message: str, **more: Any) -> None:
    """A line of JSON as a record's text, which is all that the app's log keeps."""
    line = {"level": logging.getLevelName(level), "message": message, **more}
    logger.log(level, json.dumps(line))


@cache
def _credential() -> Any:
    from azure.identity import ManagedIdentityCredential

    # The SDK writes a line for each request.
    logging.getLogger("azure").setLevel(logging.WARNING)
    return ManagedIdentityCredential(client_id=os.environ["AZURE_CLIENT_ID"])


def _options() -> dict[str, Any]:
    """What tests tell the SDK's client, such as whom to trust."""
    return {}
