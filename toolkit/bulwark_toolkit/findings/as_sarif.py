"""Findings as SARIF 2.1.0, which code hosts import."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from .rows import Row

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

_LEVELS: Mapping[str, str] = {
    "overdue": "error",
    "due": "warning",
    "open": "note",
    "no fix": "note",
}


def sarif(rows: Sequence[Row], version: str, file: str) -> str:
    """`file` is where a code host shows them: what runs has no line of code."""
    weaknesses = sorted({row.weakness for row in rows})
    run = {
        "tool": {
            "driver": {
                "name": "bulwark findings",
                "semanticVersion": version,
                "rules": [
                    {"id": weakness, "shortDescription": {"text": weakness}}
                    for weakness in weaknesses
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(row, weaknesses.index(row.weakness), file) for row in rows],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _result(row: Row, rule: int, file: str) -> dict[str, Any]:
    due = f", to be mended by {row.due}" if row.due else ""
    said = f"{row.kind} {row.resource}: {row.severity}, {row.state}{due}. {row.to_do}"
    return {
        "ruleId": row.weakness,
        "ruleIndex": rule,
        "level": _LEVELS[row.state],
        "message": {"text": said},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": 1}},
                "logicalLocations": [{"fullyQualifiedName": row.resource, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {
            "finding/v1": sha256(f"{row.weakness}\n{row.resource}".encode()).hexdigest()
        },
    }
