"""Where findings go: all into a log group, the grave ones to whoever is told."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import pulumi
import pulumi_aws as aws

from ..log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore, Writer
from ..naming import logical
from .spec import Severity

Pattern = dict[str, Any]

_SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_WRITERS = ("events.amazonaws.com", "delivery.logs.amazonaws.com")

_GUARDDUTY: Mapping[Severity, int] = {"low": 1, "medium": 4, "high": 7, "critical": 9}
"""Where each severity begins on GuardDuty's scale, which ends at 10."""

_SENT_BY_THEMSELVES = ("GuardDuty", "Inspector", "Macie")
"""Products whose findings Security Hub collects as well: there they would come twice."""


def _from(least: Severity) -> list[Severity]:
    return list(_SEVERITIES[_SEVERITIES.index(least) :])


def _upper(least: Severity) -> list[str]:
    return [severity.upper() for severity in _from(least)]


def _guardduty(least: Severity) -> Pattern:
    return {"severity": [{"numeric": [">=", _GUARDDUTY[least]]}]}


def _inspector(least: Severity) -> Pattern:
    return {"severity": _upper(least), "status": ["ACTIVE"]}


def _macie(least: Severity) -> Pattern:
    # Macie knows nothing worse than high.
    known = [severity for severity in _from(least) if severity != "critical"] or ["high"]
    return {"severity": {"description": [severity.capitalize() for severity in known]}}


def _hub(least: Severity) -> Pattern:
    # A check that passes is a finding too, one that informs.
    finding = {
        "Severity": {"Label": _upper(least)},
        "ProductName": [{"anything-but": list(_SENT_BY_THEMSELVES)}],
        "RecordState": ["ACTIVE"],
        "Workflow": {"Status": ["NEW"]},
    }
    return {"findings": finding}


SOURCES: Mapping[str, tuple[str, str, Callable[[Severity], Pattern]]] = {
    "guardduty": ("aws.guardduty", "GuardDuty Finding", _guardduty),
    "inspector": ("aws.inspector2", "Inspector2 Finding", _inspector),
    "macie": ("aws.macie", "Macie Finding", _macie),
    "hub": ("aws.securityhub", "Security Hub Findings - Imported", _hub),
}
"""By service: source and type of its events, and how it says a severity."""


def pattern(service: str, least: Severity) -> str:
    """The events of a service about findings at a severity or above, as EventBridge writes it."""
    source, kind, detail = SOURCES[service]
    return json.dumps({"source": [source], "detail-type": [kind], "detail": detail(least)})


def log(name: str, store: AwsLogStore, child: pulumi.ResourceOptions) -> AwsLogGroup:
    """The log group that keeps every finding."""
    rules = f"arn:{store.partition}:events:{store.region}:{store.account_id}:rule/*"
    # Nothing says that the source is sent when a stream is made; when it is, it must be ours.
    ours = {"ArnLikeIfExists": {"aws:SourceArn": rules}}
    group = AwsLogGroup(
        f"{name}-findings",
        AwsLogGroupArgs(
            store=store,
            kind="event-log-group",
            writers=[Writer(service=service, condition=ours) for service in _WRITERS],
        ),
        child,
    )
    for service in SOURCES:
        rule = _rule(f"{name}-{service}-logged", service, "low", child)
        _target(f"{name}-{service}-log", rule, group.arn, child)
    return group


def alert(
    name: str,
    least: Severity,
    topic_arns: Sequence[pulumi.Input[str]],
    child: pulumi.ResourceOptions,
) -> None:
    """Tell the topics of findings at a severity or above."""
    for service in SOURCES if topic_arns else ():
        rule = _rule(f"{name}-{service}-told", service, least, child)
        for number, topic in enumerate(topic_arns):
            _target(f"{name}-{service}-topic-{number}", rule, topic, child)


def _rule(
    name: str, service: str, least: Severity, child: pulumi.ResourceOptions
) -> aws.cloudwatch.EventRule:
    return aws.cloudwatch.EventRule(
        logical("event-rule", name),
        description=f"Findings of {SOURCES[service][0]}, {least} or above",
        event_pattern=pattern(service, least),
        opts=child,
    )


def _target(
    name: str,
    rule: aws.cloudwatch.EventRule,
    arn: pulumi.Input[str],
    child: pulumi.ResourceOptions,
) -> None:
    # Auto-named: what Pulumi makes of a longer name, EventBridge would refuse.
    aws.cloudwatch.EventTarget(logical("event-target", name), rule=rule.name, arn=arn, opts=child)
