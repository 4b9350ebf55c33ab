"""The one that writes: from messages to the table, and from the table to the firewall's sets."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final, Self, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_before_delay, wait_random_exponential

from .entries import Entry, Gone, State
from .networks import Rules, canonical, inside
from .ports import BusyError, Held, IpSet, Message, Outcome, Seen, Sets, Table, Tell
from .requests import Request, RequestError, Tick, as_text, read
from .sets import MOST, Choice, choose

T = TypeVar("T")

MOST_ENTRIES: Final = 2 * MOST
"""Entries of a list that hold: the writer reads all of them each time, so there is an end to it."""

_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 5.0
_SHOWN: Final = 20
"""Addresses that are told of by name: a log line has no room for ten thousand."""


@dataclass(slots=True, kw_only=True)
class Writer:
    table: Table
    sets: Sets
    lists: Mapping[str, Sequence[IpSet]]
    """The sets behind each list."""
    rules: Rules
    tell: Tell
    patience: Callable[[], float] = lambda: 30.0
    """Seconds that are left to go on trying."""
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    _outcomes: list[Outcome] = field(default_factory=list, init=False)
    _states: dict[str, State] = field(default_factory=dict, init=False)
    """What the table says of each list, as far as a look at it for several requests will do."""

    def handle(self, messages: Sequence[Message]) -> list[str]:
        """Apply the messages; the ids of those that could not be, to be tried again.

        Raises what kept it from all of them. What is in the table by then stays there: it makes no
        difference whether it is written once more.
        """
        self._outcomes, self._states = [], {}
        requests, looks = self._read(messages)
        failed: list[str] = []
        errors: list[Exception] = []
        for message, request in self._new(requests):
            try:
                self._apply(message, request)
            except Exception as error:  # noqa: BLE001 what is wrong with one is not the others' fault
                failed.append(message.id)
                errors.append(error)
        if errors and len(errors) == len(messages):
            raise errors[0]
        touched = {outcome.asked.get("list") for outcome in self._outcomes}
        with _Together() as together:
            for name in self.lists:
                if looks or name in touched:
                    together.try_(lambda name=name: self.converge(name))
        # Last: what is applied is in the sets.
        self._finish()
        return failed

    def _read(self, messages: Sequence[Message]) -> tuple[list[tuple[Message, Request]], bool]:
        """The requests in the messages, and whether it is time to look over the lists."""
        requests: list[tuple[Message, Request]] = []
        looks = False
        for message in messages:
            try:
                found = read(
                    message.body, lists=list(self.lists), rules=self.rules, now=message.sent
                )
            except RequestError as error:
                self._reject(message, {}, error.problems)
                continue
            if isinstance(found, Tick):
                looks = True
            else:
                requests.append((message, found))
        return requests, looks

    def _new(self, requests: Sequence[tuple[Message, Request]]) -> list[tuple[Message, Request]]:
        """Those that were not applied before, each once."""
        known = self.table.known([request.id for _, request in requests]) if requests else set()
        new = []
        for message, request in requests:
            if request.id in known:
                self.tell("duplicate", {"request": request.id, "who": message.who})
                continue
            known.add(request.id)
            new.append((message, request))
        return new

    def _reject(self, message: Message, asked: Mapping[str, Any], problems: Sequence[str]) -> None:
        self._outcomes.append(
            Outcome(
                # The request's own could be that of another one, whose history it would replace.
                id=message.id,
                outcome="rejected",
                who=message.who,
                sent=message.sent,
                done=self.clock(),
                asked=asked,
                notes=problems,
            )
        )

    def _apply(self, message: Message, request: Request) -> None:
        if request.list not in self._states:
            self._states[request.list] = self.table.load(request.list)
        state = self._states[request.list]
        holding = state.holding(self.clock())
        asked = _in_words(request)
        notes: list[str] = []
        if request.action == "add":
            if len(holding) + len(request.networks) > MOST_ENTRIES:
                full = f"the list has {len(holding):,} entries and takes {MOST_ENTRIES:,}"
                self._reject(message, asked, [full])
                return
            added = _entries(message, request)
            self.table.put(request.list, added)
            self._states[request.list] = State([*state.entries, *added], state.gone)
        else:
            notes = list(_left(request, holding))
            marks = _marks(message, request)
            self.table.put(request.list, marks)
            self._states[request.list] = State(state.entries, [*state.gone, *marks])
        self._outcomes.append(
            Outcome(
                id=request.id,
                outcome="applied",
                who=message.who,
                sent=message.sent,
                done=0.0,
                asked=asked,
                notes=notes,
            )
        )

    def _finish(self) -> None:
        now = self.clock()
        done = [o if o.done else replace(o, done=now) for o in self._outcomes]
        if done:
            self.table.record(done)
        for outcome in done:
            self.tell(outcome.outcome, _told(outcome))

    def converge(self, name: str) -> None:
        """Make the list's sets what the table says. Raises a BusyError where time runs out."""
        trying = Retrying(
            retry=retry_if_exception_type(BusyError),
            wait=wait_random_exponential(
                multiplier=_FIRST_PAUSE_SECONDS, max=_LONGEST_PAUSE_SECONDS
            ),
            stop=stop_before_delay(max(0.0, self.patience())),
            sleep=self.sleep,
            reraise=True,
        )
        trying(self._converge, name)

    def _converge(self, name: str) -> None:
        # One set that is not there, or may not be changed, keeps nobody out of the others.
        with _Together(BusyError) as together:
            self._converge_sets(name, together)

    def _converge_sets(self, name: str, together: "_Together") -> None:
        # The tokens first: whoever wrote into the table since then is in what is read of it, and
        # whoever wrote into a set since then makes its token worthless. So nothing is undone.
        read = {s: together.try_(lambda s=s: self.sets.read(s)) for s in self.lists[name]}
        held = {ip_set: before for ip_set, before in read.items() if before is not None}
        state, seen, now = self.table.load(name), self.table.seen(name), self.clock()
        entries = state.holding(now)
        choices = {
            version: choose(entries, version, self.rules, room=room)
            for version, room in sorted(_rooms(held).items())
        }
        wanted = {v: [str(n) for n in choice.networks] for v, choice in choices.items()}
        changes = [s for s, before in held.items() if _there(before) != set(wanted[s.version])]
        after = {s.id: [_digest(wanted[s.version])] for s in held}
        if changes:
            # Or what is written now, and not written down, would be a stranger's doing.
            both = {of: [*seen.digests.get(of, []), *new] for of, new in after.items()}
            self.table.see(name, replace(seen, digests=both), list(held))
        for s in changes:
            together.try_(lambda s=s: self._write(name, s, held[s], wanted[s.version], seen))
        if together.errors:
            return
        self.table.see(name, Seen(at=now, digests=after), list(held))
        self._clean(name, state, entries, now)
        self.tell("converged", _measured(name, entries, choices, now))

    def _write(
        self, name: str, ip_set: IpSet, before: Held, wanted: Sequence[str], seen: Seen
    ) -> None:
        """Writes what is to be there, and says where it was not what the writer had left."""
        self.sets.write(ip_set, wanted, before.token)
        there = _there(before)
        # A set that it has not seen before was made anew, unless it has seen none at all.
        if not seen.digests or _digest(there) in seen.digests.get(ip_set.id, ()):
            return
        missing, foreign = sorted(set(wanted) - there), sorted(there - set(wanted))
        self.tell(
            "repaired",
            {
                "list": name,
                "set": ip_set.name,
                "scope": ip_set.scope,
                "put_back": len(missing),
                "taken_out": len(foreign),
                "networks": [*missing, *foreign][:_SHOWN],
                "seconds": self.clock() - seen.at,
            },
        )

    def _clean(self, name: str, state: State, holding: Sequence[Entry], now: float) -> None:
        """Take out of the table what says nothing any more, and tell of what is over."""
        kept = {(entry.network, entry.id) for entry in holding}
        dead = [entry for entry in state.entries if (entry.network, entry.id) not in kept]
        forgotten = state.forgotten(now)
        if dead or forgotten:
            self.table.delete(name, [*dead, *forgotten])
        over: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for entry in state.over(now):
            over[entry.id, entry.reason].append(str(entry.network))
        for (id_, reason), networks in over.items():
            self.tell(
                "expired", {"list": name, "request": id_, "reason": reason, **_some(networks)}
            )


