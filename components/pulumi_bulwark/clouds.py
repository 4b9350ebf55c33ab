"""The clouds, and the marks of settings that not every cloud takes whole.

A specification is the same on all clouds. What one of them cannot do is marked at the setting, with
the reason: a config that asks for it there is refused, and the parity table lists it.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

Cloud = Literal["aws", "azure"]

NAMES: Mapping[Cloud, str] = {"aws": "AWS", "azure": "Azure"}


@runtime_checkable
class Mark(Protocol):
    """What stands in the annotation of a setting that a cloud does not take whole."""

    def refusal(self, cloud: Cloud, value: Any) -> str | None:
        """Why the cloud does not take the value, as a sentence; None if it does."""
        ...


@dataclass(frozen=True, slots=True)
class Limited:
    """Marks a setting of which a cloud takes less than the specification; the default always."""

    cloud: Cloud
    because: str
    """Why, and what to do instead: whole sentences."""
    to: Container[Any] = ()
    """What it takes beside the default: nothing, unless it says so."""

    def refusal(self, cloud: Cloud, value: Any) -> str | None:
        if cloud != self.cloud or value in self.to:
            return None
        return f"not on {NAMES[cloud]}. {self.because}"


@dataclass(frozen=True, slots=True)
class Differs:
    """Marks a setting that a cloud takes whole, and does otherwise than a reader could expect."""

    cloud: Cloud
    how: str
    """What it does: whole sentences, for the parity table."""

    def refusal(self, cloud: Cloud, value: Any) -> str | None:  # noqa: ARG002 a mark's form
        return None
