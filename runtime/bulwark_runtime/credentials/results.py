"""What an operation answers, and what it tells the auditor."""

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["done", "refused", "delayed", "weak", "exists", "conflict"]
"""done: it is so now. refused: wrong password or token, unknown or disabled user, all alike.
delayed: too many attempts, come back later; the password was not looked at. weak: the new
password breaks the policy. exists: there is such a user already. conflict: others kept changing
this user at the same time, or the request's key was used for something else; nothing was done."""

Operation = Literal[
    "register",
    "verify",
    "change",
    "begin_reset",
    "finish_reset",
    "disable",
    "enable",
    "delete",
    "import_hash",
]

Weakness = Literal[
    "too_short",
    "too_long",
    "unusable_characters",
    "letters_and_digits",
    "guessable",
    "own_name",
    "breached",
    "breach_unknown",
    "used_before",
]


class RequestError(ValueError):
    """A request that is wrong whoever it is about. Says which bound, and never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    outcome: Outcome
    retry_after_seconds: int = 0
    """For delayed: when another attempt is looked at."""
    weaknesses: tuple[Weakness, ...] = ()
    """For weak: every rule that the new password breaks."""
    changed_at: int | None = None
    """Of a user who signed in or whose password was set: sessions begun earlier should end."""
    device: str | None = field(default=None, repr=False)
    """After a sign-in: what this device should show the next time, as a cookie."""
    token: str | None = field(default=None, repr=False)
    """From begin_reset: to be sent to the user's known address, if there is such a user."""
    expires_at: int | None = None
    """From begin_reset: when the token is worthless, in seconds of Unix time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, for the audit log: never a password, a hash, a token or a source."""

    operation: Operation
    outcome: Outcome
    user: str
    """The user's id; for one who is unknown a digest, since people type passwords as names."""
    reason: str = ""
    """Why it was refused or what went with it, for auditors only, never for the caller."""
