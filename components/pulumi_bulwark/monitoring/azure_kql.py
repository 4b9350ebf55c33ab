"""The logs as queries read them: each source with columns of our own names, in Kusto.

A table of a new workspace may not be there yet, and AzureDiagnostics has a column only once some
resource wrote it; a rule whose query fails for a week is switched off by Azure. So each source is a
union with an empty table, and asks whether a column is there.

Names and types of columns are those of Microsoft's reference of Azure Monitor's tables; what is
named after Category, in AzureDiagnostics, is Front Door's log schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi

_CASTS: Final = {"string": "tostring", "int": "toint", "long": "tolong"}
"""So that a column has the type that the empty table says, whatever Azure makes of it one day."""


@dataclass(frozen=True, slots=True)
class Column:
    type: str
    value: str
    """How it is made of the table's own columns."""


@dataclass(frozen=True, slots=True)
class Source:
    """Some rows of a table."""

    table: str
    where: str
    columns: Mapping[str, Column]
    """By our name for it. TimeGenerated comes by itself."""

    @property
    def text(self) -> str:
        types = ", ".join(f"{name}: {column.type}" for name, column in self.columns.items())
        values = ",\n        ".join(
            f"{name} = {_CASTS[column.type]}({column.value})"
            for name, column in self.columns.items()
        )
        rows = f"    | where {self.where}\n" if self.where else ""
        return (
            f"union isfuzzy=true\n  (datatable(TimeGenerated: datetime, {types})[]),\n"
            f"  ({self.table}\n{rows}    | project TimeGenerated,\n        {values})"
        )


@dataclass(frozen=True, slots=True)
class Query:
    """A query, with what only the cloud knows still to be filled in."""

    source: Source
    then: str
    """What is done with the rows, a step a line."""
    of: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """What stands for each `<name>` in the text: ids and names that Azure made."""

    @property
    def text(self) -> str:
        return f"{self.source.text}\n{self.then}"

    @property
    def filled(self) -> pulumi.Input[str]:
        if not self.of:
            return self.text
        return pulumi.Output.all(**self.of).apply(lambda of: fill(self.text, of))


def fill(text: str, of: Mapping[str, str]) -> str:
    """The text with what stands for each `<name>`."""
    for name, value in of.items():
        text = text.replace(f"<{name}>", value)
    return text


def _late(column: str) -> str:
    """A column of AzureDiagnostics, or nothing where no resource has written it."""
    return f'column_ifexists("{column}", "")'


REQUESTS: Final = Source(
    "ApiManagementGatewayLogs",
    '_ResourceId =~ "<api>"',
    {
        "status": Column("int", "ResponseCode"),
        "backend_status": Column("int", "BackendResponseCode"),
        "millis": Column("long", "TotalTime"),
        "backend_millis": Column("long", "BackendTime"),
        "method": Column("string", "Method"),
        "route": Column("string", "OperationId"),
        "address": Column("string", "CallerIpAddress"),
        "client": Column("string", "ApimSubscriptionId"),
        "reason": Column("string", "LastErrorReason"),
        "request": Column("string", "CorrelationId"),
    },
)
"""Requests to the API."""

EDGE: Final = Source(
    "AzureDiagnostics",
    '_ResourceId =~ "<edge>" and Category == "FrontDoorAccessLog"',
    {
        # A word or a number, as the first resource to write it had it.
        "status": Column(
            "int",
            f"coalesce(tostring({_late('httpStatusCode_s')}), "
            f"tostring({_late('httpStatusCode_d')}))",
        ),
        "host": Column("string", _late("hostName_s")),
        "address": Column("string", _late("clientIp_s")),
        "method": Column("string", _late("httpMethod_s")),
        "path": Column("string", _late("requestUri_s")),
        "reason": Column("string", _late("errorInfo_s")),
        "request": Column("string", _late("trackingReference_s")),
    },
)
"""Requests to the edge."""

