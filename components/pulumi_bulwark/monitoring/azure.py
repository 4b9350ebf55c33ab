"""Alarms of Azure Monitor on everything that a stack has, and what is told of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..days import today
from ..naming import physical
from ..place import AzurePlace
from . import azure_catalogue as catalogue
from . import azure_queries as queries
from . import azure_workbook as workbook
from .azure_activity import of_subscription
from .azure_alarm import Alarm, QueryAlarm, QueueAlarm
from .azure_kql import Query
from .azure_queries import Question
from .azure_rules import At, Telling, make
from .azure_watched import WatchedLine, WatchedQueue
from .kinds import KINDS, Incident, Severity
from .spec import MonitoringSpec

_PRICES: Final[Mapping[Severity, float]] = {"page": 1.50, "ticket": 0.50}
"""USD a month for a query that is asked every five, or every fifteen minutes."""

_NOTIFICATIONS: Final[Mapping[str, tuple[str, int, Severity]]] = {
    "most": ("Actual", 80, "ticket"),
    "forecast": ("Forecasted", 100, "ticket"),
    "more": ("Actual", 120, "page"),
}
"""Of the budget: what of it, from how many per cent on, and how loudly."""

_OURS: Final = UUID("5f1f3c0e-6a5c-4f0e-8f0a-0c2f4f6f9b7d")
"""By which the ids of what Azure wants to have a GUID are made of names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureMonitoringArgs:
    spec: MonitoringSpec
    place: AzurePlace
    """Where the environment is."""
    workspace_id: pulumi.Input[str]
    """Full id of the workspace in which the logs are."""
    archive_id: pulumi.Input[str]
    """Full id of the storage account in which they are kept."""
    group_ids: Mapping[Severity, pulumi.Input[str]]
    """Full ids of the action groups that alarms tell: `AzureAlarmGroups`."""
    baseline: str | None = None
    """Who owns the subscription's alarms and budget, if it is not this stack."""
    api_id: pulumi.Input[str] | None = None
    """Full id of the API Management service; None without one."""
    edge_id: pulumi.Input[str] | None = None
    """Full id of the Front Door profile, by which clients of the API come; None without one."""
    customers_tenant_id: str | None = None
    """Id of the tenant in which customers sign in; None without one."""
    functions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Name of each function app, by a short name of its own."""
    queues: Mapping[str, WatchedQueue] = field(default_factory=dict)
    """Queues that must be worked off, likewise."""
    dead_letters: Mapping[str, WatchedQueue] = field(default_factory=dict)
    """Queues of which nothing must have been given up on, likewise."""
    lines: Mapping[str, WatchedLine] = field(default_factory=dict)
    """What function apps say that somebody must hear of, likewise."""
    threats: bool = False
    """Whether findings of Defender for Cloud come to the workspace."""


class AzureMonitoring(pulumi.ComponentResource):
    """An alarm for each thing that matters, a workbook, saved queries and a budget.

    Every alarm opens a ticket; those that page do so beside it, each by itself: Azure has no alarm
    of alarms.
    """

    alarm_ids: dict[str, pulumi.Output[str]]
    """Full id of each alarm, by its name without the stack's."""

    page_ids: dict[Incident, list[pulumi.Output[str]]]
    """Full ids of the alarms that page, by incident."""

    dashboard_name: str | None
    """Name of the workbook; None without one."""

    def __init__(
        self, name: str, args: AzureMonitoringArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureMonitoring", name, None, opts)
        args.spec.must_suit("azure", "bulwark:monitoring")
        self._name, self._args, self._spec = name, args, args.spec
        self._child = pulumi.ResourceOptions(parent=self)

        alarms = list(_alarms(args))
        self.alarm_ids = {alarm.name: self._alarm(alarm) for alarm in alarms}
        self.page_ids = {}
        for alarm in alarms:
            if self._severity(alarm) == "page":
                of_it = self.page_ids.setdefault(KINDS[alarm.kind].incident, [])
                of_it.append(self.alarm_ids[alarm.name])
        self._budget()
        self._queries()
        self.dashboard_name = self._workbook() if args.spec.dashboard else None
        self._say(alarms)
        self.register_outputs(
            {
                "alarmIds": self.alarm_ids,
                "pageIds": self.page_ids,
                "dashboardName": self.dashboard_name,
            }
        )

    def _severity(self, alarm: Alarm) -> Severity:
        severity = alarm.severity or KINDS[alarm.kind].severity
        return self._spec.severities.get(alarm.kind, severity)

    def _alarm(self, alarm: Alarm) -> pulumi.Output[str]:
        severity, groups = self._severity(alarm), self._args.group_ids
        told: tuple[Severity, ...] = ("page", "ticket") if severity == "page" else ("ticket",)
        made = make(
            f"{self._name}-{alarm.name}",
            alarm,
            Telling(
                severity=severity,
                group_ids=[groups[of] for of in told],
                runbook=f"{self._spec.runbook}#{alarm.kind}",
            ),
            At(self._args.place, self._args.workspace_id),
            self._child,
        )
        return made.id

    def _budget(self) -> None:
        args, amount = self._args, self._spec.budget.monthly_usd
        if amount is None:
            return
        azure_native.consumption.Budget(
            f"{self._name}-budget",
            budget_name=physical(
                "consumption-budget", pulumi.get_project(), pulumi.get_stack(), self._name
            ),
            scope=args.place.group if args.baseline else args.place.subscription,
            category="Cost",
            amount=amount,
            time_grain="Monthly",
            # Azure takes no earlier month, and no other one later on.
            time_period={"start_date": f"{today():%Y-%m}-01T00:00:00Z"},
            notifications={
                name: {
                    "enabled": True,
                    "operator": "GreaterThan",
                    "threshold": percent,
                    "threshold_type": of_what,
                    "contact_emails": [],
                    "contact_groups": [args.group_ids[severity]],
                }
                for name, (of_what, percent, severity) in _NOTIFICATIONS.items()
            },
            opts=pulumi.ResourceOptions.merge(
                self._child, pulumi.ResourceOptions(ignore_changes=["timePeriod"])
            ),
        )

    def _queries(self) -> None:
        category = physical("saved-search", pulumi.get_project(), pulumi.get_stack())
        for title, question in _questions(self._args).items():
            words = title.replace(" ", "-").lower()
            query = Query(question.source, question.then, _ids(self._args))
            # A saved search that is there is not changed without its tag: it is made anew instead.
            version = sha256(query.text.encode()).hexdigest()[:8]
            azure_native.operationalinsights.SavedSearch(
                f"{self._name}-{words}",
                saved_search_id=physical(
                    "saved-search", pulumi.get_project(), pulumi.get_stack(), words, version
                ),
                resource_group_name=self._args.place.resource_group_name,
                workspace_name=pulumi.Output.from_input(self._args.workspace_id).apply(_last_part),
                category=category,
                display_name=title,
                query=query.filled,
                opts=pulumi.ResourceOptions.merge(
                    self._child, pulumi.ResourceOptions(delete_before_replace=True)
                ),
            )

    def _workbook(self) -> str:
        args = self._args
        title = f"{pulumi.get_project()} {pulumi.get_stack()}"
        name = str(uuid5(_OURS, f"{args.place.subscription}/{title}/{self._name}"))
        azure_native.applicationinsights.Workbook(
            f"{self._name}-workbook",
            resource_name_=name,
            resource_group_name=args.place.resource_group_name,
            location=args.place.location,
            kind="shared",
            category="workbook",
            display_name=title,
            description="What somebody reads who has just been woken",
            source_id=args.workspace_id,
            serialized_data=workbook.body(
                list(_sections(args)),
                title=title,
                runbook=self._spec.runbook,
                subscription=args.place.subscription,
                workspace_id=args.workspace_id,
                of=_ids(args),
            ),
            opts=self._child,
        )
        return name

    def _say(self, alarms: Sequence[Alarm]) -> None:
        args, asked = self._args, [a for a in alarms if isinstance(a, QueryAlarm)]
        numbers = sum(isinstance(a, QueueAlarm) for a in alarms)
        price = sum(0.50 if a.minutes else _PRICES[self._severity(a)] for a in asked)
        notes.cost(
            self,
            f"{len(asked)} queries, asked every 5 minutes to every hour, and {numbers} metrics: "
            f"about {price + numbers * 0.1:.2f} USD a month; alerts of the Activity Log, the "
            "workbook and saved queries cost nothing",
        )
        if args.baseline is not None:
            notes.limit(
                self,
                f"what is done in the subscription is alarmed, and its budget watched, by "
                f"{args.baseline}; the budget here is the resource group's",
            )
        for whose in _unseen(args):
            notes.limit(
                self,
                f"sign-ins of {whose} raise no alarm: an administrator of their tenant exports "
                f"them to the workspace, and then bulwark:monitoring.signInLogs names {whose}",
            )
        notes.limit(
            self, "alarms that page do so one by one: Azure cannot make one page of an incident"
        )


def _alarms(args: AzureMonitoringArgs) -> Iterator[Alarm]:
    if args.baseline is None:
        yield from of_subscription()
    yield from _of_logs(args)
    for label, queue in args.queues.items():
        yield from catalogue.of_queue(label, queue)
    for label, letters in args.dead_letters.items():
        yield from catalogue.of_dead_letters(label, letters)


def _of_logs(args: AzureMonitoringArgs) -> Iterator[QueryAlarm]:
    spec = args.spec.thresholds
    yield from catalogue.of_pipeline(spec, activity=args.baseline is None)
    yield from catalogue.of_vaults(spec)
    yield from catalogue.of_archive(args.archive_id)
    if args.api_id is not None:
        yield from catalogue.of_api(args.api_id, spec, behind_edge=args.edge_id is not None)
    if args.edge_id is not None:
        yield from catalogue.of_edge(args.edge_id, spec)
    if "staff" in args.spec.sign_in_logs:
        yield from catalogue.of_staff(args.place.tenant_id, spec)
    if "customers" in args.spec.sign_in_logs and args.customers_tenant_id:
        yield from catalogue.of_customers(args.customers_tenant_id, spec)
    if args.threats:
        yield from catalogue.of_threats()
    yield from catalogue.of_functions(args.functions)
    for label, line in args.lines.items():
        yield from catalogue.of_line(label, line)


def _unseen(args: AzureMonitoringArgs) -> Iterator[str]:
    if "staff" not in args.spec.sign_in_logs:
        yield "staff"
    if args.customers_tenant_id and "customers" not in args.spec.sign_in_logs:
        yield "customers"


def _questions(args: AzureMonitoringArgs) -> dict[str, Question]:
    asked: dict[str, Question] = {**queries.OF_VAULTS, **queries.OF_ARCHIVE}
    if args.baseline is None:
        asked |= queries.OF_ACTIVITY
    if args.api_id is not None:
        asked |= queries.OF_API
    if args.edge_id is not None:
        asked |= queries.OF_EDGE
    if args.functions:
        asked |= queries.OF_FUNCTIONS
    if args.spec.sign_in_logs:
        asked |= queries.OF_SIGN_INS
    return asked


def _sections(args: AzureMonitoringArgs) -> Iterator[workbook.Section]:
    if args.api_id is not None:
        yield workbook.API
    if args.edge_id is not None:
        yield workbook.FRONT
    if args.spec.sign_in_logs:
        yield workbook.SIGN_IN
    yield workbook.VAULT
    if args.functions:
        yield workbook.FUNCTION
    yield workbook.LOGS


def _ids(args: AzureMonitoringArgs) -> dict[str, Any]:
    """What queries and graphs leave to be filled in."""
    given = {"api": args.api_id, "edge": args.edge_id, "archive": args.archive_id}
    return {name: value for name, value in given.items() if value is not None}


def _last_part(resource_id: str) -> str:
    return resource_id.rpartition("/")[2]
