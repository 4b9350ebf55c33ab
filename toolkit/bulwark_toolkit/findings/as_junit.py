"""Findings as JUnit's XML: what is overdue fails."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from .rows import Row

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(rows: Sequence[Row]) -> str:
    late = sum(row.state == "overdue" for row in rows)
    root = ET.Element("testsuites", name="findings")
    suite = ET.SubElement(
        root,
        "testsuite",
        name="findings by age",
        tests=str(len(rows)),
        failures=str(late),
        errors="0",
        skipped=str(sum(row.state == "no fix" for row in rows)),
    )
    for row in rows:
        name = _clean(f"{row.weakness} {row.resource}")
        case = ET.SubElement(suite, "testcase", classname=row.kind, name=name, time="0")
        if row.state == "overdue":
            said = _clean(f"was to be mended by {row.due}")
            failure = ET.SubElement(case, "failure", type=row.severity, message=said)
            failure.text = _clean(row.to_do)
        elif row.state == "no fix":
            ET.SubElement(case, "skipped", message="there is nothing to install yet")
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("?", text)
