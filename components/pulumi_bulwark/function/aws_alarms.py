"""What people are told of a function: that it fails, is held back, or loses events."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from .. import notes
from ..naming import logical

_PERIOD_SECONDS = 300
_USD_A_MONTH = 0.10
"""Price of an alarm on one metric."""


class _Watch(NamedTuple):
    name: str
    namespace: str
    metric: str
    dimension: str
    statistic: str
    says: str


_FUNCTION = (
    _Watch("errors", "AWS/Lambda", "Errors", "FunctionName", "Sum", "calls failed"),
    _Watch("throttles", "AWS/Lambda", "Throttles", "FunctionName", "Sum", "calls were refused"),
)
_EVENTS = _Watch(
    "lost",
    "AWS/Lambda",
    "DestinationDeliveryFailures",
    "FunctionName",
    "Sum",
    "events failed and could not be kept either",
)
_QUEUE = _Watch(
    "failures",
    "AWS/SQS",
    "ApproximateNumberOfMessagesVisible",
    "QueueName",
    "Maximum",
    "events wait that could not be handled",
)


def alarms(
    name: str,
    function_name: pulumi.Output[str],
    queue_name: pulumi.Output[str] | None,
    *,
    topic_arns: Sequence[pulumi.Input[str]],
    region: str,
    opts: pulumi.ResourceOptions,
) -> None:
    """An alarm for each thing that should never happen, to the topics; none without any."""
    if not topic_arns:
        return
    watched = list(_watched(function_name, queue_name))
    for watch, value in watched:
        aws.cloudwatch.MetricAlarm(
            logical("alarm", f"{name}-{watch.name}"),
            region=region,
            alarm_description=f"{name}: {watch.says} in the last {_PERIOD_SECONDS // 60} minutes",
            namespace=watch.namespace,
            metric_name=watch.metric,
            dimensions={watch.dimension: value},
            statistic=watch.statistic,
            period=_PERIOD_SECONDS,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            # Lambda and SQS send no point while nothing happens.
            treat_missing_data="notBreaching",
            alarm_actions=list(topic_arns),
            opts=opts,
        )
    if opts.parent:
        price = len(watched) * _USD_A_MONTH
        notes.cost(opts.parent, f"{len(watched)} alarms: {price:.2f} USD a month")


def _watched(
    function_name: pulumi.Output[str], queue_name: pulumi.Output[str] | None
) -> Iterator[tuple[_Watch, pulumi.Output[str]]]:
    for watch in _FUNCTION:
        yield watch, function_name
    if queue_name is not None:
        yield _EVENTS, function_name
        yield _QUEUE, queue_name
