"""Where findings go: all into a log group, the grave ones to whoever is told."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import pulumi
import pulumi_aws as aws

from ..log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore, event_logs
from ..naming import logical
from .aws_parts import Parts
from .spec import Severity

Pattern = dict[str, Any]

_SEVERITIES: tuple[Severity, ...] = get_args(Severity)

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


def log(parts: Parts, store: AwsLogStore) -> AwsLogGroup:
    """The log group that keeps every finding."""
    group = AwsLogGroup(
        f"{parts.name}-findings",
        AwsLogGroupArgs(
            store=store,
            kind="event-log-group",
            writers=event_logs(store),
        ),
        parts.child,
    )
    for service in SOURCES:
        rule = _rule(parts, f"{service}-logged", service, "low")
        _target(parts, f"{service}-log", rule, group.arn)
    return group


def alert(parts: Parts, least: Severity, topic_arns: Sequence[pulumi.Input[str]]) -> None:
    """Tell the topics of findings at a severity or above."""
    for service in SOURCES if topic_arns else ():
        rule = _rule(parts, f"{service}-told", service, least)
        for number, topic in enumerate(topic_arns):
            _target(parts, f"{service}-topic-{number}", rule, topic)


def _rule(parts: Parts, role: str, service: str, least: Severity) -> aws.cloudwatch.EventRule:
    return aws.cloudwatch.EventRule(
        logical("event-rule", f"{parts.name}-{role}"),
        description=f"Findings of {SOURCES[service][0]}, {least} or above",
        event_pattern=pattern(service, least),
        opts=parts.child,
    )


def _target(
    parts: Parts, role: str, rule: aws.cloudwatch.EventRule, arn: pulumi.Input[str]
) -> None:
    aws.cloudwatch.EventTarget(
        logical("event-target", f"{parts.name}-{role}"),
        rule=rule.name,
        arn=arn,
        opts=parts.child,
    )
