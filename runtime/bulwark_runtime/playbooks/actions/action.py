"""What every action has."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final, Protocol

from ..incident import Kind, Subject

Before = Mapping[str, Any]
"""What was there before, as JSON: all that `undo` needs."""

Clients = Callable[[str], Any]
"""The client of a service, with the rights of the action's own role."""

TAG: Final = "bulwark:respond"
NEVER: Final = "never"
"""A resource with this tag and value is left alone; the actions' roles are denied it as well."""


class RefusedError(Exception):
    """Why an action must not, or need not, be done: no attempt will change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One action on one subject."""

    case: str
    """The id of the case: what is made carries it, and is found again by it."""
    subject: Subject
    now: datetime
    playbook: str = ""
    reason: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Action(Protocol):
    """Fit to be repeated: whatever it finds done already, it leaves so.

    `look` comes first and its answer is kept, so that `undo` knows what was there even if the
    function dies in the middle of `act`.
    """

    @property
    def takes(self) -> Kind: ...

    def look(self, order: Order) -> Before:
        """What is there now. Raises a RefusedError if it must be left alone."""
        ...

    def plan(self, order: Order, before: Before) -> str:
        """What `act` would do, as a person reads it: "would …"."""
        ...

    def act(self, order: Order, before: Before) -> str:
        """Do it; what was done."""
        ...

    def undo(self, order: Order, before: Before) -> str:
        """Put back what was there before, unless somebody has changed it since."""
        ...


def leave_alone(what: str, tags: Mapping[str, str]) -> None:
    if tags.get(TAG) == NEVER:
        raise RefusedError(f"{what} has the tag {TAG}={NEVER}")


def is_one_of(arn: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(arn, pattern) for pattern in patterns)


def tags_of(found: Any) -> dict[str, str]:
    """Tags as most services list them."""
    return {tag["Key"]: tag["Value"] for tag in found or ()}


def code_of(error: Exception) -> str:
    """The code of a boto3 ClientError; empty for anything else."""
    return getattr(error, "response", {}).get("Error", {}).get("Code", "")
