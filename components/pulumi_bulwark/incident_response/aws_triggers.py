"""What EventBridge is asked for: one rule for each source of events, for all playbooks at once.

A rule lets through what any playbook may want; which one wants it the responder says, who knows
words from beginnings of words.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args

from .spec_playbooks import PlaybookSpec, Severity, TriggerSpec

LONGEST = 4096
"""Characters of a pattern that EventBridge takes."""

_SEVERITIES: tuple[Severity, ...] = get_args(Severity)

_GUARDDUTY: Mapping[Severity, int] = {"low": 1, "medium": 4, "high": 7, "critical": 9}

HOME = "us-east-1"
"""Where EventBridge tells of the calls of global services (CloudTrail User Guide, "Global service
events")."""

_GLOBAL = frozenset({"cloudfront", "iam", "organizations", "route53"})

EXPLOIT = "EXPLOIT_AVAILABLE"
"""What the responder adds to the types of a finding of Inspector's; a test compares them."""

Pattern = dict[str, Any]


def patterns(playbooks: Sequence[PlaybookSpec]) -> dict[str, str]:
    """The patterns, as EventBridge writes them, by source."""
    triggers = [playbook.trigger for playbook in playbooks]
    found = {}
    for source, make in _MAKERS.items():
        if own := [trigger for trigger in triggers if trigger.source == source]:
            found[source] = json.dumps(make(own), separators=(",", ":"))
    return found


def unheard(trigger: TriggerSpec, region: str) -> list[str]:
    """Calls that EventBridge does not tell of in this region."""
    if region == HOME:
        return []
    return [call for call in trigger.calls if call.partition(":")[0] in _GLOBAL]


def _types(triggers: Sequence[TriggerSpec]) -> list[str]:
    return sorted({each for trigger in triggers for each in trigger.types})


def _prefixes(triggers: Sequence[TriggerSpec]) -> list[Pattern]:
    return [{"prefix": each} for each in _types(triggers)]


def _least(triggers: Sequence[TriggerSpec]) -> int:
    return min(_SEVERITIES.index(trigger.least_severity) for trigger in triggers)


def _guardduty(triggers: Sequence[TriggerSpec]) -> Pattern:
    least = _GUARDDUTY[_SEVERITIES[_least(triggers)]]
    return {
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"type": _prefixes(triggers), "severity": [{"numeric": [">=", least]}]},
    }


def _hub(triggers: Sequence[TriggerSpec]) -> Pattern:
    prefixes = _prefixes(triggers)
    finding = {
        "Severity": {"Label": [each.upper() for each in _SEVERITIES[_least(triggers) :]]},
        "RecordState": ["ACTIVE"],
        "Workflow": {"Status": ["NEW", "NOTIFIED"]},
        "$or": [{"GeneratorId": prefixes}, {"Types": prefixes}],
    }
    return {
        "source": ["aws.securityhub"],
        "detail-type": ["Security Hub Findings - Imported"],
        "detail": {"findings": finding},
    }


def _inspector(triggers: Sequence[TriggerSpec]) -> Pattern:
    prefixes = _prefixes(triggers)
    any_of: list[Pattern] = [
        {"type": prefixes},
        {"packageVulnerabilityDetails": {"vulnerabilityId": prefixes}},
    ]
    if EXPLOIT in _types(triggers):
        any_of.append({"exploitAvailable": ["YES"]})
    severities = [each.upper() for each in _SEVERITIES[_least(triggers) :]]
    return {
        "source": ["aws.inspector2"],
        "detail-type": ["Inspector2 Finding"],
        "detail": {"severity": severities, "status": ["ACTIVE"], "$or": any_of},
    }


def _calls(triggers: Sequence[TriggerSpec]) -> Pattern:
    by_service: dict[str, list[str]] = {}
    for call in _types(triggers):
        service, _, name = call.partition(":")
        by_service.setdefault(service, []).append(name)
    wanted = [
        {"eventSource": [f"{service}.amazonaws.com"], "eventName": names}
        for service, names in by_service.items()
    ]
    return {
        # A sign-in to the console is no call of an API, and a kind of its own.
        "detail-type": ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"],
        # Alternatives are two at least.
        "detail": wanted[0] if len(wanted) == 1 else {"$or": wanted},
    }


def _alarms(triggers: Sequence[TriggerSpec]) -> Pattern:
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": _prefixes(triggers), "state": {"value": ["ALARM"]}},
    }


_MAKERS: Mapping[str, Callable[[Sequence[TriggerSpec]], Pattern]] = {
    "guardduty": _guardduty,
    "security_hub": _hub,
    "inspector": _inspector,
    "calls": _calls,
    "alarms": _alarms,
}


def problems(at: str, playbooks: Sequence[PlaybookSpec]) -> Iterator[str]:
    for source, pattern in patterns(playbooks).items():
        if len(pattern) > LONGEST:
            yield (
                f"{at}: together ask for {len(pattern):,} characters of {source}, and EventBridge "
                f"takes {LONGEST:,}. Name shorter beginnings."
            )
