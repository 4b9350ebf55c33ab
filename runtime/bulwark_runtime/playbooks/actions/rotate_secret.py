"""Have a secret's value replaced by its own rotation function."""

import uuid
from dataclasses import dataclass
from typing import Final

from .action import Before, Clients, Order, RefusedError, leave_alone, tags_of


@dataclass(frozen=True, slots=True)
class RotateSecret:
    clients: Clients
    takes: Final = "secret"

    def look(self, order: Order) -> Before:
        secrets = self.clients("secretsmanager")
        try:
            found = secrets.describe_secret(SecretId=order.subject.name)
        except secrets.exceptions.ResourceNotFoundException:
            raise RefusedError(f"there is no {order.subject}") from None
        leave_alone(str(order.subject), tags_of(found.get("Tags")))
        if not found.get("RotationEnabled"):
            raise RefusedError(
                f"{order.subject} has no rotation of its own: whoever gave the value must "
                "replace it"
            )
        return {"versions": sorted(found.get("VersionIdsToStages", {}))}

    def plan(self, order: Order, before: Before) -> str:
        del before
        return f"would have {order.subject} replaced by its rotation"

    def act(self, order: Order, before: Before) -> str:
        # The same token each time: Secrets Manager begins one rotation for it.
        token = str(uuid.uuid5(uuid.NAMESPACE_URL, f"bulwark:case:{order.case}"))
        if token not in before["versions"]:
            self.clients("secretsmanager").rotate_secret(
                SecretId=order.subject.name, ClientRequestToken=token, RotateImmediately=True
            )
        return f"the rotation of {order.subject} has begun"

    def undo(self, order: Order, before: Before) -> str:
        del order, before
        raise RefusedError("a value that was exposed is not taken back")
