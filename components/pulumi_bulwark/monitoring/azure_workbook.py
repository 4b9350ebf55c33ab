"""The one page of graphs, as data: what Azure Monitor takes as a workbook.

From top to bottom as somebody asks who has just been woken: what is alarming, do customers notice,
is it an attack, who did what, and can what is shown here be believed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pulumi

from .azure_kql import ACTIVITY, EDGE, FIREWALL, FUNCTIONS, PIPELINE, REQUESTS, VAULTS, Source, fill
from .azure_queries import OF_API, OF_ARCHIVE, OF_EDGE, OF_FUNCTIONS, OF_SIGN_INS, Question

Visual = Literal["timechart", "table"]

_SCHEMA: Final = (
    "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json"
)
_SPAN: Final = "TimeRange"
_THREE_HOURS: Final = 3 * 60 * 60 * 1000

_FIRED: Final = (
    "alertsmanagementresources\n"
    '| where type == "microsoft.alertsmanagement/alerts"\n'
    "| extend alert = properties.essentials\n"
    '| where alert.monitorCondition == "Fired" and alert.alertState != "Closed"\n'
    "| project severity = tostring(alert.severity), alarm = name, "
    "since = todatetime(alert.startDateTime), on = tostring(alert.targetResourceName), "
    "says = tostring(alert.description)\n"
    "| sort by severity asc, since desc"
)
"""Azure's own list of alerts that are raised and that nobody has closed."""


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    source: Source
    then: str
    visual: Visual = "timechart"

    @property
    def text(self) -> str:
        return f"{self.source.text}\n{self.then}"


def _answers(title: str, question: Question) -> Panel:
    """What a saved query answers."""
    return Panel(title, question.source, question.then, "table")


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    panels: Sequence[Panel]


def _over_time(what: str) -> str:
    return f"| summarize {what} by bin(TimeGenerated, 5m)"


API: Final = Section(
    "Do customers notice? The API",
    (
        Panel(
            "Requests, and those that failed",
            REQUESTS,
            _over_time("requests = count(), errors = countif(status >= 500)"),
        ),
        Panel(
            "Slowest hundredth, and the backend's part of it (ms)",
            REQUESTS,
            _over_time("p99 = percentile(millis, 99), backend = percentile(backend_millis, 99)"),
        ),
        Panel(
            "Refused (401, 403) and over a limit (429)",
            REQUESTS,
            _over_time("refused = countif(status in (401, 403)), limit = countif(status == 429)"),
        ),
        _answers("Which routes fail", OF_API["errors of the API by route"]),
    ),
)

FRONT: Final = Section(
    "Is it an attack? Edge and firewall",
    (
        Panel(
            "Requests at the edge, and those that failed",
            EDGE,
            _over_time("requests = count(), errors = countif(status >= 500)"),
        ),
        Panel(
            "What rules of the firewall did",
            FIREWALL,
            "| summarize requests = count() by bin(TimeGenerated, 5m), action",
        ),
        _answers("Who is blocked most", OF_EDGE["who is blocked most"]),
    ),
)

SIGN_IN: Final = Section(
    "Sign-in",
    tuple(_answers(title.capitalize(), question) for title, question in OF_SIGN_INS.items()),
)

VAULT: Final = Section(
    "Who asks for keys and secrets",
    (
        Panel(
            "Calls, and those that were refused",
            VAULTS,
            _over_time("calls = count(), refused = countif(status == 403)"),
        ),
        Panel(
            "Who is refused",
            VAULTS,
            "| where status == 403\n"
            "| summarize refused = count() by who, address, operation, vault\n"
            "| sort by refused desc\n| take 20",
            "table",
        ),
    ),
)

FUNCTION: Final = Section(
    "Functions",
    (
        Panel(
            "Errors by app",
            FUNCTIONS,
            '| where level in ("Error", "Critical")\n'
            "| summarize errors = count() by bin(TimeGenerated, 5m), app",
        ),
        _answers("What failed", OF_FUNCTIONS["what functions failed"]),
    ),
)

