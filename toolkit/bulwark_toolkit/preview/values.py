"""Property values as the engine sees them: plain Python, and markers for what is not plain.

Numbers that are whole are ints: the wire knows only doubles.
"""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""None, bool, int, float, str, list, dict, or one of the markers below, nested."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be shown. Its text is never printed nor compared."""

    value: Value = field(default=None, repr=False, compare=False)
    """For checks of shape only; None once the value has been recorded."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only the cloud can give."""

    waits_for: tuple[str, ...] = ()
    """URNs of the resources whose outputs it is made of, sorted."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's content, by digest."""

    digest: str
    """`sha256:…`, or `missing` when the file is not there to be read."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A tree of files, by the digest of its names and contents."""

    digest: str
    """`sha256:…`, or `missing` when there is nothing there to be read."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource passed whole."""

    urn: str
    id: str = ""
    """What a provider gets in its place; empty while it is unknown, and for a component."""
