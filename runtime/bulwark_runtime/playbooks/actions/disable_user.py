"""Keep a customer from signing in, and end the sessions there are."""

from dataclasses import dataclass
from typing import Final

from .action import Before, Clients, Order, RefusedError


@dataclass(frozen=True, slots=True)
class DisableUser:
    clients: Clients
    takes: Final = "pool-user"

    def look(self, order: Order) -> Before:
        pools = self.clients("cognito-idp")
        try:
            found = pools.admin_get_user(**_user(order))
        except pools.exceptions.UserNotFoundException:
            raise RefusedError("there is no such user in the pool") from None
        return {"enabled": found["Enabled"]}

    def plan(self, order: Order, before: Before) -> str:
        signs_out = f"end the sessions of {order.subject}"
        return f"would disable and {signs_out}" if before["enabled"] else f"would {signs_out}"

    def act(self, order: Order, before: Before) -> str:
        del before
        pools = self.clients("cognito-idp")
        # First the door, then the room: else a session could begin between the two.
        pools.admin_disable_user(**_user(order))
        pools.admin_user_global_sign_out(**_user(order))
        return f"{order.subject} is disabled and signed out"

    def undo(self, order: Order, before: Before) -> str:
        if not before["enabled"]:
            raise RefusedError(f"{order.subject} was disabled before")
        self.clients("cognito-idp").admin_enable_user(**_user(order))
        return f"{order.subject} may sign in again"


def _user(order: Order) -> dict[str, str]:
    return {"UserPoolId": order.subject.more["pool"], "Username": order.subject.name}
