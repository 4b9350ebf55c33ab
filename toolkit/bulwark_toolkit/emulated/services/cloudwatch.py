from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row, pascal

_TOLD: Final = {
    **pascal("alarmDescription", "actionsEnabled", "alarmActions", "insufficientDataActions"),
    "OKActions": "okActions",
}

_METRIC_ALARM: Final = {
    "AlarmName": "name",
    **_TOLD,
    **pascal("metricName", "namespace", "statistic", "extendedStatistic", "dimensions"),
    **pascal("period", "unit", "evaluationPeriods", "datapointsToAlarm", "threshold"),
    **pascal("comparisonOperator", "treatMissingData", "thresholdMetricId"),
    "EvaluateLowSampleCountPercentile": "evaluateLowSampleCountPercentiles",
    "Metrics": "metricQueries",
}

_COMPOSITE: Final = {"AlarmName": "alarmName", "AlarmRule": "alarmRule", **_TOLD}

_UNKNOWN: Final = "moto does not know composite alarms"

_TAGS: Final = Read("cloudwatch.ListTagsForResource", {"ResourceARN": "arn"}, {"Tags": "tags"})

ROWS: Final = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": Row(
        calls=(Call("cloudwatch.PutMetricAlarm", {**_METRIC_ALARM, "Tags": "tags"}),),
        reads=(
            Read(
                "cloudwatch.DescribeAlarms",
                {"AlarmNames": ["name"]},
                {f"MetricAlarms[0].{place}": name for place, name in _METRIC_ALARM.items()},
            ),
            _TAGS,
        ),
        # A structure round what is the metric, and not how it is added up.
        names={
            "metric": "metricStat",
            "namespace": "metric.Namespace",
            "metricName": "metric.MetricName",
            "dimensions": "metric.Dimensions",
        },
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Row(
        calls=(
            Call("cloudwatch.PutCompositeAlarm", {**_COMPOSITE, "Tags": "tags"}, lacking=_UNKNOWN),
        ),
        auto_name="",
        unread=dict.fromkeys([*_COMPOSITE.values(), "tags"], _UNKNOWN),
    ),
    "aws:cloudwatch/dashboard:Dashboard": Row(
        calls=(Call("cloudwatch.PutDashboard", pascal("dashboardName", "dashboardBody")),),
        reads=(
            Read(
                "cloudwatch.GetDashboard",
                pascal("dashboardName"),
                pascal("dashboardName", "dashboardBody"),
            ),
        ),
        auto_name="",
    ),
}
