"""An alarm as data, and the CloudWatch alarm that it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import pulumi
import pulumi_aws as aws

from ..naming import logical
from .kinds import KINDS, AlarmKind, Severity

Comparison = Literal["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"]

LONGEST_DESCRIPTION: Final = 1024
"""Characters: a limit of CloudWatch."""


@dataclass(frozen=True, slots=True)
class Missing:
    """How an alarm takes a period without data, and why."""

    treated: Literal["breaching", "notBreaching", "ignore"]
    because: str


NOTHING_HAPPENED: Final = Missing("notBreaching", "the metric has data only when there is some")
SILENCE: Final = Missing("breaching", "silence is what it waits for")
KEPT: Final = Missing(
    "ignore", "the metric comes twice a day and ends with the certificate, so the last state stays"
)

UNTIL_THE_NEXT: Final = Missing(
    "ignore", "the metric comes twice a day, so the last state stays until the next value"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statistic: str = "Sum"
    """One of CloudWatch's five, or a percentile such as p99."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Formula:
    expression: str
    """Metric math over the names of the metrics."""
    of: Mapping[str, Metric]
    says: str
    """What the result is, for whoever looks at the graph."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    kind: AlarmKind
    name: str
    """The kind, and what tells it from others of its kind."""
    watches: Metric | Formula
    threshold: float
    missing: Missing
    region: str
    """Where the metric is: no alarm sees another region's."""
    comparison: Comparison = "GreaterThanOrEqualToThreshold"
    period_seconds: int = 300
    periods: int = 1
    severity: Severity | None = None
    """How loudly, where it is not the kind's own."""
    about: str = ""
    """Which one of several, for the description."""


def description(alarm: Alarm, runbook: str) -> str:
    """What a person reads who is told: what has happened, and where it says what to do."""
    about = f" ({alarm.about})" if alarm.about else ""
    return (
        f"{KINDS[alarm.kind].says}{about}. Runbook: {runbook}#{alarm.kind} . "
        f"Without data: {alarm.missing.treated}, since {alarm.missing.because}."
    )


def metric_alarm(
    label: str,
    alarm: Alarm,
    *,
    runbook: str,
    action_arns: Sequence[pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> aws.cloudwatch.MetricAlarm:
    return aws.cloudwatch.MetricAlarm(
        logical("alarm", label),
        region=alarm.region,
        alarm_description=description(alarm, runbook),
        comparison_operator=alarm.comparison,
        threshold=alarm.threshold,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.periods,
        treat_missing_data=alarm.missing.treated,
        actions_enabled=True,
        alarm_actions=list(action_arns),
        opts=opts,
        **_watched(alarm),
    )


def _watched(alarm: Alarm) -> dict[str, Any]:
    if isinstance(alarm.watches, Formula):
        return {"metric_queries": _queries(alarm.watches, alarm.period_seconds)}
    metric = alarm.watches
    percentile = metric.statistic.startswith("p")
    return {
        "namespace": metric.namespace,
        "metric_name": metric.name,
        "dimensions": dict(metric.dimensions) or None,
        "period": alarm.period_seconds,
        "statistic": None if percentile else metric.statistic,
        "extended_statistic": metric.statistic if percentile else None,
        # The slowest hundredth of ten requests is one, and says nothing.
        "evaluate_low_sample_count_percentiles": "ignore" if percentile else None,
    }


def _queries(formula: Formula, period_seconds: int) -> list[dict[str, Any]]:
    result = {
        "id": "result",
        "expression": formula.expression,
        "label": formula.says,
        "return_data": True,
    }
    parts = [
        {
            "id": name,
            "metric": {
                "namespace": metric.namespace,
                "metric_name": metric.name,
                "dimensions": dict(metric.dimensions),
                "period": period_seconds,
                "stat": metric.statistic,
            },
        }
        for name, metric in formula.of.items()
    ]
    return [result, *parts]
