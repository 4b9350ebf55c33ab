"""Verdicts as JSON."""

import json
from typing import Any

from bulwark_toolkit.preview.wire import to_json

from .judge import Finding
from .verdicts import Verdicts, fingerprint, key
from .words import said

FORMAT = "bulwark.verdicts/1"


def as_json(verdicts: Verdicts) -> str:
    document = {
        "format": FORMAT,
        "project": verdicts.graph.project,
        "stack": verdicts.graph.stack,
        "mode": verdicts.graph.mode,
        "summary": verdicts.summary,
        "findings": [_finding(finding, verdicts) for finding in verdicts.findings],
        "waiverFaults": [
            {"kind": f.kind, "rule": f.waiver.rule, "resource": f.waiver.resource, "text": f.text}
            for f in verdicts.faults
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _finding(finding: Finding, verdicts: Verdicts) -> dict[str, Any]:
    rule = finding.rule
    found: dict[str, Any] = {
        "rule": rule.id,
        "severity": rule.severity,
        "reference": rule.reference,
        "outcome": finding.outcome,
    }
    if finding.urn:
        found |= {
            "urn": finding.urn,
            "property": finding.property,
            "value": to_json(finding.value),
            "source": finding.source,
            "fingerprint": fingerprint(finding),
        }
    if finding.outcome in ("fail", "unknown"):
        found |= {"text": said(finding), "fix": rule.remediation}
    if finding.outcome == "fail":
        found["inBaseline"] = key(finding) in verdicts.accepted
    if finding.waiver:
        found["waiver"] = finding.waiver.model_dump(mode="json", by_alias=True)
    return found
