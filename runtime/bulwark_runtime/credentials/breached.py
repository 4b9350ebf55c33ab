"""Whether a password is among leaked ones, without telling it to who keeps them.

Only the first five characters of its SHA-1 leave, which many passwords share, and the padding hides
how many answers come back. It is the protocol of Have I Been Pwned's range service, which one can
also host oneself.
"""

import hashlib
import hmac
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from .passwords import encoded

_PREFIX = 5
_LONGEST_ANSWER = 1 << 20
HIBP = "https://api.pwnedpasswords.com/range/"


class BreachUnknownError(Exception):
    """The service gave no answer that could be read."""


class Breaches(Protocol):
    def has(self, password: str) -> bool:
        """Raises BreachUnknownError."""
        ...


@dataclass(frozen=True, slots=True)
class RangeService:
    fetch: Callable[[str], str]
    """Gives the answer for a prefix: lines of suffix:count. Raises OSError or ValueError."""

    def has(self, password: str) -> bool:
        digest = hashlib.sha1(encoded(password), usedforsecurity=False).hexdigest().upper()
        try:
            lines = self.fetch(digest[:_PREFIX]).splitlines()
        except (OSError, ValueError):
            raise BreachUnknownError("the range service did not answer") from None
        hits = [_is_hit(line, digest[_PREFIX:]) for line in lines]
        return any(hits)


def _is_hit(line: str, suffix: str) -> bool:
    found, _, count = line.partition(":")
    if not count.strip().isdigit():
        raise BreachUnknownError("the range service answered something else")
    # Padding has the count 0.
    return hmac.compare_digest(found.strip().upper(), suffix) and int(count) > 0


def over_https(url: str = HIBP, *, seconds: float = 2.0) -> Callable[[str], str]:
    """A fetch from a range service at an address that the prefix is appended to."""
    if urlsplit(url).scheme != "https":
        raise ValueError("the range service must be reached over https")

    def fetch(prefix: str) -> str:
        request = urllib.request.Request(  # noqa: S310 https, as checked above
            url + prefix, headers={"Add-Padding": "true", "User-Agent": "bulwark"}
        )
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 likewise
            return answer.read(_LONGEST_ANSWER).decode("ascii")

    return fetch
