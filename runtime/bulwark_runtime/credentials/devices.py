"""What a device shows to be known again: a signed cookie, as OWASP's device cookies.

It opens nothing. It only moves the attempts that show it out of the strangers' common counter, so
that whoever is under attack still gets in from where they did before.
"""

import hmac
import re
import secrets
from dataclasses import dataclass

from .passwords import encoded
from .peppers import PepperError, PepperSource

_TOKEN = re.compile(r"(v[1-9][0-9]{0,5})\.([0-9]{1,12})\.([0-9a-f]{16})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Devices:
    peppers: PepperSource
    known_seconds: int

    def token(self, user: str, now: int, device: str | None = None) -> str:
        """For a device that signed in: a new id, or the one that it has."""
        version = self.peppers.current()
        device = device or secrets.token_hex(8)
        return f"{version}.{now}.{device}.{self._signature(version, user, now, device)}"

    def known(self, user: str, token: str | None, *, since: int, now: int) -> str | None:
        """Id of the device, if the token is ours, the user's, and not from before `since`."""
        found = _TOKEN.fullmatch(token or "")
        if found is None:
            return None
        version, issued, device, signature = found[1], int(found[2]), found[3], found[4]
        if not max(since, now - self.known_seconds) <= issued <= now:
            return None
        try:
            right = self._signature(version, user, issued, device)
        except PepperError:  # of a pepper that has gone
            return None
        return device if hmac.compare_digest(right, signature) else None

    def _signature(self, version: str, user: str, issued: int, device: str) -> str:
        # A key of its own: what is signed here can never be a password's digest.
        key = hmac.digest(self.peppers.value(version), b"bulwark device", "sha256")
        return hmac.digest(key, encoded(f"{issued}.{device}.{user}"), "sha256").hex()
