"""A finding in words: the same in every format, and in the engine."""

import json
from typing import Any, Final

from bulwark_toolkit.preview.values import Secret, Unknown
from bulwark_toolkit.preview.wire import to_json

from .judge import Finding
from .visible import visible

_LONGEST: Final = 100
"""Characters of a value in a message."""


def name(finding: Finding) -> str:
    """The resource's logical name."""
    return visible(finding.urn.rpartition("::")[2])


def detail(finding: Finding) -> str:
    """What is the matter below a heading that says what the rule requires."""
    if finding.outcome == "unknown" or not finding.property:
        return visible(f"{finding.property} {finding.text}".strip())
    what = f"{finding.property} is {_shown(finding.value)}"
    return visible(what if finding.text == finding.rule.requires else f"{finding.text}: {what}")


def said(finding: Finding) -> str:
    """What is the matter: `Every key rotates: enableKeyRotation is false`."""
    if finding.outcome == "unknown":
        return visible(f"{finding.rule.requires}? {finding.property} {finding.text}")
    if not finding.property:
        return visible(finding.text)
    return visible(f"{finding.text}: {finding.property} is {_shown(finding.value)}")


def message(finding: Finding) -> str:
    """The same with the resource, and what to do."""
    return f"{name(finding)}: {said(finding)}. {finding.rule.remediation}"


def _shown(value: Any) -> str:
    match value:
        case None:
            return "not set"
        case Secret():
            return "secret"
        case Unknown():
            return "not known yet"
    text = json.dumps(to_json(value), ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
