"""A CloudWatch alarm that changes its state (CloudWatch User Guide, "Alarm events")."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..incident import Incident, Subject
from .fields import listed, mapping, once, time


def read(event: Mapping[str, Any]) -> Iterator[Incident]:
    alarm = event["detail"]
    state = alarm["state"]
    if state["value"] != "ALARM":
        return
    at = state["timestamp"]
    yield Incident(
        # An alarm has no id for one time that it rang, other than when it did.
        id=f"{event['resources'][0]}@{at}",
        source="alarm",
        types=(alarm["alarmName"],),
        severity="high",
        title=f"{alarm['alarmName']} rings: {state['reason']}",
        account=event["account"],
        region=event["region"],
        at=time(at),
        subjects=once(_subjects(alarm)),
    )


def _subjects(alarm: Mapping[str, Any]) -> Iterator[Subject]:
    for metric in listed(mapping(alarm.get("configuration")).get("metrics")):
        dimensions = mapping(mapping(mapping(metric.get("metricStat")).get("metric")))
        if machine := mapping(dimensions.get("dimensions")).get("InstanceId"):
            yield Subject("instance", machine)
