from collections import Counter

import pytest

from bulwark_toolkit.compliance.controls import IDS, ControlsError, frameworks, parse, unmatched
from bulwark_toolkit.compliance.rules import RULES

GOOD = """
id: some-law
title: Some law
version: '1'
scope: Whoever it binds
form: 'Art \\d+'
cites: 'Some law '
groups:
- title: All of it
  controls:
  - {id: Art 1, title: Keys rotate, served: enforced, rules: [aws.keys.key-rotates]}
  - {id: Art 2, title: People are trained, served: manual, person: Train them}
"""


@pytest.mark.parametrize("framework", frameworks(), ids=lambda framework: framework.id)
def test_each_control_that_is_not_manual_is_served_and_names_rules_that_exist(framework):
    assert unmatched(framework, RULES) == []


def test_each_rule_serves_a_control():
    serving = {
        rule.id
        for framework in frameworks()
        for control in framework.controls
        for rule in framework.rules_of(control, RULES)
    }

    assert {rule.id for rule in RULES} - serving == set()


@pytest.mark.parametrize("framework", frameworks(), ids=lambda framework: framework.id)
def test_what_a_rule_cites_of_a_framework_is_a_control_of_it(framework):
    if not framework.cites:
        pytest.skip("its ids are cited alone")
    known = {framework.cites + control.id for control in framework.controls}
    cited = {r.reference for r in RULES if r.reference.startswith(framework.cites)}

    assert cited - known == set()


def test_a_security_hub_control_that_a_rule_cites_is_known():
    (hub,) = [framework for framework in frameworks() if framework.id == "aws-fsbp"]
    known = {control.id for control in hub.controls}
    alone = {rule.reference for rule in RULES if " " not in rule.reference}

    assert alone - known == set()


def test_the_ids_are_known_without_reading_a_file():
    assert tuple(framework.id for framework in frameworks()) == IDS


def test_each_chapter_of_pci_dss_has_all_its_requirements():
    pci = frameworks()[0]
    chapters = [len(group.controls) for group in pci.groups]

    assert chapters[:12] == [19, 11, 29, 6, 13, 19, 12, 29, 27, 27, 21, 37]


def test_titles_are_short():
    for framework in frameworks():
        assert all(len(control.title) <= 110 for control in framework.controls)


def test_a_rule_serves_a_control_that_names_it_or_that_it_cites():
    law = parse(GOOD.replace("rules: [aws.keys.key-rotates]", "rules: ['aws.keys.key-r*']"), "f")

    assert [rule.id for rule in law.rules_of(next(law.controls), RULES)] == ["aws.keys.key-rotates"]
    (hub,) = [framework for framework in frameworks() if framework.id == "aws-fsbp"]
    rotates = next(control for control in hub.controls if control.id == "KMS.4")
    assert [rule.id for rule in hub.rules_of(rotates, RULES)] == ["aws.keys.key-rotates"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: Art 2", "id: Art 1", "f.yaml: Value error, Art 1: is there twice"),
        ("id: Art 2", "id: §2", r"§2: is no id of the form Art \d+"),
        ("served: manual", "served: somehow", "f.yaml: Art 2: served: "),
        (", person: Train them", "", "f.yaml: Art 2: Value error, is manual, so it says what"),
        ("person: Train them", "person: Train them, rules: [x]", "no rule serves it"),
        ("person: Train them", "person: Train them.", "Art 2: person: Value error, has spaces"),
        ("person: Train them", "persons: Train them", "f.yaml: Art 2: persons: Extra inputs"),
        ("id: Art 2", "id: 3.5", "f.yaml: 3.5: id: Input should be a valid string"),
        ("groups:", "groups: [", "f.yaml: is no YAML"),
        ("version: '1'", "version: 1", "f.yaml: version: "),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_the_file_and_the_control(old, new, said):
    with pytest.raises(ControlsError) as error:
        parse(GOOD.replace(old, new), "f.yaml")

    assert said in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("aws.keys.key-rotates", "aws.keys.nothing-*", "some-law Art 1: aws.keys.nothing-*"),
        (", rules: [aws.keys.key-rotates]", "", "some-law Art 1: is enforced, and no rule"),
        ("cites: 'Some law '\n", "cites: ''\n", ""),
    ],
)
def test_a_control_without_a_rule_is_found(old, new, said):
    found = unmatched(parse(GOOD.replace(old, new), "f.yaml"), RULES)

    assert any(said in line for line in found) if said else found == []


def test_a_manual_control_that_a_rule_cites_is_found():
    text = GOOD.replace("Art \\d+", r".*").replace("cites: 'Some law '", "cites: ''")

    assert unmatched(parse(text.replace("id: Art 2", "id: KMS.5"), "f"), RULES) == [
        "some-law KMS.5: is manual, and aws.keys.key-policy-admits-nobody-outside cites it"
    ]


def test_no_row_is_left_out_of_the_chapters_of_cis_azure_that_are_here():
    (cis,) = (framework for framework in frameworks() if framework.id == "cis-azure")
    paths = [tuple(map(int, control.id.split("."))) for control in cis.controls]

    within = {path[:depth] for path in paths for depth in range(1, len(path))}
    for prefix in within:
        numbers = {path[len(prefix)] for path in paths if path[: len(prefix)] == prefix}
        assert numbers == set(range(1, max(numbers) + 1)), prefix
    assert Counter(path[0] for path in paths) == {5: 43, 6: 25, 7: 16, 8: 38, 9: 21}