FIREWALL: Final = Source(
    "AzureDiagnostics",
    '_ResourceId =~ "<edge>" and Category == "FrontDoorWebApplicationFirewallLog"',
    {
        "action": Column("string", _late("action_s")),
        "rule": Column("string", _late("ruleName_s")),
        "address": Column("string", f"coalesce({_late('clientIP_s')}, {_late('clientIp_s')})"),
        "host": Column("string", _late("host_s")),
        "path": Column("string", _late("requestUri_s")),
        "request": Column("string", _late("trackingReference_s")),
    },
)
"""What rules of the firewall met."""

VAULTS: Final = Source(
    "AZKVAuditLogs",
    "",
    {
        "operation": Column("string", "OperationName"),
        "status": Column("int", "HttpStatusCode"),
        "thing": Column("string", "Id"),
        "who": Column(
            "string",
            "coalesce(tostring(Identity.claim.upn), tostring(Identity.claim.appid), "
            "tostring(Identity.claim.oid))",
        ),
        "address": Column("string", "CallerIpAddress"),
        "result": Column("string", "ResultDescription"),
        "vault": Column("string", "_ResourceId"),
    },
)
"""Calls to the vaults that log here."""

ARCHIVE: Final = Source(
    "StorageBlobLogs",
    '_ResourceId startswith "<archive>/" or _ResourceId =~ "<archive>"',
    {
        "category": Column("string", "Category"),
        "operation": Column("string", "OperationName"),
        "status": Column("string", "StatusCode"),
        "who": Column("string", "coalesce(RequesterUpn, RequesterAppId, RequesterObjectId)"),
        "address": Column("string", "CallerIpAddress"),
        "agent": Column("string", "UserAgentHeader"),
        "thing": Column("string", "ObjectKey"),
    },
)
"""Calls to the archive of logs that are no delivery."""

FUNCTIONS: Final = Source(
    "FunctionAppLogs",
    "",
    {
        "app": Column("string", "AppName"),
        "function": Column("string", "FunctionName"),
        "level": Column("string", "Level"),
        "message": Column("string", "Message"),
        "exception": Column("string", "ExceptionType"),
        "invocation": Column("string", "FunctionInvocationId"),
    },
)
"""What function apps say."""

ACTIVITY: Final = Source(
    "AzureActivity",
    "",
    {
        "category": Column("string", "CategoryValue"),
        "operation": Column("string", "OperationNameValue"),
        "status": Column("string", "ActivityStatusValue"),
        "who": Column("string", "Caller"),
        "address": Column("string", "CallerIpAddress"),
        "thing": Column("string", "_ResourceId"),
        "properties": Column("string", "Properties"),
    },
)
"""The Activity Log."""

SIGN_INS: Final = Source(
    "SigninLogs",
    "",
    {
        "who": Column("string", "UserPrincipalName"),
        "address": Column("string", "IPAddress"),
        "application": Column("string", "AppDisplayName"),
        "resource": Column("string", "ResourceIdentity"),
        "result": Column("string", "ResultType"),
        "factors": Column("string", "AuthenticationRequirement"),
        "risk": Column("string", "RiskLevelDuringSignIn"),
        "risks": Column("string", "RiskEventTypes_V2"),
        "tenant": Column("string", "ResourceTenantId"),
    },
)
"""Sign-ins of people, where an administrator of the tenant exports them."""

THREATS: Final = Source(
    "SecurityAlert",
    "",
    {
        "name": Column("string", "AlertName"),
        "severity": Column("string", "AlertSeverity"),
        "thing": Column("string", "CompromisedEntity"),
        "says": Column("string", "Description"),
    },
)
"""What Defender for Cloud has found."""

PIPELINE: Final = Source(
    "_LogOperation",
    "",
    {
        "category": Column("string", "Category"),
        "operation": Column("string", "Operation"),
        "level": Column("string", "Level"),
        "says": Column("string", "Detail"),
    },
)
"""What the workspace says of itself."""
