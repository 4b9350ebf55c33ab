"""Put the network interfaces of a machine behind a security group that lets nothing in or out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from .actions import Before, Order, RefusedError
from .actions.action import leave_alone
from .azure_arm import Arm, is_within, name_of
from .azure_close_storage import tags_of

MACHINES: Final = "2024-07-01"
INTERFACES: Final = "2024-05-01"


@dataclass(frozen=True, slots=True)
class IsolateMachine:
    arm: Arm
    scope: str
    """Id of the resource group within which it acts."""
    group_id: str
    """Id of the security group that lets nothing in or out."""
    takes: Final = "machine"

    def look(self, order: Order) -> Before:
        machine = self._machine(order)
        leave_alone(f"machine {name_of(order.subject.name)}", tags_of(machine))
        return {"groups": {id_: _group(found) for id_, found in self._interfaces(machine)}}

    def plan(self, order: Order, before: Before) -> str:
        del before
        return f"would cut {_named(order)} off the network"

    def act(self, order: Order, before: Before) -> str:
        for id_ in before["groups"]:
            self._set(id_, self.group_id)
        return f"{_named(order)} is cut off the network; it runs on, since its memory is evidence"

    def undo(self, order: Order, before: Before) -> str:
        for id_, found in self._interfaces(self._machine(order)):
            if id_ in before["groups"] and not _same(_group(found), self.group_id):
                raise RefusedError(f"somebody has changed the network of {_named(order)} since")
        for id_, group_id in before["groups"].items():
            self._set(id_, group_id)
        return f"{_named(order)} is on the network again"

    def _machine(self, order: Order) -> dict[str, Any]:
        if not is_within(order.subject.name, self.scope):
            raise RefusedError(f"{_named(order)} is outside of the environment's resource group")
        return self.arm.get(order.subject.name, MACHINES)

    def _interfaces(self, machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for each in machine["properties"]["networkProfile"]["networkInterfaces"]:
            yield each["id"], self.arm.get(each["id"], INTERFACES)

    def _set(self, interface_id: str, group_id: str | None) -> None:
        # All of it is sent back: what is left out is lost.
        interface = self.arm.get(interface_id, INTERFACES)
        if _same(_group(interface), group_id):
            return
        properties = {
            name: value
            for name, value in interface["properties"].items()
            if name != "networkSecurityGroup"
        }
        if group_id:
            properties["networkSecurityGroup"] = {"id": group_id}
        body = {name: interface[name] for name in ("location", "tags") if name in interface}
        self.arm.put(interface_id, INTERFACES, {**body, "properties": properties})


def _group(interface: dict[str, Any]) -> str | None:
    return (interface["properties"].get("networkSecurityGroup") or {}).get("id")


def _same(one: str | None, other: str | None) -> bool:
    return (one or "").lower() == (other or "").lower()


def _named(order: Order) -> str:
    return f"machine {name_of(order.subject.name)}"
