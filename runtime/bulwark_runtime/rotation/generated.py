"""Values that nobody chooses: signing keys, passwords of machines, tokens."""

import secrets
import string
from collections.abc import Mapping

from .steps import RotationError

ALPHABET = string.ascii_letters + string.digits
"""Without punctuation, which breaks in addresses and shells: 32 characters are 190 bits."""
SHORTEST, LONGEST = 12, 4096
_USUAL = "32"


class Generated:
    """A random text. The secret's tag `bulwark:length` says how long, 12 to 4096."""

    name = "generated"

    def make(self, current: str | None, tags: Mapping[str, str]) -> str:
        del current
        return "".join(secrets.choice(ALPHABET) for _ in range(_length(tags)))

    def check(self, pending: str, current: str | None, tags: Mapping[str, str]) -> None:
        del current
        if len(pending) != _length(tags):
            raise RotationError("the new value does not have the length of the secret's tag")


def _length(tags: Mapping[str, str]) -> int:
    text = tags.get("bulwark:length", _USUAL)
    if not (text.isascii() and text.isdecimal()) or not SHORTEST <= int(text) <= LONGEST:
        raise RotationError(f"the secret's tag bulwark:length is not {SHORTEST} to {LONGEST}")
    return int(text)