class _Together:
    """Does several things although one of them fails, and raises the first error at the end."""

    def __init__(self, *at_once: type[Exception]) -> None:
        self._at_once, self.errors = at_once, list[Exception]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None and self.errors:
            raise self.errors[0]

    def try_(self, do: Callable[[], T]) -> T | None:
        try:
            return do()
        except self._at_once:
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, it is raised when the rest is done
            self.errors.append(error)
            return None


def _entries(message: Message, request: Request) -> list[Entry]:
    return [
        Entry(
            network=network,
            id=request.id,
            order=message.order,
            since=int(message.sent),
            until=request.until,
            reason=request.reason,
            source=request.source,
            who=message.who,
        )
        for network in request.networks
    ]


def _marks(message: Message, request: Request) -> list[Gone]:
    return [
        Gone(
            network=network,
            id=request.id,
            order=message.order,
            since=int(message.sent),
            who=message.who,
        )
        for network in request.networks
    ]


def _left(request: Request, holding: Sequence[Entry]) -> list[str]:
    """What whoever takes networks out should know: what was not there, and what stays blocked."""
    notes = []
    for network in request.networks[:_SHOWN]:
        around = [e for e in holding if inside(network, e.network) and e.network != network]
        if around:
            notes.append(f"{network} is blocked still, by {around[0].network}: take that out too")
        elif not any(inside(e.network, network) for e in holding):
            notes.append(f"{network} was not in the list")
    return notes


