"""The peppers: keys beneath every hash, in versions, kept apart from the hashes.

As a secret's value: `{"current": "v2", "peppers": {"v1": "<base64>", "v2": "<base64>"}}`, each of
32 bytes at least. The function in `bulwark_runtime.rotation` writes it, and adds the versions.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

_SHORTEST = 32
_AGAIN_SECONDS = 1
"""Between two readings for a version that is not there: a forged device may name any."""
_VERSION = re.compile(r"v[1-9][0-9]{0,5}")


class PepperError(Exception):
    """The peppers cannot be read, or lack a version that a hash needs. Says nothing of values."""


@dataclass(frozen=True, slots=True)
class Peppers:
    current: str
    values: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.values:
            raise PepperError("the current pepper is not among the peppers")
        if not all(_VERSION.fullmatch(version) for version in self.values):
            raise PepperError("a pepper's version is not a v and a number")
        if any(len(value) < _SHORTEST for value in self.values.values()):
            raise PepperError(f"a pepper has less than {_SHORTEST} bytes")

    @staticmethod
    def from_json(text: str) -> "Peppers":
        try:
            record = json.loads(text)
            values = {v: base64.b64decode(p, validate=True) for v, p in record["peppers"].items()}
            return Peppers(record["current"], values)
        except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
            # Without its cause, which would quote the value.
            raise PepperError("the secret is not in the form of peppers") from None


class PepperSource(Protocol):
    def current(self) -> str:
        """The version for new hashes."""
        ...

    def value(self, version: str) -> bytes:
        """Raises PepperError where there is no such version."""
        ...


class LoadedPeppers:
    """Peppers that are read when first needed, and again when they are old or lack a version."""

    def __init__(
        self, load: Callable[[], Peppers], clock: Callable[[], float], *, keep_seconds: int = 300
    ) -> None:
        self._load, self._clock, self._keep = load, clock, keep_seconds
        self._read_at = 0.0
        self._peppers: Peppers | None = None

    def current(self) -> str:
        return self._fresh().current

    def value(self, version: str) -> bytes:
        peppers = self._fresh()
        if version not in peppers.values and self._clock() >= self._read_at + _AGAIN_SECONDS:
            # Another instance has hashed with a version that is younger than our reading.
            peppers = self._read()
        if version not in peppers.values:
            raise PepperError(f"there is no pepper {version}")
        return peppers.values[version]

    def _fresh(self) -> Peppers:
        if self._peppers is None or self._clock() >= self._read_at + self._keep:
            return self._read()
        return self._peppers

    def _read(self) -> Peppers:
        self._peppers, self._read_at = self._load(), self._clock()
        return self._peppers


def fixed(peppers: Peppers) -> LoadedPeppers:
    return LoadedPeppers(lambda: peppers, lambda: 0.0)
