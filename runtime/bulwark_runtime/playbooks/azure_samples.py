"""A sample of each event that playbooks on Azure know, as Microsoft documents its shape.

The values are made up; `fire` uses them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import azure_events
from .incident import Incident, Kind
from .playbook import Playbook

_GROUP = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/environment"
_ALERT = (
    "/subscriptions/00000000-0000-0000-0000-00000000000a/providers/Microsoft.AlertsManagement/"
    "alerts/00000000-0000-0000-0000-0000000000b1"
)


def _defender(type_: str, resource: str, *entities: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "SystemAlertId": f"2517000000000000000_{type_}",
        "AlertType": type_,
        "AlertDisplayName": "Something happened",
        "Severity": "High",
        "TimeGenerated": "2026-11-25T09:00:00Z",
        "EndTimeUtc": "2026-11-25T08:59:00Z",
        "ResourceIdentifiers": [
            {"Type": "AzureResource", "AzureResourceId": f"{_GROUP}/providers/{resource}"}
        ],
        "Entities": list(entities),
    }


def _monitor(signal: str, target: str, context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": _ALERT,
                "alertRule": "vault-denies",
                "severity": "Sev1",
                "signalType": signal,
                "monitorCondition": "Fired",
                "alertTargetIDs": [f"{_GROUP}/providers/{target}"],
                "firedDateTime": "2026-11-25T09:00:00Z",
            },
            "alertContext": context,
        },
    }


_GROUP_ITSELF = "Microsoft.Resources/resourceGroups/environment"
_MACHINE = "Microsoft.Compute/virtualMachines/app"
_STORAGE = "Microsoft.Storage/storageAccounts/reports"
_ASSIGNMENT = "Microsoft.Authorization/roleAssignments/00000000-0000-0000-0000-0000000000c1"

EVENTS: Mapping[str, dict[str, Any]] = {
    "defender-address": _defender(
        "VM_SshBruteForceSuccess", _MACHINE, {"Type": "ip", "Address": "8.8.8.8"}
    ),
    "defender-machine": _defender("VM_CryptoMining", _MACHINE),
    "defender-storage": _defender("Storage.Blob_OpenACL", _STORAGE),
    "defender-user": _defender(
        "ARM_OperationFromSuspiciousIP",
        _GROUP_ITSELF,
        {"Type": "account", "AadUserId": "00000000-0000-0000-0000-0000000000e1"},
    ),
    "activity-assignment": _monitor(
        "Activity Log",
        _ASSIGNMENT,
        {
            "eventDataId": "00000000-0000-0000-0000-0000000000d1",
            "operationName": "Microsoft.Authorization/roleAssignments/write",
            "caller": "mallory@example.com",
            "eventTimestamp": "2026-11-25T08:59:00Z",
            "claims": {
                "http://schemas.microsoft.com/identity/claims/objectidentifier": (
                    "00000000-0000-0000-0000-0000000000e1"
                )
            },
            "authorization": {
                "action": "Microsoft.Authorization/roleAssignments/write",
                "scope": f"{_GROUP}/providers/{_ASSIGNMENT}",
            },
        },
    ),
    "alarm-vault": _monitor("Log", "Microsoft.KeyVault/vaults/vault", {}),
}


def incident(playbook: Playbook, takes: Kind | None) -> Incident:
    """One that the playbook is for: of its source, and with what its action is done to."""
    known = [each for event in EVENTS.values() for each in azure_events.read(event)]
    of_source = [each for each in known if each.source == playbook.source]
    fitting = [each for each in of_source if takes is None or each.of_kind(takes)]
    return replace((fitting or of_source)[0], types=playbook.types[:1], severity="critical")
