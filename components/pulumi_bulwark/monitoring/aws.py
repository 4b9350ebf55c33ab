"""Amazon CloudWatch alarms on everything that a stack has, and what is told of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from .. import notes
from ..errors import ConfigError
from ..naming import logical, physical
from ..place import AwsPlace
from . import aws_catalogue as catalogue
from .aws_alarm import Alarm, Formula, Metric, metric_alarm
from .aws_chat import channel
from .aws_dashboard import Panel, body
from .aws_patterns import PATTERNS
from .aws_queries import OF_API, OF_FIREWALL
from .aws_watched import (
    WatchedApi,
    WatchedCertificate,
    WatchedFirewall,
    WatchedMetric,
    WatchedQueue,
    WatchedSignIn,
)
from .kinds import INCIDENTS, KINDS, AlarmKind, Incident, Severity
from .spec import MonitoringSpec, RecipientSpec

_AT = "bulwark:monitoring"

MOST_CHILDREN: Final = 100
"""Alarms below one composite alarm: a quota of CloudWatch."""

LONGEST_RULE: Final = 10_240
"""Characters of a composite alarm's rule: a limit of CloudWatch."""

_AUTO_SUFFIX: Final = 8
"""What Pulumi adds to the name of an alarm."""

_NOTIFICATIONS: Final[tuple[tuple[str, int, Severity], ...]] = (
    ("ACTUAL", 80, "ticket"),
    ("FORECASTED", 100, "ticket"),
    ("ACTUAL", 120, "page"),
)
"""Of the budget: what of it, from how many per cent on, and how loudly."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsMonitoringArgs(AwsPlace):
    spec: MonitoringSpec
    topic_arns: Mapping[str, Mapping[Severity, pulumi.Input[str]]]
    """ARNs of the topics that alarms tell, by region and severity: `AwsAlarmTopics.arns`."""
    topic_names: Mapping[str, pulumi.Input[str]]
    """Name of the topic of pages, by region."""
    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the role with which chat channels listen."""
    recipients: Mapping[str, RecipientSpec] = field(default_factory=dict)
    """Who is told, by name. Mail and https subscribe to the topics; chats do here."""
    events_id: pulumi.Input[str] | None = None
    """Log group of the account's trail; None where another stack owns it."""
    baseline: str | None = None
    """Who owns the account's trail and budget, if it is not this stack."""
    api: WatchedApi | None = None
    """The API; None without one."""
    distributions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Id of each CloudFront distribution, by what it is for. With one of them called `api`, the
    API's clients come by it."""
    firewalls: Mapping[str, WatchedFirewall] = field(default_factory=dict)
    """Web ACLs, by what they stand before."""
    sign_in: WatchedSignIn | None = None
    """The user pool; None without one."""
    certificates: Mapping[str, WatchedCertificate] = field(default_factory=dict)
    """Certificates, by what they are for."""
    functions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Name of each Lambda function, by a short name of its own."""
    queues: Mapping[str, WatchedQueue] = field(default_factory=dict)
    """Queues that must be worked off, likewise."""
    dead_letters: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Name of each queue that must be empty, since what was given up on is in it, likewise."""
    metrics: Mapping[str, WatchedMetric] = field(default_factory=dict)
    """Numbers that applications publish, likewise."""


