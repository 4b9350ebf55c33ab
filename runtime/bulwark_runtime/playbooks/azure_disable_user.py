"""Keep a user of Entra ID from signing in, and end the sessions there are."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from .actions import Before, Order, RefusedError
from .azure_graph import Graph


@dataclass(frozen=True, slots=True)
class DisableEntraUser:
    """Disables and signs out.

    Tokens that were given out already are good for what is left of their hour or so: Entra ID takes
    back what they are renewed with. Users with a privileged role, Graph refuses.
    """

    graph: Graph
    never: Collection[str] = frozenset()
    """Object ids of users who are left alone: those for emergencies, and approvers, so that no
    event takes away everybody who could undo it."""
    takes: Final = "entra-user"

    def look(self, order: Order) -> Before:
        if order.subject.name in self.never:
            raise RefusedError(f"{order.subject} is one whom playbooks never touch")
        return {"enabled": self.graph.is_enabled(order.subject.name)}

    def plan(self, order: Order, before: Before) -> str:
        signs_out = f"end the sessions of {order.subject}"
        return f"would disable and {signs_out}" if before["enabled"] else f"would {signs_out}"

    def act(self, order: Order, before: Before) -> str:
        del before
        # First the door, then the room: else a session could begin between the two.
        self.graph.enable(order.subject.name, enabled=False)
        self.graph.revoke_sessions(order.subject.name)
        return f"{order.subject} is disabled and signed out"

    def undo(self, order: Order, before: Before) -> str:
        if not before["enabled"]:
            raise RefusedError(f"{order.subject} was disabled before")
        self.graph.enable(order.subject.name, enabled=True)
        return f"{order.subject} may sign in again"
