"""The alarms of each thing that is watched by queries and numbers."""

from collections.abc import Iterator, Mapping
from typing import Final

import pulumi

from .azure_alarm import QueryAlarm, QueueAlarm
from .azure_kql import (
    ACTIVITY,
    ARCHIVE,
    EDGE,
    FIREWALL,
    FUNCTIONS,
    PIPELINE,
    REQUESTS,
    SIGN_INS,
    THREATS,
    VAULTS,
    Query,
    Source,
)
from .azure_watched import WatchedLine, WatchedQueue
from .kinds import AlarmKind
from .spec import ThresholdsSpec

_DAY: Final = 1440
_HOUR: Final = 60

_MANAGEMENT: Final = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
"""What people sign in to with portal, command line and Terraform: Azure's own management."""

OF_KEYS: Final = (
    "KeyDelete",
    "KeyPurge",
    "SecretDelete",
    "SecretPurge",
    "CertificateDelete",
    "CertificatePurge",
    "VaultDelete",
)
"""Operations of a vault after which what it held is gone, or will be."""

ENDS: Final[Mapping[AlarmKind, tuple[str, ...]]] = {
    "secret-expiry": (
        "SecretNearExpiryEventGridNotification",
        "SecretExpiredEventGridNotification",
        "KeyNearExpiryEventGridNotification",
        "KeyExpiredEventGridNotification",
    ),
    "certificate-expiry": (
        "CertificateNearExpiryEventGridNotification",
        "CertificateExpiredEventGridNotification",
    ),
}
"""What a vault writes 30 days before the end and at it, whether or not somebody subscribed."""

_HOUSEKEEPING: Final = "ObjectLifeCycleScanner"
"""How the archive's own lifecycle calls itself as it deletes what is over."""


def _worst(source: Source, where: str, of: Mapping[str, pulumi.Input[str]], by: str = "") -> Query:
    """How many rows the worst five minutes have."""
    group = f", {by}" if by else ""
    then = f" by {by}" if by else ""
    return Query(
        source,
        f"| where {where}\n"
        f"| summarize rows = count() by bin(TimeGenerated, 5m){group}\n"
        f"| summarize value = max(rows){then}",
        of,
    )


def _share(
    source: Source, where: str, spec: ThresholdsSpec, of: Mapping[str, pulumi.Input[str]]
) -> Query:
    """How many of a hundred rows these are; nought where there are few."""
    return Query(
        source,
        f"| summarize part = countif({where}), whole = count()\n"
        f"| extend value = iff(whole >= {spec.minimum_requests}, 100.0 * part / whole, 0.0)",
        of,
    )