class AwsMonitoring(pulumi.ComponentResource):
    """An alarm for each thing that matters, one page an incident, a dashboard and saved queries.

    Every alarm opens a ticket. Those that page do so together: a composite alarm for each incident
    and region. Raises a ConfigError for more alarms of an incident than a composite can have.
    """

    alarm_arns: dict[str, pulumi.Output[str]]
    """ARN of each alarm, by its name without the stack's."""

    page_arns: dict[str, pulumi.Output[str]]
    """ARN of each composite alarm, by incident; the edge's end with `-edge`."""

    dashboard_name: str | None
    """Name of the dashboard; None without one."""

    def __init__(
        self, name: str, args: AwsMonitoringArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsMonitoring", name, None, opts)
        self._name, self._args, self._spec = name, args, args.spec
        self._child = pulumi.ResourceOptions(parent=self)
        self._namespace = physical("metric-namespace", pulumi.get_project(), pulumi.get_stack())

        alarms = [a for a in (*self._counted(), *_alarms(args)) if self._is_heard(a)]
        paging = self._paging(alarms)
        if problems := list(_too_many(name, paging)):
            raise ConfigError(problems)
        self._filters()
        made = {alarm.name: self._alarm(alarm) for alarm in alarms}
        self.alarm_arns = {alarm: resource.arn for alarm, resource in made.items()}
        pages = {
            place: self._page(place, [made[alarm.name] for alarm in of_it])
            for place, of_it in paging.items()
        }
        self.page_arns = {
            _page_name(*place, args.region): page.arn for place, page in pages.items()
        }
        self._chats()
        self._budget()
        self._queries()
        self.dashboard_name = self._dashboard(alarms) if args.spec.dashboard else None
        self._say(alarms)
        self.register_outputs(
            {
                "alarmArns": self.alarm_arns,
                "pageArns": self.page_arns,
                "dashboardName": self.dashboard_name,
            }
        )

    def _is_heard(self, alarm: Alarm) -> bool:
        """Whether there are topics where the alarm is; if not, it is said that there is none."""
        if alarm.region not in self._args.topic_arns:
            notes.limit(self, f"{alarm.name} raises no alarm: no topic is in {alarm.region}")
        return alarm.region in self._args.topic_arns

    def _counted(self) -> Iterator[Alarm]:
        """The alarms of what is counted in a log by a filter of ours."""
        for kind, _, _ in self._filtered():
            metric = Metric(namespace=self._namespace, name=kind)
            yield catalogue.of_filter(kind, metric, self._args.region, self._spec.thresholds)

    def _filtered(self) -> Iterator[tuple[AlarmKind, str, pulumi.Input[str]]]:
        """What is looked for, its pattern, and the log group."""
        if self._args.events_id is not None:
            for kind, pattern in PATTERNS.items():
                yield kind, pattern.text, self._args.events_id
        if self._args.api:
            for kind, text in catalogue.OF_ACCESS_LOG.items():
                yield kind, text, self._args.api.access_log_id

    def _filters(self) -> None:
        for kind, text, group in self._filtered():
            aws.cloudwatch.LogMetricFilter(
                logical("metric-filter", f"{self._name}-{kind}-filter"),
                log_group_name=group,
                pattern=text,
                metric_transformation={
                    "namespace": self._namespace,
                    "name": kind,
                    "value": "1",
                    # No default value: a metric is billed for each hour in which it has data.
                },
                region=self._args.region,
                opts=self._child,
            )

    def _alarm(self, alarm: Alarm) -> aws.cloudwatch.MetricAlarm:
        return metric_alarm(
            f"{self._name}-{alarm.name}",
            alarm,
            runbook=self._spec.runbook,
            action_arns=[self._args.topic_arns[alarm.region]["ticket"]],
            opts=self._child,
        )

    def _paging(self, alarms: Sequence[Alarm]) -> dict[tuple[Incident, str], list[Alarm]]:
        """The alarms that page, by incident and region."""
        found: dict[tuple[Incident, str], list[Alarm]] = {}
        for alarm in alarms:
            kind = KINDS[alarm.kind]
            severity = alarm.severity or kind.severity
            if self._spec.severities.get(alarm.kind, severity) == "page":
                found.setdefault((kind.incident, alarm.region), []).append(alarm)
        return found

    def _page(
        self, place: tuple[Incident, str], children: Sequence[aws.cloudwatch.MetricAlarm]
    ) -> aws.cloudwatch.CompositeAlarm:
        incident, region = place
        page = _page_name(incident, region, self._args.region)
        told = [self._args.topic_arns[region]["page"]]
        return aws.cloudwatch.CompositeAlarm(
            f"{self._name}-{page}",
            alarm_name=physical(
                "alarm", pulumi.get_project(), pulumi.get_stack(), self._name, page
            ),
            alarm_description=f"{INCIDENTS[incident]}. Runbook: {self._spec.runbook}#{incident} . "
            "The tickets say which alarms it is.",
            alarm_rule=pulumi.Output.all(*[child.name for child in children]).apply(_rule),
            actions_enabled=True,
            alarm_actions=told,
            ok_actions=told,
            region=region,
            opts=self._child,
        )

    def _chats(self) -> None:
        args = self._args
        arns: dict[Severity, list[pulumi.Input[str]]] = {
            severity: [topics[severity] for topics in args.topic_arns.values()]
            for severity in ("page", "ticket")
        }
        for recipient, spec in args.recipients.items():
            if spec.slack or spec.teams:
                channel(
                    f"{self._name}-{recipient}",
                    spec,
                    arns,
                    place=args,
                    boundary_arn=args.boundary_arn,
                    opts=self._child,
                )
                notes.limit(
                    self,
                    f"{recipient} is a chat that somebody must let in first, in the console of "
                    "Amazon Q Developer in chat applications, or AWS refuses the channel",
                )

    def _budget(self) -> None:
        args, amount = self._args, self._spec.budget.monthly_usd
        if amount is None or args.baseline is not None:
            return
        if args.partition != "aws":
            notes.limit(self, f"no budget: AWS Budgets does not tell topics in {args.partition}")
            return
        topics = args.topic_arns[args.region]
        aws.budgets.Budget(
            logical("budget", f"{self._name}-budget"),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(amount),
            limit_unit="USD",
            notifications=[
                {
                    "comparison_operator": "GREATER_THAN",
                    "notification_type": of_what,
                    "threshold": percent,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_sns_topic_arns": [topics[severity]],
                }
                for of_what, percent, severity in _NOTIFICATIONS
            ],
            opts=self._child,
        )

    def _queries(self) -> None:
        args = self._args
        asked: list[tuple[str, pulumi.Input[str], str, str]] = []
        if args.api:
            api = args.api
            asked += [
                (title, api.access_log_id, args.region, text) for title, text in OF_API.items()
            ]
        for label, wall in args.firewalls.items():
            region = catalogue.EDGE_REGION if wall.at_edge else args.region
            asked += [
                (f"{title} ({label})", wall.log_group_id, region, text)
                for title, text in OF_FIREWALL.items()
            ]
        folder = physical("metric-filter", pulumi.get_project(), pulumi.get_stack())
        for title, group, region, text in asked:
            words = title.replace("(", "").replace(")", "").replace(" ", "-").lower()
            aws.cloudwatch.QueryDefinition(
                f"{self._name}-{words}",
                name=f"{folder}/{title}",
                log_group_names=[group],
                query_string=text,
                region=region,
                opts=self._child,
            )

    def _dashboard(self, alarms: Sequence[Alarm]) -> str:
        place = (pulumi.get_project(), pulumi.get_stack())
        name = physical("dashboard", *place, self._args.region)
        pages: list[pulumi.Input[str]] = list(self.page_arns.values())
        aws.cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=name,
            dashboard_body=pulumi.Output.json_dumps(
                body(
                    [Panel(alarm=a, arn=self.alarm_arns[a.name]) for a in alarms],
                    pages,
                    title=" ".join(place),
                    runbook=self._spec.runbook,
                )
            ),
            region=self._args.region,
            opts=self._child,
        )
        return name

    def _say(self, alarms: Sequence[Alarm]) -> None:
        args = self._args
        if args.baseline is not None:
            notes.limit(
                self,
                f"what is done in the account is alarmed, and its budget watched, by "
                f"{args.baseline}",
            )
        if args.sign_in and not args.sign_in.threat_protection:
            notes.limit(
                self,
                "passwords known from a breach and takeovers raise no alarm: Cognito finds them "
                "only with customerIdentity.threatProtection",
            )
        parts = sum(len(a.watches.of) if isinstance(a.watches, Formula) else 1 for a in alarms)
        pages = len(self.page_arns)
        filters = sum(1 for _ in self._filtered())
        notes.cost(
            self,
            f"{len(alarms)} alarms on {parts} metrics and {pages} composite alarms: about "
            f"{parts * 0.1 + pages * 0.5:.2f} USD a month; {filters} metrics of logs, about 0.30 "
            "USD each for a month with data all the time"
            + ("; the dashboard 3 USD after the account's first three" * args.spec.dashboard),
        )


