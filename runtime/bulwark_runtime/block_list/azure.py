"""The writer on Azure: a function behind a queue of Service Bus whose messages are one session.

Settings are the environment variables in `Settings`. Each thing that happens is a line of the log,
JSON whose `event` says what.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from .azure_arm import ENDPOINT, Arm
from .azure_policy import MOST_IN_RULE, NOBODY, PolicySets
from .azure_queue import SENDER, Requests
from .azure_table import StorageTable
from .networks import Rules
from .ports import IpSet, Message
from .settings import Reading
from .writer import Writer

TABLES: Final = "https://{}.table.core.windows.net"
"""An account's tables, in Azure's public cloud."""

QUEUE: Final = "BULWARK_SERVICE_BUS"
"""The connection of the queue: the host reads its settings, which begin so."""

TICK: Final = json.dumps({"detail-type": "Scheduled Event"})
"""What has the lists looked over: the same that EventBridge sends on AWS."""

TICK_SECONDS: Final = 60
"""How long a tick is worth reading: then there is the next."""

_PATIENT_SECONDS: Final = 120.0
"""For which the firewall is asked again: with the last try, two minutes more, and the pause it is
less than the five minutes that a session's lock lasts."""

_FIRST_PAUSE_SECONDS: Final = 1
_LONGEST_PAUSE_SECONDS: Final = 30

_ACCOUNT: Final = "AzureWebJobsStorage__accountName"

_NEEDED: Final = (
    _ACCOUNT,
    "BULWARK_TABLE",
    "BULWARK_POLICY",
    "BULWARK_RULES",
    "BULWARK_QUEUE",
    f"{QUEUE}__fullyQualifiedNamespace",
)

