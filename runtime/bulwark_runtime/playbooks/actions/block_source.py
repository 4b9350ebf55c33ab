"""Ask for an address to be put on the block list. What may stand there, the list decides."""

import ipaddress
import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from .action import Before, Clients, Order, RefusedError

_HOURS: Final = 24
_GROUP: Final = "block-list"
"""All requests are of one group: the list takes them in order, one at a time."""


@dataclass(frozen=True, slots=True)
class BlockSource:
    clients: Clients
    queue_url: str
    takes: Final = "address"

    def look(self, order: Order) -> Before:
        try:
            address = ipaddress.ip_address(order.subject.name)
        except ValueError:
            raise RefusedError("the source is no address") from None
        if not address.is_global:
            raise RefusedError(f"{address} is no address of the internet")
        until = order.now + timedelta(hours=order.parameters.get("hours", _HOURS))
        return {
            "network": str(ipaddress.ip_network(address)),
            "until": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        }

    def plan(self, order: Order, before: Before) -> str:
        del order
        return f"would block {before['network']} until {before['until']}"

    def act(self, order: Order, before: Before) -> str:
        self._ask(order, before, "add")
        return f"asked the block list to block {before['network']} until {before['until']}"

    def undo(self, order: Order, before: Before) -> str:
        self._ask(order, before, "remove")
        return f"asked the block list to let {before['network']} in again"

    def _ask(self, order: Order, before: Before, what: Literal["add", "remove"]) -> None:
        body = {
            "format": "bulwark.block/1",
            "action": what,
            "list": "blocked",
            "networks": [before["network"]],
            "until": before["until"] if what == "add" else None,
            "reason": order.reason,
            "source": f"playbook:{order.playbook}",
            # The same each time, by which the list knows a repetition.
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"bulwark:case:{order.case}:{what}")),
        }
        self.clients("sqs").send_message(
            QueueUrl=self.queue_url,
            MessageGroupId=_GROUP,
            MessageDeduplicationId=body["id"],
            MessageBody=json.dumps(body),
        )
