"""Findings on Azure by age: rows as Resource Graph's documentation has them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from arm import SUBSCRIPTION
from azure_fleet import vm, weakness

STACK_FILE = f"""
config:
  azure-native:location: westeurope
  bulwark:cloud: azure
  bulwark:profile: dev
  bulwark:account: {{id: {SUBSCRIPTION}}}
  bulwark:tags: {{owner: me, environment: dev, costCenter: "1", dataClassification: internal}}
"""
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
EXCEPTION = """  bulwark:securityTesting:
    exceptions:
      no-shell:
        weaknesses: [CVE-2026-12345]
        reason: The machine has no shell to run it in
        owner: platform@example.com
        until: {until}
"""


@pytest.fixture
def findings(bulwark, ours, azure_fleet, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
    folder = ours(STACK_FILE)

    def run(*arguments, more=""):
        (folder / "Pulumi.dev.yaml").write_text(STACK_FILE + more)
        return bulwark("findings", *arguments, "-C", folder)

    return run


def days(count):
    return f"{NOW - timedelta(days=count):%Y-%m-%dT%H:%M:%S}.1234567Z"


def rows(result):
    return json.loads(result.out)


def test_a_finding_is_overdue_once_it_is_open_for_longer_than_a_patch_may_be(findings, azure_fleet):
    azure_fleet.findings = [
        weakness(vm("old"), looked=days(31), published=days(40)),
        weakness(vm("new"), looked=days(31), published=days(2)),
    ]
    result = findings("--format", "json")

    assert result.status == 1, result.err
    assert [(row["state"], row["resource"]) for row in rows(result)] == [
        ("overdue", vm("old")),
        ("due", vm("new")),
    ]


def test_a_weakness_is_no_older_on_a_machine_than_the_machine(findings, azure_fleet):
    azure_fleet.findings = [weakness(vm("new"), looked=days(3), published=days(900))]

    (row,) = rows(findings("--format", "json"))
    assert row["since"] == "2026-11-22"


def test_what_has_no_fix_is_no_failure(findings, azure_fleet):
    azure_fleet.findings = [
        weakness(vm("a"), looked=days(99), published=days(99), fix="NoFixAvailable"),
        weakness(vm("b"), looked=days(99), published=days(99), patchable=False),
    ]
    result = findings("--format", "json")

    assert result.status == 0
    assert {row["state"] for row in rows(result)} == {"no fix"}


def test_an_image_is_as_old_as_the_weakness_is_in_its_repository(findings, azure_fleet):
    def image(digest, looked):
        about = {"registryHost": "pay.azurecr.io", "repositoryName": "api", "digest": digest}
        return weakness("/registry", looked=days(looked), published=days(50), artifactDetails=about)

    azure_fleet.findings = [image("sha256:a", 40), image("sha256:b", 1)]
    found = rows(findings("--format", "json"))

    assert [row["kind"] for row in found] == ["image", "image"]
    assert {row["since"] for row in found} == {"2026-10-16"}
    assert "pay.azurecr.io/api@sha256:b" in [row["resource"] for row in found]


@pytest.mark.parametrize(("until", "shown"), [("2026-11-25", 0), ("2026-11-24", 1)])
def test_what_is_accepted_is_left_out_to_the_end_of_its_day(findings, azure_fleet, until, shown):
    azure_fleet.findings = [weakness(vm("one"))]
    result = findings("--format", "json", more=EXCEPTION.format(until=until))

    assert len(rows(result)) == shown


def test_an_exception_for_one_machine_is_for_no_other(findings, azure_fleet):
    azure_fleet.findings = [weakness(vm("one")), weakness(vm("two"))]
    more = EXCEPTION.format(until="2026-12-31") + f"        resources: [{vm('one').upper()}]\n"

    (row,) = rows(findings("--format", "json", more=more))
    assert row["resource"] == vm("two")


def test_a_machine_that_nobody_scans_is_overdue(findings, azure_fleet):
    azure_fleet.assessments = [{"resource": vm("one")}]
    result = findings("--format", "json")

    assert result.status == 1
    assert rows(result)[0]["weakness"] == "not scanned"


def test_machines_that_lack_patches_are_shown(findings, azure_fleet):
    azure_fleet.missing = [{"resource": vm("one"), "urgent": 2, "other": 3}]
    result = findings("--format", "json")

    assert result.status == 0
    (row,) = rows(result)
    assert (row["weakness"], row["severity"]) == ("5 patches are missing", "high")


def test_only_what_is_overdue_for_a_ci_server(findings, azure_fleet):
    azure_fleet.findings = [
        weakness(vm("old"), looked=days(31), published=days(40)),
        weakness(vm("new"), looked=days(1), published=days(2)),
    ]
    out = findings("--overdue", "--format", "junit").out

    assert 'tests="1" failures="1"' in out


def test_a_weakness_in_the_older_shape_is_read_too(findings, azure_fleet):
    row = weakness(vm("one"), looked=None, vulnerabilityDetails={}, softwareDetails={})
    row["properties"]["additionalData"] |= {
        "cve": [{"title": "CVE-2026-2", "link": "https://example.com"}],
        "publishedTime": days(50),
        "patchable": True,
    }
    azure_fleet.findings = [row]

    (row,) = rows(findings("--format", "json"))
    assert (row["weakness"], row["since"]) == ("CVE-2026-2", "2026-10-06")
    assert (row["severity"], row["kind"], row["state"]) == ("high", "machine", "overdue")


def test_every_query_is_one_that_kusto_takes(kusto_says):
    from bulwark_runtime.weaknesses import azure_finding
    from bulwark_toolkit.findings import azure_rows
    from bulwark_toolkit.patches import azure_fleet

    columns = {"id": "string", "name": "string", "type": "string", "location": "string"}
    columns |= {"tags": "dynamic", "properties": "dynamic"}
    tables = dict.fromkeys(["resources", "securityresources", "patchassessmentresources"], columns)
    queries = [
        azure_finding.QUERY,
        azure_fleet.MACHINES,
        azure_rows.UNSCANNED,
        azure_rows.UNPATCHED,
    ]

    assert [answer["wrong"] for answer in kusto_says(tables, queries)] == [[]] * 4
