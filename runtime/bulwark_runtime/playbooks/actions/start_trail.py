"""Start a trail that was stopped."""

from dataclasses import dataclass
from typing import Final

from .action import Before, Clients, Order, RefusedError


@dataclass(frozen=True, slots=True)
class StartTrail:
    clients: Clients
    takes: Final = "trail"

    def look(self, order: Order) -> Before:
        trails = self.clients("cloudtrail")
        try:
            status = trails.get_trail_status(Name=order.subject.name)
        except trails.exceptions.TrailNotFoundException:
            raise RefusedError(f"there is no {order.subject}: it was deleted") from None
        return {"logging": status["IsLogging"]}

    def plan(self, order: Order, before: Before) -> str:
        return (
            f"would leave {order.subject} as it is: it logs"
            if before["logging"]
            else (f"would start {order.subject}")
        )

    def act(self, order: Order, before: Before) -> str:
        del before  # to start what is started changes nothing
        self.clients("cloudtrail").start_logging(Name=order.subject.name)
        return f"{order.subject} logs again"

    def undo(self, order: Order, before: Before) -> str:
        del order, before
        raise RefusedError("a trail is not stopped again; what it logged is evidence")
