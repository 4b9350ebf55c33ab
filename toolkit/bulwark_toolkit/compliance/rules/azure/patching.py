"""Update Manager: whether machines are patched, when, and whether they let it."""

import re
from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

CONFIGURATION: Final = "azure-native:maintenance:MaintenanceConfiguration"
SCOPES: Final = (
    "azure-native:maintenance:ConfigurationAssignmentsForSubscription",
    "azure-native:maintenance:ConfigurationAssignmentsForResourceGroup",
)
ASSIGNMENTS: Final = ("azure-native:maintenance:ConfigurationAssignment", *SCOPES)
MACHINE: Final = "azure-native:compute:VirtualMachine"

_IN_GUEST: Final = "InGuestPatch"
_SYSTEMS: Final = ("linuxConfiguration", "windowsConfiguration")
_PARAMETERS: Final = ("linuxParameters", "windowsParameters")
_URGENT: Final = frozenset({"Critical", "Security"})
_LATEST_DAYS: Final = 30
_SHORTEST, _LONGEST = 90, 235
"""Minutes that a window may be open."""

_EVERY: Final = re.compile(r"(?P<count>\d*)\s*(?P<unit>Day|Week|Month|Hour)", re.IGNORECASE)
_UNIT_DAYS: Final = {"hour": 1, "day": 1, "week": 7, "month": 35}
"""Days until the next, at most: the second Tuesday of a month may be five weeks after the last."""


# --- windows


@rule(
    "azure.patching.window-installs-what-is-urgent",
    CONFIGURATION,
    severity="high",
    requires="Every window installs critical and security patches",
    remediation="Name Critical and Security in classificationsToInclude, for each system.",
    reference="PCI 6.3.3",
)
def window_installs_what_is_urgent(window: Subject) -> Iterator[Verdict]:
    if not _patches(window):
        return
    found = [f"installPatches.{p}" for p in _PARAMETERS if window.has(f"installPatches.{p}")]
    if not found:
        yield Verdict(False, "installPatches", None, "installs nothing")
    for at in found:
        kinds = window.items(f"{at}.classificationsToInclude")
        yield Verdict(set(kinds) >= _URGENT, f"{at}.classificationsToInclude", ", ".join(kinds))


@rule(
    "azure.patching.window-opens-within-the-month",
    CONFIGURATION,
    severity="high",
    requires="Every window in which patches are installed opens again within thirty days",
    remediation='Set recurEvery to weeks or days, such as "1Week Sunday".',
    reference="PCI 6.3.3",
)
def window_opens_within_the_month(window: Subject) -> Iterator[Verdict]:
    if _patches(window):
        every = window.get("recurEvery", "")
        yield Verdict(_days(every) <= _LATEST_DAYS, "recurEvery", every)


@rule(
    "azure.patching.window-is-one-that-azure-takes",
    CONFIGURATION,
    severity="medium",
    requires="Every window is open for as long as Azure takes, and patches are the schedule's",
    remediation="Set duration between 01:30 and 03:55, and InGuestPatchMode in extensionProperties "
    "to User.",
    reference="PCI 6.3.3",
)
def window_is_one_that_azure_takes(window: Subject) -> Iterator[Verdict]:
    if not _patches(window):
        return
    duration = window.get("duration", "00:00")
    hours, _, minutes = duration.partition(":")
    length = int(hours) * 60 + int(minutes or 0)
    yield Verdict(_SHORTEST <= length <= _LONGEST, "duration", duration)
    at = "extensionProperties.InGuestPatchMode"
    mode = window.get(at)
    yield Verdict(mode == "User", at, mode)


@rule(
    "azure.patching.window-restarts-where-it-must",
    CONFIGURATION,
    severity="low",
    requires="Every window restarts a machine where a patch needs it",
    remediation="Set rebootSetting to IfRequired.",
    reference="PCI 6.3.3",
)
def window_restarts_where_it_must(window: Subject) -> Iterator[Verdict]:
    if _patches(window):
        value = window.get("installPatches.rebootSetting", "IfRequired")
        yield Verdict(value != "Never", "installPatches.rebootSetting", value)


@rule(
    "azure.patching.window-has-machines",
    CONFIGURATION,
    severity="high",
    requires="Every window in which patches are installed has machines",
    remediation="Assign it to machines, or to a scope with a filter.",
    reference="PCI 6.3.3",
    alone=False,
)
def window_has_machines(window: Subject) -> Iterator[Verdict]:
    if not _patches(window):
        return
    for token in ASSIGNMENTS:
        for found in window.attached(token, "maintenanceConfigurationId"):
            yield Verdict(True, "", found.resource.name, urn=found.urn)
            return
    yield Verdict(False, "", text="nothing assigns it to a machine")


@rule(
    "azure.patching.scope-is-chosen",
    *SCOPES,
    severity="medium",
    requires="No window patches every machine of a subscription or group, whoever's it is",
    remediation="Filter by a tag: a machine that nobody thought of may not stand a restart.",
    reference="PCI 6.5.1",
)
def scope_is_chosen(scope: Subject) -> Iterator[Verdict]:
    tags = scope.get("filter.tagSettings.tags", {})
    groups = scope.get("filter.resourceGroups", [])
    yield Verdict(bool(tags or groups), "filter", ", ".join([*tags, *groups]))


# --- machines


@rule(
    "azure.patching.machine-lets-a-schedule-patch-it",
    MACHINE,
    severity="high",
    requires="Every machine lets a schedule patch it",
    remediation="Set patchMode to AutomaticByPlatform, and its "
    "bypassPlatformSafetyChecksOnUserSchedule to true: without the second, Azure patches when it "
    "likes, and a schedule leaves it out.",
    reference="PCI 6.3.3",
)
def machine_lets_a_schedule_patch_it(machine: Subject) -> Iterator[Verdict]:
    for system in _systems(machine):
        at = f"osProfile.{system}.patchSettings"
        mode = machine.get(f"{at}.patchMode")
        yield Verdict(mode == "AutomaticByPlatform", f"{at}.patchMode", mode)
        bypass = f"{at}.automaticByPlatformSettings.bypassPlatformSafetyChecksOnUserSchedule"
        value = machine.get(bypass, False)
        yield Verdict(value is True, bypass, value)


@rule(
    "azure.patching.machine-is-asked-what-it-lacks",
    MACHINE,
    severity="medium",
    requires="Every machine is asked each day which patches it lacks",
    remediation="Set assessmentMode to AutomaticByPlatform.",
    reference="CIS Azure 8.1.10",
)
def machine_is_asked_what_it_lacks(machine: Subject) -> Iterator[Verdict]:
    for system in _systems(machine):
        at = f"osProfile.{system}.patchSettings.assessmentMode"
        mode = machine.get(at)
        yield Verdict(mode == "AutomaticByPlatform", at, mode)


def _patches(window: Subject) -> bool:
    return window.get("maintenanceScope") == _IN_GUEST


def _systems(machine: Subject) -> list[str]:
    """The part of its profile that is about its system; none of a machine made of a disk."""
    return [system for system in _SYSTEMS if machine.has(f"osProfile.{system}")]


def _days(every: str) -> int:
    """Days from one opening to the next, at most; more than any deadline where it does not."""
    found = _EVERY.match(every)
    if found is None:
        return _LATEST_DAYS + 1
    return int(found["count"] or 1) * _UNIT_DAYS[found["unit"].lower()]
