"""What is known to be weak, by when it is to be mended."""

import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from aws_answers import cloud as _cloud
from aws_answers import finding, image

cloud = _cloud

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)

STACK_FILE = """
config:
  aws:region: eu-central-1
  bulwark:cloud: aws
  bulwark:profile: dev
  bulwark:tags: {owner: me, environment: dev, costCenter: "1", dataClassification: internal}
"""


@pytest.fixture
def account(cloud, monkeypatch):
    """An account in which nothing is weak, until a test says otherwise."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
    return cloud.answering(
        GetCallerIdentity={"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/me"},
        ListFindings={"findings": []},
        ListCoverage={"coveredResources": []},
        ListResourceComplianceSummaries={},
        ListFunctions={"Functions": []},
    )


@pytest.fixture
def findings(bulwark, ours, account, recorded_once):
    folder = ours(STACK_FILE)

    def run(*arguments, stack_file=STACK_FILE):
        (folder / "Pulumi.dev.yaml").write_text(stack_file)
        return bulwark("findings", *arguments, "-C", folder)

    return run


def rows(result):
    return json.loads(result.out)


def days(count):
    return NOW - timedelta(days=count)


def test_where_nothing_is_weak_the_table_says_so(findings):
    result = findings()

    assert result.status == 0
    assert result.out == "0 overdue, 0 due, 0 open, 0 no fix.\n"


def test_what_is_open_for_longer_than_it_may_be_is_first_and_fails(findings, account):
    account.answering(
        ListFindings={
            "findings": [
                finding("CVE-2026-1", since=days(5)),
                finding("CVE-2026-2", since=days(31)),
            ]
        }
    )
    result = findings()

    assert result.status == 1
    first, to_do, second, counts = result.out.splitlines()
    assert first.split() == [
        "overdue",
        "2026-11-24",
        "critical",
        "CVE-2026-2",
        "machine",
        "i-0123456789abcdef0",
    ]
    assert "openssl 1:3.0.8-1.amzn2023.0.20: its window patches it" in to_do
    assert second.startswith("due      2026-12-20")
    assert counts == "1 overdue, 1 due, 0 open, 0 no fix."


def test_the_deadlines_are_those_of_the_patches(findings, account):
    account.answering(ListFindings={"findings": [finding(since=days(25))]})
    shorter = STACK_FILE + "  bulwark:patching: {deadlineDays: 20}\n"

    assert findings().status == 0
    assert findings(stack_file=shorter).status == 1


def test_what_is_due_is_no_failure(findings, account):
    account.answering(ListFindings={"findings": [finding(since=days(29))]})

    assert findings().status == 0


def test_what_has_no_fix_yet_is_shown_and_no_failure(findings, account):
    account.answering(ListFindings={"findings": [finding(since=days(300), fix="NO")]})
    result = findings("--format", "json")

    assert result.status == 0
    assert rows(result)[0]["state"] == "no fix"


def test_a_finding_without_a_severity_has_no_deadline(findings, account):
    account.answering(ListFindings={"findings": [finding(since=days(300), severity="UNTRIAGED")]})

    assert rows(findings("--format", "json"))[0]["state"] == "open"


def test_only_what_is_overdue(findings, account):
    account.answering(
        ListFindings={"findings": [finding(since=days(31)), finding("CVE-2026-2", since=days(1))]}
    )

    (row,) = rows(findings("--overdue", "--format", "json"))
    assert row["weakness"] == "CVE-2026-1"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("SCAN_ELIGIBILITY_EXPIRED", True),
        ("UNSUPPORTED_RUNTIME", True),
        ("UNMANAGED_EC2_INSTANCE", True),
        ("EXCLUDED_BY_TAG", True),
        ("RESOURCE_TERMINATED", False),
        ("EC2_INSTANCE_STOPPED", False),
    ],
)
def test_what_nobody_scans_any_more_is_overdue_if_it_runs(findings, account, reason, told):
    account.answering(ListCoverage={"coveredResources": [covered(reason, in_use=1)]})
    result = findings("--format", "json")

    assert (result.status == 1) is told
    assert [row["weakness"] for row in rows(result)] == [f"not scanned ({reason})"] * told


def test_an_image_that_is_too_old_to_be_scanned_harms_nobody_where_it_does_not_run(
    findings, account
):
    account.answering(
        ListCoverage={"coveredResources": [covered("SCAN_ELIGIBILITY_EXPIRED", in_use=0)]}
    )

    assert findings().status == 0


def covered(reason, in_use):
    return {
        "resourceType": "AWS_ECR_CONTAINER_IMAGE",
        "resourceId": image("a")["id"],
        "accountId": "123456789012",
        "scanType": "PACKAGE",
        "scanStatus": {"statusCode": "INACTIVE", "reason": reason},
        "resourceMetadata": {"ecrImage": {"inUseCount": in_use}},
    }


def test_machines_that_lack_approved_patches_are_shown(findings, account):
    account.answering(
        ListResourceComplianceSummaries={
            "ResourceComplianceSummaryItems": [
                {
                    "ResourceId": "i-1",
                    "OverallSeverity": "CRITICAL",
                    "NonCompliantSummary": {"NonCompliantCount": 3},
                }
            ]
        }
    )
    result = findings("--format", "json")

    (row,) = rows(result)
    assert result.status == 0
    assert (row["weakness"], row["severity"]) == ("3 approved patches are missing", "critical")


@pytest.mark.parametrize(
    ("runtime", "states"),
    [("python3.8", ["overdue"]), ("nodejs22.x", ["due"]), ("python3.13", [])],
)
def test_a_runtime_that_is_mended_no_longer_is_overdue(findings, account, runtime, states):
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:pay"
    account.answering(
        ListFunctions={
            "Functions": [{"FunctionName": "pay", "FunctionArn": arn, "Runtime": runtime}]
        }
    )

    assert [row["state"] for row in rows(findings("--format", "json"))] == states


def test_a_ci_server_fails_what_is_overdue(findings, account):
    account.answering(
        ListFindings={
            "findings": [
                finding(since=days(31)),
                finding("CVE-2026-2", since=days(1)),
                finding("CVE-2026-3", since=days(90), fix="NO"),
            ]
        }
    )
    out = findings("--format", "junit").out
    suite = ET.fromstring(out).find("testsuite")  # noqa: S314 our own

    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    (failure,) = suite.iter("failure")
    assert failure.get("message") == "was to be mended by 2026-11-24"


def test_a_code_host_gets_a_result_for_each(findings, account):
    account.answering(
        ListFindings={"findings": [finding(since=days(31)), finding("CVE-2026-2", since=days(1))]}
    )
    (run,) = json.loads(findings("--format", "sarif").out)["runs"]

    assert [result["level"] for result in run["results"]] == ["error", "warning"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    locations = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]
    }
    assert locations == {"Pulumi.dev.yaml"}


def test_another_account_than_the_stacks_is_refused(findings):
    result = findings(stack_file=STACK_FILE + '  bulwark:account: {id: "111111111111"}\n')

    assert result.status == 2
    assert "this stack belongs to account 111111111111" in result.err


def test_a_program_without_a_scanner_has_no_deadlines(bulwark, project, account):
    result = bulwark("findings", "-C", project("pass"))

    assert result.status == 2
    assert "dev has no deadlines" in result.err
