"""A rule: a small pure function that says whether a resource has what it must have."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from .subject import Subject

Severity = Literal["critical", "high", "medium", "low"]
"""From the one that stops a release to the one for the next tidying up."""

GRAVE: tuple[Severity, ...] = ("critical", "high")
"""What stops a release."""

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

Judgement = Callable[[Subject], "Iterable[Verdict]"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule finds at one property. The value is shown, so it must be none that is secret."""

    passes: bool
    property: str
    """Where, as Pulumi writes paths of inputs: `versioningConfiguration.status`."""
    value: Any = None
    """What is there: evidence as much as a pass as of a fail."""
    text: str = ""
    """Why it fails, where the rule's own sentence does not say it."""
    urn: str = ""
    """The resource that has the property, where it is not the rule's own."""
    until: date | None = None
    """The last day on which it passes, where time alone makes it fail: a rule knows no date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    """`cloud.capability.what-is-required`, such as aws.audit_log.trail-validates-files."""
    types: tuple[str, ...]
    """Type tokens of the resources that it judges, one by one."""
    severity: Severity
    requires: str
    """A sentence that is true of what passes."""
    remediation: str
    """A sentence that says what to do about what fails."""
    reference: str
    """Id of a page or control that explains it, such as CloudTrail.4 or CIS AWS 3.2."""
    alone: bool
    """Whether it looks at no resource but the one it judges, so that an engine can ask it early."""
    judge: Judgement


def rule(
    id: str,  # noqa: A002 the field's word
    *types: str,
    severity: Severity,
    requires: str,
    remediation: str,
    reference: str,
    alone: bool = True,
) -> Callable[[Judgement], Rule]:
    """Make a rule of a generator of verdicts.

    A resource of which it yields nothing is one that the rule does not apply to. It asks the
    subject for what it wants to know: what is not known yet makes the verdict unknown.
    """

    def make(judgement: Judgement) -> Rule:
        return Rule(
            id=id,
            types=types,
            severity=severity,
            requires=requires,
            remediation=remediation,
            reference=reference,
            alone=alone,
            judge=judgement,
        )

    return make
