"""Questions to the logs that an investigation begins with; the runbook names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .azure_kql import (
    ACTIVITY,
    ARCHIVE,
    EDGE,
    FIREWALL,
    FUNCTIONS,
    REQUESTS,
    SIGN_INS,
    VAULTS,
    Source,
)


@dataclass(frozen=True, slots=True)
class Question:
    source: Source
    then: str
    """What is done with the rows, a step a line."""


_LATEST: Final = "| sort by TimeGenerated desc\n| take 200"

OF_ACTIVITY: Final[Mapping[str, Question]] = {
    "what was changed in the subscription": Question(
        ACTIVITY,
        '| where category =~ "Administrative" and status =~ "Success"\n'
        f"| project TimeGenerated, who, address, operation, thing\n{_LATEST}",
    ),
    "who is denied most": Question(
        ACTIVITY,
        '| where category =~ "Administrative" and status =~ "Failure"\n'
        '| where properties has "AuthorizationFailed" or properties has "Forbidden"\n'
        "| summarize denied = count() by who, address, operation\n| sort by denied desc\n| take 50",
    ),
    "changes of roles": Question(
        ACTIVITY,
        '| where operation startswith "Microsoft.Authorization/role"\n'
        f"| project TimeGenerated, who, address, operation, status, thing\n{_LATEST}",
    ),
    "changes of logging and alarms": Question(
        ACTIVITY,
        '| where operation startswith "Microsoft.Insights/" '
        'or operation startswith "Microsoft.OperationalInsights/"\n'
        '| where operation endswith "/write" or operation endswith "/delete"\n'
        f"| project TimeGenerated, who, address, operation, status, thing\n{_LATEST}",
    ),
    "changes of the network": Question(
        ACTIVITY,
        '| where operation startswith "Microsoft.Network/"\n'
        f"| project TimeGenerated, who, address, operation, status, thing\n{_LATEST}",
    ),
}

OF_VAULTS: Final[Mapping[str, Question]] = {
    "who uses keys and secrets": Question(
        VAULTS,
        "| summarize calls = count(), refused = countif(status == 403) "
        "by who, address, operation, vault\n| sort by calls desc\n| take 50",
    ),
    "who is refused keys and secrets": Question(
        VAULTS,
        "| where status == 403\n"
        f"| project TimeGenerated, who, address, operation, thing, result\n{_LATEST}",
    ),
    "what was deleted or is about to expire in vaults": Question(
        VAULTS,
        '| where operation endswith "Delete" or operation endswith "Purge" '
        'or operation endswith "ExpiryEventGridNotification" '
        'or operation endswith "ExpiredEventGridNotification"\n'
        f"| project TimeGenerated, who, address, operation, thing, vault\n{_LATEST}",
    ),
}

OF_ARCHIVE: Final[Mapping[str, Question]] = {
    "who reads the archive": Question(
        ARCHIVE,
        "| summarize calls = count(), things = make_set(thing, 20) "
        "by who, address, operation, agent\n| sort by calls desc\n| take 50",
    ),
}

OF_API: Final[Mapping[str, Question]] = {
    "errors of the API by route": Question(
        REQUESTS,
        "| where status >= 500\n"
        "| summarize errors = count() by method, route, reason, backend_status\n"
        "| sort by errors desc\n| take 50",
    ),
    "slowest routes": Question(
        REQUESTS,
        "| summarize p99 = percentile(millis, 99), backend = percentile(backend_millis, 99), "
        "requests = count() by method, route\n| sort by p99 desc\n| take 50",
    ),
    "who is refused": Question(
        REQUESTS,
        "| where status in (401, 403)\n"
        "| summarize refused = count() by address, client, route, reason\n"
        "| sort by refused desc\n| take 50",
    ),
    "who is throttled": Question(
        REQUESTS,
        "| where status == 429\n"
        "| summarize throttled = count() by client, address, route\n"
        "| sort by throttled desc\n| take 50",
    ),
    "all requests of one client": Question(
        REQUESTS,
        '| where client == "CLIENT" or address == "ADDRESS"\n'
        "| project TimeGenerated, method, route, status, reason, address, client, request\n"
        f"{_LATEST}",
    ),
}

OF_EDGE: Final[Mapping[str, Question]] = {
    "errors of the edge": Question(
        EDGE,
        "| where status >= 500\n"
        "| summarize errors = count() by host, method, status, reason\n"
        "| sort by errors desc\n| take 50",
    ),
    "who is blocked most": Question(
        FIREWALL,
        '| where action =~ "Block"\n'
        "| summarize blocked = count() by address, rule\n| sort by blocked desc\n| take 50",
    ),
    "what is blocked by which rule": Question(
        FIREWALL,
        '| where action =~ "Block"\n'
        "| summarize blocked = count(), paths = make_set(path, 10) by rule, host\n"
        "| sort by blocked desc\n| take 50",
    ),
}

OF_FUNCTIONS: Final[Mapping[str, Question]] = {
    "what functions failed": Question(
        FUNCTIONS,
        '| where level in ("Error", "Critical")\n'
        "| project TimeGenerated, app, function, exception, message, invocation\n" + _LATEST,
    ),
}

OF_SIGN_INS: Final[Mapping[str, Question]] = {
    "sign-ins that failed": Question(
        SIGN_INS,
        '| where result != "0"\n'
        "| summarize failed = count() by who, address, application, result\n"
        "| sort by failed desc\n| take 50",
    ),
    "risky sign-ins": Question(
        SIGN_INS,
        '| where risk in~ ("medium", "high")\n'
        f"| project TimeGenerated, who, address, application, result, risk, risks\n{_LATEST}",
    ),
}
