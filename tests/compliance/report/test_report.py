import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from trestle.oscal.assessment_results import AssessmentResults

from bulwark_toolkit.compliance.controls import parse
from bulwark_toolkit.compliance.judge import Finding
from bulwark_toolkit.compliance.report import (
    Facts,
    as_csv,
    as_html,
    as_json,
    as_markdown,
    as_oscal,
    assess,
)
from bulwark_toolkit.compliance.rule import rule
from bulwark_toolkit.compliance.waivers import Waiver
from bulwark_toolkit.preview.values import Secret, Unknown

FORMATS = {
    "md": as_markdown,
    "csv": as_csv,
    "json": as_json,
    "oscal": as_oscal,
    "html": as_html,
}

LAW = """
id: some-law
title: Some law
version: '1'
scope: Whoever it binds
form: 'Art \\d+'
groups:
- title: All of it
  controls:
  - {id: Art 1, title: Things are so, served: enforced, rules: [aws.test.so], person: Look at it}
  - {id: Art 2, title: People are trained, served: manual, person: Train them, verified: false}
  - {id: Art 3, title: Ghosts are kept out, served: detected, rules: [aws.test.ghost]}
"""

WORDS = {"severity": "high", "remediation": "Do it.", "reference": "X.1"}
SO = rule("aws.test.so", "t", requires="It is so", **WORDS)(lambda _: ())
GHOST = rule("aws.test.ghost", "g", requires="No ghost is in", **WORDS)(lambda _: ())

URN = "urn:pulumi:prod::app::test:index:Box$aws:s3/bucket:Bucket::"

FACTS = Facts(
    project="app",
    stack="prod",
    mode="rendered",
    digest="sha256:abc",
    commit="0123abcd",
    time="2026-01-02T03:04:05Z",
    tools=(("pulumi", "3.1"),),
    resources=3,
    services=(("s3", 3),),
    rules=2,
)

HOSTILE = "</script><img src=x onerror=alert(1)>\"'|`=1+1\n\u202e@x"


def finding(outcome="pass", name="box", value="yes", **more):
    return Finding(rule=SO, outcome=outcome, urn=URN + name, property="a.b", value=value, **more)


def assessment(*findings):
    ghost = Finding(rule=GHOST, outcome="not applicable")
    return assess([parse(LAW, "law.yaml")], [*findings, ghost], [SO, GHOST])


def outcomes(*findings):
    return {c.control.id: c.outcome for c in assessment(*findings).controls}


WAIVER = Waiver(
    rule="aws.test.so",
    resource="*::box",
    owner="ann",
    reason="Old.",
    compensatingControl="A guard.",
    ticket="T-1",
    expires=date(2026, 6, 1),
)


def test_a_control_has_the_worst_verdict_under_it():
    good, bad = finding(), finding("fail", "bad", text="It is so")

    assert outcomes(good) == {"Art 1": "pass", "Art 2": "manual", "Art 3": "not applicable"}
    assert outcomes(good, bad)["Art 1"] == "fail"
    assert outcomes(good, finding("unknown", value=Unknown()))["Art 1"] == "unknown"
    assert outcomes(good, replace(bad, waiver=WAIVER))["Art 1"] == "waived"
    assert outcomes()["Art 1"] == "not applicable"


def test_the_worst_evidence_comes_first():
    found = assessment(finding(), finding("fail", "bad"), finding("unknown", "maybe"))

    assert [e.resource for e in found.controls[0].evidence] == ["bad", "maybe", "box"]


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_has_control_resource_property_value_and_verdict(form):
    text = FORMATS[form](assessment(finding(value={"some": ["value"]})), FACTS)

    for word in ("Art", "box", "a.b", "value", "pass", "abc", "0123abcd", "2026-01-02T03:04:05Z"):
        assert word in text


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_says_what_was_not_assessed(form):
    if form == "csv":
        pytest.skip("a table of evidence has no room for it")
    text = FORMATS[form](assessment(), replace(FACTS, notes=("The moon.",)))

    assert "The moon." in text
    assert "beside this stack" in text


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_ever_says_compliant(form):
    assert not re.search(
        r"complian|conform", FORMATS[form](assessment(finding()), FACTS), re.IGNORECASE
    )


@pytest.mark.parametrize("form", FORMATS)
def test_a_secret_is_in_no_format(form):
    text = FORMATS[form](assessment(finding("unknown", value=Secret("hunter2"))), FACTS)

    assert "hunter2" not in text
    assert "secret" in text


@pytest.mark.parametrize("form", FORMATS)
def test_a_waiver_is_shown_where_the_finding_is(form):
    text = FORMATS[form](assessment(finding("fail", waiver=WAIVER)), FACTS)

    for word in ("waived", "ann", "T-1", "A guard.", "2026-06-01"):
        assert word in text


