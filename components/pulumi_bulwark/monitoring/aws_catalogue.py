"""The alarms of each thing that is watched."""

from collections.abc import Iterator, Mapping

import pulumi

from .aws_alarm import KEPT, NOTHING_HAPPENED, SILENCE, Alarm, Formula, Metric
from .aws_patterns import PATTERNS
from .aws_watched import (
    WatchedApi,
    WatchedBlockList,
    WatchedCertificate,
    WatchedFirewall,
    WatchedMetric,
    WatchedQueue,
    WatchedSignIn,
)
from .kinds import AlarmKind
from .spec import ThresholdsSpec

EDGE_REGION = "us-east-1"
"""Where CloudFront and its web ACL have their metrics."""

HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS

THROTTLED = '{$.status="429"}'
# What the firewall blocks is a 403 too, and has an alarm of its own.
REFUSED = '{($.status="401")||(($.status="403")&&($.error!="WAF_FILTERED"))}'

OF_ACCESS_LOG: Mapping[AlarmKind, str] = {"api-throttles": THROTTLED, "api-refusals": REFUSED}
"""What API Gateway counts among the 4xx and has no metric of its own for."""

_PEOPLES = ("SignIn", "SignUp", "PasswordChange")
"""The operations for which Cognito looks for known passwords."""


def of_trail(events_id: pulumi.Input[str], region: str, spec: ThresholdsSpec) -> Iterator[Alarm]:
    """The silence of the trail; what is found in it has a metric of its own, see `of_filter`."""
    yield Alarm(
        kind="trail-silence",
        name="trail-silence",
        watches=Metric(
            namespace="AWS/Logs", name="IncomingLogEvents", dimensions={"LogGroupName": events_id}
        ),
        comparison="LessThanThreshold",
        threshold=1,
        period_seconds=HOUR_SECONDS,
        periods=spec.silence_hours,
        missing=SILENCE,
        region=region,
    )


def of_filter(kind: AlarmKind, metric: Metric, region: str, spec: ThresholdsSpec) -> Alarm:
    """What is found in a log, counted by a metric filter."""
    thresholds: dict[AlarmKind, int] = {
        "refused-calls": spec.refused_calls,
        "failed-console-sign-ins": spec.failed_console_sign_ins,
        "api-throttles": spec.api_throttles,
        "api-refusals": spec.api_refusals,
    }
    cis = f"CIS AWS {PATTERNS[kind].cis}" if kind in PATTERNS else ""
    return Alarm(
        kind=kind,
        name=kind,
        about=cis,
        watches=metric,
        threshold=thresholds.get(kind, 1),
        missing=NOTHING_HAPPENED,
        region=region,
    )


def of_api(
    api: WatchedApi, region: str, spec: ThresholdsSpec, *, behind_edge: bool
) -> Iterator[Alarm]:
    yield Alarm(
        kind="api-errors",
        name="api-errors",
        watches=_share(_api_metric(api, "5XXError"), _api_metric(api, "Count"), spec, "5xx, %"),
        threshold=spec.api_errors_percent,
        periods=2,
        missing=NOTHING_HAPPENED,
        region=region,
        # All clients come by the edge, whose own alarm pages for the same errors.
        severity="ticket" if behind_edge else None,
    )
    yield Alarm(
        kind="api-latency",
        name="api-latency",
        watches=_api_metric(api, "Latency", "p99"),
        threshold=spec.api_latency_ms,
        periods=3,
        missing=NOTHING_HAPPENED,
        region=region,
    )
    yield Alarm(
        kind="api-client-errors",
        name="api-client-errors",
        watches=_share(_api_metric(api, "4XXError"), _api_metric(api, "Count"), spec, "4xx, %"),
        threshold=spec.api_client_errors_percent,
        periods=3,
        missing=NOTHING_HAPPENED,
        region=region,
    )


def _api_metric(api: WatchedApi, name: str, statistic: str = "Sum") -> Metric:
    dimensions = {"ApiName": api.name, "Stage": api.stage}
    return Metric(namespace="AWS/ApiGateway", name=name, dimensions=dimensions, statistic=statistic)


