"""A named secret, and what any cloud does with its value."""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A secret that the program names."""

    name: str
    """What the stack file calls it."""
    component: str
    physical: str
    """What the cloud calls it."""
    length: int | None
    """Characters of a value that nobody gives; None where a person gives it."""
    rotates: bool
    """Whether it is given its next value by itself."""
    project: str
    stack: str
    region: str | None = None
    profile: str | None = None

    @property
    def source(self) -> str:
        return "generated" if self.length else "person"

    def __str__(self) -> str:
        return f"{self.name} ({self.physical})"


class Keeper(Protocol):
    """Where a value goes. What it cannot do, it says in a UsageError without the value."""

    @property
    def service(self) -> str: ...

    @property
    def maker(self) -> str:
        """Who makes a value that no person gives."""
        ...

    @property
    def longest_bytes(self) -> int: ...

    def version(self, secret: Named) -> str | None:
        """The version whose value readers get; None before the first."""
        ...

    def put(self, secret: Named, value: str) -> str:
        """Store the value, and return the id of its version."""
        ...

    def generate(self, secret: Named, length: int) -> str: ...

    def rotate(self, secret: Named) -> str:
        """Ask for the next value now, and say when it comes. Whoever asks sees none."""
        ...

    def state(self, secret: Named) -> Mapping[str, str | None]:
        """What is there: `state`, and `since` when."""
        ...


@contextlib.contextmanager
def unlogged() -> Iterator[None]:
    """The SDKs log whole requests and answers to whoever has turned their debug logs on."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
