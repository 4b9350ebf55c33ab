"""One command that shows who lacks a patch, and rolls it out in waves.

Systems Manager and Inspector are the test's own: each call is checked against botocore's model of
it, and so is each answer.
"""

import io
import json
import re
import sys
from pathlib import Path

import boto3
import moto
import pytest
from aws_answers import cloud as _cloud
from aws_answers import finding, image
from botocore.exceptions import ClientError
from fleet import Machines

from bulwark_toolkit.patches import Fleet, Plan, Rollout, Wave
from bulwark_toolkit.patches.machines import Machine
from bulwark_toolkit.patches.plan import WavePlan

cloud = _cloud

CVE = "CVE-2026-12345"

DOCS = Path(__file__).parents[2] / "docs" / "patching.md"

STACK_FILE = """
config:
  aws:region: eu-central-1
  bulwark:cloud: aws
  bulwark:profile: dev
  bulwark:tags: {owner: me, environment: dev, costCenter: "1", dataClassification: internal}
  bulwark:patching:
    systems: [amazonLinux2023, ubuntu, windows]
"""


@pytest.fixture
def slept(monkeypatch):
    naps = []
    monkeypatch.setattr("time.sleep", naps.append)
    return naps


@pytest.fixture
def machines(cloud, slept):
    return Machines(cloud)


@pytest.fixture
def now(bulwark, ours, recorded_once):
    folder = ours(STACK_FILE)

    def run(*arguments, stack_file=STACK_FILE):
        (folder / "Pulumi.dev.yaml").write_text(stack_file)
        return bulwark("patch", "now", *arguments, "-C", folder)

    return run


@pytest.fixture
def two_waves(machines):
    """A canary machine and two others that lack the patch, by Inspector."""
    machines.add("dev-canary")
    machines.add("dev-rest")
    machines.add("dev-rest")
    return machines


def sent(machines):
    return [command["Targets"][0]["Values"][0] for command in machines.commands]


# --- the plan


def test_without_a_terminal_only_the_plan_is_shown(now, two_waves):
    result = now(CVE)

    assert result.status == 0
    assert "3 machines of dev-patching lack the patch" in result.out
    assert "say --yes" in result.err
    assert two_waves.commands == []


def test_the_plan_has_the_waves_in_their_order_and_how_each_is_patched(now, two_waves):
    lines = now(CVE).out.splitlines()

    (canary, rest) = [n for n, line in enumerate(lines) if line[:2] in ("1.", "2.")]
    assert lines[canary].startswith("1. canary (dev-canary): 1 of 1 machines lack it: i-")
    assert lines[rest].startswith("2. rest (dev-rest): 2 of 2 machines lack it: i-")
    assert "25% at once, stops when more than 10% fail" in lines[rest + 1]
    assert "restarted once it is installed; about 40 minutes" in lines[rest + 1]


def test_the_plan_says_which_baseline_would_wait(now, two_waves):
    out = now(CVE).out

    assert f"AMAZON_LINUX_2023: {CVE}; pb-amazon-linux-2023-dev-canary" in out
    assert "approves it 7 days after its release, or later" in out
    assert "is approved by name until the wave has ended" in out


def test_what_patch_manager_alone_knows_counts_too(now, machines):
    machines.add(
        "dev-canary",
        system="WINDOWS",
        missing=[("KB5034123", f"CVE-2026-1,{CVE}"), ("KB5034999", "CVE-2026-2")],
        finding=False,
    )
    plan = json.loads(now(CVE, "--format", "json").out)

    (machine,) = plan["waves"][0]["machines"]
    assert machine["knownBy"] == ["Patch Manager"]
    assert plan["waves"][0]["baselines"][0]["patches"] == ["KB5034123"]


def test_a_machine_without_the_patch_in_no_wave_is_told(now, two_waves):
    two_waves.weak("i-0aaaaaaaaaaaaaaaa")

    assert "i-0aaaaaaaaaaaaaaaa: it has no tag PatchGroup" in now(CVE).out


def test_a_machine_that_is_not_connected_is_told(now, machines):
    offline = machines.add("dev-canary", online=False)

    assert f"not connected to Systems Manager: {offline}" in now(CVE).out


def test_functions_and_images_are_told_with_what_to_do(now, two_waves):
    two_waves.findings.append(finding(CVE, image("a")))
    plan = json.loads(now(CVE, "--format", "json").out)

    (one,) = plan["anew"]
    assert one["kind"] == "image"
    assert "deploy its new digest" in one["toDo"]
    assert "openssl 3.0.8 -> 1:3.0.8-1.amzn2023.0.20" in now(CVE).out


