"""Resource groups."""

from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

GROUP: Final = "azure-native:resources:ResourceGroup"
LOCKS: Final = tuple(
    f"azure-native:authorization:ManagementLock{where}"
    for where in ("ByScope", "AtResourceGroupLevel")
)


@rule(
    "azure.foundation.group-is-locked",
    GROUP,
    severity="low",
    requires="A lock keeps every resource group from being deleted by mistake",
    remediation="Make a ManagementLockByScope with the level CanNotDelete, after all else in the "
    "group.",
    reference="CIS Azure 6.2",
    alone=False,
)
def group_is_locked(group: Subject) -> Iterator[Verdict]:
    for token in LOCKS:
        for by in ("scope", "resourceGroupName"):
            for lock in group.attached(token, by):
                yield Verdict(True, "level", lock.get("level"), urn=lock.urn)
                return
    yield Verdict(False, "lock", text="no lock is on it")