def test_markdown_stays_one_table_whatever_a_value_holds():
    text = as_markdown(assessment(finding(name=HOSTILE, value=HOSTILE, text=HOSTILE)), FACTS)

    (row,) = [line for line in text.splitlines() if "onerror" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert "\u202e" not in text
    outside = re.sub(r"(`+).*?(?<!`)\1(?!`)", "", row)
    assert not re.search(r"(?<!\\)<", outside)


def test_a_spreadsheet_computes_nothing():
    values = ["=1+1", "+1", "-1", "@x", "\t=1", HOSTILE]
    text = as_csv(assessment(*(finding(value=value) for value in values)), FACTS)

    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(values) + 2
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_the_json_is_documented_by_its_format_and_has_whole_values():
    document = json.loads(as_json(assessment(finding(value="x" * 5000)), FACTS))

    assert document["format"] == "bulwark.report/1"
    (control, *_) = document["frameworks"][0]["controls"]
    assert control["evidence"][0]["value"] == "x" * 5000
    assert document["frameworks"][0]["counts"]["pass"] == 1


@pytest.mark.parametrize("value", ["yes", "", " x ", HOSTILE, None, Secret(), Unknown(), {"a": []}])
@pytest.mark.parametrize("outcome", ["pass", "fail", "unknown"])
def test_oscal_is_valid_by_trestle(outcome, value):
    text = as_oscal(assessment(finding(outcome, HOSTILE, value, text=HOSTILE)), FACTS)

    results = AssessmentResults.model_validate(json.loads(text)["assessment-results"])
    (found,) = results.results[0].findings
    assert found.target.target_id == "some-law-art-1"
    assert (found.target.status.state.value == "satisfied") is (outcome == "pass")


def test_oscal_without_any_evidence_is_valid_too():
    text = as_oscal(assessment(), FACTS)

    results = AssessmentResults.model_validate(json.loads(text)["assessment-results"])
    assert not results.results[0].findings


def test_oscal_refers_to_what_is_in_it():
    document = json.loads(as_oscal(assessment(finding(), finding("fail", "b")), FACTS))
    (result,) = document["assessment-results"]["results"]

    components = {c["uuid"] for c in result["local-definitions"]["components"]}
    subjects = {s["subject-uuid"] for o in result["observations"] for s in o["subjects"]}
    observed = {o["uuid"] for o in result["observations"]}
    named = {o["observation-uuid"] for f in result["findings"] for o in f["related-observations"]}
    assert components == subjects
    assert observed == named
    assert len(observed) == 2


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.ids = [], []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]


def tags(text):
    parser = Tags()
    parser.feed(text)
    return parser


def test_the_page_begins_with_what_fails_and_who_answers_for_what_is_waived():
    waived = finding("fail", "old", waiver=WAIVER)
    page = as_html(assessment(waived, finding("fail", "bad"), finding("fail", "worse")), FACTS)

    (points,) = re.findall(r'id="open-points".*?</section>', page, re.DOTALL)
    assert points.index("bad") < points.index("old")
    assert points.count("It is so.") == 2  # once for what fails, once for what is waived
    assert WAIVER.owner in points
    assert WAIVER.compensating_control in points
    assert "Nothing fails" not in points


def test_the_page_says_when_nothing_fails():
    assert "Nothing fails that nobody answers for." in as_html(assessment(finding()), FACTS)


def test_the_page_runs_and_loads_nothing_but_its_own():
    text = as_html(assessment(finding(name=HOSTILE, value=HOSTILE, text=HOSTILE)), FACTS)
    found = tags(text)

    assert [tag for tag, _ in found.found].count("script") == 1
    assert not [tag for tag, _ in found.found if tag in ("img", "iframe", "object", "base")]
    assert not [a for _, a in found.found for name in a if name.startswith("on") or name == "style"]
    links = [a["href"] for _, a in found.found if "href" in a]
    assert all(link.startswith(("#", "data:,")) for link in links)
    policy = next(a["content"] for tag, a in found.found if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "\u202e" not in text


def test_the_page_has_each_id_once_and_every_link_leads_somewhere():
    found = tags(as_html(assessment(finding()), FACTS))

    assert len(found.ids) == len(set(found.ids))
    links = {a["href"][1:] for _, a in found.found if a.get("href", "").startswith("#")}
    assert links <= set(found.ids)


@pytest.mark.parametrize("form", FORMATS)
def test_two_reports_are_the_same_bytes(form):
    make = FORMATS[form]

    assert make(assessment(finding()), FACTS) == make(assessment(finding()), FACTS)
