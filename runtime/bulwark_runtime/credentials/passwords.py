"""What a password is before it is hashed, and what is wrong with a new one."""

import unicodedata
from collections.abc import Iterable, Iterator

from .policy import Policy
from .results import Weakness

_LOOKED_AT = 32
"""Code points that the estimate reads, since its time grows with their square and more."""

_UNUSABLE = frozenset({"Cc", "Cn", "Cs"})
"""Unicode categories: control characters, unassigned code points, of which nobody knows how they
will be normalised, and surrogates, which are no text."""

_SHORTEST_NAME = 4
"""Shorter words are in too many others, as org in forgotten. The estimate knows them still."""


def normalised(password: str) -> str:
    """The password in the form in which it is hashed: that of RFC 8265's OpaqueString.

    Every kind of space is a space, and what looks the same is the same (NFC). Case, width and
    everything else stay as they are. Never raises: what is unusable simply is not right.
    """
    spaces = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    return unicodedata.normalize("NFC", spaces)


def encoded(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def weaknesses(password: str, policy: Policy, names: Iterable[str]) -> Iterator[Weakness]:
    """What breaks the policy, as far as the password itself tells. It must be normalised."""
    if len(password) < policy.minimum_length:
        yield "too_short"
    if len(password) > policy.maximum_length:
        yield "too_long"
    if any(unicodedata.category(c) in _UNUSABLE for c in password):
        yield "unusable_characters"
    if policy.letters_and_digits and not (
        any(c.isalpha() for c in password) and any(c.isdecimal() for c in password)
    ):
        yield "letters_and_digits"
    own = list(dict.fromkeys(_plain(part) for name in names for part in _parts(name)))
    if any(name in _plain(password) for name in own if len(name) >= _SHORTEST_NAME):
        yield "own_name"
    if _guesses_log10(password, own) < policy.least_guesses_log10:
        yield "guessable"


def _parts(name: str) -> list[str]:
    """A name, and the words in it: an address's host is as easy to guess as its user."""
    return [name, *"".join(c if c.isalnum() else " " for c in name).split()]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _guesses_log10(password: str, own: list[str]) -> float:
    # Only who sets a password pays for its 2 MB of words.
    from zxcvbn import zxcvbn

    return zxcvbn(password[:_LOOKED_AT], user_inputs=own)["guesses_log10"] if password else 0.0