def test_findings_that_an_exception_leaves_out_are_asked_for_too(now, two_waves, cloud):
    now(CVE)

    (asked,) = map(json.loads, cloud.asked["ListFindings"])
    statuses = [one["value"] for one in asked["filterCriteria"]["findingStatus"]]
    assert statuses == ["ACTIVE", "SUPPRESSED"]


def test_where_nobody_lacks_it_nothing_is_sent(now, machines):
    machines.add("dev-canary", finding=False)
    result = now(CVE, "--yes")

    assert result.status == 0
    assert "0 machines of dev-patching lack the patch" in result.out
    assert machines.commands == []


def test_the_plan_is_as_the_page_shows_it(now, machines):
    machines.add("dev-canary")
    machines.add("dev-rest", system="WINDOWS", missing=[("KB5034123", CVE)], online=False)
    machines.add("dev-rest", finding=False)
    machines.weak("i-0aaaaaaaaaaaaaaaa")
    machines.findings.append(finding(CVE, image("a")))

    assert f"```\n{now(CVE).out}```" in DOCS.read_text()


# --- the rollout


def test_the_canary_is_first_and_the_rest_follows(now, two_waves):
    result = now(CVE, "--yes")

    assert result.status == 0, result.err
    assert sent(two_waves) == ["dev-canary", "dev-rest"]
    assert result.out == "canary  done     1 of 1 machines\nrest    done     2 of 2 machines\n"


def test_a_wave_is_sent_with_its_own_limits(now, two_waves):
    now(CVE, "--yes")
    command = two_waves.commands[1]

    assert (command["MaxConcurrency"], command["MaxErrors"]) == ("25%", "10%")
    assert command["DocumentName"] == "AWS-RunPatchBaseline"
    assert command["Parameters"]["Operation"] == ["Install"]
    assert command["Parameters"]["RebootOption"] == ["RebootIfNeeded"]


def test_hooks_run_in_an_emergency_too(now, two_waves):
    hooks = "    hooks: {before: Acme-Drain, after: Acme-Join}\n"
    now(CVE, "--yes", stack_file=STACK_FILE + hooks)
    command = two_waves.commands[0]

    assert command["DocumentName"] == "AWS-RunPatchBaselineWithHooks"
    assert command["Parameters"]["PreInstallHookDocName"] == ["Acme-Drain"]


def test_each_baseline_approves_it_while_its_wave_runs_and_no_longer(now, two_waves):
    now(CVE, "--yes")

    canary, rest = [
        {name for name, patches in command["approved"].items() if CVE in patches}
        for command in two_waves.commands
    ]
    assert canary == {"pb-amazon-linux-2023-dev-canary"}
    assert rest == {"pb-amazon-linux-2023-dev-rest"}
    assert all(not baseline["ApprovedPatches"] for baseline in two_waves.baselines.values())


def test_what_a_baseline_approved_by_name_before_it_still_does(now, two_waves):
    held = two_waves.baseline("dev-canary", "AMAZON_LINUX_2023")
    held["ApprovedPatches"] = ["curl*"]
    now(CVE, "--yes")

    assert two_waves.commands[0]["approved"][held["BaselineId"]] == ["curl*", CVE]
    assert held["ApprovedPatches"] == ["curl*"]


def test_a_baseline_that_does_not_wait_is_left_alone(now, machines, cloud):
    machines.baseline("dev-canary", "AMAZON_LINUX_2023", days=0)
    machines.add("dev-canary")
    now(CVE, "--yes")

    assert sent(machines) == ["dev-canary"]
    assert "UpdatePatchBaseline" not in cloud.asked


def test_a_baseline_that_approves_up_to_a_date_may_not_have_approved_it(now, machines):
    held = machines.baseline("dev-canary", "AMAZON_LINUX_2023")
    (rule,) = held["ApprovalRules"]["PatchRules"]
    rule["ApproveUntilDate"] = "2026-01-01"
    del rule["ApproveAfterDays"]
    machines.add("dev-canary")
    now(CVE, "--yes")

    assert machines.commands[0]["approved"][held["BaselineId"]] == [CVE]


def test_a_wave_in_which_nobody_lacks_it_is_left_out_unless_asked(now, machines):
    machines.add("dev-canary", finding=False)
    machines.add("dev-rest")

    assert "canary  skipped  nobody in it lacks the patch" in now(CVE, "--yes").out
    assert sent(machines) == ["dev-rest"]
    now(CVE, "--yes", "--everywhere", "--again")
    assert sent(machines) == ["dev-rest", "dev-canary", "dev-rest"]


