"""What fails, as whoever asks for a drawing knows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """A requirement that a resource does not meet."""

    text: str
    fix: str
    grave: bool
    """Whether it colours the card, or is only counted on it."""


Failures = Mapping[str, Sequence[Failure]]
"""By the resource's URN."""
