"""What alarms there are, whatever cloud raises them: what each says, and how loudly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

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
]


@dataclass(frozen=True, slots=True)
class Kind:
    says: str
    """What has happened: the first sentence of the alarm."""
    incident: Incident
    severity: Severity
    """How loudly, unless the settings say otherwise."""


KINDS: Mapping[AlarmKind, Kind] = {
    # The trail. Changes that a deployment makes too are no reason to wake somebody.
    "refused-calls": Kind("Calls in the account were refused", "account", "ticket"),
    "sign-in-without-mfa": Kind(
        "Somebody signed in to the console without a second factor", "account", "page"
    ),
    "root-user": Kind("The root user was used", "account", "page"),
    "iam-changes": Kind("A policy of IAM was changed", "account", "ticket"),
    "trail-changes": Kind("The trail was changed, stopped or deleted", "evidence", "page"),
    "failed-console-sign-ins": Kind("Sign-ins to the console failed", "account", "ticket"),
    "key-deletion": Kind("A key was disabled, or its deletion was scheduled", "evidence", "page"),
    "bucket-changes": Kind("Who may reach a bucket was changed", "account", "ticket"),
    "config-changes": Kind("AWS Config was changed or stopped", "evidence", "ticket"),
    "security-group-changes": Kind("A security group was changed", "account", "ticket"),
    "network-acl-changes": Kind("A network ACL was changed", "account", "ticket"),
    "gateway-changes": Kind("A network gateway was changed", "account", "ticket"),
    "route-changes": Kind("A route table was changed", "account", "ticket"),
    "network-changes": Kind("A network was made, changed or deleted", "account", "ticket"),
    "organisation-changes": Kind("The organisation was changed", "account", "ticket"),
    # The pipeline that the others rely on.
    "trail-silence": Kind("The trail has gone silent", "evidence", "page"),
    "undelivered-messages": Kind("Pages did not reach whom they were for", "evidence", "ticket"),
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
    "function-throttles": Kind("A function is not run for lack of room", "availability", "ticket"),
    "queue-age": Kind("A queue is not worked off", "availability", "ticket"),
    "dead-letters": Kind("Messages were given up on", "availability", "ticket"),
    "block-list-full": Kind("A block list has hardly any room left", "customers", "page"),
    "block-list-silence": Kind(
        "A block list is not looked over: nothing is blocked, and nothing let in again",
        "customers",
        "page",
    ),
    "watched-metric": Kind("A number that is watched is too high", "customers", "ticket"),
}
"""Each has a section of this name in the runbook."""
