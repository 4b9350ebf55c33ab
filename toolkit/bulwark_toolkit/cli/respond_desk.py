"""Where a stack's cases are, and where decisions go, on either cloud."""

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the other commands need none of it, nor the time it takes
    from collections.abc import Callable

    from bulwark_runtime.playbooks import Case

FORMAT: Final = "bulwark.decision/1"
"""What the responder takes, who has it as well: a test compares them."""

NONE: Final = "no playbooks; see bulwark:incidentResponse.playbooks"
SEVERAL: Final = "several responders; see bulwark:incidentResponse.playbooks"
NO_CASE: Final = "{} has no such case. `bulwark respond list` shows those that wait"

_ASK_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Desk(ABC):
    """With the rights of whoever runs the command."""

    playbooks: tuple[str, ...]
    """Names of the stack's playbooks."""

    @abstractmethod
    def cases(self) -> list["Case"]:
        """All that are kept, the newest first."""

    @abstractmethod
    def case(self, id_: str) -> "Case":
        """Raises a UsageError where there is none."""

    @abstractmethod
    def decide(self, what: str, of: str) -> str:
        """Send a decision; its id."""

    def fired(self, sent: str) -> "Case | None":
        """The case of a test: its incident is called after the message."""
        return next((c for c in self.cases() if c.incident.id == f"test {sent}"), None)

    def answer(self, sent: str, seconds: int, look: "Callable[[], Case | None]") -> "Case | None":
        """The case once the responder has answered the message; None if it takes longer."""
        for _ in range(0, seconds, _ASK_SECONDS):
            case = look()
            if case and _is_answered(case, sent):
                return case
            time.sleep(_ASK_SECONDS)
        return None


def _is_answered(case: "Case", sent: str) -> bool:
    if case.incident.id == f"test {sent}":
        return case.state != "open"
    return case.state not in ("acting", "undoing") and any(
        step.decision == sent for step in case.history
    )