def _in_words(request: Request) -> dict[str, Any]:
    return {
        "action": request.action,
        "list": request.list,
        "networks": [str(network) for network in request.networks],
        "until": None if request.until is None else as_text(request.until),
        "reason": request.reason,
        "source": request.source,
    }


def _told(outcome: Outcome) -> dict[str, Any]:
    asked = dict(outcome.asked)
    return {
        "request": outcome.id,
        "who": outcome.who,
        **asked,
        **(_some(asked["networks"]) if "networks" in asked else {}),
        "notes": list(outcome.notes),
        "seconds": max(0.0, outcome.done - outcome.sent),
    }


def _some(networks: Sequence[str]) -> dict[str, Any]:
    return {"networks": list(networks[:_SHOWN]), "count": len(networks)}


def _measured(
    name: str, entries: Sequence[Entry], choices: Mapping[int, Choice], now: float
) -> dict[str, Any]:
    waiting = [entry for choice in choices.values() for entry in choice.waiting]
    return {
        "list": name,
        "entries": len(entries),
        "fill_percent": max(100 * choice.asked / choice.room for choice in choices.values()),
        "oldest_seconds": now - min((entry.since for entry in entries), default=now),
        "waiting": len(waiting),
        "networks": [str(entry.network) for entry in waiting[:_SHOWN]],
    }


def _rooms(sets: Iterable[IpSet]) -> dict[int, int]:
    """By version of IP, the networks for which each of its sets has room."""
    of: defaultdict[int, list[int]] = defaultdict(list)
    for ip_set in sets:
        of[ip_set.version].append(ip_set.room)
    return {version: min(rooms) for version, rooms in of.items()}


def _there(held: Held) -> set[str]:
    return {canonical(address) for address in held.addresses}


def _digest(addresses: Iterable[str]) -> str:
    return sha256(" ".join(sorted(addresses)).encode()).hexdigest()
