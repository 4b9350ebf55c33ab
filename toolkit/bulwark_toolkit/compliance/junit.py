"""Verdicts as JUnit's XML, which every CI server shows."""

import re
from itertools import groupby
from xml.etree import ElementTree as Xml

from .judge import Finding
from .verdicts import Verdicts, key

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdicts: Verdicts) -> str:
    """A suite for each rule, a case for each property that it looks at."""
    root = Xml.Element("testsuites", name=f"{verdicts.graph.project} {verdicts.graph.stack}")
    for rule, found in groupby(verdicts.findings, key=lambda finding: finding.rule):
        cases = [_case(f, verdicts) for f in found if f.outcome != "not applicable"]
        if cases:
            root.append(_suite(rule.id, cases))
    if verdicts.faults:
        root.append(_suite("waivers", [_fault(str(f), f.kind) for f in verdicts.faults]))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _suite(name: str, cases: list[Xml.Element]) -> Xml.Element:
    def count(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    suite = Xml.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=count("failure"),
        errors="0",
        skipped=count("skipped"),
    )
    suite.extend(cases)
    return suite


def _case(finding: Finding, verdicts: Verdicts) -> Xml.Element:
    rule = finding.rule
    name = f"{finding.name} {finding.property}".strip()
    case = Xml.Element("testcase", classname=rule.id, name=_clean(name), time="0")
    if finding.outcome == "unknown":
        Xml.SubElement(case, "skipped", message=_clean(finding.said))
    elif finding.waiver:
        Xml.SubElement(case, "skipped", message=_clean(f"{finding.said}; {finding.waiver.words}"))
    elif finding.outcome == "fail" and key(finding) in verdicts.accepted:
        Xml.SubElement(case, "skipped", message=_clean(f"{finding.said}; in the baseline"))
    elif finding.outcome == "fail":
        failure = Xml.SubElement(
            case, "failure", type=rule.severity, message=_clean(finding.said)
        )
        lines = [finding.urn, finding.source, f"Fix: {rule.remediation} ({rule.reference})"]
        failure.text = _clean("\n".join(filter(None, lines)))
    return case


def _fault(text: str, kind: str) -> Xml.Element:
    case = Xml.Element("testcase", classname="waivers", name=_clean(text), time="0")
    Xml.SubElement(case, "failure", type=kind, message=_clean(text))
    return case


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("?", text)