def test_one_group_alone(now, two_waves):
    for group in ("rest", "dev-rest"):
        two_waves.commands.clear()
        assert now(CVE, "--yes", "--group", group).status == 0
        assert sent(two_waves) == ["dev-rest"]


# --- when it goes wrong


def test_it_stops_where_more_fail_than_may(now, two_waves):
    two_waves.failing = {"i-" + "0" * 17}
    result = now(CVE, "--yes")

    assert result.status == 1
    assert sent(two_waves) == ["dev-canary"]
    assert "canary  failed   1 of 1 machines failed, and 10% may" in result.out
    assert "i-00000000000000000: Failed" in result.out


def test_it_goes_on_where_no_more_fail_than_may(now, machines):
    bad = machines.add("dev-canary")
    for _ in range(9):
        machines.add("dev-canary")
    machines.add("dev-rest")
    machines.failing = {bad}
    result = now(CVE, "--yes")

    assert result.status == 0
    assert sent(machines) == ["dev-canary", "dev-rest"]
    assert f"{bad}: Failed" in result.out


def test_a_baseline_is_put_back_where_its_wave_failed(now, two_waves):
    two_waves.failing = {"i-" + "0" * 17}
    now(CVE, "--yes")

    assert all(not baseline["ApprovedPatches"] for baseline in two_waves.baselines.values())


def test_run_again_it_goes_on_after_the_waves_that_had_it(now, two_waves):
    two_waves.failing = {"i-" + "0" * 16 + "1"}
    first = now(CVE, "--yes")
    two_waves.failing = set()
    # The canary's finding is still open: Inspector takes its time.
    two_waves.commands[1]["status"] = "Failed"
    two_waves.failing = {"i-" + "0" * 16 + "1"}
    second = now(CVE, "--yes")

    assert (first.status, second.status) == (1, 1)
    assert sent(two_waves) == ["dev-canary", "dev-rest", "dev-rest"]


def test_run_again_it_waits_for_a_wave_that_still_runs(now, two_waves, slept):
    two_waves.looks = 10_000
    first = now(CVE, "--yes", "--wait", "2")
    waited = len(slept)
    two_waves.looks = 1
    second = now(CVE, "--yes")

    assert first.status == 1
    assert "canary  running  is not through after 2 minutes. Run it again to go on" in first.out
    assert sum(slept[:waited]) == 120
    assert second.status == 0
    assert sent(two_waves) == ["dev-canary", "dev-rest"]


def test_a_baseline_approves_it_for_as_long_as_its_wave_runs(now, two_waves):
    two_waves.looks = 10_000
    now(CVE, "--yes", "--wait", "1")

    assert two_waves.baseline("dev-canary", "AMAZON_LINUX_2023")["ApprovedPatches"] == [CVE]


def test_another_weakness_or_another_stack_is_another_rollout(now, two_waves):
    now(CVE, "--yes")
    two_waves.commands[0]["Comment"] = "bulwark patch now CVE-2026-99999"
    two_waves.commands[1]["Targets"] = [{"Key": "tag:PatchGroup", "Values": ["prod-rest"]}]
    now(CVE, "--yes")

    assert len(two_waves.commands) == 4


def test_a_patch_that_a_baseline_rejects_is_not_rolled_out(now, machines):
    machines.baseline("dev-canary", "AMAZON_LINUX_2023", rejected=["openssl*"])
    machines.add("dev-canary")
    result = now(CVE, "--yes")

    assert result.status == 2
    assert "rejects openssl. End that exception in bulwark:patching.exceptions" in result.err
    assert machines.commands == []


def test_on_windows_somebody_has_to_know_the_number(now, machines):
    machines.add("dev-canary", system="WINDOWS")
    without = now(CVE, "--yes")
    named = now(CVE, "--yes", "--patch", "KB5034123")

    assert without.status == 2
    assert "Name it with --patch, such as --patch KB5034123" in without.err
    assert named.status == 0
    (approved,) = [p for p in machines.commands[0]["approved"].values() if p]
    assert approved == ["KB5034123"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["everything"], "must be the id of one weakness"),
        ([CVE, "--group", "x"], "no such wave. Known: canary, rest"),
    ],
)
def test_what_makes_no_sense_is_refused(now, machines, arguments, said):
    result = now(*arguments)

    assert result.status == 2
    assert said in result.err


def test_a_stack_without_machines_says_so(now, machines):
    result = now(CVE, stack_file=STACK_FILE.partition("  bulwark:patching")[0])

    assert result.status == 2
    assert "dev patches no machine. Name their systems in bulwark:patching.systems" in result.err


