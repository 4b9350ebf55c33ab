"""Verdicts as SARIF 2.1.0, which code hosts and SonarQube import."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from .judge import Finding
from .rule import Rule
from .verdicts import Verdicts, fingerprint, key
from .waivers import Fault
from .words import message, name

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

_LEVELS: Final = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES: Final = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
"""Where code hosts put them on the scale of CVSS."""

_WAIVERS: Final = "bulwark.waivers.in-order"


@dataclass(frozen=True, slots=True)
class Tool:
    version: str


def sarif(verdicts: Verdicts, tool: Tool, fault_sources: Sequence[str] = ()) -> str:
    """`fault_sources` has the place of each of the waivers' faults."""
    rules = list({f.rule.id: f.rule for f in verdicts.findings}.values())
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    results = [
        *(_result(finding, verdicts, numbers) for finding in _told(verdicts)),
        *(
            _fault(fault, source, len(rules))
            for fault, source in zip(verdicts.faults, fault_sources, strict=False)
        ),
    ]
    run = {
        "tool": {
            "driver": {
                "name": "bulwark",
                "semanticVersion": tool.version,
                "rules": [*map(_rule, rules), _RULE_OF_WAIVERS],
            }
        },
        "automationDetails": {"id": f"bulwark/{verdicts.graph.project}/{verdicts.graph.stack}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _told(verdicts: Verdicts) -> Iterator[Finding]:
    yield from verdicts.failed
    yield from verdicts.waived
    yield from verdicts.old
    yield from verdicts.unknown


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.requires},
        "fullDescription": {"text": f"{rule.requires} ({rule.reference})."},
        "help": {"text": rule.remediation},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", rule.reference],
            "severity": rule.severity,
            "security-severity": _SCORES[rule.severity],
        },
    }


_RULE_OF_WAIVERS: Final = {
    "id": _WAIVERS,
    "shortDescription": {"text": "Every waiver holds, and is for something that fails"},
    "help": {"text": "Mend what it is for, or remove the waiver."},
    "defaultConfiguration": {"level": "error"},
}


def _result(finding: Finding, verdicts: Verdicts, numbers: dict[str, int]) -> dict[str, Any]:
    rule = finding.rule
    fails = finding.outcome == "fail"
    found: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": numbers[rule.id],
        "kind": "fail" if fails else "open",
        "level": _LEVELS[rule.severity] if fails else "none",
        "message": {"text": message(finding)},
        "locations": [_location(finding)],
        "partialFingerprints": {"bulwark/v1": fingerprint(finding)},
    }
    if fails and verdicts.accepted:
        found["baselineState"] = "unchanged" if key(finding) in verdicts.accepted else "new"
    if finding.waiver:
        found["suppressions"] = [{"kind": "external", "justification": finding.waiver.words}]
    return found


def _location(finding: Finding) -> dict[str, Any]:
    logical = {
        "name": name(finding),
        "fullyQualifiedName": f"{finding.urn}#{finding.property}",
        "kind": "resource",
    }
    physical = _physical(finding.source)
    return {**physical, "logicalLocations": [logical]}


def _physical(source: str) -> dict[str, Any]:
    if not source:
        return {}
    path, _, line = source.rpartition(":")
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path)},
            "region": {"startLine": int(line)},
        }
    }


def _fault(fault: Fault, source: str, number: int) -> dict[str, Any]:
    mark = sha256(f"{fault.kind}\n{fault.waiver.rule}\n{fault.waiver.resource}".encode())
    return {
        "ruleId": _WAIVERS,
        "ruleIndex": number,
        "kind": "fail",
        "level": "error",
        "message": {"text": str(fault)},
        "locations": [_physical(source)] if source else [],
        "partialFingerprints": {"bulwark/v1": mark.hexdigest()[:32]},
    }
