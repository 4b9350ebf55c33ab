"""Users and their attempts, over documents: what the vault needs of a place to keep things."""

from dataclasses import dataclass, replace
from typing import Protocol

from .documents import Document, Documents
from .lockout import Attempts
from .records import (
    Hash,
    User,
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

    def remove(self, user: User) -> bool: ...

    def scan(self, cursor: str | None = None, limit: int = 100) -> Page: ...


class HashPlace(Protocol):
    """A place for hashes beside the records. What it keeps counts once a record points to it."""

    def keep(self, user: str, hashes: tuple[Hash, ...], *, beside: str | None) -> str:
        """Write hashes down, leaving those that the record points to now, and say where."""
        ...

    def fetch(self, user: str, where: str) -> tuple[Hash, ...]:
        """Raises HashesMovedError where there are none."""
        ...

    def fetch_nothing(self) -> None:
        """The work of `fetch`, for a user who does not exist."""
        ...

    def settle(self, user: str, where: str) -> None:
        """The record points there now."""
        ...

    def discard(self, user: str) -> None:
        """Forget all hashes of a user. Nothing happens where there are none."""
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


_GONE = "{}"
"""The record of a user who is being removed, while the hashes elsewhere still are."""


class Users:
    """Users whose hashes are in their records, or in a place beside them.

    With `writes_inline` the place is only read and cleared: for the way back from it.
    """

    def __init__(
        self, documents: Documents, place: HashPlace | None = None, *, writes_inline: bool = False
    ) -> None:
        self._documents, self._place = documents, place
        self._inline = writes_inline or place is None

    def load(self, user: str) -> User | None:
        found = self._read(user)
        if self._place and (found is None or found.kept is None):
            self._place.fetch_nothing()
        return found

    def save(self, user: User, *, replacing: User | None) -> bool:
        written = self._with_kept_hashes(user, replacing)
        saved = self._write(written, replacing.version if replacing else None)
        if not saved and replacing is None and self._finish_removal(user.id):
            saved = self._write(written, None)
        if saved and self._place and written.kept:
            self._place.settle(user.id, written.kept)
        return saved

    def remove(self, user: User) -> bool:
        # First nobody signs in, then the hashes go: a crash between them is finished by the next.
        gone = Document(_GONE, fresh_version())
        if not self._documents.save(user.id, gone, expected=user.version):
            return False
        self._finish_removal(user.id)
        return True

    def scan(self, cursor: str | None = None, limit: int = 100) -> Page:
        keys = self._documents.keys(cursor, limit)
        users = [self._read(key) for key in keys.keys]
        return Page(tuple(user for user in users if user), keys.cursor)

    def move(self, user: User) -> bool:
        """Bring the hashes where they are written now, and clear the other place."""
        if (user.kept is None) != self._inline:
            moved = replace(user, kept=None, version=fresh_version())
            if not self.save(moved, replacing=replace(user, kept=None)):
                return False
        if self._inline and self._place:
            self._place.discard(user.id)
        return True

    def _write(self, user: User, expected: str | None) -> bool:
        text = user_to_json(user, inline=user.kept is None)
        return self._documents.save(user.id, Document(text, user.version), expected=expected)

    def _with_kept_hashes(self, user: User, replacing: User | None) -> User:
        if self._inline or self._place is None:
            return replace(user, kept=None)
        if replacing and replacing.kept and replacing.hashes == user.hashes:
            return replace(user, kept=replacing.kept)
        beside = replacing.kept if replacing else None
        return replace(user, kept=self._place.keep(user.id, user.hashes, beside=beside))

    def _finish_removal(self, user: str) -> bool:
        """Whether there was one to finish."""
        document = self._documents.load(user)
        if document is None or document.text != _GONE:
            return False
        if self._place:
            self._place.discard(user)
        return self._documents.remove(user, expected=document.version)

    def _read(self, user: str) -> User | None:
        for _ in range(_READINGS):
            document = self._documents.load(user)
            if document is None or document.text == _GONE:
                return None
            try:
                return user_from_json(
                    user, document.version, document.text, lambda kept: self._fetch(user, kept)
                )
            except HashesMovedError:
                continue
        raise StoreError("a record points to hashes that are not there")

    def _fetch(self, user: str, kept: str) -> tuple[Hash, ...]:
        if self._place is None:
            raise StoreError("a record points to a place for hashes, and none is configured")
        return self._place.fetch(user, kept)


_READINGS = 3
"""Of a record and then its hashes, if these move between the two."""


class HashesMovedError(Exception):
    """The hashes are no longer where the record said."""


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
