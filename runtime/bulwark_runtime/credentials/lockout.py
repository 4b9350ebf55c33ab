"""How often somebody may try, so that guessing is hopeless and locking others out is too.

An attempt counts on what is known of where it comes from. A device or a source that has signed in
as this user before counts alone: what others do elsewhere cannot delay it. Any other source has
few tries of its own and shares the user's remaining ones with all the other strangers. After the
last free try each failure doubles the delay. docs/credentials.md has the threat model.
"""

import hashlib
import ipaddress
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

STRANGERS = "strangers"
_MOST_KNOWN = 16
"""Sources of a user that are remembered: the latest sign-ins."""
_MOST_BUCKETS = 128
"""Counters of a user, so that the record stays far below a table's limit for an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    tries: int
    """Failures until the first delay."""
    delay_seconds: int
    """The first delay; each further failure doubles it."""
    longest_seconds: int


@dataclass(frozen=True, slots=True)
class Bucket:
    failures: int
    last: int
    until: int = 0
    """When the next attempt is looked at, in seconds of Unix time."""

    def failed(self, limit: Limit, now: int) -> "Bucket":
        failures = self.failures + 1
        over = failures - limit.tries
        delay = 0 if over < 0 else min(limit.delay_seconds << min(over, 32), limit.longest_seconds)
        return Bucket(failures, now, now + delay)


@dataclass(frozen=True, slots=True)
class Attempts:
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    """Sources that signed in, and when they last did."""

    def wait(self, limits: Mapping[str, Limit], now: int) -> int:
        """Seconds until an attempt that counts on these is looked at."""
        return max([0, *(self.buckets[b].until - now for b in limits if b in self.buckets)])

    def counted(self, limits: Mapping[str, Limit], now: int) -> "Attempts":
        none = Bucket(0, now)
        new = {b: self.buckets.get(b, none).failed(limit, now) for b, limit in limits.items()}
        return replace(self, buckets=dict(self.buckets) | new)

    def succeeded(self, limits: Mapping[str, Limit], place: str | None, now: int) -> "Attempts":
        seen = dict(self.known) | ({place: now} if place else {})
        known = sorted(seen.items(), key=lambda k: -k[1])
        return Attempts(
            {b: bucket for b, bucket in self.buckets.items() if b not in limits},
            dict(known[:_MOST_KNOWN]),
        )

    def remembered(self, now: int, *, failures_seconds: int, known_seconds: int) -> "Attempts":
        """Without what is over."""
        alive = [
            (b, bucket)
            for b, bucket in self.buckets.items()
            if now < max(bucket.until, bucket.last + failures_seconds)
        ]
        alive.sort(key=lambda item: (item[0] != STRANGERS, -item[1].until, -item[1].last))
        known = {source: last for source, last in self.known.items() if now < last + known_seconds}
        return Attempts(dict(alive[:_MOST_BUCKETS]), known)

    def over_at(self, *, failures_seconds: int, known_seconds: int) -> int:
        """When nothing of it is worth keeping."""
        return max(self._ends(failures_seconds, known_seconds), default=0)

    def _ends(self, failures_seconds: int, known_seconds: int) -> Iterator[int]:
        for bucket in self.buckets.values():
            yield max(bucket.until, bucket.last + failures_seconds)
        for last in self.known.values():
            yield last + known_seconds

    def to_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> "Attempts":
        record = json.loads(text)
        return Attempts({b: Bucket(**v) for b, v in record["buckets"].items()}, record["known"])


def source_key(source: str) -> str:
    """A source as it is counted: an address, of IPv6 the network that one customer has.

    Only a digest of it is kept.
    """
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        place = source
    else:
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        wide = 64 if address.version == 6 else 32  # noqa: PLR2004 the version's own number
        place = str(ipaddress.ip_network((address, wide), strict=False))
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:24]
