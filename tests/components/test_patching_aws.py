import json

import pytest

from pulumi_bulwark.log_group.aws import AwsLogStore
from pulumi_bulwark.patching import PatchingSpec
from pulumi_bulwark.patching.aws import AwsPatching, AwsPatchingArgs, problems

STORE = AwsLogStore(
    account_id="123456789012",
    region="eu-central-1",
    partition="aws",
    key_arn="arn:aws:kms:eu-central-1:123456789012:key/logs",
    retention_days=365,
    access_logs_id="access-logs",
    deletion_protection=True,
)
SYSTEMS = ["amazonLinux2023", "rhel", "ubuntu", "windows"]
EXCEPTION = {
    "patches": ["KB4016871"],
    "systems": ["windows"],
    "reason": "Breaks the ledger; the port is closed instead",
}


@pytest.fixture
def patching(preview, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")  # 2026-11-25

    def build(**spec):
        args = AwsPatchingArgs(
            spec=PatchingSpec.load("patching", {"systems": SYSTEMS} | spec),
            store=STORE,
            stack="dev",
        )
        graph = preview(lambda: AwsPatching("it", args), rendered=True)
        assert graph.problems == ()
        return graph

    return build


def of(graph, kind):
    return [r for r in graph.resources if r.type.endswith(f":{kind}")]


def test_without_a_system_there_is_nothing_to_patch(patching):
    graph = patching(systems=[])

    assert [r.name for r in graph.resources if r.type.startswith("aws:")] == []


def test_each_system_has_a_baseline_in_each_wave(patching):
    graph = patching()

    assert len(of(graph, "PatchBaseline")) == len(SYSTEMS) * 2
    assert {r.inputs["patchGroup"] for r in of(graph, "PatchGroup")} == {"dev-canary", "dev-rest"}


def test_a_group_has_one_baseline_a_system(patching):
    """Patch Manager refuses a second one."""
    graph = patching()
    systems = {r.id: r.inputs["operatingSystem"] for r in of(graph, "PatchBaseline")}
    pairs = [
        (r.inputs["patchGroup"], systems[r.inputs["baselineId"]]) for r in of(graph, "PatchGroup")
    ]

    assert len(pairs) == len(set(pairs))


def days(graph, name):
    rules = graph[name].inputs["approvalRules"]
    return [rule["approveAfterDays"] for rule in rules]


def test_a_later_wave_is_approved_later(patching):
    graph = patching()

    assert days(graph, "it-canary-rhel") == [2, 14]
    assert days(graph, "it-rest-rhel") == [7, 19]


def test_a_system_without_days_of_release_is_approved_at_once_and_noted(patching):
    graph = patching()

    assert days(graph, "it-rest-ubuntu") == [0, 0]
    assert [n.text for n in graph.notes if n.text.startswith("ubuntu: has no days of release")]


def test_windows_is_not_asked_for_what_only_linux_has(patching):
    rules = patching()["it-canary-windows"].inputs["approvalRules"]

    assert [rule["enableNonSecurity"] for rule in rules] == [False, False]


def test_a_wave_opens_on_its_days_in_its_time_zone(patching):
    window = patching(timeZone="Europe/Berlin")["it-canary"].inputs

    assert window["schedule"] == "cron(0 2 ? * TUE,FRI *)"
    assert window["scheduleTimezone"] == "Europe/Berlin"
    assert window["cutoff"] < window["duration"]


def test_a_wave_installs_on_its_machines_and_stops_when_they_fail(patching):
    graph = patching()
    task, target = graph["it-rest-install"].inputs, graph["it-rest-machines"]

    assert task["targets"] == [{"key": "WindowTargetIds", "values": [target.id]}]
    assert target.inputs["targets"] == [{"key": "tag:PatchGroup", "values": ["dev-rest"]}]
    assert (task["maxConcurrency"], task["maxErrors"]) == ("25%", "10%")


def asked(graph, name):
    command = graph[name].inputs["taskInvocationParameters"]["runCommandParameters"]
    return {p["name"]: p["values"] for p in command["parameters"]}


def test_a_machine_is_restarted_where_a_patch_needs_it(patching):
    assert asked(patching(), "it-rest-install") == {
        "Operation": ["Install"],
        "RebootOption": ["RebootIfNeeded"],
    }


def test_hooks_run_before_and_after(patching):
    graph = patching(hooks={"before": "Acme-Drain", "after": "Acme-Join"})

    assert graph["it-rest-install"].inputs["taskArn"] == "AWS-RunPatchBaselineWithHooks"
    assert asked(graph, "it-rest-install")["PreInstallHookDocName"] == ["Acme-Drain"]
    # PostInstallHookDocName would run before the restart.
    assert asked(graph, "it-rest-install")["OnExitHookDocName"] == ["Acme-Join"]


def test_an_exception_is_of_its_systems_only(patching):
    graph = patching(exceptions={"ledger": EXCEPTION | {"until": "2027-01-31"}})

    assert graph["it-rest-windows"].inputs["rejectedPatches"] == ["KB4016871"]
    assert "rejectedPatches" not in graph["it-rest-rhel"].inputs


def test_an_exception_that_has_ended_is_overdue_and_installed(patching):
    graph = patching(exceptions={"ledger": EXCEPTION | {"until": "2026-11-24"}})

    assert "rejectedPatches" not in graph["it-rest-windows"].inputs
    assert [n.text for n in graph.notes if "ended on 2026-11-24" in n.text]


def test_machines_are_asked_every_day(patching):
    scan = patching()["it-scan"].inputs

    assert scan["scheduleExpression"] == "cron(0 5 * * ? *)"
    assert scan["parameters"]["Operation"] == "Scan"


def test_who_lacks_a_patch_is_logged_and_counted(patching):
    graph = patching()
    (rule,) = of(graph, "EventRule")
    pattern = json.loads(rule.inputs["eventPattern"])
    counted = graph["it-non-compliant"].inputs

    assert pattern["source"] == ["aws.ssm"]
    assert pattern["$or"][0]["detail"] == {"compliance-type": ["Patch"]}
    assert counted["pattern"] == '{ $.detail.compliance-status = "non_compliant" }'
    assert counted["metricTransformation"]["name"] == "NonCompliant"


def test_a_window_of_its_own_that_failed_is_logged_and_counted(patching):
    graph = patching()
    (rule,) = of(graph, "EventRule")
    windows = [window.id for window in of(graph, "MaintenanceWindow")]
    failed = json.loads(rule.inputs["eventPattern"])["$or"][1]["detail"]

    assert failed["window-id"] == windows
    assert "FAILED" in failed["status"]
    assert "SUCCESS" not in failed["status"]
    assert graph["it"].outputs["failedMetric"]["name"] == "FailedWindows"


def test_two_stacks_in_an_account_have_metrics_of_their_own(patching):
    graph = patching()
    names = {r.inputs["metricTransformation"]["namespace"] for r in of(graph, "LogMetricFilter")}

    assert names == {graph["it"].outputs["failedMetric"]["namespace"]}
    assert names != {"Bulwark/Patching"}


def test_the_deadline_is_said(patching):
    graph = patching()

    assert graph["it"].outputs["worstDays"] == 15
    assert [n.text for n in graph.notes if "within 15 days of its release" in n.text]


def test_a_tag_that_is_too_long_is_refused():
    (problem,) = problems(PatchingSpec(waves={"w" * 20: {"days": ("sun",), "hour": 1}}), "s" * 240)

    assert problem.startswith(
        "bulwark:patching.waves.wwwwwwwwwwwwwwwwwwww: makes the value of the tag"
    )
