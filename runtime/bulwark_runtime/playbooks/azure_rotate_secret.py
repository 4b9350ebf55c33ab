"""Have a secret's value replaced by its rotation, without seeing either value."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from azure.core.exceptions import ResourceNotFoundError

from .actions import Before, Order, RefusedError
from .actions.action import leave_alone
from .azure_close_storage import with_our_tag


@dataclass(frozen=True, slots=True)
class RotateVaultSecret:
    """Ends the newest version.

    Whoever rotates the vault's secrets looks every quarter of an hour, and makes the next value
    where one has ended. Readers get the old one until then.
    """

    vault: Any
    """A SecretClient of the vault."""
    takes: Final = "secret"

    def look(self, order: Order) -> Before:
        newest = self._newest(order)
        leave_alone(str(order.subject), with_our_tag(newest.tags))
        if not newest.enabled:
            raise RefusedError(
                f"the newest version of {order.subject} is off, and its rotation makes none then: "
                "switch it on, or set a value"
            )
        return {"version": newest.version}

    def plan(self, order: Order, before: Before) -> str:
        del before
        return f"would have {order.subject} replaced by its rotation"

    def act(self, order: Order, before: Before) -> str:
        newest = self._newest(order)
        if newest.version != before["version"]:
            return f"{order.subject} has been replaced already"
        now = datetime.now(UTC)
        if newest.expires_on is None or newest.expires_on > now:
            # One that is approved later ends then, and not as the event came.
            self.vault.update_secret_properties(order.subject.name, newest.version, expires_on=now)
        return f"{order.subject} has ended: its rotation replaces it within a quarter of an hour"

    def undo(self, order: Order, before: Before) -> str:
        del order, before
        raise RefusedError("a value that was exposed is not taken back")

    def _newest(self, order: Order) -> Any:
        try:
            found = list(self.vault.list_properties_of_secret_versions(order.subject.name))
        except ResourceNotFoundError:
            found = []
        if not found:
            raise RefusedError(f"{order.subject} has no value yet")
        return max(found, key=lambda version: version.created_on)
