"""What alarms there are, whatever cloud raises them: what each says, and how loudly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..clouds import Cloud

Severity = Literal["page", "ticket"]
"""`page`: wakes somebody; `ticket`: waits for the morning."""

Incident = Literal["account", "evidence", "availability", "customers"]
"""What alarms have in common: those of one incident that page do it once, together."""

INCIDENTS: Mapping[Incident, str] = {
    "account": "Somebody may have got into the account",
    "evidence": "What is done may no longer be recorded, or what was encrypted may be lost",
    "availability": "Customers cannot use the service",
    "customers": "Customers' accounts are under attack",
}
"""What the one page says."""

AlarmKind = Literal[
    "refused-calls",
    "sign-in-without-mfa",
    "root-user",
    "iam-changes",
    "trail-changes",
    "failed-console-sign-ins",
    "key-deletion",
    "bucket-changes",
    "config-changes",
    "security-group-changes",
    "network-acl-changes",
    "gateway-changes",
    "route-changes",
    "network-changes",
    "organisation-changes",
    "trail-silence",
    "undelivered-messages",
    "api-errors",
    "api-latency",
    "api-client-errors",
    "api-throttles",
    "api-refusals",
    "edge-errors",
    "firewall-blocks",
    "sign-in-failures",
    "compromised-credentials",
    "account-takeover",
    "certificate-expiry",
    "function-errors",
    "function-throttles",
    "queue-age",
    "dead-letters",
    "block-list-full",
    "block-list-silence",
    "watched-metric",
    "policy-changes",
    "lock-changes",
    "security-solution-changes",
    "database-firewall-changes",
    "public-address-changes",
    "firewall-removal",
    "threats",
    "service-health",
    "log-ingestion",
    "archive-access",
    "vault-refusals",
    "secret-expiry",
]


@dataclass(frozen=True, slots=True)
class Kind:
    says: str
    """What has happened: the first sentence of the alarm."""
    incident: Incident
    severity: Severity
    """How loudly, unless the settings say otherwise."""
    clouds: tuple[Cloud, ...] = ("aws", "azure")
    """The clouds on which something raises it."""


_AWS: tuple[Cloud, ...] = ("aws",)
_AZURE: tuple[Cloud, ...] = ("azure",)

KINDS: Mapping[AlarmKind, Kind] = {
    # The trail. Changes that a deployment makes too are no reason to wake somebody.
    "refused-calls": Kind("Calls in the account were refused", "account", "ticket"),
    "sign-in-without-mfa": Kind(
        "Somebody signed in to the console without a second factor", "account", "page"
    ),
    "root-user": Kind("The root user was used", "account", "page", clouds=_AWS),
    "iam-changes": Kind("Who may do what was changed", "account", "ticket"),
    "trail-changes": Kind(
        "What records or tells what is done was changed, stopped or deleted", "evidence", "page"
    ),
    "failed-console-sign-ins": Kind("Sign-ins to the console failed", "account", "ticket"),
    "key-deletion": Kind("A key was disabled or deleted, or is going to be", "evidence", "page"),
    "bucket-changes": Kind("Who may reach a bucket was changed", "account", "ticket"),
    "config-changes": Kind("AWS Config was changed or stopped", "evidence", "ticket", clouds=_AWS),
    "security-group-changes": Kind("A security group was changed", "account", "ticket"),
    "network-acl-changes": Kind("A network ACL was changed", "account", "ticket", clouds=_AWS),
    "gateway-changes": Kind("A network gateway was changed", "account", "ticket"),
    "route-changes": Kind("A route table was changed", "account", "ticket"),
    "network-changes": Kind("A network was made, changed or deleted", "account", "ticket"),
    "organisation-changes": Kind("The organisation was changed", "account", "ticket", clouds=_AWS),
    # The pipeline that the others rely on.
    "trail-silence": Kind("The trail has gone silent", "evidence", "page"),
    "undelivered-messages": Kind(
        "Pages did not reach whom they were for", "evidence", "ticket", clouds=_AWS
    ),
    # The service.
    "api-errors": Kind("The API answers with errors of its own", "availability", "page"),
    "api-latency": Kind("The API is slow", "availability", "page"),
    "api-client-errors": Kind(
        "Most of what clients ask of the API is wrong", "availability", "ticket"
    ),
    "api-throttles": Kind("The API turns requests away by its limits", "availability", "ticket"),
    "api-refusals": Kind("The API refuses many requests as not allowed", "customers", "ticket"),
    "edge-errors": Kind("The edge answers with errors", "availability", "page"),
    "firewall-blocks": Kind("The firewall blocks many requests", "customers", "ticket"),
    "sign-in-failures": Kind("Many sign-ins of customers fail", "customers", "ticket"),
    "compromised-credentials": Kind(
        "Customers sign in with passwords that are known from a breach", "customers", "page"
    ),
    "account-takeover": Kind("Sign-ins look like takeovers of accounts", "customers", "page"),
    "certificate-expiry": Kind(
        "A certificate is about to expire, so its renewal has failed", "availability", "ticket"
    ),
    # What a stack adds.
    "function-errors": Kind("A function fails", "availability", "page"),
    "function-throttles": Kind(
        "A function is not run for lack of room", "availability", "ticket", clouds=_AWS
    ),
    "queue-age": Kind("A queue is not worked off", "availability", "ticket"),
    "dead-letters": Kind("Messages were given up on", "availability", "ticket"),
    "block-list-full": Kind("A block list has hardly any room left", "customers", "page"),
    "block-list-silence": Kind(
        "A block list is not looked over: nothing is blocked, and nothing let in again",
        "customers",
        "page",
    ),
    "watched-metric": Kind("A number that is watched is too high", "customers", "ticket"),
    # What Azure alone can tell, or has alone.
    "policy-changes": Kind(
        "An assignment of Azure Policy was made, changed or deleted", "account", "ticket", _AZURE
    ),
    "lock-changes": Kind(
        "A lock is gone that keeps resources from being deleted", "evidence", "page", _AZURE
    ),
    "security-solution-changes": Kind(
        "What watches the subscription's security was changed or stopped",
        "evidence",
        "ticket",
        _AZURE,
    ),
    "database-firewall-changes": Kind(
        "Who may reach a database was changed", "account", "ticket", _AZURE
    ),
    "public-address-changes": Kind(
        "A public address was made, changed or deleted", "account", "ticket", _AZURE
    ),
    "firewall-removal": Kind(
        "The firewall at the edge was deleted, or no longer stands before it",
        "customers",
        "page",
        _AZURE,
    ),
    "threats": Kind("Defender for Cloud has found an attack", "account", "page", _AZURE),
    "service-health": Kind("Azure has trouble of its own", "availability", "ticket", _AZURE),
    "log-ingestion": Kind("Logs are dropped on their way in", "evidence", "page", _AZURE),
    "archive-access": Kind(
        "Somebody read or deleted what the archive of logs holds", "evidence", "ticket", _AZURE
    ),
    "vault-refusals": Kind(
        "Keys or secrets were asked for by who is not allowed", "account", "ticket", _AZURE
    ),
    "secret-expiry": Kind("A secret or a key is about to expire", "availability", "ticket", _AZURE),
}
"""Each has a section of this name in the runbook."""


def not_raised_on(cloud: Cloud) -> list[AlarmKind]:
    """The kinds that nothing on this cloud raises."""
    return [kind for kind, about in KINDS.items() if cloud not in about.clouds]