def _alarms(args: AwsMonitoringArgs) -> Iterator[Alarm]:
    """The alarms on metrics that AWS's services and applications publish."""
    yield from _of_stack(args)
    yield from _of_others(args)
    for region, topic in args.topic_names.items():
        yield from catalogue.of_topic(topic, region)


def _of_stack(args: AwsMonitoringArgs) -> Iterator[Alarm]:
    """Of what the stack's own capabilities make."""
    spec, region = args.spec.thresholds, args.region
    if args.events_id is not None:
        yield from catalogue.of_trail(args.events_id, region, spec)
    if args.api:
        yield from catalogue.of_api(args.api, region, spec, behind_edge="api" in args.distributions)
    for label, distribution in args.distributions.items():
        yield from catalogue.of_distribution(label, distribution, spec)
    for label, wall in args.firewalls.items():
        yield from catalogue.of_firewall(label, wall, region, spec)
    if args.sign_in:
        yield from catalogue.of_sign_in(args.sign_in, region, spec)
    for label, certificate in args.certificates.items():
        yield from catalogue.of_certificate(label, certificate, spec)


def _of_others(args: AwsMonitoringArgs) -> Iterator[Alarm]:
    """Of what is handed over by name."""
    for label, function in args.functions.items():
        yield from catalogue.of_function(label, function, args.region)
    for label, queue in args.queues.items():
        yield from catalogue.of_queue(label, queue, args.region)
    for label, letters in args.dead_letters.items():
        yield from catalogue.of_dead_letters(label, letters, args.region)
    for label, metric in args.metrics.items():
        yield from catalogue.of_metric(label, metric, args.region)


def _page_name(incident: Incident, region: str, home: str) -> str:
    return incident if region == home else f"{incident}-edge"


def _rule(names: Sequence[str]) -> str:
    return " OR ".join(f'ALARM("{name}")' for name in names)


def _too_many(name: str, paging: Mapping[tuple[Incident, str], Sequence[Alarm]]) -> Iterator[str]:
    for (incident, region), alarms in paging.items():
        names = [logical("alarm", f"{name}-{a.name}") + "x" * _AUTO_SUFFIX for a in alarms]
        if len(names) > MOST_CHILDREN or len(_rule(names)) > LONGEST_RULE:
            yield (
                f"{_AT}.severities: {len(names)} alarms of {incident} in {region} page, and one "
                f"composite alarm takes {MOST_CHILDREN}, or {LONGEST_RULE:,} characters of their "
                "names. Set some kinds to ticket, or watch fewer things one by one."
            )
