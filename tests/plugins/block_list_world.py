"""A block list with a clock that a test turns, a line that it can cut, and its own firewall."""

import itertools
import json
import threading
from dataclasses import dataclass, field

from bulwark_runtime.block_list import FORMAT, Rules, State
from bulwark_runtime.block_list.ports import BusyError, Held, IpSet, Message, Seen
from bulwark_runtime.block_list.requests import as_text
from bulwark_runtime.block_list.writer import Writer

START = 1_800_000_000
ADA, BOB = "AIDAADA", "AROABOB:session"
EDGE_V4 = IpSet(id="1", name="edge-v4", scope="CLOUDFRONT", region="us-east-1", version=4)
EDGE_V6 = IpSet(id="2", name="edge-v6", scope="CLOUDFRONT", region="us-east-1", version=6)
HOME_V4 = IpSet(id="3", name="home-v4", scope="REGIONAL", region="eu-central-1", version=4)
HOME_V6 = IpSet(id="4", name="home-v6", scope="REGIONAL", region="eu-central-1", version=6)
SETS = [EDGE_V4, EDGE_V6, HOME_V4, HOME_V6]
TICK = json.dumps({"source": "aws.events", "detail-type": "Scheduled Event", "id": "tick"})
NUMBERS = itertools.count(1)

CALLED_BY_LAMBDA = {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
"""For the function, and in its name."""

CALLED_BY_WRITER = {
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "sqs:ChangeMessageVisibility",
    "wafv2:GetIPSet",
    "wafv2:UpdateIPSet",
}
ALLOWED_TO_WRITER = CALLED_BY_LAMBDA | CALLED_BY_WRITER


class CutError(Exception):
    """What a crash looks like from inside a test."""


@dataclass
class Clock:
    now: float = float(START)

    def __call__(self):
        return self.now

    def pass_(self, seconds):
        self.now += seconds


@dataclass
class Line:
    """Between the writer and what it writes to: it can be cut before or after any write."""

    writes: int = 0
    at: int | None = None
    before: bool = True

    def cut(self, at, *, before):
        self.writes, self.at, self.before = 0, at, before

    def mend(self):
        self.at = None

    def write(self, do):
        number, self.writes = self.writes, self.writes + 1
        if self.at is not None and number >= self.at and (self.before or number > self.at):
            raise CutError
        done = do()
        if self.at is not None and number >= self.at:
            raise CutError
        return done


@dataclass
class MemoryTable:
    """A table in memory, as `ports.Table` has it."""

    line: Line = field(default_factory=Line)
    records: dict = field(default_factory=dict)
    history: dict = field(default_factory=dict)
    looks: dict = field(default_factory=dict)

    def load(self, name):
        # At once, since others write meanwhile.
        of = [r for (n, *_), r in list(self.records.items()) if n == name]
        kinds = {True: [], False: []}
        for record in of:
            kinds[hasattr(record, "reason")].append(record)
        return State(kinds[True], kinds[False])

    def put(self, name, records):
        for record in records:
            self.line.write(lambda r=record: self.records.update({self._key(name, r): r}))

    def delete(self, name, records):
        for record in records:
            self.line.write(lambda r=record: self.records.pop(self._key(name, r), None))

    @staticmethod
    def _key(name, record):
        return name, hasattr(record, "reason"), record.network, record.id

    def known(self, ids):
        return {i for i in ids if i in self.history and self.history[i].outcome == "applied"}

    def record(self, outcomes):
        self.line.write(lambda: self.history.update({o.id: o for o in outcomes}))

    def seen(self, name):
        return self.looks.get(name, Seen())

    def see(self, name, seen, sets):
        self.line.write(lambda: self.looks.update({name: seen}))


@dataclass
class MemorySets:
    """Sets with lock tokens, in which others can write too."""

    line: Line = field(default_factory=Line)
    held: dict = field(default_factory=dict)
    tokens: dict = field(default_factory=dict)
    writes: list = field(default_factory=list)
    before_write: list = field(default_factory=list)
    """What somebody else does just before a write, one each."""
    before_read: list = field(default_factory=list)
    """Likewise before a read."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, ip_set):
        if self.before_read:
            self.before_read.pop(0)()
        return Held(frozenset(self.held.get(ip_set, ())), str(self.tokens.get(ip_set, 0)))

    def write(self, ip_set, addresses, token):
        if self.before_write:
            self.before_write.pop(0)()
        with self.lock:
            if token != str(self.tokens.get(ip_set, 0)):
                raise BusyError("WAFOptimisticLockException")
            self.line.write(lambda: self.put(ip_set, addresses))
        self.writes.append((ip_set, list(addresses)))

    def put(self, ip_set, addresses):
        """As anybody does who has the right to."""
        self.held[ip_set] = set(addresses)
        self.tokens[ip_set] = self.tokens.get(ip_set, 0) + 1


class World:
    """One block list. Every writer made here is another instance on the same table and sets."""

    def __init__(self, **more):
        self.clock, self.line, self.told, self.pauses = Clock(), Line(), [], []
        self.table, self.sets = MemoryTable(self.line), MemorySets(self.line)
        self.more = more

    def writer(self, **more):
        settings = {
            "table": self.table,
            "sets": self.sets,
            "lists": {"blocked": SETS},
            "rules": Rules(),
            "tell": lambda what, of: self.told.append((what, dict(of))),
            "clock": self.clock,
            "sleep": self.pauses.append,
        }
        return Writer(**(settings | self.more | more))

    def message(self, body, who=ADA, **more):
        number = next(NUMBERS)
        sent = {"sent_ms": int(self.clock.now * 1000), "sequence": str(number)}
        text = body if isinstance(body, str) else json.dumps(body)
        return Message(**({"id": f"message-{number}", "body": text, "who": who} | sent | more))

    def add(self, *networks, for_=3600, who=ADA, **more):
        until = None if for_ is None else as_text(self.clock.now + for_)
        return self.message(asking("add", networks, until=until, **more), who)

    def remove(self, *networks, who=ADA, **more):
        return self.message(asking("remove", networks, **more), who)

    def tick(self):
        return self.message(TICK)

    def do(self, *messages, **more):
        return self.writer(**more).handle(messages)

    def pass_(self, seconds):
        """Time passes, and the clock's message comes."""
        self.clock.pass_(seconds)
        return self.do(self.tick())

    def blocked(self, version=4):
        """What the sets of a version of IP hold, which is the same in all."""
        (same,) = {frozenset(self.sets.held.get(s, ())) for s in SETS if s.version == version}
        return sorted(same)

    def of(self, what):
        return [of for told, of in self.told if told == what]


def asking(action, networks, **more):
    asked = {
        "format": FORMAT,
        "action": action,
        "list": "blocked",
        "networks": list(networks),
        "until": None,
        "reason": "They scan for logins" if action == "add" else "",
        "source": "cli",
        "id": f"request-{next(NUMBERS)}",
    }
    return asked | more
