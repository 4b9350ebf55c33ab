"""A report as OSCAL assessment results, the format that audit tools exchange.

OSCAL's words for a finding are `satisfied` and `not-satisfied`; ours is in its reason and remarks.
"""

import json
import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any, Final

from bulwark_toolkit.compliance.visible import visible

from .assess import Assessed, Assessment, Evidence
from .facts import Facts
from .formats import ABOUT, remarks

VERSION: Final = "1.2.1"

NAMESPACE: Final = "urn:bulwark:oscal"
"""Whose words the properties are."""

_SPACE: Final = uuid.UUID("5f0c2a52-6a6c-5d0e-9b3f-6f2f5b7f3c11")
"""Ids are made of what they name, so two runs print the same bytes."""

_REASON: Final = {"pass": "pass", "fail": "fail"}

_JUDGED: Final = ("pass", "fail", "waived", "unknown")


def as_oscal(assessment: Assessment, facts: Facts) -> str:
    return json.dumps(_Document(assessment, facts).whole(), indent=1, ensure_ascii=False) + "\n"


class _Document:
    def __init__(self, assessment: Assessment, facts: Facts) -> None:
        self.assessment, self.facts = assessment, facts
        self.judged = [c for c in assessment.controls if c.outcome in _JUDGED]
        observed = {
            self._observation_id(evidence): evidence
            for control in self.judged
            for evidence in control.evidence
        }
        self.observed = observed

    def _id(self, *parts: str) -> str:
        facts = self.facts
        return str(uuid.uuid5(_SPACE, "\n".join((facts.digest, facts.time, *parts))))

    def _observation_id(self, evidence: Evidence) -> str:
        finding = evidence.finding
        return self._id(
            "observation", evidence.rule.id, finding.urn, finding.property, evidence.value
        )

    def whole(self) -> dict[str, Any]:
        facts = self.facts
        plan = self._id("plan")
        return {
            "assessment-results": {
                "uuid": self._id("results"),
                "metadata": {
                    "title": _text(facts.title),
                    "last-modified": facts.time,
                    "version": "1",
                    "oscal-version": VERSION,
                    "props": [
                        *_props(("commit", facts.commit), ("graph", facts.digest)),
                        *_props(*((f"version-{n.lower()}", v) for n, v in facts.tools)),
                    ],
                },
                "import-ap": {
                    "href": f"#{plan}",
                    "remarks": "There is no plan in OSCAL: the rules are the plan.",
                },
                "results": [self._result()],
                "back-matter": {
                    "resources": [
                        {
                            "uuid": plan,
                            "title": "The rules of Bulwark",
                            "description": "Each rule judges one property of one kind of resource.",
                        }
                    ]
                },
            }
        }

    def _result(self) -> dict[str, Any]:
        facts = self.facts
        result: dict[str, Any] = {
            "uuid": self._id("result"),
            "title": _text(facts.title),
            "description": ABOUT,
            "start": facts.time,
            "end": facts.time,
            "props": _props(("resources", str(facts.resources)), ("rules", str(facts.rules))),
            "reviewed-controls": {
                "control-selections": list(self._selections()),
                "remarks": "Not assessed: " + _text(" ".join(facts.not_assessed)),
            },
            "remarks": "Not assessed: " + _text(" ".join(facts.not_assessed)),
        }
        components = self._components()
        parts = {
            "local-definitions": {"components": components} if components else {},
            "observations": [self._observation(i, e) for i, e in self.observed.items()],
            "findings": [self._finding(control) for control in self.judged],
        }
        return result | {name: part for name, part in parts.items() if part}

    def _selections(self) -> Iterator[dict[str, Any]]:
        for framework in self.assessment.frameworks:
            controls = self.assessment.of(framework)
            selection: dict[str, Any] = {
                "description": _text(f"{framework.name}: controls that rules could judge"),
                "props": _props(("framework", framework.id)),
            }
            judged = [c for c in controls if c.outcome in _JUDGED]
            left = [c for c in controls if c.outcome not in _JUDGED]
            # OSCAL has no word for none of them: it is all of them but each.
            selection |= {"include-controls": _ids(judged)} if judged else {"include-all": {}}
            if left:
                selection["exclude-controls"] = _ids(left)
                selection["remarks"] = "Excluded: what is manual, and what applies to nothing here."
            yield selection

    def _components(self) -> list[dict[str, Any]]:
        resources = {e.finding.urn: e for e in self.observed.values()}
        deployed = self.facts.mode == "state"
        return [
            {
                "uuid": self._id("component", urn),
                "type": "service",
                "title": _text(evidence.resource),
                "description": _text(evidence.type),
                "props": _props(("urn", urn)),
                "status": {"state": "operational" if deployed else "under-development"},
            }
            for urn, evidence in resources.items()
        ]

    def _observation(self, identifier: str, evidence: Evidence) -> dict[str, Any]:
        finding, rule = evidence.finding, evidence.rule
        found: dict[str, Any] = {
            "uuid": identifier,
            "title": _text(rule.id),
            "description": _text(rule.requires),
            "props": _props(
                ("rule", rule.id),
                ("severity", rule.severity),
                ("property", finding.property),
                ("value", evidence.value),
                ("verdict", evidence.outcome),
                ("source", finding.source),
            ),
            "methods": ["TEST"],
            "subjects": [
                {
                    "subject-uuid": self._id("component", finding.urn),
                    "type": "component",
                    "title": _text(evidence.resource),
                }
            ],
            "collected": self.facts.time,
        }
        if evidence.said:
            found["remarks"] = _text(evidence.said)
        return found

    def _finding(self, assessed: Assessed) -> dict[str, Any]:
        control, outcome = assessed.control, assessed.outcome
        said = [f"Verdict: {outcome}", *remarks(assessed)]
        return {
            "uuid": self._id("finding", assessed.key),
            "title": _text(f"{assessed.framework.name} {control.id}"),
            "description": _text(control.title),
            "props": _props(("framework", assessed.framework.id), ("control", control.id)),
            "target": {
                "type": "objective-id",
                "target-id": assessed.key,
                "status": {
                    "state": "satisfied" if outcome == "pass" else "not-satisfied",
                    "reason": _REASON.get(outcome, "other"),
                    "remarks": _text(". ".join(said)) + ".",
                },
            },
            "related-observations": [
                {"observation-uuid": identifier}
                for identifier in dict.fromkeys(map(self._observation_id, assessed.evidence))
            ],
        }


def _ids(controls: Iterable[Assessed]) -> list[dict[str, str]]:
    return [{"control-id": control.key} for control in controls]


def _props(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [
        {"name": _token(name), "ns": NAMESPACE, "value": _text(value)}
        for name, value in pairs
        if visible(value)
    ]


def _token(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)


def _text(text: str) -> str:
    """OSCAL's strings are one line, with no space at an end and never empty."""
    return visible(text) or "-"