def _share(part: Metric, whole: Metric, spec: ThresholdsSpec, says: str) -> Formula:
    enough = f"whole >= {spec.minimum_requests}"
    return Formula(
        expression=f"IF({enough}, 100 * part / whole, 0)",
        of={"part": part, "whole": whole},
        says=says,
    )


def of_distribution(
    label: str, distribution_id: pulumi.Input[str], spec: ThresholdsSpec
) -> Iterator[Alarm]:
    def metric(name: str, statistic: str) -> Metric:
        dimensions = {"DistributionId": distribution_id, "Region": "Global"}
        return Metric(
            namespace="AWS/CloudFront", name=name, dimensions=dimensions, statistic=statistic
        )

    yield Alarm(
        kind="edge-errors",
        name=f"edge-errors-{label}",
        about=label,
        watches=Formula(
            expression=f"IF(requests >= {spec.minimum_requests}, rate, 0)",
            of={"requests": metric("Requests", "Sum"), "rate": metric("5xxErrorRate", "Average")},
            says="5xx, %",
        ),
        threshold=spec.api_errors_percent,
        periods=2,
        missing=NOTHING_HAPPENED,
        region=EDGE_REGION,
    )


def of_firewall(
    label: str, firewall: WatchedFirewall, region: str, spec: ThresholdsSpec
) -> Iterator[Alarm]:
    # CloudFront's own web ACLs have no dimension for a region.
    where = {} if firewall.at_edge else {"Region": region}
    yield Alarm(
        kind="firewall-blocks",
        name=f"firewall-blocks-{label}",
        about=f"web ACL of the {label}",
        watches=Metric(
            namespace="AWS/WAFV2",
            name="BlockedRequests",
            dimensions={"WebACL": firewall.metric_name, "Rule": "ALL", **where},
        ),
        threshold=spec.firewall_blocks,
        missing=NOTHING_HAPPENED,
        region=EDGE_REGION if firewall.at_edge else region,
    )


def of_sign_in(sign_in: WatchedSignIn, region: str, spec: ThresholdsSpec) -> Iterator[Alarm]:
    for client, client_id in sign_in.clients.items():
        yield _failures(client, client_id, sign_in.user_pool_id, region, spec)
    if sign_in.threat_protection:
        yield Alarm(
            kind="compromised-credentials",
            name="compromised-credentials",
            watches=_risks("CompromisedCredentialRisk", _PEOPLES, sign_in),
            threshold=spec.compromised_credentials,
            missing=NOTHING_HAPPENED,
            region=region,
        )
        yield Alarm(
            kind="account-takeover",
            name="account-takeover",
            watches=_risks("AccountTakeoverRisk", ("SignIn",), sign_in),
            threshold=spec.account_takeovers,
            missing=NOTHING_HAPPENED,
            region=region,
        )


def _failures(
    client: str,
    client_id: pulumi.Input[str],
    user_pool_id: pulumi.Input[str],
    region: str,
    spec: ThresholdsSpec,
) -> Alarm:
    def metric(statistic: str) -> Metric:
        return Metric(
            namespace="AWS/Cognito",
            name="SignInSuccesses",
            dimensions={"UserPool": user_pool_id, "UserPoolClient": client_id},
            statistic=statistic,
        )

    return Alarm(
        kind="sign-in-failures",
        name=f"sign-in-failures-{client}",
        about=f"client {client}",
        # Cognito counts a failure as a success of nought.
        watches=Formula(
            expression="attempts - successes",
            of={"attempts": metric("SampleCount"), "successes": metric("Sum")},
            says="failed sign-ins",
        ),
        threshold=spec.sign_in_failures,
        missing=NOTHING_HAPPENED,
        region=region,
    )


def _risks(name: str, operations: tuple[str, ...], sign_in: WatchedSignIn) -> Formula:
    of = {
        operation.lower(): Metric(
            namespace="AWS/Cognito",
            name=name,
            dimensions={
                "UserPoolId": sign_in.user_pool_id,
                "Operation": operation,
                "RiskLevel": "high",
            },
        )
        for operation in operations
    }
    # A metric without data would make the sum of all nothing.
    return Formula(
        expression=" + ".join(f"FILL({part}, 0)" for part in of), of=of, says="risks that are high"
    )


