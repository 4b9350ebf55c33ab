"""Systems Manager's Patch Manager: what is approved, and whether somebody installs it."""

import json
from collections.abc import Iterator
from typing import Final

from bulwark_toolkit.compliance.rule import Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

BASELINE: Final = "aws:ssm/patchBaseline:PatchBaseline"
GROUP: Final = "aws:ssm/patchGroup:PatchGroup"
DEFAULT: Final = "aws:ssm/defaultPatchBaseline:DefaultPatchBaseline"
TARGET: Final = "aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget"
TASK: Final = "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask"
WINDOW: Final = "aws:ssm/maintenanceWindow:MaintenanceWindow"
EVENT_RULE: Final = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"

_LATEST: Final = 23
"""Days: what is approved then is still installed within 30 by a window that opens once a week."""

_INSTALLERS: Final = ("AWS-RunPatchBaseline", "AWS-RunPatchBaselineWithHooks")
_TAGS: Final = ("tag:PatchGroup", "tag:Patch Group")
_COMMAND: Final = "taskInvocationParameters.runCommandParameters.parameters"


@rule(
    "aws.patching.security-patches-are-approved-in-time",
    BASELINE,
    severity="high",
    requires="Every baseline approves security patches soon enough for them to be installed within "
    "30 days of their release",
    remediation="Set approveAfterDays of the rule for critical patches to 23 or less.",
    reference="PCI 6.3.3",
)
def security_patches_are_approved_in_time(baseline: Subject) -> Iterator[Verdict]:
    found = baseline.each("approvalRules")
    if not found:
        yield Verdict(False, "approvalRules", None, "approves nothing by itself")
    urgent = [item for item in found if _is_urgent(baseline, item)] or found
    for item in urgent:
        days = baseline.get(f"{item}.approveAfterDays")
        yield Verdict(days is not None and days <= _LATEST, f"{item}.approveAfterDays", days)


@rule(
    "aws.patching.baseline-is-used",
    BASELINE,
    severity="medium",
    requires="Every baseline is that of a patch group, or the default of its system",
    remediation="Register it for a patch group, or as the default.",
    reference="PCI 6.3.3",
    alone=False,
)
def baseline_is_used(baseline: Subject) -> Iterator[Verdict]:
    users = [user for token in (GROUP, DEFAULT) for user in baseline.attached(token, "baselineId")]
    yield Verdict(bool(users), "id", baseline.output("name"), "is no patch group's baseline")


@rule(
    "aws.patching.what-is-approved-is-installed",
    GROUP,
    severity="high",
    requires="Every patch group has a window in which its patches are installed",
    remediation="Give its machines a maintenance window with a task that runs AWS-RunPatchBaseline "
    "with the operation Install.",
    reference="PCI 6.3.3",
    alone=False,
)
def what_is_approved_is_installed(group: Subject) -> Iterator[Verdict]:
    name = group.get("patchGroup")
    targets = [other for other in _all(group, TARGET) if name in _groups(other)]
    windows = {target.get("windowId") for target in targets}
    installed = any(
        task.get("windowId") in windows and _asked(task, "Operation") == ["Install"]
        for task in _all(group, TASK)
        if task.get("taskArn") in _INSTALLERS
    )
    yield Verdict(installed, "patchGroup", name, "no window installs anything on its machines")


@rule(
    "aws.patching.installation-restarts-where-it-must",
    TASK,
    severity="low",
    requires="Every installation restarts a machine where a patch needs it",
    remediation="Set RebootOption to RebootIfNeeded.",
    reference="PCI 6.3.3",
)
def installation_restarts_where_it_must(task: Subject) -> Iterator[Verdict]:
    if task.get("taskArn") in _INSTALLERS and _asked(task, "Operation") == ["Install"]:
        option = _asked(task, "RebootOption")
        yield Verdict(option != ["NoReboot"], _COMMAND, ", ".join(option) or "RebootIfNeeded")


@rule(
    "aws.patching.installation-stops-when-machines-fail",
    TASK,
    severity="medium",
    requires="Every installation stops before it has broken all machines",
    remediation="Set maxErrors below 100%, and maxConcurrency below all of them.",
    reference="PCI 6.5.1",
)
def installation_stops_when_machines_fail(task: Subject) -> Iterator[Verdict]:
    if task.get("taskArn") in _INSTALLERS and _asked(task, "Operation") == ["Install"]:
        errors = task.get("maxErrors")
        yield Verdict(errors not in (None, "100%"), "maxErrors", errors)


@rule(
    "aws.patching.hook-is-undone-whatever-happens",
    TASK,
    severity="medium",
    requires="What a hook does before the installation is undone at its end, also when it fails",
    remediation="Name the document that undoes it in OnExitHookDocName: PostInstallHookDocName "
    "runs before the restart, and not at all when the installation fails.",
    reference="PCI 6.5.1",
)
def hook_is_undone_whatever_happens(task: Subject) -> Iterator[Verdict]:
    if task.get("taskArn") in _INSTALLERS and _asked(task, "PreInstallHookDocName"):
        after = _asked(task, "OnExitHookDocName")
        yield Verdict(bool(after), _COMMAND, ", ".join(after), "has no OnExitHookDocName")


@rule(
    "aws.patching.failed-window-is-told",
    WINDOW,
    severity="medium",
    requires="Somebody is told when a window in which patches are installed fails",
    remediation="Add an EventRule for Maintenance Window Execution State-change Notification with "
    "the window's id and the status FAILED, and a target that logs or tells.",
    reference="PCI 6.3.3",
    alone=False,
)
def failed_window_is_told(window: Subject) -> Iterator[Verdict]:
    tasks = window.attached(TASK, "windowId")
    if not any(task.get("taskArn") in _INSTALLERS for task in tasks):
        return
    for event_rule in _all(window, EVENT_RULE):
        if _tells(event_rule, window.resource.id) and event_rule.attached(EVENT_TARGET, "rule"):
            yield Verdict(True, "eventPattern", event_rule.resource.name, urn=event_rule.urn)
            return
    yield Verdict(False, "", text="no event rule with a target is about its failures")


def _tells(event_rule: Subject, window: str | None) -> bool:
    written = event_rule.get("eventPattern", "{}")
    pattern = json.loads(written)
    return any(
        _FAILED_WINDOW in one.get("detail-type", ())
        and "FAILED" in one.get("detail", {}).get("status", ["FAILED"])
        and window in one.get("detail", {}).get("window-id", [window])
        for one in (pattern, *pattern.get("$or", ()))
    )


_FAILED_WINDOW: Final = "Maintenance Window Execution State-change Notification"


def _is_urgent(baseline: Subject, item: str) -> bool:
    filters = [baseline.get(path) for path in baseline.each(f"{item}.patchFilters")]
    words = {value for one in filters for value in one.get("values", ())}
    return not words.isdisjoint({"Security", "SecurityUpdates", "CriticalUpdates", "Critical"})


def _groups(target: Subject) -> set[str]:
    return {
        value
        for one in target.items("targets")
        if one.get("key") in _TAGS
        for value in one.get("values", ())
    }


def _asked(task: Subject, name: str) -> list[str]:
    """The values of a parameter of the task's command."""
    return [
        value
        for one in task.get(_COMMAND, [])
        if one.get("name") == name
        for value in one.get("values", ())
    ]


def _all(subject: Subject, token: str) -> list[Subject]:
    return [Subject(r, subject.graph) for r in subject.graph.resources if r.type == token]
