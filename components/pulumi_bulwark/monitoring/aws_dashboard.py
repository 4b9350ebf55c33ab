"""The one page of graphs, as data: what CloudWatch takes as a dashboard's body.

From top to bottom as somebody asks who has just been woken: what is alarming, since when, do
customers notice, is it an attack, who did what.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from .aws_alarm import Alarm, Formula, Metric
from .kinds import INCIDENTS, KINDS

WIDTH: Final = 24
"""Columns of a dashboard."""

_GRAPHS_IN_A_ROW: Final = 3
_MOST_ALARMS: Final = 100
"""Alarms that one widget shows."""

_OF_A_GRAPH: Final = 6
"""Height of a graph."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """An alarm that there is."""

    alarm: Alarm
    arn: pulumi.Input[str]


def body(
    panels: Sequence[Panel],
    pages: Sequence[pulumi.Input[str]],
    *,
    title: str,
    runbook: str,
) -> dict[str, Any]:
    """The dashboard of these alarms; `pages` has the ARNs of those that wake somebody."""
    placed = _Placed()
    placed.row([_text(f"# {title}\nEach alarm's next step: {runbook}")], height=2)
    placed.row([_states("What wakes somebody", pages)], height=3)
    placed.row([_states("All alarms", [panel.arn for panel in panels])], height=6)
    for incident, says in INCIDENTS.items():
        of_it = [panel for panel in panels if KINDS[panel.alarm.kind].incident == incident]
        if of_it:
            placed.row([_text(f"## {says}")], height=1)
            placed.grid([_graph(panel) for panel in of_it])
    return {"start": "-PT3H", "periodOverride": "inherit", "widgets": placed.widgets}


class _Placed:
    """Widgets, each below the ones before it."""

    def __init__(self) -> None:
        self.widgets: list[dict[str, Any]] = []
        self._y = 0

    def row(self, widgets: Sequence[dict[str, Any]], *, height: int) -> None:
        width = WIDTH // max(len(widgets), 1)
        for place, widget in enumerate(widgets):
            at = {"x": place * width, "y": self._y, "width": width, "height": height}
            self.widgets.append(widget | at)
        self._y += height

    def grid(self, widgets: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(widgets), _GRAPHS_IN_A_ROW):
            row = list(widgets[start : start + _GRAPHS_IN_A_ROW])
            self.row(row, height=_OF_A_GRAPH)


def _text(markdown: str) -> dict[str, Any]:
    return {"type": "text", "properties": {"markdown": markdown}}


def _states(title: str, arns: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    shown = list(arns)[:_MOST_ALARMS]
    return {"type": "alarm", "properties": {"title": title, "alarms": shown}}


def _graph(panel: Panel) -> dict[str, Any]:
    alarm = panel.alarm
    return {
        "type": "metric",
        "properties": {
            "title": alarm.name,
            "region": alarm.region,
            "view": "timeSeries",
            "period": alarm.period_seconds,
            "yAxis": {"left": {"min": 0}},
            "metrics": list(_metrics(alarm)),
            "annotations": {
                "horizontal": [{"label": "alarm from here on", "value": alarm.threshold}]
            },
        },
    }


def _metrics(alarm: Alarm) -> Iterator[list[Any]]:
    if not isinstance(alarm.watches, Formula):
        yield _series(alarm.watches, {})
        return
    yield [{"id": "result", "expression": alarm.watches.expression, "label": alarm.watches.says}]
    for name, metric in alarm.watches.of.items():
        yield _series(metric, {"id": name, "visible": False})


def _series(metric: Metric, options: Mapping[str, Any]) -> list[Any]:
    dimensions = [part for pair in metric.dimensions.items() for part in pair]
    return [metric.namespace, metric.name, *dimensions, {"stat": metric.statistic, **options}]
