"""A block list as the commands see it, on either cloud."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol

from bulwark_runtime.block_list import Entry, Network, Request, State
from bulwark_runtime.block_list.networks import overlap, parse

from ..preview import UsageError

_PAUSE_SECONDS: Final = 0.3

NONE: Final = (
    "has no block list. It comes with an API; or say --queue and --table, or set "
    "BULWARK_BLOCK_QUEUE and BULWARK_BLOCK_TABLE"
)

SEVERAL: Final = "has several block lists: say --queue and --table"


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that was sent: its request's id, and its own, by which it is refused."""

    id: str
    message: str


class Table(Protocol):
    """What of a table the commands read."""

    def load(self, name: str) -> State: ...

    def status(self, name: str) -> Mapping[str, Any]: ...

    def outcome(self, id_: str) -> Mapping[str, Any] | None: ...


class BlockList(ABC):
    """A block list in a cloud, with the rights of whoever runs the command."""

    def __init__(self, table: str) -> None:
        self._name = table

    @cached_property
    def _table(self) -> Table:
        with self.refusals(self._about):
            return self.open()

    @property
    def _about(self) -> str:
        return f"the table {self._name}"

    @abstractmethod
    def open(self) -> Table: ...

    @abstractmethod
    def send(self, request: Request) -> list[Asked]: ...

    @abstractmethod
    def refusals(self, about: str) -> AbstractContextManager[None]:
        """Say what the cloud refuses in our own words."""

    @abstractmethod
    def addresses_in(self, made: Mapping[str, str]) -> set[str]:
        """What a set holds, which the writer has told of."""

    def outcomes(self, asked: Sequence[Asked], *, seconds: float = 60) -> Iterator[dict[str, Any]]:
        """What became of each, as far as it is known when the time is over."""
        end = time.monotonic() + seconds
        for each in asked:
            while (found := self._outcome(each)) is None and time.monotonic() < end:
                time.sleep(_PAUSE_SECONDS)
            if found is not None:
                yield found

    def _outcome(self, asked: Asked) -> dict[str, Any] | None:
        with self.refusals(self._about):
            found = self._table.outcome(asked.id) or self._table.outcome(asked.message)
        if found is None:
            return None
        return {"request": asked.id, "outcome": found["outcome"], "notes": list(found["notes"])}

    def held(self, name: str, wanted: Sequence[Network]) -> Iterator[tuple[Entry, str]]:
        """The entries that hold and touch one of the networks, and whether they are in the sets."""
        with self.refusals(self._about):
            state, status = self._table.load(name), self._table.status(name)
        if not status:
            raise UsageError(f"there is no list {name} that a writer has looked at")
        sets = [(int(s["version"][-1]), self._in(s)) for s in status["sets"]]
        for entry in sorted(state.holding(time.time()), key=lambda e: (e.end, e.since)):
            if wanted and not any(overlap(entry.network, each) for each in wanted):
                continue
            there = [_covers(held, entry.network) for v, held in sets if v == entry.network.version]
            yield entry, "yes" if all(there) else "partly" if any(there) else "no"

    def _in(self, made: Mapping[str, str]) -> set[tuple[int, int]]:
        """What a set holds: of each network its length and its first bits."""
        with self.refusals(f"the set {made['name']}"):
            addresses = self.addresses_in(made)
        return {_key(parse(a), parse(a).prefixlen) for a in addresses}


def _key(network: Network, length: int) -> tuple[int, int]:
    return length, int(network.network_address) >> network.max_prefixlen - length


def _covers(held: set[tuple[int, int]], network: Network) -> bool:
    return any(_key(network, length) in held for length in range(1, network.prefixlen + 1))
