import sys
from datetime import date

import pulumi
import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance import Verdict, judge, rule
from bulwark_toolkit.compliance.rules.aws.keys import key_policy_admits_nobody_outside

KEY = "aws:kms/key:Key"
WORDS = {"severity": "high", "requires": "It is so", "remediation": "Do it.", "reference": "X.1"}


@rule("aws.test.described", KEY, **WORDS)
def described(key):
    yield Verdict(bool(key.get("description")), "description", key.get("description"))


@rule("aws.test.breaks", KEY, **WORDS)
def breaks(key):
    yield Verdict(key.get("description") + 1 == 0, "description")


@rule("aws.test.ages", KEY, **WORDS)
def ages(_):
    yield Verdict(True, "description", text="too old", until=date(2026, 11, 25))


@rule("aws.test.never", KEY, **WORDS)
def never(_):
    return iter(())


@pytest.fixture
def graph(preview):
    return lambda **inputs: preview(lambda: aws.kms.Key("it", **inputs))


def test_a_verdict_says_which_property_of_which_resource_has_which_value(graph):
    (finding,) = judge(graph(description="of payments"), [described])

    assert (finding.outcome, finding.property, finding.value) == (
        "pass",
        "description",
        "of payments",
    )
    assert finding.urn.endswith("::it")
    assert finding.source.startswith("tests/compliance/test_judge.py")


def test_a_failure_says_what_was_required(graph):
    (finding,) = judge(graph(), [described])

    assert (finding.outcome, finding.text) == ("fail", "It is so")


def test_what_is_not_known_is_no_pass_and_says_what_it_waits_for(preview):
    def program():
        other = aws.kms.Key("other", description="x")
        aws.kms.Key("it", description=other.arn)

    *_, finding = judge(preview(program), [described])

    assert finding.outcome == "unknown"
    assert finding.text == "waits for other"


def test_a_secret_is_not_known_and_not_shown(preview):
    graph = preview(lambda: aws.kms.Key("it", description=pulumi.Output.secret("hunter2")))
    (finding,) = judge(graph, [described])

    assert finding.outcome == "unknown"
    assert "hunter2" not in repr(finding)


def test_a_rule_that_raises_is_a_failure_that_names_it_and_no_value(graph):
    (finding,) = judge(graph(description="hunter2"), [breaks])

    assert finding.outcome == "fail"
    assert "the rule itself raised TypeError" in finding.text
    assert finding.value is None


@pytest.mark.parametrize("program", [lambda: None, lambda: aws.kms.Key("it")])
def test_a_rule_that_applies_to_nothing_says_so_once(preview, program):
    (finding,) = judge(preview(program), [never])

    assert (finding.outcome, finding.urn) == ("not applicable", "")


def test_what_exists_already_is_not_judged(preview):
    graph = preview(lambda: aws.kms.Key.get("it", "1234"))

    (finding,) = judge(graph, [described])

    assert finding.outcome == "not applicable"


@pytest.mark.parametrize(("day", "outcome", "text"), [(25, "pass", ""), (26, "fail", "too old")])
def test_what_passes_until_a_day_fails_after_it(graph, day, outcome, text):
    (finding,) = judge(graph(), [ages], date(2026, 11, day))

    assert (finding.outcome, finding.text) == (outcome, text)
    assert finding.expired is (outcome == "fail")


def test_the_day_is_the_one_that_the_build_says_it_is(graph, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795737600")  # 2026-11-27

    assert [finding.outcome for finding in judge(graph(), [ages])] == ["fail"]


@pytest.mark.parametrize(
    "text", ["no JSON", "[1]", '"text"', '{"Statement": ["x"]}', '{"Statement": 3}', "[" * 9_999]
)
def test_a_document_that_cannot_be_read_fails_and_is_not_shown(graph, text):
    (finding,) = judge(graph(policy=text), [key_policy_admits_nobody_outside])

    assert finding.outcome == "fail"
    assert finding.text == "policy is no policy document that can be read"
    assert finding.value is None


def yielding(what):
    @rule("aws.test.odd", KEY, **WORDS)
    def odd(_):
        yield what

    return odd


@pytest.mark.parametrize(
    "what", ["no verdict", None, Verdict(True, "a", {1, 2}), Verdict(True, "a", [object()])]
)
def test_what_is_no_verdict_fails_and_ends_nothing(graph, what):
    (odd, other) = judge(graph(description="x"), [yielding(what), described])

    assert (odd.outcome, other.outcome) == ("fail", "pass")
    assert "the rule itself raised TypeError" in odd.text


def test_a_rule_that_ends_the_program_is_a_fail(graph):
    @rule("aws.test.leaves", KEY, **WORDS)
    def leaves(_):
        sys.exit(0)

    (finding,) = judge(graph(), [leaves])

    assert finding.outcome == "fail"
