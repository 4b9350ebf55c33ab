"""The next value of a secret whose store has no pending versions, such as Key Vault.

There a new version is what every reader gets from its first moment on, and a store that cannot
compare and set cannot tell who was first. So a value is checked before it is written, each run
decides anew from what it sees, and a run that is repeated, cut or doubled does no harm.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, Protocol, runtime_checkable

from .steps import Kind, RotationError

GRACE = timedelta(days=37)
"""How long after the day of its replacement a value ends. Key Vault tells of an end 30 days before
it: so it tells a week after a replacement that has not come, and of none that has."""

SETTLING = timedelta(minutes=10)
"""How long a value that grew is held back: more than any run that began before it can take."""

Outcome = Literal["first value", "next value", "next value held back", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What is known of a version without its value."""

    id: str
    created: datetime
    ends: datetime | None
    usable: bool
    held_back: bool
    """Whether what is new in it is not in use yet."""


class VersionedSecret(Protocol):
    """A secret in its store."""

    def versions(self) -> Sequence[Version]:
        """The oldest first; none before the first value."""
        ...

    def value(self) -> str:
        """What readers get."""
        ...

    def put(self, value: str, *, ends: datetime, held_back: bool) -> None:
        """Make a version that readers get from now on."""
        ...

    def switch_off(self, version: str) -> None: ...


@runtime_checkable
class GrowingKind(Kind, Protocol):
    """A kind whose new value is the old one and more, of which nothing may ever be lost.

    Of two that grow from the same one at once, the later takes the earlier's place. So what is new
    is written first and used later, when it is sure which of the two has stayed.
    """

    def hold_back(self, made: str, current: str) -> str:
        """The made value, while what it had before is still what is used."""
        ...

    def release(self, held: str) -> str:
        """The value with what is newest in use."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A secret that gets its next value whenever it is due."""

    secret: VersionedSecret
    kind: Kind | GrowingKind
    days: int
    """Days until a value is replaced; as long again the one before it can still be read."""
    settings: Mapping[str, str]
    """What the kind is told, by the names of the tags that say it on AWS."""

    def run(self, now: datetime) -> Outcome:
        versions = self.secret.versions()
        if not versions:
            self._make(now)
            return "first value"
        outcome = self._next(versions[-1], now)
        for version in self._outlived(versions, now):
            self.secret.switch_off(version.id)
        return outcome

    def _next(self, newest: Version, now: datetime) -> Outcome:
        if not newest.usable:
            raise RotationError(
                "its newest version is off, and readers get no other: switch it on, or set a value"
            )
        if newest.held_back:
            return self._release(newest, now)
        if not self._due(newest, now):
            return "unchanged"
        if not isinstance(self.kind, GrowingKind):
            # Its old value says nothing about the new one: nobody reads it.
            self._make(now)
            return "next value"
        current = self.secret.value()
        made = self.kind.hold_back(self.kind.make(current, self.settings), current)
        self.kind.check(made, current, self.settings)
        self._put(made, now, held_back=True)
        return "next value held back"

    def _release(self, newest: Version, now: datetime) -> Outcome:
        if now - newest.created < SETTLING or not isinstance(self.kind, GrowingKind):
            return "unchanged"
        held = self.secret.value()
        released = self.kind.release(held)
        self.kind.check(released, held, {})  # nothing is taken away by it
        self._put(released, now)
        return "next value"

    def _due(self, newest: Version, now: datetime) -> bool:
        # Who sets the end of a version to now asks for the next one, and needs no value for it.
        ended = newest.ends is not None and newest.ends <= now
        return ended or newest.created + timedelta(days=self.days) <= now

    def _make(self, now: datetime) -> None:
        made = self.kind.make(None, self.settings)
        self.kind.check(made, None, self.settings)
        self._put(made, now)

    def _put(self, value: str, now: datetime, *, held_back: bool = False) -> None:
        ends = now + timedelta(days=self.days) + GRACE
        self.secret.put(value, ends=ends, held_back=held_back)

    def _outlived(self, versions: Sequence[Version], now: datetime) -> Iterator[Version]:
        """Those whose successor is as old as a value gets."""
        for version, successor in pairwise(versions):
            if version.usable and successor.created + timedelta(days=self.days) <= now:
                yield version
