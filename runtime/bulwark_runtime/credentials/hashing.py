"""bcrypt over a peppered digest, and the same work for everybody.

bcrypt reads 72 bytes and stops at a zero byte. The base64 of an HMAC-SHA-256 is 44 bytes without
one, depends on the whole password, and is worth nothing to whoever has the hashes alone.
"""

import base64
import hmac
import re
from dataclasses import dataclass, field

import bcrypt

from .passwords import encoded, normalised
from .peppers import PepperSource
from .records import Hash
from .results import RequestError

_BCRYPT_READS = 72
_HASH = re.compile(r"\$2[aby]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53}")
LOWEST_COST, HIGHEST_COST = 4, 31


@dataclass(slots=True)
class Hasher:
    peppers: PepperSource
    cost: int
    _decoys: dict[int, bytes] = field(default_factory=dict, repr=False)

    def hash(self, password: str) -> Hash:
        """Of a new password, with the newest pepper."""
        version = self.peppers.current()
        text = bcrypt.hashpw(self._peppered(password, version), bcrypt.gensalt(self.cost))
        return Hash(text.decode(), version)

    def matches(self, password: str, known: Hash | None) -> bool:
        """Whether the password is the known one, after one bcrypt of the set cost.

        A hash of a lower cost is brought up to it with idle work, as 2^10 + 2^10 + 2^11 = 2^12, and
        without a hash it is all idle: the time tells neither who exists nor how old a hash is.
        """
        if known is None:
            self._idle(password, self.cost)
            return False
        right = self._is(password, known)
        for cost in range(cost_of(known.text), self.cost):
            self._idle(password, cost)
        return right

    def is_one_of(self, password: str, known: tuple[Hash, ...]) -> bool:
        """Whether it is one of several, all looked at, without the idle work."""
        right = [self._is(password, one) for one in known]
        return any(right)

    def is_outdated(self, known: Hash) -> bool:
        return known.pepper != self.peppers.current() or cost_of(known.text) < self.cost

    def _is(self, password: str, known: Hash) -> bool:
        if known.pepper is None:
            material = _as_elsewhere(password)
        else:
            material = self._peppered(password, known.pepper)
        return bcrypt.checkpw(material, known.text.encode())

    def _idle(self, password: str, cost: int) -> None:
        material = self._peppered(password, self.peppers.current())
        if cost not in self._decoys:
            self._decoys[cost] = bcrypt.gensalt(cost)
        bcrypt.hashpw(material, self._decoys[cost])

    def _peppered(self, password: str, version: str) -> bytes:
        message = encoded(normalised(password))
        return base64.b64encode(hmac.digest(self.peppers.value(version), message, "sha256"))


def cost_of(text: str) -> int:
    """Raises RequestError for what is no bcrypt hash, without quoting it."""
    found = _HASH.fullmatch(text)
    if found is None or not LOWEST_COST <= int(found["cost"]) <= HIGHEST_COST:
        raise RequestError("hash: not one of bcrypt: $2a$, $2b$ or $2y$, a cost, 53 characters")
    return int(found["cost"])


def _as_elsewhere(password: str) -> bytes:
    """The bytes that other libraries fed to bcrypt: as typed, at most 72, up to a zero byte."""
    return encoded(password)[:_BCRYPT_READS].split(b"\0")[0]
