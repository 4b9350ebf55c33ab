"""What Sentinel looks for in the environment's logs, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .spec import SentinelRule


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A query, and what an incident says of what it finds."""

    title: str
    why: str
    severity: str
    tactics: Sequence[str]
    table: str
    columns: Mapping[str, str]
    """Those that the query reads, by their types: a workspace has the table, and each column of
    `AzureDiagnostics`, only once something was logged with it."""
    body: str
    """What follows the table."""
    who: str | None = None
    """The column with the account's name."""
    address: str | None = None
    """The column with the address that it came from."""
    minutes: int = 60
    """How often it is asked, and of how long."""

    @property
    def query(self) -> str:
        """The query, with a table of no rows beside the one that may not be there yet."""
        empty = ", ".join(f"{name}: {type_}" for name, type_ in self.columns.items())
        return f"union isfuzzy=true {self.table}, (datatable({empty})[])\n{self.body.strip()}"


_TIME = {"TimeGenerated": "datetime"}
_VAULT = _TIME | {
    "ResourceProvider": "string",
    "OperationName": "string",
    "CallerIPAddress": "string",
    "httpStatusCode_d": "real",
    "id_s": "string",
}

QUERIES: Mapping[SentinelRule, Found] = {
    "archive-attacked": Found(
        title="Somebody tried to delete from the archive of logs",
        why="A locked blob refuses it. Find out who tried, and what else they did.",
        severity="High",
        tactics=["DefenseEvasion", "Impact"],
        table="StorageBlobLogs",
        columns=_TIME
        | {
            "OperationName": "string",
            "StatusCode": "string",
            "CallerIpAddress": "string",
            "RequesterObjectId": "string",
            "AccountName": "string",
        },
        body="""
| where OperationName in ("DeleteBlob", "DeleteContainer", "SetBlobTier")
| where StatusCode in ("403", "409")
| extend Address = tostring(split(CallerIpAddress, ":")[0])
| summarize Attempts = count() by Address, RequesterObjectId, AccountName
""",
        who="RequesterObjectId",
        address="Address",
    ),
    "defender-alert": Found(
        title="Defender for Cloud saw an attack",
        why="An alert of high severity; the alert itself says what to do.",
        severity="High",
        tactics=["Execution"],
        table="SecurityAlert",
        columns=_TIME
        | {
            "AlertName": "string",
            "AlertSeverity": "string",
            "CompromisedEntity": "string",
            "SystemAlertId": "string",
        },
        body="""
| where AlertSeverity =~ "High"
| summarize arg_max(TimeGenerated, *) by SystemAlertId
| project TimeGenerated, AlertName, CompromisedEntity, SystemAlertId
""",
    ),
    "firewall-hammered": Found(
        title="One address was refused by the firewall hundreds of times",
        why="Somebody looks for a hole. Block the address, and look at what was let through.",
        severity="Medium",
        tactics=["Reconnaissance", "InitialAccess"],
        table="AzureDiagnostics",
        columns=_TIME | {"Category": "string", "action_s": "string", "clientIP_s": "string"},
        body="""
| where Category == "FrontDoorWebApplicationFirewallLog" and action_s =~ "Block"
| summarize Refused = count() by clientIP_s
| where Refused > 300
""",
        address="clientIP_s",
    ),
    "logging-ended": Found(
        title="Somebody took away what logs or locks",
        why="It is what an intruder does first. Put it back, and see who it was.",
        severity="High",
        tactics=["DefenseEvasion"],
        table="AzureActivity",
        columns=_TIME
        | {
            "OperationNameValue": "string",
            "ActivityStatusValue": "string",
            "Caller": "string",
            "CallerIpAddress": "string",
            "_ResourceId": "string",
        },
        body="""
| where OperationNameValue in~ (
    "microsoft.insights/diagnosticsettings/delete",
    "microsoft.authorization/locks/delete",
    "microsoft.operationalinsights/workspaces/delete",
    "microsoft.security/pricings/delete",
    "microsoft.security/automations/delete")
| where ActivityStatusValue in~ ("Success", "Succeeded")
| project TimeGenerated, OperationNameValue, Caller, CallerIpAddress, _ResourceId
""",
        who="Caller",
        address="CallerIpAddress",
        minutes=15,
    ),
    "owner-made": Found(
        title="Somebody was made an owner, or may make owners",
        why="Whoever has such a role can do everything. See whether it was asked for.",
        severity="High",
        tactics=["PrivilegeEscalation", "Persistence"],
        table="AzureActivity",
        columns=_TIME
        | {
            "OperationNameValue": "string",
            "ActivityStatusValue": "string",
            "Caller": "string",
            "CallerIpAddress": "string",
            "Properties": "string",
        },
        # Owner, User Access Administrator, Role Based Access Control Administrator. Only what
        # begins has the body of the request; what is refused after all is worth a look too.
        body="""
| where OperationNameValue =~ "microsoft.authorization/roleassignments/write"
| where Properties has_any (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168")
| summarize Begun = min(TimeGenerated) by Caller, CallerIpAddress, Properties
""",
        who="Caller",
        address="CallerIpAddress",
        minutes=15,
    ),
    "sign-in-guessed": Found(
        title="Somebody signed in after many failures",
        why="A password may have been guessed. Ask the person, and revoke the sessions.",
        severity="Medium",
        tactics=["CredentialAccess"],
        table="SigninLogs",
        columns=_TIME
        | {"UserPrincipalName": "string", "ResultType": "string", "IPAddress": "string"},
        body="""
| summarize Failures = countif(ResultType in ("50126", "50053")),
    Successes = countif(ResultType == "0") by UserPrincipalName, IPAddress
| where Failures > 10 and Successes > 0
""",
        who="UserPrincipalName",
        address="IPAddress",
    ),
    "vault-refused": Found(
        title="A key vault refused one address many times",
        why="Somebody looks for a secret without having the right. See who it is.",
        severity="Medium",
        tactics=["CredentialAccess", "Discovery"],
        table="AzureDiagnostics",
        columns=_VAULT,
        # The first question of every client is answered with a 401, which tells it whom to ask.
        body="""
| where ResourceProvider == "MICROSOFT.KEYVAULT" and httpStatusCode_d == 403
| summarize Refused = count() by CallerIPAddress
| where Refused > 20
""",
        address="CallerIPAddress",
    ),
    "vault-swept": Found(
        title="One address read many different secrets",
        why="No application needs so many. See who it is, and rotate what was read.",
        severity="High",
        tactics=["CredentialAccess", "Collection"],
        table="AzureDiagnostics",
        columns=_VAULT,
        body="""
| where ResourceProvider == "MICROSOFT.KEYVAULT" and httpStatusCode_d == 200
| where OperationName in ("SecretGet", "SecretBackup", "KeyBackup")
| summarize Read = dcount(id_s) by CallerIPAddress
| where Read > 15
""",
        address="CallerIPAddress",
    ),
}