def _listed(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(f'"{word}"' for word in words) + ")"


def of_pipeline(spec: ThresholdsSpec, *, activity: bool) -> Iterator[QueryAlarm]:
    """Whether the logs that all others rely on arrive."""
    yield QueryAlarm(
        kind="log-ingestion",
        name="log-ingestion",
        query=_worst(PIPELINE, 'category =~ "Ingestion" and level in~ ("Warning", "Error")', {}),
    )
    if activity:
        yield QueryAlarm(
            kind="trail-silence",
            name="trail-silence",
            query=Query(
                ACTIVITY, "| summarize rows = count()\n| extend value = iff(rows == 0, 1, 0)"
            ),
            minutes=_DAY,
        )
        yield QueryAlarm(
            kind="refused-calls",
            name="refused-calls",
            query=_worst(
                ACTIVITY,
                'category =~ "Administrative" and status =~ "Failure" '
                'and (properties has "AuthorizationFailed" or properties has "Forbidden")',
                {},
            ),
            threshold=spec.refused_calls,
        )


def of_vaults(spec: ThresholdsSpec) -> Iterator[QueryAlarm]:
    yield QueryAlarm(
        kind="key-deletion",
        name="key-deletion-in-vault",
        query=_worst(VAULTS, f"operation in {_listed(OF_KEYS)} and status < 300", {}, by="vault"),
        split=("vault",),
    )
    yield QueryAlarm(
        kind="vault-refusals",
        name="vault-refusals",
        # A client's first call has no token, and is answered with 401: that is no refusal.
        query=_worst(VAULTS, "status == 403", {}, by="vault"),
        split=("vault",),
        threshold=spec.refused_calls,
    )
    for kind, operations in ENDS.items():
        yield QueryAlarm(
            kind=kind,
            name=kind,
            query=_worst(VAULTS, f"operation in {_listed(operations)}", {}, by="vault"),
            split=("vault",),
            minutes=6 * _HOUR,
        )


def of_archive(archive_id: pulumi.Input[str]) -> Iterator[QueryAlarm]:
    yield QueryAlarm(
        kind="archive-access",
        name="archive-access",
        query=_worst(
            ARCHIVE,
            f'category in ("StorageRead", "StorageDelete") and agent !startswith "{_HOUSEKEEPING}"',
            {"archive": archive_id},
        ),
    )


def of_api(
    api_id: pulumi.Input[str], spec: ThresholdsSpec, *, behind_edge: bool
) -> Iterator[QueryAlarm]:
    of = {"api": api_id}
    yield QueryAlarm(
        kind="api-errors",
        name="api-errors",
        query=_share(REQUESTS, "status >= 500", spec, of),
        threshold=spec.api_errors_percent,
        # All clients come by the edge, whose own alarm pages for the same errors.
        severity="ticket" if behind_edge else None,
    )
    yield QueryAlarm(
        kind="api-latency",
        name="api-latency",
        query=Query(
            REQUESTS,
            "| summarize slowest = percentile(millis, 99), whole = count()\n"
            f"| extend value = iff(whole >= {spec.minimum_requests}, tolong(slowest), tolong(0))",
            of,
        ),
        threshold=spec.api_latency_ms,
    )
    yield QueryAlarm(
        kind="api-client-errors",
        name="api-client-errors",
        query=_share(REQUESTS, "status between (400 .. 499)", spec, of),
        threshold=spec.api_client_errors_percent,
    )
    yield QueryAlarm(
        kind="api-throttles",
        name="api-throttles",
        query=_worst(REQUESTS, "status == 429", of),
        threshold=spec.api_throttles,
    )
    yield QueryAlarm(
        kind="api-refusals",
        name="api-refusals",
        # What the firewall blocks ends at the edge, and is not among these.
        query=_worst(REQUESTS, "status in (401, 403)", of),
        threshold=spec.api_refusals,
    )


def of_edge(edge_id: pulumi.Input[str], spec: ThresholdsSpec) -> Iterator[QueryAlarm]:
    of = {"edge": edge_id}
    yield QueryAlarm(
        kind="edge-errors",
        name="edge-errors",
        query=_share(EDGE, "status >= 500", spec, of),
        threshold=spec.api_errors_percent,
    )
    yield QueryAlarm(
        kind="firewall-blocks",
        name="firewall-blocks",
        query=_worst(FIREWALL, 'action =~ "Block"', of),
        threshold=spec.firewall_blocks,
    )


def of_staff(tenant_id: str, spec: ThresholdsSpec) -> Iterator[QueryAlarm]:
    """Sign-ins of those who work in the subscription."""
    here = f'tenant =~ "{tenant_id}" and resource == "{_MANAGEMENT}"'
    yield QueryAlarm(
        kind="sign-in-without-mfa",
        name="sign-in-without-mfa",
        query=_worst(
            SIGN_INS, f'{here} and result == "0" and factors =~ "singleFactorAuthentication"', {}
        ),
    )
    yield QueryAlarm(
        kind="failed-console-sign-ins",
        name="failed-console-sign-ins",
        # 50126: a wrong name or password; 50053: locked out.
        query=_worst(SIGN_INS, f'{here} and result in ("50126", "50053")', {}),
        threshold=spec.failed_console_sign_ins,
    )


def of_customers(tenant_id: str, spec: ThresholdsSpec) -> Iterator[QueryAlarm]:
    here = f'tenant =~ "{tenant_id}"'
    yield QueryAlarm(
        kind="sign-in-failures",
        name="sign-in-failures",
        query=_worst(SIGN_INS, f'{here} and result != "0"', {}, by="application"),
        split=("application",),
        threshold=spec.sign_in_failures,
    )
    yield QueryAlarm(
        kind="compromised-credentials",
        name="compromised-credentials",
        query=_worst(SIGN_INS, f'{here} and risks has "leakedCredentials"', {}),
        threshold=spec.compromised_credentials,
    )
    yield QueryAlarm(
        kind="account-takeover",
        name="account-takeover",
        query=_worst(SIGN_INS, f'{here} and risk =~ "high"', {}),
        threshold=spec.account_takeovers,
    )


def of_threats() -> Iterator[QueryAlarm]:
    yield QueryAlarm(
        kind="threats",
        name="threats-high",
        about="of a high severity",
        query=_worst(THREATS, 'severity =~ "High"', {}),
    )


def of_functions(functions: Mapping[str, pulumi.Input[str]]) -> Iterator[QueryAlarm]:
    """One rule for all apps, which has an alarm for each that fails."""
    if functions:
        names = {f"function-{n}": name for n, name in enumerate(functions.values())}
        listed = ", ".join(f'"<{name}>"' for name in names)
        yield QueryAlarm(
            kind="function-errors",
            name="function-errors",
            about=", ".join(functions),
            query=_worst(
                FUNCTIONS,
                f'app in~ ({listed}) and level in ("Error", "Critical")',
                names,
                by="app",
            ),
            split=("app",),
        )


def of_line(label: str, line: WatchedLine) -> Iterator[QueryAlarm]:
    where = f'app =~ "<app>" and message contains {_text(line.words)}'
    then = "| summarize rows = count() by bin(TimeGenerated, 5m)\n| summarize value = max(rows)"
    if line.silent_minutes:
        then = "| summarize rows = count()\n| extend value = iff(rows == 0, 1, 0)"
    elif line.number:
        number = f'extract(@"""{line.number}"":\\s*([0-9.]+)", 1, message)'
        last = "| summarize arg_max(TimeGenerated, message)\n" if line.latest_minutes else ""
        then = f"{last}| summarize value = max(todouble({number}))"
    yield QueryAlarm(
        kind=line.kind,
        name=f"{line.kind}-{label}",
        about=line.says or label,
        query=Query(FUNCTIONS, f"| where {where}\n{then}", {"app": line.app}),
        threshold=1 if line.silent_minutes else line.threshold,
        minutes=line.silent_minutes or line.latest_minutes,
        severity=line.severity,
    )


def _text(words: str) -> str:
    """A text as Kusto quotes it."""
    return '@"' + words.replace('"', '""') + '"'


def of_queue(label: str, queue: WatchedQueue) -> Iterator[QueueAlarm]:
    yield QueueAlarm(
        kind="queue-age",
        name=f"queue-age-{label}",
        about=f"{label}: not empty for a quarter of an hour",
        namespace_id=queue.namespace_id,
        queue=queue.name,
        metric="ActiveMessages",
        # Service Bus does not count how old messages are; a queue that is worked off is empty once.
        statistic="Minimum",
    )


def of_dead_letters(label: str, queue: WatchedQueue) -> Iterator[QueueAlarm]:
    yield QueueAlarm(
        kind="dead-letters",
        name=f"dead-letters-{label}",
        about=label,
        namespace_id=queue.namespace_id,
        queue=queue.name,
        metric="DeadletteredMessages",
        statistic="Maximum",
    )
