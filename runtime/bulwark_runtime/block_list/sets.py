"""What is to be in the firewall's sets, and what is left out where there is no room for all."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .entries import Entry
from .networks import Network, Rules, merged

MOST: Final = 10_000
"""Networks in an IP set: a quota of AWS WAF that it does not raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Of one version of IP."""

    networks: Sequence[Network]
    """What is to be in the set: the fewest networks with the same addresses."""
    waiting: Sequence[Entry]
    """Entries that hold and have no room: they come in as soon as there is some."""
    asked: int
    """Networks there would be with room for all."""
    room: int
    """Networks there is room for."""


def choose(entries: Sequence[Entry], version: int, rules: Rules, *, room: int = MOST) -> Choice:
    """What is to be in a set of that version of IP.

    Where there is no room for all, the entry that would end first is left out first, so that the
    least time of protection is lost; of those that end together, the oldest.
    """
    mine = [e for e in entries if e.network.version == version and not rules.protects(e.network)]
    everything = merged(e.network for e in mine)
    if len(everything) <= room:
        return Choice(networks=everything, waiting=(), asked=len(everything), room=room)
    last_first = sorted(mine, key=lambda e: (e.end, e.order), reverse=True)
    # The first number of entries that is too many. One more network can make one of two, so it is
    # not always the greatest number that fits; but what is before it fits.
    fitting = bisect_left(
        range(1, len(mine) + 1),
        True,
        key=lambda number: len(merged(e.network for e in last_first[:number])) > room,
    )
    return Choice(
        networks=merged(e.network for e in last_first[:fitting]),
        waiting=last_first[fitting:],
        asked=len(everything),
        room=room,
    )