logger = logging.getLogger("bulwark.block_list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    account: str
    """AzureWebJobsStorage__accountName: the function's own storage account, which has the table."""
    table: str
    """BULWARK_TABLE: name of the table."""
    policy_id: str
    """BULWARK_POLICY: full id of the policy of Front Door."""
    lists: Mapping[str, Mapping[int, Sequence[str]]]
    """BULWARK_RULES: JSON, the names of the rules behind each list, by version of IP."""
    queue_host: str
    """BULWARK_SERVICE_BUS__fullyQualifiedNamespace: host name of the namespace."""
    queue: str
    """BULWARK_QUEUE: name of the queue."""
    rules: Rules
    """What may be blocked, see `Reading`."""
    history_days: int
    """Days for which the table keeps what became of each request, see `Reading`."""
    client_id: str
    """AZURE_CLIENT_ID: which of the function's identities; empty for its only one."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises a ValueError that names every variable that is missing or wrong."""
        reading = Reading(environment, _NEEDED)
        lists = reading.parsed("BULWARK_RULES", "{}", _lists)
        # The address that an empty rule has instead: it cannot be told from it.
        rules, days = reading.rules(NOBODY), reading.history_days()
        reading.must_be_right()
        return cls(
            account=environment[_ACCOUNT],
            table=environment["BULWARK_TABLE"],
            policy_id=environment["BULWARK_POLICY"],
            lists=lists,
            queue_host=environment[f"{QUEUE}__fullyQualifiedNamespace"],
            queue=environment["BULWARK_QUEUE"],
            rules=rules,
            history_days=days,
            client_id=environment.get("AZURE_CLIENT_ID", ""),
        )

    @property
    def sets(self) -> dict[str, list[IpSet]]:
        return {
            name: [
                IpSet(
                    id=f"{name}-ipv{version}",
                    name=" ".join(rules),
                    scope=self.policy_id,
                    region="global",
                    version=version,
                    room=len(rules) * MOST_IN_RULE,
                )
                for version, rules in by_version.items()
            ]
            for name, by_version in self.lists.items()
        }


def _lists(text: str) -> dict[str, dict[int, list[str]]]:
    return {
        name: {int(version): [str(rule) for rule in rules] for version, rules in of.items()}
        for name, of in json.loads(text).items()
    }


class Received(Protocol):
    """A message of Service Bus, as Azure Functions hands it over."""

    @property
    def message_id(self) -> str: ...
    @property
    def delivery_count(self) -> int | None: ...
    @property
    def sequence_number(self) -> int | None: ...
    @property
    def enqueued_time_utc(self) -> Any: ...
    @property
    def application_properties(self) -> Mapping[str, Any]: ...

    def get_body(self) -> bytes: ...


class UnappliedError(Exception):
    """Messages that come again: the host gives back all that it handed over."""


def work(
    received: Sequence[Received], *, sleep: Callable[[float], None] = time.sleep, **more: Any
) -> None:
    """Apply the messages of a batch, or raise: then all of them come again, in their order.

    What was applied of them is not applied twice. Service Bus hands out again at once, and gives up
    after some tries: the pause, which grows, is made before.
    """
    messages = [message_of(each) for each in received]
    try:
        failed = _writer(sleep=sleep, **more).handle(messages)
    except Exception:
        sleep(_pause_of(received))
        raise
    if failed:
        sleep(_pause_of(received))
        raise UnappliedError(f"{len(failed)} of {len(messages)} come again")


def message_of(received: Received) -> Message:
    """When it came, and after what, is the queue's own word; who sent it, only the sender's."""
    says = received.application_properties.get(SENDER) or "nobody"
    return Message(
        id=received.message_id,
        body=received.get_body().decode(errors="replace"),
        who=f"says: {says}"[:200],
        sent_ms=int(received.enqueued_time_utc.timestamp() * 1000),
        sequence=str(received.sequence_number or ""),
    )


def _pause_of(received: Sequence[Received]) -> int:
    return pause(max(each.delivery_count or 1 for each in received))


def pause(tries: int) -> int:
    """Seconds until messages come again that were tried so often."""
    return min(_FIRST_PAUSE_SECONDS * 2 ** (tries - 1), _LONGEST_PAUSE_SECONDS)


def tick(minute: int) -> None:
    """Have the lists looked over, in turn with all that is asked for: there is one writer."""
    settings = _settings()
    requests = Requests(
        _credential(settings.client_id), settings.queue_host, settings.queue, **_options()
    )
    # By its minute, so that two clocks are one tick.
    requests.send(TICK, id_=f"tick-{minute}", who="clock", seconds=TICK_SECONDS)


def forget() -> None:
    """Take out of the history what it need not keep any longer."""
    settings = _settings()
    tell("forgotten", {"records": _table(settings).forget(time.time())})


def tell(what: str, of: Mapping[str, Any]) -> None:
    """A line of the log; of a look at a list too, since alarms are about what these say."""
    logger.info(json.dumps({"audit": "block-list", "event": what, **of}, default=str))


def _writer(**more: Any) -> Writer:
    settings = _settings()
    arm = Arm(_credential(settings.client_id), ENDPOINT, **_options())
    sets = settings.sets
    every = [each for of in sets.values() for each in of]
    return Writer(
        **{
            "table": _table(settings),
            "sets": PolicySets(arm, every, sleep=more.get("sleep", time.sleep)),
            "lists": sets,
            "rules": settings.rules,
            "tell": tell,
            "patience": lambda: _PATIENT_SECONDS,
            **more,
        }
    )


def _table(settings: Settings) -> StorageTable:
    from azure.data.tables import TableClient

    client = TableClient(
        TABLES.format(settings.account),
        settings.table,
        credential=_credential(settings.client_id),
        **_options(),
    )
    return StorageTable(client, history_days=settings.history_days)


@cache
def _settings() -> Settings:
    return Settings.read(os.environ)


@cache
def _credential(client_id: str) -> Any:
    from azure.identity import ManagedIdentityCredential

    return ManagedIdentityCredential(client_id=client_id or None)


def _options() -> dict[str, Any]:
    """What tests tell the SDK's clients, such as whom to trust."""
    return {}
