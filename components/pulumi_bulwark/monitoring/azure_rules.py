"""What of Azure Monitor an alarm becomes, and what it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_azure_native as azure_native

from ..naming import logical
from ..place import AzurePlace
from .azure_alarm import ActivityAlarm, Alarm, QueryAlarm, QueueAlarm
from .kinds import KINDS, Severity

LEVELS: Final[Mapping[Severity, int]] = {"page": 1, "ticket": 3}
"""Azure's own severities, of 0 (critical) to 4 (verbose), by which its list of alerts is sorted."""

EVERY_MINUTES: Final[Mapping[Severity, int]] = {"page": 5, "ticket": 15}
"""How often a query is asked, which is what it costs by."""

LOOKS_BACK_MINUTES: Final[Mapping[Severity, int]] = {"page": 15, "ticket": 30}
"""More than since the last time: logs arrive minutes late, and would be missed."""

SPANS: Final = {
    **{minutes: f"PT{minutes}M" for minutes in (5, 10, 15, 30)},
    **{hours * 60: f"PT{hours}H" for hours in range(1, 7)},
    24 * 60: "P1D",
}
"""All that a rule may look back, by minutes, as Azure writes it."""

COUNTED: Final = "value"
"""The column of a query's result that is compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """How loudly an alarm tells, whom, and what."""

    severity: Severity
    group_ids: Sequence[pulumi.Input[str]]
    runbook: str
    """The section of the runbook for what has happened."""

    @property
    def words(self) -> Mapping[str, str]:
        """What goes with each message, for whoever reads it with a program."""
        return {"severity": self.severity, "runbook": self.runbook}


def description(alarm: Alarm, runbook: str) -> str:
    """What a person reads who is told: what has happened, and where it says what to do."""
    about = f" ({alarm.about})" if alarm.about else ""
    return f"{KINDS[alarm.kind].says}{about}. Runbook: {runbook} ."


@dataclass(frozen=True, slots=True)
class At:
    """Where rules are, and what they ask."""

    place: AzurePlace
    workspace_id: pulumi.Input[str]


def make(
    label: str, alarm: Alarm, telling: Telling, at: At, opts: pulumi.ResourceOptions
) -> pulumi.CustomResource:
    """The rule of Azure Monitor that raises the alarm."""
    common: dict[str, Any] = {
        "resource_group_name": at.place.resource_group_name,
        "enabled": True,
        "description": description(alarm, telling.runbook),
        "opts": opts,
    }
    match alarm:
        case QueryAlarm():
            return _query_rule(label, alarm, telling, at, common)
        case ActivityAlarm():
            return _activity_alert(label, alarm, telling, at, common)
        case QueueAlarm():
            return _metric_rule(label, alarm, telling, common)


def _query_rule(
    label: str,
    alarm: QueryAlarm,
    telling: Telling,
    at: At,
    common: Mapping[str, Any],
) -> pulumi.CustomResource:
    every = 60 if alarm.minutes else EVERY_MINUTES[telling.severity]
    back = alarm.minutes or LOOKS_BACK_MINUTES[telling.severity]
    return azure_native.monitor.ScheduledQueryRule(
        logical("query-rule", label),
        kind="LogAlert",
        # Where the workspace is.
        location=at.place.location,
        display_name=alarm.name,
        severity=LEVELS[telling.severity],
        scopes=[at.workspace_id],
        evaluation_frequency=SPANS[min(every, back)],
        window_size=SPANS[back],
        criteria={
            "all_of": [
                {
                    "query": alarm.query.filled,
                    "time_aggregation": "Maximum",
                    "metric_measure_column": COUNTED,
                    "operator": "GreaterThanOrEqual",
                    "threshold": alarm.threshold,
                    "dimensions": [
                        {"name": name, "operator": "Include", "values": ["*"]}
                        for name in alarm.split
                    ],
                    "failing_periods": {
                        "number_of_evaluation_periods": 1,
                        "min_failing_periods_to_alert": 1,
                    },
                }
            ]
        },
        # Told once when it begins and once when it is over; a rule that is muted cannot do that.
        auto_mitigate=True,
        # A table that nothing has written yet would be an error; the queries live with that.
        skip_query_validation=True,
        actions={
            "action_groups": list(telling.group_ids),
            "custom_properties": dict(telling.words),
        },
        **common,
    )


def _activity_alert(
    label: str,
    alarm: ActivityAlarm,
    telling: Telling,
    at: At,
    common: Mapping[str, Any],
) -> pulumi.CustomResource:
    return azure_native.monitor.ActivityLogAlert(
        logical("activity-alert", label),
        # Azure would take a region only for some: said, since another stack's default is no matter.
        location="global",
        scopes=[at.place.subscription],
        condition={"all_of": list[Any](alarm.conditions)},
        actions={
            "action_groups": [
                {"action_group_id": group_id, "webhook_properties": dict(telling.words)}
                for group_id in telling.group_ids
            ]
        },
        **common,
    )


def _metric_rule(
    label: str, alarm: QueueAlarm, telling: Telling, common: Mapping[str, Any]
) -> pulumi.CustomResource:
    return azure_native.monitor.MetricAlert(
        logical("metric-rule", label),
        location="global",
        severity=LEVELS[telling.severity],
        scopes=[alarm.namespace_id],
        evaluation_frequency=SPANS[5],
        window_size=SPANS[15],
        criteria=_of_queue(alarm),
        auto_mitigate=True,
        actions=[
            {"action_group_id": group_id, "web_hook_properties": dict(telling.words)}
            for group_id in telling.group_ids
        ],
        **common,
    )


def _of_queue(alarm: QueueAlarm) -> Any:
    """A condition, in one of several forms, of which the SDK translates no name."""
    return {
        "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        "allOf": [
            {
                "criterionType": "StaticThresholdCriterion",
                "name": alarm.metric,
                "metricNamespace": "Microsoft.ServiceBus/namespaces",
                "metricName": alarm.metric,
                "timeAggregation": alarm.statistic,
                "operator": "GreaterThanOrEqual",
                "threshold": 1,
                "dimensions": [
                    {"name": "EntityName", "operator": "Include", "values": [alarm.queue]}
                ],
            }
        ],
    }
