"""Each control with what the rules that serve it found."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from bulwark_toolkit.compliance.controls import Control, Framework
from bulwark_toolkit.compliance.judge import Finding
from bulwark_toolkit.compliance.rule import SEVERITIES, Rule
from bulwark_toolkit.compliance.waivers import Waiver
from bulwark_toolkit.preview.values import Archive, Asset, Reference, Secret, Unknown
from bulwark_toolkit.preview.wire import to_json

from .text import compact

Outcome = Literal["fail", "waived", "unknown", "pass", "not applicable", "manual"]

ALL_OUTCOMES: Final[tuple[Outcome, ...]] = (
    "fail",
    "waived",
    "unknown",
    "pass",
    "not applicable",
    "manual",
)
"""The worst first: that of a control is the worst of its evidence."""

MEANING: Final[dict[Outcome, str]] = {
    "fail": "At least one resource does not have what a rule asks.",
    "waived": "What fails is lived with until a date, by the word of a named owner.",
    "unknown": "A value is a secret, or only the cloud can give it: that is no pass.",
    "pass": "All that the rules looked at in this stack has what they ask.",
    "not applicable": "The stack has no resource that a rule of this control is for.",
    "manual": "No rule can tell: a person must do it, and show it.",
}

SERVED: Final = {
    "enforced": "enforced by configuration",
    "detected": "detected",
    "manual": "manual",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding under one control, as text that is safe to show."""

    finding: Finding

    @property
    def rule(self) -> Rule:
        return self.finding.rule

    @property
    def outcome(self) -> Outcome:
        return "waived" if self.finding.waiver else self.finding.outcome

    @property
    def resource(self) -> str:
        return self.finding.urn.rpartition("::")[2]

    @property
    def type(self) -> str:
        """`aws:s3/bucket:Bucket` of the URN, without the components above it."""
        return self.finding.urn.rpartition("::")[0].rpartition("::")[2].rpartition("$")[2]

    @property
    def value(self) -> str:
        return shown(self.finding.value)

    @property
    def said(self) -> str:
        waiver = self.finding.waiver
        return f"{self.finding.text} — {waiver.words}" if waiver else self.finding.text


@dataclass(frozen=True)
class Assessed:
    framework: Framework
    control: Control
    rules: tuple[Rule, ...]
    evidence: tuple[Evidence, ...]
    """What the rules found of resources that are there: the worst first."""

    @property
    def key(self) -> str:
        """Of all controls, in letters, digits and dashes."""
        return f"{self.framework.id}-{compact(self.control.id)}"

    @cached_property
    def counts(self) -> Counter[Outcome]:
        return Counter(evidence.outcome for evidence in self.evidence)

    @property
    def outcome(self) -> Outcome:
        if not self.rules:
            return "manual"
        for outcome in ALL_OUTCOMES:
            if self.counts[outcome]:
                return outcome
        return "not applicable"

    @property
    def idle(self) -> tuple[Rule, ...]:
        """Rules that found no resource that they are for."""
        judged = {evidence.rule.id for evidence in self.evidence}
        return tuple(rule for rule in self.rules if rule.id not in judged)


@dataclass(frozen=True)
class Assessment:
    frameworks: tuple[Framework, ...]
    controls: tuple[Assessed, ...]

    def of(self, framework: Framework) -> tuple[Assessed, ...]:
        return tuple(c for c in self.controls if c.framework is framework)

    def counts(self, framework: Framework) -> Counter[Outcome]:
        return Counter(c.outcome for c in self.of(framework))

    @property
    def failing(self) -> dict[Rule, list[Evidence]]:
        """What fails and nobody answers for, once however many controls it is under."""
        return self._by("fail", lambda evidence: evidence.rule)

    @property
    def waived(self) -> dict[Waiver, list[Evidence]]:
        """What is lived with, by the waiver that says so."""
        return self._by("waived", lambda evidence: evidence.finding.waiver)

    def _by(self, outcome: Outcome, of: Callable[[Evidence], Any]) -> dict[Any, list[Evidence]]:
        found = {
            (evidence.rule.id, evidence.finding.urn, evidence.finding.property): evidence
            for control in self.controls
            for evidence in control.evidence
            if evidence.outcome == outcome
        }
        grouped: dict[Any, list[Evidence]] = {}
        for _, evidence in sorted(found.items(), key=lambda item: (*_order(item[1]), item[0])):
            grouped.setdefault(of(evidence), []).append(evidence)
        return grouped


def assess(
    frameworks: Sequence[Framework], findings: Sequence[Finding], rules: Sequence[Rule]
) -> Assessment:
    by_rule: dict[str, list[Evidence]] = {}
    for finding in findings:
        if finding.urn:
            by_rule.setdefault(finding.rule.id, []).append(Evidence(finding))
    return Assessment(tuple(frameworks), tuple(_assessed(frameworks, by_rule, rules)))


def _assessed(
    frameworks: Iterable[Framework], by_rule: dict[str, list[Evidence]], rules: Sequence[Rule]
) -> Iterator[Assessed]:
    for framework in frameworks:
        for control in framework.controls:
            serving = framework.rules_of(control, rules)
            found = [evidence for rule in serving for evidence in by_rule.get(rule.id, ())]
            yield Assessed(framework, control, serving, tuple(sorted(found, key=_order)))


def _order(evidence: Evidence) -> tuple[int, int]:
    """The sort is stable: within one rule, the graph's order stays."""
    return ALL_OUTCOMES.index(evidence.outcome), SEVERITIES.index(evidence.rule.severity)


_LONGEST: Final = 600
"""Characters of one value: a report shows evidence, not documents."""


def shown(value: Any) -> str:
    """A value as text, in which a secret is only said to be one."""
    text = _plain(value)
    more = len(text) - _LONGEST
    return f"{text[:_LONGEST]} … {more:,} characters more" if more > 0 else text


def _plain(value: Any) -> str:
    match value:
        case None:
            return "(not set)"
        case "":
            return "(empty)"
        case Secret():
            return "(secret)"
        case Unknown():
            return "(known after up)"
        case Asset(digest) | Archive(digest):
            return digest
        case Reference(urn):
            return urn
        case str():
            return value
    return json.dumps(to_json(value), ensure_ascii=False)
