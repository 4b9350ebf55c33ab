"""The peppers of the credential vault: a rotation adds one, and takes away only what is named.

The value is `{"current": "v2", "peppers": {"v1": "<base64>", "v2": "<base64>"}}`. A hash needs the
pepper that it was made with for as long as it is there. Which ones no hash needs any more, the
vault counts; then the secret's tag `bulwark:retired` names them, as `v1 v2`.
"""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .steps import RotationError

_BYTES = 32
_VERSION = re.compile(r"v([1-9][0-9]{0,5})")


@dataclass(frozen=True, slots=True)
class _Peppers:
    current: str
    values: Mapping[str, str] = field(repr=False)

    @staticmethod
    def read(text: str) -> "_Peppers":
        try:
            record = json.loads(text)
            found = _Peppers(record["current"], dict(record["peppers"]))
            sizes = [len(base64.b64decode(value, validate=True)) for value in found.values.values()]
            numbers = [_number(version) for version in found.values]
        except (ValueError, TypeError, KeyError):
            # Without its cause, which would quote the value.
            raise RotationError("the secret is not in the form of peppers") from None
        if found.current not in found.values or min(sizes) < _BYTES or not numbers:
            raise RotationError("the secret is not in the form of peppers")
        return found

    def write(self) -> str:
        return json.dumps({"current": self.current, "peppers": dict(self.values)})


@dataclass(frozen=True, slots=True)
class Pepper:
    """A rotation adds a pepper. Where two could run at once, it is held back until one has won."""

    largest: int = 65_536
    """Bytes of a value: a quota of Secrets Manager. It is a thousand peppers."""

    name = "pepper"

    def make(self, current: str | None, tags: Mapping[str, str]) -> str:
        kept = _kept(current, tags)
        newest = max((_number(version) for version in kept), default=0)
        if current is not None:
            newest = max(newest, *(_number(version) for version in _Peppers.read(current).values))
        version = f"v{newest + 1}"
        value = base64.b64encode(secrets.token_bytes(_BYTES)).decode()
        text = _Peppers(version, {**kept, version: value}).write()
        if len(text) > self.largest:
            raise RotationError("the secret is full: retire peppers that no hash needs")
        return text

    def check(self, pending: str, current: str | None, tags: Mapping[str, str]) -> None:
        found = _Peppers.read(pending)
        for version, value in _kept(current, tags).items():
            if found.values.get(version) != value:
                raise RotationError(f"the new value lacks pepper {version}, which hashes may need")

    def hold_back(self, made: str, current: str) -> str:
        return replace(_Peppers.read(made), current=_Peppers.read(current).current).write()

    def release(self, held: str) -> str:
        peppers = _Peppers.read(held)
        return replace(peppers, current=max(peppers.values, key=_number)).write()


def _kept(current: str | None, tags: Mapping[str, str]) -> Mapping[str, str]:
    """The peppers that the new value must have."""
    if current is None:
        return {}
    peppers, retired = _Peppers.read(current), set(tags.get("bulwark:retired", "").split())
    if peppers.current in retired:
        raise RotationError(f"pepper {peppers.current} is in use: it cannot be retired yet")
    return {v: value for v, value in peppers.values.items() if v not in retired}


def _number(version: str) -> int:
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError("a pepper's version is a v and a number")
    return int(found[1])
