"""Users and their attempts, over documents: what the vault needs of a place to keep things."""

import json
from dataclasses import dataclass, replace
from typing import Protocol

from .documents import Document, Documents
from .lockout import Attempts
from .records import (
    Hash,
    User,
    fresh_nest,
    fresh_version,
    user_from_json,
    user_to_json,
)


@dataclass(frozen=True, slots=True)
class Page:
    users: tuple[User, ...]
    cursor: str | None
    """Where to go on, or None after the last page."""


class UserStore(Protocol):
    """The users. A save or a removal is refused where the user is no longer as it was read."""

    def load(self, user: str) -> User | None:
        """The same work for one who exists and one who does not."""
        ...

    def save(self, user: User, *, replacing: User | None) -> bool:
        """Write a user where there is still the one that it replaces, or none."""
        ...

    def remove(self, user: str, *, found: User | None) -> bool:
        """Remove the user who was found, or what a crash left of one. False: meanwhile changed."""
        ...

    def scan(self, cursor: str | None = None, limit: int = 100) -> Page: ...


class HashPlace(Protocol):
    """A place for hashes beside the records, in nests. What it keeps counts once a record says so.

    A nest is a name that belongs to one record and to no other, before and after it.
    """

    def keep(self, nest: str, hashes: tuple[Hash, ...], *, beside: str | None) -> str:
        """Write hashes down, leaving those that count now (`beside`), and say which these are.

        Raises HashesMovedError where what counts now is no longer there.
        """
        ...

    def fetch(self, nest: str, kept: str) -> tuple[Hash, ...]:
        """Raises HashesMovedError where there are none."""
        ...

    def fetch_nothing(self) -> None:
        """The work of `fetch`, for a user who does not exist."""
        ...

    def settle(self, nest: str, kept: str) -> None:
        """These count now."""
        ...

    def discard(self, nest: str) -> None:
        """Clear a nest. Nothing happens where there is none."""
        ...


class AttemptStore(Protocol):
    def load(self, user: str) -> tuple[Attempts, str | None]:
        """The attempts and their version; none and None where there are none."""
        ...

    def save(
        self, user: str, attempts: Attempts, *, expected: str | None, expires_at: int
    ) -> bool: ...

    def remove(self, user: str) -> None: ...


class StoreError(Exception):
    """What is stored contradicts itself. Says whose and what, never a value."""


class HashesMovedError(Exception):
    """The hashes are no longer where the record said."""


_READINGS = 3
"""Of a record and then its hashes, if these move between the two."""