def of_certificate(
    label: str, certificate: WatchedCertificate, spec: ThresholdsSpec
) -> Iterator[Alarm]:
    yield Alarm(
        kind="certificate-expiry",
        name=f"certificate-expiry-{label}",
        about=label,
        watches=Metric(
            namespace="AWS/CertificateManager",
            name="DaysToExpiry",
            dimensions={"CertificateArn": certificate.arn},
            statistic="Minimum",
        ),
        comparison="LessThanThreshold",
        threshold=spec.certificate_days,
        period_seconds=DAY_SECONDS,
        missing=KEPT,
        region=certificate.region,
    )


def of_function(label: str, function: pulumi.Input[str], region: str) -> Iterator[Alarm]:
    names: dict[AlarmKind, str] = {"function-errors": "Errors", "function-throttles": "Throttles"}
    for kind, name in names.items():
        yield Alarm(
            kind=kind,
            name=f"{kind}-{label}",
            about=label,
            watches=Metric(
                namespace="AWS/Lambda", name=name, dimensions={"FunctionName": function}
            ),
            threshold=1,
            missing=NOTHING_HAPPENED,
            region=region,
        )


def of_queue(label: str, queue: WatchedQueue, region: str) -> Iterator[Alarm]:
    yield Alarm(
        kind="queue-age",
        name=f"queue-age-{label}",
        about=label,
        watches=_queue_metric(queue.name, "ApproximateAgeOfOldestMessage"),
        threshold=queue.oldest_seconds,
        missing=NOTHING_HAPPENED,
        region=region,
    )


def of_dead_letters(label: str, queue: pulumi.Input[str], region: str) -> Iterator[Alarm]:
    yield Alarm(
        kind="dead-letters",
        name=f"dead-letters-{label}",
        about=label,
        watches=_queue_metric(queue, "ApproximateNumberOfMessagesVisible"),
        threshold=1,
        missing=NOTHING_HAPPENED,
        region=region,
    )


def _queue_metric(queue: pulumi.Input[str], name: str) -> Metric:
    dimensions = {"QueueName": queue}
    return Metric(namespace="AWS/SQS", name=name, dimensions=dimensions, statistic="Maximum")


_FULL_PERCENT = 90
"""A list that is fuller may be full before somebody has made room."""


def of_block_list(watched: WatchedBlockList, region: str) -> Iterator[Alarm]:
    for name in watched.lists:
        # The writer says it each minute.
        dimensions = {"service": watched.service, "list": name}
        yield Alarm(
            kind="block-list-full",
            name=f"block-list-full-{name}",
            about=name,
            watches=_fill(watched, dimensions, "Maximum"),
            threshold=_FULL_PERCENT,
            # Silence has an alarm of its own.
            missing=NOTHING_HAPPENED,
            region=region,
        )
        yield Alarm(
            kind="block-list-silence",
            name=f"block-list-silence-{name}",
            about=name,
            watches=_fill(watched, dimensions, "SampleCount"),
            comparison="LessThanThreshold",
            threshold=1,
            periods=3,
            missing=SILENCE,
            region=region,
        )


def _fill(watched: WatchedBlockList, dimensions: Mapping[str, str], statistic: str) -> Metric:
    return Metric(
        namespace=watched.namespace,
        name="FillPercent",
        dimensions=dimensions,
        statistic=statistic,
    )


def of_metric(label: str, metric: WatchedMetric, region: str) -> Iterator[Alarm]:
    yield Alarm(
        kind="watched-metric",
        name=f"watched-metric-{label}",
        about=metric.says or label,
        watches=Metric(
            namespace=metric.namespace, name=metric.name, dimensions=metric.dimensions or {}
        ),
        threshold=metric.threshold,
        missing=NOTHING_HAPPENED,
        region=region,
        severity=metric.severity,
    )


def of_topic(topic_name: pulumi.Input[str], region: str) -> Iterator[Alarm]:
    """Pages that nobody got."""
    yield Alarm(
        kind="undelivered-messages",
        name=f"undelivered-messages-{region}",
        about=region,
        watches=Metric(
            namespace="AWS/SNS",
            name="NumberOfNotificationsFailed",
            dimensions={"TopicName": topic_name},
        ),
        threshold=1,
        missing=NOTHING_HAPPENED,
        region=region,
    )
