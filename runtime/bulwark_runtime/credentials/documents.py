"""Where records are kept: one text under each key, replaced only by who has read it."""

from dataclasses import dataclass, field
from typing import Protocol

NEVER = "never"
"""A version that no document has. A save that expects it does the work of any other, in vain."""


@dataclass(frozen=True, slots=True)
class Document:
    text: str = field(repr=False)
    version: str
    """Chosen by who wrote it; another one with each writing."""


@dataclass(frozen=True, slots=True)
class Keys:
    keys: tuple[str, ...]
    cursor: str | None
    """Where to go on, or None after the last page."""


class Documents(Protocol):
    """A place that never loses a writing.

    `save` and `remove` do nothing and return False where the version is not the expected one. A
    save that is repeated after it succeeded returns True: whoever lost the answer may ask again.
    """

    def load(self, key: str) -> Document | None: ...

    def save(
        self,
        key: str,
        document: Document,
        *,
        expected: str | None,
        expires_at: int | None = None,
    ) -> bool:
        """Write it where `expected` is the version there now, or None: where nothing is."""
        ...

    def remove(self, key: str, *, expected: str) -> bool: ...

    def keys(self, cursor: str | None = None, limit: int = 100) -> Keys: ...
