"""What the writer has around it: a table, the firewall's sets, and somebody to tell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from .entries import Entry, Gone, State
from .sets import MOST

Tell = Callable[[str, Mapping[str, Any]], None]
"""Told of what has happened, by a word and what there is to know of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as the queue gives it: who sent it, and when, is the queue's own word."""

    id: str
    body: str
    who: str
    """The sender: on AWS the unique id of a user or a role, which the queue itself says. Service
    Bus says nothing of senders: on Azure it is what the sender says, and written so."""
    sent_ms: int
    sequence: str = ""
    """Its number in its group of an ordered queue, which sets apart what came at one time."""

    @property
    def order(self) -> str:
        """Sorts as the messages came."""
        return f"{self.sent_ms:015d}.{self.sequence.zfill(40)}"

    @property
    def sent(self) -> float:
        return self.sent_ms / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class IpSet:
    """A set of the firewall, of one version of IP: on Azure, some rules of a policy."""

    id: str
    name: str
    scope: str
    region: str
    version: int
    room: int = field(default=MOST, compare=False)
    """Networks that it has room for."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is in a set, and the token without which nobody may change that."""

    addresses: frozenset[str]
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the writer left in a list's sets when it last looked."""

    at: float = 0.0
    digests: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of the addresses, by the set's id: of what is there, and before a change of what will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a request: the history."""

    id: str
    outcome: Literal["applied", "rejected"]
    who: str
    sent: float
    done: float
    asked: Mapping[str, Any]
    """The request, in its own words."""
    notes: Sequence[str] = ()
    """Why it was rejected, or what whoever asked should know."""


class Table(Protocol):
    def load(self, name: str) -> State:
        """All that the list's part of the table says, what was just written too."""
        ...

    def put(self, name: str, records: Sequence[Entry | Gone]) -> None: ...

    def delete(self, name: str, records: Sequence[Entry | Gone]) -> None: ...

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of the requests whose outcome is there."""
        ...

    def record(self, outcomes: Sequence[Outcome]) -> None: ...

    def seen(self, name: str) -> Seen: ...

    def see(self, name: str, seen: Seen, sets: Sequence[IpSet]) -> None: ...


class BusyError(Exception):
    """The firewall had no time, or somebody else was first: try again."""


class Sets(Protocol):
    def read(self, ip_set: IpSet) -> Held:
        """Raises a BusyError."""
        ...

    def write(self, ip_set: IpSet, addresses: Sequence[str], token: str) -> None:
        """Raises a BusyError, also where the token is not the last one."""
        ...
