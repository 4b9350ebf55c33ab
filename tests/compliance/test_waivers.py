from datetime import date

import pulumi_aws as aws
import pytest

from bulwark_toolkit.compliance import Verdict, clock, judge, rule, waivers
from bulwark_toolkit.preview import UsageError

TODAY = date(2026, 11, 25)


@rule(
    "acme.keys.key-rotates",
    "aws:kms/key:Key",
    severity="high",
    requires="Every key rotates",
    remediation="Rotate it.",
    reference="X.1",
)
def key_rotates(key):
    if not key.has("customerMasterKeySpec"):
        yield Verdict(key.get("enableKeyRotation", False), "enableKeyRotation")


WRITTEN = {
    "rule": "acme.keys.key-rotates",
    "resource": "*::it",
    "owner": "ana@example.com",
    "reason": "The partner pins the key.",
    "compensatingControl": "It is renewed by hand each January.",
    "ticket": "SEC-7",
    "expires": "2027-03-01",
}


@pytest.fixture
def waived(preview, tmp_path):
    """Outcome and waiver of the rule on a key, and what is wrong with the waivers."""

    def of(*, rotates=False, today=TODAY, **changes):
        graph = preview(lambda: aws.kms.Key("it", enable_key_rotation=rotates))
        listed = waivers.load(written(tmp_path, WRITTEN | changes))
        (finding,), faults = waivers.waive(judge(graph, [key_rotates]), listed, graph, today)
        return finding, [(fault.kind, str(fault)) for fault in faults]

    return of


def written(folder, *listed):
    file = folder / "waivers.yaml"
    lines = ["waivers:"]
    for waiver in listed:
        lines += [f"  - rule: {waiver['rule']}"]
        lines += [f"    {k}: {v!r}" for k, v in waiver.items() if k != "rule"]
    file.write_text("\n".join(lines))
    return file


def test_a_waiver_stands_beside_the_finding_that_stays_a_failure(waived):
    finding, faults = waived()

    assert finding.outcome == "fail"
    assert finding.waiver.owner == "ana@example.com"
    assert faults == []


def test_its_words_say_until_when_by_whom_why_and_what_guards_instead(waived):
    finding, _ = waived()

    assert finding.waiver.words == (
        "waived until 2027-03-01 by ana@example.com (SEC-7): The partner pins the key. "
        "Instead: It is renewed by hand each January."
    )


@pytest.mark.parametrize(
    ("planted", "kind", "says"),
    [
        ({"expires": "2026-11-24"}, "expired", "expired on 2026-11-24"),
        ({"expires": "2027-11-26"}, "expired", "more than a year ahead"),
        ({"rule": "acme.keys.no-such-rule"}, "unmatched", "there is no such rule"),
        ({"resource": "*::another"}, "unmatched", "no resource of stack stack matches"),
        ({"rotates": True}, "unused", "nothing that it matches fails"),
    ],
)
def test_a_waiver_that_does_not_hold_is_a_fault_and_waives_nothing(waived, planted, kind, says):
    finding, [(found, text)] = waived(**planted)

    assert found == kind
    assert says in text
    assert finding.waiver is None


@pytest.mark.parametrize("last", ["2026-11-25", "2027-11-25"])
def test_it_holds_on_its_last_day_and_for_a_year(waived, last):
    finding, faults = waived(expires=last)

    assert finding.waiver
    assert faults == []


def test_one_for_other_stacks_is_none_of_this_one(waived):
    finding, faults = waived(stacks=["prod", "staging-*"])

    assert finding.waiver is None
    assert faults == []


def test_a_rule_that_applies_to_nothing_here_leaves_its_waiver_unused(preview, tmp_path):
    graph = preview(lambda: aws.kms.Key("it", customer_master_key_spec="RSA_2048"))
    listed = waivers.load(written(tmp_path, WRITTEN))

    _, (fault,) = waivers.waive(judge(graph, [key_rotates]), listed, graph, TODAY)

    assert fault.kind == "unused"


def test_no_file_is_no_waivers(tmp_path):
    assert waivers.load(tmp_path / "waivers.yaml") == ()


@pytest.mark.parametrize("text", ["", "# none yet\n", "waivers:\n", "waivers: []\n"])
def test_a_file_may_have_none(tmp_path, text):
    (tmp_path / "waivers.yaml").write_text(text)

    assert waivers.load(tmp_path / "waivers.yaml") == ()


def test_what_is_no_file_is_not_passed_over(tmp_path):
    (tmp_path / "waivers.yaml").mkdir()

    with pytest.raises(UsageError, match="cannot be read"):
        waivers.load(tmp_path / "waivers.yaml")


def test_words_are_on_one_line_however_they_were_written(waived):
    finding, _ = waived(reason="The partner  pins   the key.")

    assert "The partner pins the key." in finding.waiver.words


def test_a_second_waiver_for_the_same_is_not_needed(preview, tmp_path):
    graph = preview(lambda: aws.kms.Key("it", enable_key_rotation=False))
    listed = waivers.load(written(tmp_path, WRITTEN, WRITTEN | {"owner": "bea@example.com"}))

    (finding,), (fault,) = waivers.waive(judge(graph, [key_rotates]), listed, graph, TODAY)

    assert finding.waiver.owner == "ana@example.com"
    assert (fault.kind, fault.waiver.owner) == ("unused", "bea@example.com")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("waivers: [{rule: a}]", "waivers.yaml: waivers[0].owner: missing"),
        ("waivers: 3", "waivers.yaml: waivers: must be a list"),
        ("waivers: [3]", "waivers.yaml: waivers[0]: must be a mapping"),
        ("waiver: []", "waivers.yaml: waiver: no such field"),
        ("[]", "waivers.yaml: the file: must be a mapping"),
        ("waivers: [{expires: soon}]", "waivers[0].expires: must be a day, such as 2027-01-31"),
        ("waivers: [{expires: 3}]", "waivers[0].expires: must be a day, such as 2027-01-31"),
        ("waivers: [{ticket: 12}]", "waivers.yaml: waivers[0].ticket: must be text"),
        ("waivers: [{ticket: ' '}]", "waivers[0].ticket: must not be empty"),
        ("waivers: [{stacks: []}]", "waivers[0].stacks: must not be empty"),
        ('waivers: [{owner: "\\e[31m"}]', "waivers[0].owner: has a character that cannot be shown"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_says_where(tmp_path, text, says):
    file = tmp_path / "waivers.yaml"
    file.write_text(text)

    with pytest.raises(UsageError) as error:
        waivers.load(file)

    assert says in str(error.value)


def test_today_is_what_the_build_says_it_is(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")

    assert clock.today() == date(1970, 1, 2)


def test_a_build_date_that_is_none_is_said(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "tomorrow")

    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        clock.today()


def test_a_year_from_a_leap_day_is_the_last_of_february(waived):
    _, faults = waived(today=date(2028, 2, 29), expires="2029-02-28")

    assert faults == []