class Users:
    """Users whose hashes are in their records, or in a place beside them.

    With `writes_inline` the place is only read and cleared: for the way back from it.

    A record with nothing but nests is of a user who is being made or removed: nobody signs in, and
    whoever wants the name first clears the nests. So a crash on the way is finished by the next.
    """

    def __init__(
        self, documents: Documents, place: HashPlace | None = None, *, writes_inline: bool = False
    ) -> None:
        self._documents, self._place = documents, place
        self._outside = None if writes_inline else place

    def load(self, user: str) -> User | None:
        found = self._read(user)
        if self._place and (found is None or found.kept is None):
            self._place.fetch_nothing()
        return found

    def save(self, user: User, *, replacing: User | None) -> bool:
        if replacing is None:
            return self._make(user)
        if self._outside is None:
            return self._write(replace(user, kept=None), replacing.version)
        if replacing.kept and replacing.hashes == user.hashes:
            return self._write(replace(user, kept=replacing.kept), replacing.version)
        return self._write_outside(user, self._outside, replacing.version, beside=replacing.kept)

    def remove(self, user: str, *, found: User | None) -> bool:
        if found is None:
            self._cleared(user)
            return True
        gone = self._reserve(found, expected=found.version)
        return gone is not None and self._clear(user, gone)

    def scan(self, cursor: str | None = None, limit: int = 100) -> Page:
        keys = self._documents.keys(cursor, limit)
        users = [self._read(key) for key in keys.keys]
        return Page(tuple(user for user in users if user), keys.cursor)

    def move(self, user: User) -> bool:
        """Bring the hashes where they are written now, and clear what they leave."""
        if (user.kept is None) == (self._outside is None):
            return self._leave_old_nests(user)
        # A new nest when they leave the old one: who still writes to that writes in vain.
        nests = user.nests if self._outside else (fresh_nest(), *user.nests)
        moved = replace(user, kept=None, nests=nests, version=fresh_version())
        if not self.save(moved, replacing=user):
            return False
        there = self._read(user.id)
        return there is not None and self._leave_old_nests(there)

    def _make(self, user: User) -> bool:
        if self._outside is None:
            inline = replace(user, kept=None)
            return self._write(inline, None) or (
                self._cleared(user.id) and self._write(inline, None)
            )
        gone = self._reserve(user, expected=None)
        if gone is None and self._cleared(user.id):
            gone = self._reserve(user, expected=None)
        if gone is None:
            return False
        made = self._write_outside(user, self._outside, gone.version, beside=None)
        if not made:
            # Whoever cleared the reservation may have come before there was something to clear.
            self._outside.discard(user.nests[0])
        return made

    def _write_outside(
        self, user: User, outside: HashPlace, expected: str, *, beside: str | None
    ) -> bool:
        try:
            kept = outside.keep(user.nests[0], user.hashes, beside=beside)
        except HashesMovedError:
            return False
        if not self._write(replace(user, kept=kept), expected):
            return False
        outside.settle(user.nests[0], kept)
        return True

    def _write(self, user: User, expected: str | None) -> bool:
        text = user_to_json(user, inline=user.kept is None)
        return self._documents.save(user.id, Document(text, user.version), expected=expected)

    def _reserve(self, user: User, *, expected: str | None) -> Document | None:
        """Put a record with nothing but nests in place of what is expected there."""
        gone = Document(json.dumps({_NESTS: user.nests}), fresh_version())
        return gone if self._documents.save(user.id, gone, expected=expected) else None

    def _cleared(self, user: str) -> bool:
        """Whether somebody was on the way out, or in, and is out now."""
        document = self._documents.load(user)
        if document is None or not _is_gone(document):
            return False
        # First it is ours, so that who was still on the way in does not arrive in a cleared nest.
        ours = Document(document.text, fresh_version())
        taken = self._documents.save(user, ours, expected=document.version)
        return taken and self._clear(user, ours)

    def _clear(self, user: str, gone: Document) -> bool:
        if self._place:
            for nest in json.loads(gone.text)[_NESTS]:
                self._place.discard(nest)
        return self._documents.remove(user, expected=gone.version)

    def _leave_old_nests(self, user: User) -> bool:
        if self._place is None or len(user.nests) == 1:
            return True
        for nest in user.nests[1:]:
            self._place.discard(nest)
        left = replace(user, nests=user.nests[:1], version=fresh_version())
        return self._write(left, user.version)

    def _read(self, user: str) -> User | None:
        for _ in range(_READINGS):
            document = self._documents.load(user)
            if document is None or _is_gone(document):
                return None
            try:
                return user_from_json(user, document.version, document.text, self._fetch)
            except HashesMovedError:
                continue
        raise StoreError("a record points to hashes that are not there")

    def _fetch(self, nest: str, kept: str) -> tuple[Hash, ...]:
        if self._place is None:
            raise StoreError("a record points to a place for hashes, and none is configured")
        return self._place.fetch(nest, kept)


_NESTS = "gone"


def _is_gone(document: Document) -> bool:
    return _NESTS in json.loads(document.text)


class AttemptCounters:
    """Attempts in documents, one for each user who was ever tried, known or not."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def load(self, user: str) -> tuple[Attempts, str | None]:
        document = self._documents.load(user)
        if document is None:
            return Attempts(), None
        return Attempts.from_json(document.text), document.version

    def save(self, user: str, attempts: Attempts, *, expected: str | None, expires_at: int) -> bool:
        document = Document(attempts.to_json(), fresh_version())
        return self._documents.save(user, document, expected=expected, expires_at=expires_at)

    def remove(self, user: str) -> None:
        document = self._documents.load(user)
        if document:
            # Counted again meanwhile: then something new is there, and it may stay.
            self._documents.remove(user, expected=document.version)
