"""How old a finding is, and how old it may be."""

from datetime import UTC, datetime, timedelta

import pytest
from aws_answers import NOW, finding, image

from bulwark_runtime.weaknesses import Finding, by_age

DEADLINES = {"critical": 30, "high": 30, "medium": 90, "low": 90}


def read(**given):
    return Finding.read(finding(**given))


@pytest.mark.parametrize(
    ("severity", "days", "late"),
    [
        ("CRITICAL", 29, False),
        ("CRITICAL", 31, True),
        ("HIGH", 31, True),
        ("MEDIUM", 31, False),
        ("LOW", 91, True),
        ("UNTRIAGED", 1000, False),
    ],
)
def test_each_severity_has_a_deadline_of_its_own(severity, days, late):
    one = read(severity=severity, since=NOW - timedelta(days=days))

    assert one.overdue(DEADLINES, NOW) is late


@pytest.mark.parametrize(("fix", "late"), [("YES", True), ("PARTIAL", True), ("NO", False)])
def test_what_nothing_can_be_installed_for_is_not_overdue(fix, late):
    assert read(fix=fix).overdue(DEADLINES, NOW) is late


def test_an_image_that_is_built_again_with_a_weakness_is_as_old_as_the_weakness():
    old = datetime(2026, 9, 1, tzinfo=UTC)
    findings = [
        finding(resource=image("a"), since=old),
        finding(resource=image("b"), since=NOW),
        finding(resource=image("c", "other"), since=NOW),
        finding(weakness="CVE-2026-2", resource=image("b"), since=NOW),
    ]

    found = by_age(Finding.read(raw) for raw in findings)

    assert [one.since for one in found if one.resource.endswith(":b")] == [old, NOW]
    assert [one.since for one in found if one.resource.endswith(":c")] == [NOW]


def test_the_versions_of_a_function_are_one_thing():
    of = {
        "functionName": "pay",
        "runtime": "PYTHON_3_13",
        "codeSha256": "x",
        "executionRoleArn": "x",
    }
    function = {
        "type": "AWS_LAMBDA_FUNCTION",
        "id": "arn:aws:lambda:eu-central-1:123456789012:function:pay:7",
        "details": {"awsLambdaFunction": of | {"version": "7"}},
    }

    assert read(resource=function).thing == "pay"
    assert read(resource=function).kind == "function"


def test_a_machine_is_in_the_group_of_its_tag():
    machine = {"type": "AWS_EC2_INSTANCE", "id": "i-1", "tags": {"PatchGroup": "prod-canary"}}

    assert read(resource=machine).group == "prod-canary"
    assert read().group is None


def test_a_version_that_is_not_there_fixes_nothing():
    raw = finding()
    raw["packageVulnerabilityDetails"]["vulnerablePackages"][0]["fixedInVersion"] = "NotAvailable"

    assert Finding.read(raw).packages[0].fixed_in is None


def test_what_has_no_id_is_called_by_its_title():
    raw = finding()
    del raw["packageVulnerabilityDetails"]

    assert Finding.read(raw).weakness == "CVE-2026-1 - x"
