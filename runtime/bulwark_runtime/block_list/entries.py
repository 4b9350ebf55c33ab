"""What the table says: a record for each thing that was asked for, and never one changed.

An addition is an entry, a removal a mark that ends the entries before it. Neither is ever changed,
so two writers cannot undo each other, and it makes no difference in which order, or how often, the
same things are written: what holds follows from all of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from .networks import Network, inside

GONE_SECONDS: Final = 2 * 24 * 60 * 60
"""How long a removal is remembered: no request from before it is still in the queue, which keeps
messages for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody wants a network blocked."""

    network: Network
    id: str
    """Of the request."""
    order: str
    """When it was asked for, as `Message.order` has it: sorts as it came."""
    since: int
    """The same in seconds since 1970."""
    until: int | None
    reason: str
    source: str
    who: str

    @property
    def end(self) -> float:
        return inf if self.until is None else self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Somebody wants a network, and all in it, blocked no longer."""

    network: Network
    id: str
    order: str
    since: int
    who: str


@dataclass(frozen=True, slots=True)
class State:
    """All that a list's part of the table says."""

    entries: Sequence[Entry] = ()
    gone: Sequence[Gone] = ()

    def holding(self, now: float) -> list[Entry]:
        """The entries that hold: not over, not taken out, not outdone by a later one."""
        return _not_outdone(self._not_gone(e for e in self.entries if e.end > now))

    def over(self, now: float) -> list[Entry]:
        """The entries whose time is over, and which nothing else has ended."""
        return list(self._not_gone(e for e in self.entries if e.end <= now))

    def forgotten(self, now: float) -> list[Gone]:
        """The removals that nothing late can come before any more."""
        return [mark for mark in self.gone if mark.since < now - GONE_SECONDS]

    def _not_gone(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        newest: dict[tuple[int, int, int], str] = {}
        for mark in self.gone:
            key = _key(mark.network, mark.network.prefixlen)
            newest[key] = max(newest.get(key, ""), mark.order)
        lengths = {(version, length) for version, length, _ in newest}
        for entry in entries:
            marks = (
                newest.get(_key(entry.network, length), "")
                for version, length in lengths
                if version == entry.network.version and length <= entry.network.prefixlen
            )
            if entry.order > max(marks, default=""):
                yield entry

    def above(self, network: Network, now: float) -> Entry | None:
        """An entry that holds and has the network in it, if there is any."""
        return next((e for e in self.holding(now) if inside(network, e.network)), None)


def _key(network: Network, length: int) -> tuple[int, int, int]:
    """The network of that prefix length around this one."""
    return network.version, length, int(network.network_address) >> network.max_prefixlen - length


def _not_outdone(entries: Iterator[Entry]) -> list[Entry]:
    """Of each network, the entries that a later one does not outlast."""
    of: defaultdict[Network, list[Entry]] = defaultdict(list)
    for entry in entries:
        of[entry.network].append(entry)
    kept = []
    for several in of.values():
        last = -inf
        for entry in sorted(several, key=lambda e: e.order, reverse=True):
            if entry.end > last:
                kept.append(entry)
                last = entry.end
    return kept
