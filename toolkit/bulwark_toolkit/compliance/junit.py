"""Verdicts as JUnit's XML, which every CI server shows."""

import re
from itertools import groupby
from xml.etree import ElementTree as ET

from .judge import Finding
from .verdicts import Verdicts, key
from .words import name, said

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdicts: Verdicts) -> str:
    """A suite for each rule, a case for each property that it looks at."""
    root = ET.Element("testsuites", name=f"{verdicts.graph.project} {verdicts.graph.stack}")
    for rule, found in groupby(verdicts.findings, key=lambda finding: finding.rule):
        cases = [_case(f, verdicts) for f in found if f.outcome != "not applicable"]
        if cases:
            root.append(_suite(rule.id, cases))
    if verdicts.faults:
        root.append(_suite("waivers", [_fault(str(f), f.kind) for f in verdicts.faults]))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(name: str, cases: list[ET.Element]) -> ET.Element:
    def count(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=count("failure"),
        errors="0",
        skipped=count("skipped"),
    )
    suite.extend(cases)
    return suite


def _case(finding: Finding, verdicts: Verdicts) -> ET.Element:
    rule = finding.rule
    title = f"{name(finding)} {finding.property}".strip()
    case = ET.Element("testcase", classname=rule.id, name=_clean(title), time="0")
    if finding.outcome == "unknown":
        ET.SubElement(case, "skipped", message=_clean(said(finding)))
    elif finding.waiver:
        ET.SubElement(case, "skipped", message=_clean(f"{said(finding)}; {finding.waiver.words}"))
    elif finding.outcome == "fail" and key(finding) in verdicts.accepted:
        ET.SubElement(case, "skipped", message=_clean(f"{said(finding)}; in the baseline"))
    elif finding.outcome == "fail":
        failure = ET.SubElement(case, "failure", type=rule.severity, message=_clean(said(finding)))
        lines = [finding.urn, finding.source, f"Fix: {rule.remediation} ({rule.reference})"]
        failure.text = _clean("\n".join(filter(None, lines)))
    return case


def _fault(text: str, kind: str) -> ET.Element:
    case = ET.Element("testcase", classname="waivers", name=_clean(text), time="0")
    ET.SubElement(case, "failure", type=kind, message=_clean(text))
    return case


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("?", text)
