"""What the vault remembers of a user, and how it is written down."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


def fresh_version() -> str:
    """A name for a state of a record that no other state has."""
    return secrets.token_hex(8)


def fresh_nest() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Hash:
    text: str = field(repr=False)
    """A bcrypt hash in modular crypt format, such as $2b$12$…"""
    pepper: str | None
    """Version of the pepper beneath it, or None for a plain hash that came from elsewhere."""


@dataclass(frozen=True, slots=True)
class Reset:
    digest: str = field(repr=False)
    """SHA-256 of the token, in hex. The token itself is nowhere."""
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    id: str
    hashes: tuple[Hash, ...]
    """The one that counts, and before it the ones that may not come again, newest first."""
    enabled: bool = True
    changed_at: int
    """When the password last became another one, in seconds of Unix time."""
    resets: tuple[Reset, ...] = ()
    """Tokens that are out, newest first."""
    last_request: str | None = None
    """Digest of the request that last set the password, to know a repetition by."""
    kept: str | None = None
    """Which version of them the hashes are, if they are not in the record: the store's own word."""
    nests: tuple[str, ...] = field(default_factory=lambda: (fresh_nest(),))
    """Names for a place beside the record: the user's own, and ones that are still to be cleared.
    Chosen with the record, so that no crash leaves anything behind that no record knows of."""
    version: str = field(default_factory=fresh_version)

    @property
    def hash(self) -> Hash:
        return self.hashes[0]


def user_to_json(user: User, *, inline: bool) -> str:
    """Write a user down, with the hashes (`inline`) or with the word where they are."""
    record = asdict(user)
    del record["id"], record["version"]
    if not inline:
        del record["hashes"]
    return json.dumps(record, separators=(",", ":"))


def user_from_json(
    user: str, version: str, text: str, fetch: Callable[[str, str], tuple[Hash, ...]]
) -> User:
    """Read a user; `fetch` is asked for hashes in a nest, where they are not in the record."""
    record: dict[str, Any] = json.loads(text)
    kept = record["kept"]
    record["hashes"] = hashes_from(record) if kept is None else fetch(record["nests"][0], kept)
    record["resets"] = tuple(Reset(**reset) for reset in record["resets"])
    record["nests"] = tuple(record["nests"])
    return User(id=user, version=version, **record)


def hashes_to_json(hashes: tuple[Hash, ...]) -> str:
    return json.dumps({"hashes": [asdict(h) for h in hashes]}, separators=(",", ":"))


def hashes_from(record: Mapping[str, Any]) -> tuple[Hash, ...]:
    return tuple(Hash(**h) for h in record["hashes"])
