"""Close a storage account to the public: its blobs to readers without a name, its door to all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .actions import TAG, Before, Order, RefusedError
from .actions.action import leave_alone
from .azure_arm import Arm, is_within, name_of

VERSION: Final = "2024-01-01"
_CLOSED: Final = {"allowBlobPublicAccess": False, "networkAcls.defaultAction": "Deny"}


@dataclass(frozen=True, slots=True)
class CloseStorage:
    arm: Arm
    scope: str
    """Id of the resource group within which it acts."""
    takes: Final = "storage-account"

    def look(self, order: Order) -> Before:
        account = self._account(order)
        leave_alone(f"account {name_of(order.subject.name)}", tags_of(account))
        return {"access": _access(account)}

    def plan(self, order: Order, before: Before) -> str:
        if before["access"] == _CLOSED:
            return f"would leave {_named(order)} as it is: it is closed to the public"
        return f"would close {_named(order)} to the public"

    def act(self, order: Order, before: Before) -> str:
        del before
        self._set(order, _CLOSED)
        return f"{_named(order)} is closed to the public"

    def undo(self, order: Order, before: Before) -> str:
        if before["access"] == _CLOSED:
            raise RefusedError(f"{_named(order)} was closed before")
        if _access(self._account(order)) not in (_CLOSED, before["access"]):
            raise RefusedError(f"somebody has changed {_named(order)} since")
        self._set(order, before["access"])
        return f"{_named(order)} is as open as it was"

    def _account(self, order: Order) -> dict[str, Any]:
        if not is_within(order.subject.name, self.scope):
            raise RefusedError(f"{_named(order)} is outside of the environment's resource group")
        return self.arm.get(order.subject.name, VERSION)

    def _set(self, order: Order, access: Any) -> None:
        # Whole lists of networks stay: only what is said is changed.
        properties = {
            "allowBlobPublicAccess": access["allowBlobPublicAccess"],
            "networkAcls": {
                **self._account(order)["properties"].get("networkAcls", {}),
                "defaultAction": access["networkAcls.defaultAction"],
            },
        }
        self.arm.patch(order.subject.name, VERSION, {"properties": properties})


def _access(account: dict[str, Any]) -> dict[str, Any]:
    properties = account["properties"]
    acls = properties.get("networkAcls") or {}
    return {
        # What Azure takes where nothing is said.
        "allowBlobPublicAccess": properties.get("allowBlobPublicAccess", False),
        "networkAcls.defaultAction": acls.get("defaultAction", "Allow"),
    }


def tags_of(resource: dict[str, Any]) -> dict[str, str]:
    return with_our_tag(resource.get("tags"))


def with_our_tag(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Azure keeps a tag's colon, and its name in any case of letters."""
    return {TAG if k.lower() == TAG else k: v for k, v in (tags or {}).items()}


def _named(order: Order) -> str:
    return f"storage account {name_of(order.subject.name)}"
