"""Systems Manager: Patch Manager, maintenance windows, and what runs on a schedule."""

from typing import Final

from bulwark_toolkit.emulated.language import Among, Call, Read, Row, pascal

_LACKING: Final = "raises NotImplementedError"
_BASELINE: Final = {
    "Name": "name",
    **pascal("operatingSystem", "description", "approvedPatches", "approvedPatchesComplianceLevel"),
    **pascal("approvedPatchesEnableNonSecurity", "rejectedPatches", "rejectedPatchesAction"),
    "GlobalFilters": "globalFilters",
    "ApprovalRules": {"PatchRules": "approvalRules"},
    "Sources": "sources",
}
_WINDOW: Final = pascal(
    "name",
    "description",
    "schedule",
    "scheduleTimezone",
    "scheduleOffset",
    "startDate",
    "endDate",
    "duration",
    "cutoff",
    "allowUnassociatedTargets",
)
_TARGET: Final = pascal(
    "windowId", "resourceType", "targets", "name", "description", "ownerInformation"
)
_TASK: Final = pascal(
    "windowId",
    "taskType",
    "taskArn",
    "targets",
    "maxConcurrency",
    "maxErrors",
    "cutoffBehavior",
    "priority",
    "serviceRoleArn",
    "name",
    "description",
    "taskInvocationParameters",
)
_ONLY_WITH_ONE_TASK: Final = ("taskInvocationParameters", "taskType", "cutoffBehavior")
_ASSOCIATION: Final = pascal(
    "name",
    "associationName",
    "parameters",
    "scheduleExpression",
    "targets",
    "complianceSeverity",
    "maxConcurrency",
    "maxErrors",
    "tags",
)

ROWS: Final = {
    "aws:ssm/patchBaseline:PatchBaseline": Row(
        calls=(Call("ssm.CreatePatchBaseline", _BASELINE, gives={"id": "BaselineId"}),),
        reads=(Read("ssm.GetPatchBaseline", {"BaselineId": "id"}, _BASELINE, lacking=_LACKING),),
        names={"patchFilters": "PatchFilterGroup.PatchFilters"},
        # The provider sends them with the call, and moto takes no baseline that has some.
        provider_only=("tags",),
    ),
    "aws:ssm/patchGroup:PatchGroup": Row(
        calls=(
            Call(
                "ssm.RegisterPatchBaselineForPatchGroup",
                pascal("baselineId", "patchGroup"),
            ),
        ),
        unread=dict.fromkeys(
            ("baselineId", "patchGroup"), "is asked for by an operating system it does not know"
        ),
    ),
    "aws:ssm/maintenanceWindow:MaintenanceWindow": Row(
        calls=(
            Call(
                "ssm.CreateMaintenanceWindow", {**_WINDOW, "Tags": "tags"}, gives={"id": "WindowId"}
            ),
        ),
        reads=(Read("ssm.GetMaintenanceWindow", {"WindowId": "id"}, _WINDOW),),
        unread={"allowUnassociatedTargets": "moto forgets it", "tags": "has none in its answer"},
    ),
    "aws:ssm/maintenanceWindowTarget:MaintenanceWindowTarget": Row(
        calls=(
            Call(
                "ssm.RegisterTargetWithMaintenanceWindow",
                _TARGET,
                gives={"id": "WindowTargetId"},
            ),
        ),
        reads=(
            Read(
                "ssm.DescribeMaintenanceWindowTargets",
                {"WindowId": "windowId"},
                {f"Targets[].{key}": Among(given) for key, given in _TARGET.items()},
            ),
        ),
    ),
    "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask": Row(
        calls=(
            Call(
                "ssm.RegisterTaskWithMaintenanceWindow",
                _TASK,
                gives={"id": "WindowTaskId"},
            ),
        ),
        reads=(
            Read(
                "ssm.DescribeMaintenanceWindowTasks",
                {"WindowId": "windowId"},
                {
                    f"Tasks[].{key}": Among(given)
                    for key, given in _TASK.items()
                    if given not in _ONLY_WITH_ONE_TASK
                },
            ),
        ),
        unread=dict.fromkeys(_ONLY_WITH_ONE_TASK, "a list of tasks does not say it"),
        names={"runCommandParameters": "RunCommand", "automationParameters": "Automation"},
    ),
    "aws:ssm/association:Association": Row(
        calls=(
            Call(
                "ssm.CreateAssociation",
                _ASSOCIATION,
                lacking=_LACKING,
            ),
        ),
        reads=(
            Read(
                "ssm.DescribeAssociation",
                {"AssociationId": "id"},
                {
                    f"AssociationDescription.{key}": given
                    for key, given in _ASSOCIATION.items()
                    if given != "tags"
                },
                lacking=_LACKING,
            ),
        ),
        unread={"tags": "a description does not say them"},
    ),
}
