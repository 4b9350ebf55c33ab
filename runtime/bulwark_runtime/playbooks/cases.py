"""Cases: one for each incident, action and subject, with all that was done about it.

The record is the only memory. What may happen in which state is decided by one conditional write
each, so that a message that comes twice, late or at the same time as another changes nothing.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from .incident import Incident, Subject

State = Literal[
    "open",  # nothing was done yet
    "told",  # the end of what only tells
    "planned",  # the end of a dry run
    "waiting",  # for an approval, until a time
    "acting",  # begun; whoever finds it so goes on
    "done",
    "undoing",
    "undone",
    "rejected",
    "expired",  # nobody approved in time
    "refused",  # the action must not be done
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened to a case: the audit record."""

    at: datetime
    what: str
    by: str = "playbook"
    """The SenderId of a person's message, which SQS sets, or the playbook itself."""
    decision: str = ""
    """The id of the message that it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person asks for."""

    id: str
    """The message's own id: the same when it is delivered again."""
    what: Literal["approve", "reject", "undo", "fire"]
    of: str
    """The id of a case, or the name of the playbook to fire."""
    by: str
    """The SenderId that SQS has added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: str
    playbook: str
    incident: Incident
    action: str | None
    subject: Subject | None
    dry_run: bool
    opened: datetime
    state: State = "open"
    told: State | None = None
    """The last state that people were told of."""
    until: datetime | None = None
    """When the approval ends that it waits for."""
    before: Mapping[str, Any] | None = None
    """What was there before the action."""
    said: str = ""
    """What was done, or would be."""
    decision: str = ""
    """The message by which a person moved it last."""
    history: tuple[Step, ...] = field(default=())


class CaseBook(Protocol):
    def open(self, case: Case) -> Case:
        """Keep the case, or give the one that is there already."""
        ...

    def find(self, id: str) -> Case | None: ...  # noqa: A002 the field's word

    def move(
        self, case: Case, to: State, step: Step, *, of: Collection[State], **kept: Any
    ) -> Case | None:
        """Change the state, if it is one of these; None if it is another by now."""
        ...

    def take(self, case: Case, step: Step, *, hour: str, limit: int) -> bool:
        """Move it from open to acting and count it, both or neither; false at the limit."""
        ...

    def remember(self, case: Case, before: Mapping[str, Any]) -> Case:
        """Keep what was there before, unless that is kept already."""
        ...

    def note(self, case: Case, step: Step) -> None: ...

    def tell(self, case: Case, state: State) -> None:
        """Keep that people were told of this state."""
        ...


def case_id(incident: Incident, what: str, subject: Subject | None) -> str:
    """The same whenever the same is told again. `what` is the action; a playbook without one."""
    about = f"{subject.kind}|{subject.name}" if subject else ""
    return hashlib.sha256(f"{incident.id}\n{what}\n{about}".encode()).hexdigest()[:16]