def test_another_account_than_the_stacks_is_refused(now, machines):
    result = now(CVE, stack_file=STACK_FILE + '  bulwark:account: {id: "111111111111"}\n')

    assert result.status == 2
    assert "this stack belongs to account 111111111111" in result.err


def refusing(operation):
    def refuse(_):
        error = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
        raise ClientError(error, operation)

    return {operation: refuse}


def test_a_refusal_is_one_line(now, machines, cloud):
    cloud.answering(**refusing("DescribeInstanceInformation"))
    result = now(CVE)

    assert result.status == 2
    assert "may not DescribeInstanceInformation on the machines of dev" in result.err
    assert result.err.count("\n") == 1


def test_where_inspector_is_off_patch_manager_alone_is_asked(now, machines, cloud):
    machines.add("dev-canary", system="WINDOWS", missing=[("KB5034123", CVE)])
    cloud.answering(**refusing("ListFindings"))
    result = now(CVE)

    assert result.status == 0
    assert "Inspector is off" in result.err
    assert "1 machines of dev-patching lack the patch" in result.out


def test_the_rollout_is_data_too(now, two_waves):
    data = json.loads(now(CVE, "--yes", "--format", "json").out)

    assert [(step["wave"], step["state"], step["machines"]) for step in data["rollout"]] == [
        ("canary", "done", 1),
        ("rest", "done", 2),
    ]


# --- who is asked


@pytest.mark.parametrize(("typed", "waves"), [("y\n", ["dev-canary", "dev-rest"]), ("n\n", [])])
def test_on_a_terminal_the_plan_is_shown_and_somebody_asked(
    now, two_waves, monkeypatch, typed, waves
):
    terminal = io.StringIO(typed)
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    result = now(CVE)

    assert "1. canary (dev-canary)" in result.err
    assert "Roll it out?" in result.err
    assert sent(two_waves) == waves


def test_a_dry_run_asks_nobody(now, two_waves, monkeypatch):
    terminal = io.StringIO("y\n")
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)

    assert now(CVE, "--dry-run").status == 0
    assert two_waves.commands == []


# --- an emulated Systems Manager, which sends commands to the machines of a tag


@pytest.fixture
def emulated(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    with moto.mock_aws():
        yield boto3.client("ec2", "eu-central-1"), boto3.client("ssm", "eu-central-1")


def test_an_emulated_systems_manager_is_asked_for_each_wave_once(emulated):
    ec2, ssm = emulated
    (image, *_) = ec2.describe_images()["Images"]
    for group in ("dev-canary", "dev-rest"):
        tags = [{"Key": "PatchGroup", "Value": group}]
        ec2.run_instances(
            ImageId=image["ImageId"],
            MinCount=2,
            MaxCount=2,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )
    parameters = {"Operation": "Install", "RebootOption": "RebootIfNeeded"}
    waves = [
        Wave(
            name=name,
            group=f"dev-{name}",
            at_once="25%",
            errors="10%",
            document="AWS-RunPatchBaseline",
            parameters=parameters,
        )
        for name in ("canary", "rest")
    ]
    weak = {"system": "UBUNTU", "known_by": {"Inspector"}}
    plans = tuple(
        WavePlan(
            wave=wave,
            machines=(Machine(id="i-1", group=wave.group, **weak),),
            baselines=(),
            weakness=CVE,
            named=(),
        )
        for wave in waves
    )
    plan = Plan(
        weakness=CVE,
        fleet=Fleet("it", tuple(waves), ("UBUNTU",)),
        waves=plans,
        outside=(),
        rebuilt=(),
    )
    rollout = Rollout(plan=plan, ssm=ssm, sleep=lambda _: None, tell=lambda _: None, wait_minutes=1)

    first, second = list(rollout.run()), list(rollout.run())

    assert [(step.wave, step.state, step.machines) for step in first] == [
        ("canary", "done", 2),
        ("rest", "done", 2),
    ]
    assert first == second
    assert len(ssm.list_commands()["Commands"]) == 2


# --- who may do it


def test_the_documented_policy_allows_what_it_calls_and_no_more(now, machines, cloud):
    policy = json.loads(re.search(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)[1])
    statements = policy["Statement"]
    listed = (s["Action"] if isinstance(s["Action"], list) else [s["Action"]] for s in statements)
    machines.failing = {machines.add("dev-canary", missing=[("openssl", CVE)])}
    now(CVE, "--yes")

    called = {operation for operation in cloud.asked if operation != "GetCallerIdentity"}
    assert {action.partition(":")[2] for actions in listed for action in actions} == called
