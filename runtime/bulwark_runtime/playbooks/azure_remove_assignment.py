"""Take a role from whoever was given it. It is not undone: that needs the right to give any."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from azure.core.exceptions import HttpResponseError

from .actions import Before, Order, RefusedError
from .azure_arm import Arm, is_within, name_of

VERSION: Final = "2022-04-01"
_LOCKED: Final = "ScopeLocked"
_KIND: Final = "/providers/microsoft.authorization/roleassignments/"


@dataclass(frozen=True, slots=True)
class RemoveAssignment:
    arm: Arm
    scope: str
    """Id of the resource group within which it acts."""
    never: Collection[str] = frozenset()
    """Object ids of principals whose roles are left alone: those of pipelines and for
    emergencies."""
    takes: Final = "role-assignment"

    def look(self, order: Order) -> Before:
        id_ = order.subject.name
        if _KIND not in id_.lower() or not is_within(id_, self.scope):
            raise RefusedError("the role was given outside of the environment's resource group")
        found = self.arm.get(id_, VERSION)["properties"]
        if found["principalId"] in self.never:
            raise RefusedError("the role is of one whom playbooks never touch")
        names = ("principalId", "principalType", "roleDefinitionId", "scope")
        return {name: found.get(name) for name in names}

    def plan(self, order: Order, before: Before) -> str:
        return f"would take {_what(before)}: assignment {name_of(order.subject.name)}"

    def act(self, order: Order, before: Before) -> str:
        try:
            self.arm.delete(order.subject.name, VERSION)
        except HttpResponseError as error:
            if error.error is None or error.error.code != _LOCKED:
                raise
            raise RefusedError(
                "a lock on the resource group keeps everybody from taking roles in it: a person "
                f"takes it off, then {_what(before)}, and the next deploy puts it back"
            ) from None
        return f"took {_what(before)}; whoever gave it can give it again"

    def undo(self, order: Order, before: Before) -> str:
        del order
        raise RefusedError(
            f"who may give {_what(before)} back could give any role: a person does, with the deploy"
        )


def _what(before: Before) -> str:
    kind = (before["principalType"] or "principal").lower()
    role = name_of(before["roleDefinitionId"])
    return f"role {role} from {kind} {before['principalId']}"