LOGS: Final = Section(
    "Who did what, and can this page be believed? The pipeline of logs",
    (
        Panel(
            "Events of the Activity Log",
            ACTIVITY,
            "| summarize events = count() by bin(TimeGenerated, 15m), category",
        ),
        Panel(
            "Who changed what",
            ACTIVITY,
            '| where category =~ "Administrative" and status =~ "Success"\n'
            "| project TimeGenerated, who, address, operation, thing\n"
            "| sort by TimeGenerated desc\n| take 50",
            "table",
        ),
        Panel(
            "What the workspace says of itself",
            PIPELINE,
            '| where level in~ ("Warning", "Error")\n'
            "| project TimeGenerated, category, operation, level, says\n"
            "| sort by TimeGenerated desc\n| take 50",
            "table",
        ),
        _answers("Who reads the archive", OF_ARCHIVE["who reads the archive"]),
    ),
)


def body(
    sections: Sequence[Section],
    *,
    title: str,
    runbook: str,
    subscription: str,
    workspace_id: pulumi.Input[str],
    of: Mapping[str, pulumi.Input[str]],
) -> pulumi.Output[str]:
    """The workbook; `of` has what the queries leave to be filled in."""
    page: dict[str, Any] = {
        "version": "Notebook/1.0",
        "items": list(_items(sections, title, runbook, subscription)),
        "fallbackResourceIds": ["<workspace>"],
        "$schema": _SCHEMA,
    }
    return pulumi.Output.json_dumps(
        pulumi.Output.all(workspace=workspace_id, **of).apply(lambda of: _filled(page, of))
    )


def _filled(value: Any, of: Mapping[str, str]) -> Any:
    match value:
        case str():
            return fill(value, of)
        case dict():
            return {key: _filled(inner, of) for key, inner in value.items()}
        case list():
            return [_filled(inner, of) for inner in value]
    return value


def _items(
    sections: Sequence[Section], title: str, runbook: str, subscription: str
) -> Iterator[dict[str, Any]]:
    yield _text("title", f"# {title}\nEach alarm's next step: {runbook}. All times are UTC.")
    yield _span()
    yield _text("fired-heading", "## What is on fire")
    yield _query(
        "fired",
        "Alarms that are raised",
        _FIRED,
        "table",
        # Azure's list of alerts is asked through Resource Graph, which knows no span of time.
        {"queryType": 1, "resourceType": "microsoft.resources/subscriptions"}
        | {"crossComponentResources": [subscription]},
    )
    for number, section in enumerate(sections):
        yield _text(f"section-{number}", f"## {section.title}")
        for place, panel in enumerate(section.panels):
            yield _query(
                f"section-{number}-{place}",
                panel.title,
                panel.text,
                panel.visual,
                {
                    "queryType": 0,
                    "resourceType": "microsoft.operationalinsights/workspaces",
                    "crossComponentResources": ["<workspace>"],
                    "timeContextFromParameter": _SPAN,
                },
            )


def _text(name: str, markdown: str) -> dict[str, Any]:
    return {"type": 1, "name": name, "content": {"json": markdown}}


def _span() -> dict[str, Any]:
    """Over what time all graphs are."""
    choices = [{"durationMs": hours * 3_600_000} for hours in (1, 3, 12, 24, 72, 168)]
    return {
        "type": 9,
        "name": "span",
        "content": {
            "version": "KqlParameterItem/1.0",
            "parameters": [
                {
                    # Azure wants an id, and nothing else asks for it.
                    "id": "3f1c7a52-6a0e-4d0b-9a53-2a8a4f0c3d11",
                    "version": "KqlParameterItem/1.0",
                    "name": _SPAN,
                    "label": "Time",
                    "type": 4,
                    "isRequired": True,
                    "value": {"durationMs": _THREE_HOURS},
                    "typeSettings": {"selectableValues": choices, "allowCustom": True},
                }
            ],
            "style": "pills",
        },
    }


def _query(
    name: str, title: str, text: str, visual: Visual, where: Mapping[str, Any]
) -> dict[str, Any]:
    half = visual == "timechart"
    return {
        "type": 3,
        "name": name,
        "content": {
            "version": "KqlItem/1.0",
            "query": text,
            "size": 0,
            "title": title,
            "noDataMessage": "Nothing in this time.",
            "visualization": visual,
            **where,
        },
        # Two graphs beside each other; a table has the whole width.
        "customWidth": "50" if half else "100",
    }
