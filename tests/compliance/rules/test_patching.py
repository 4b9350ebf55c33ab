import pulumi
import pulumi_aws as aws
import pytest
from rule_cases import test_a_rule_passes_fails_and_does_not_apply  # noqa: F401 asked of this file too

from bulwark_toolkit.compliance.rules import RULES
from bulwark_toolkit.compliance.rules.aws import patching as rules

P = "aws.patching."


def baseline(days=7, *, used=True, by_itself=True):
    def program():
        approval = {
            "approve_after_days": days,
            "patch_filters": [{"key": "CLASSIFICATION", "values": ["Security"]}],
        }
        made = aws.ssm.PatchBaseline(
            "it",
            operating_system="AMAZON_LINUX_2023",
            approval_rules=[approval] if by_itself else None,
            approved_patches=None if by_itself else ["KB1"],
        )
        if used:
            aws.ssm.PatchGroup("group", baseline_id=made.id, patch_group="web")

    return program


def window(
    operation="Install",
    group="web",
    *,
    errors="10%",
    reboot="RebootIfNeeded",
    told=None,
    **hooks,
):
    def program():
        baseline()()
        made = aws.ssm.MaintenanceWindow("w", cutoff=1, duration=3, schedule="cron(0 2 ? * SUN *)")
        target = aws.ssm.MaintenanceWindowTarget(
            "machines",
            window_id=made.id,
            resource_type="INSTANCE",
            targets=[{"key": "tag:PatchGroup", "values": [group]}],
        )
        asked = {"Operation": operation, "RebootOption": reboot} | hooks
        if told:
            aws.cloudwatch.EventTarget("log", rule=telling(made, **told).name, arn="arn:x")
        aws.ssm.MaintenanceWindowTask(
            "task",
            window_id=made.id,
            task_type="RUN_COMMAND",
            task_arn="AWS-RunPatchBaseline",
            max_concurrency="25%",
            max_errors=errors,
            targets=[{"key": "WindowTargetIds", "values": [target.id]}],
            task_invocation_parameters={
                "run_command_parameters": {
                    "parameters": [{"name": n, "values": [v]} for n, v in asked.items()]
                }
            },
        )

    return program


def telling(made, status="FAILED", others=()):
    failed = {
        "detail-type": ["Maintenance Window Execution State-change Notification"],
        "detail": {"window-id": [*others] or [made.id], "status": [status]},
    }
    return aws.cloudwatch.EventRule(
        "failed",
        event_pattern=pulumi.Output.json_dumps({"source": ["aws.ssm"], "$or": [failed]}),
    )


def nothing():
    aws.sqs.Queue("it")


CASES = {
    P + "security-patches-are-approved-in-time": (baseline(23), baseline(24), nothing),
    P + "baseline-is-used": (baseline(), baseline(used=False), nothing),
    P + "what-is-approved-is-installed": (window(), window("Scan"), nothing),
    P + "installation-restarts-where-it-must": (
        window(),
        window(reboot="NoReboot"),
        window("Scan", reboot="NoReboot"),
    ),
    P + "installation-stops-when-machines-fail": (
        window(),
        window(errors="100%"),
        window("Scan", errors="100%"),
    ),
    P + "hook-is-undone-whatever-happens": (
        window(PreInstallHookDocName="drain", OnExitHookDocName="join"),
        window(PreInstallHookDocName="drain", PostInstallHookDocName="join"),
        window(),
    ),
    P + "failed-window-is-told": (
        window(told={"status": "FAILED"}),
        window(),
        nothing,
    ),
}
"""For each rule: a program that passes, one that fails, and one that it does not apply to."""


def test_each_rule_of_the_file_has_its_cases():
    assert {r.id for r in vars(rules).values() if r in RULES} == CASES.keys()


def test_a_baseline_that_approves_nothing_by_itself_is_late(outcomes):
    program = baseline(by_itself=False)

    assert outcomes(P + "security-patches-are-approved-in-time", program) == {"fail"}


def test_a_window_for_other_machines_installs_nothing_here(outcomes):
    assert outcomes(P + "what-is-approved-is-installed", window(group="db")) == {"fail"}


@pytest.mark.parametrize("told", [{"status": "SUCCESS"}, {"others": ["mw-of-somebody-else"]}])
def test_an_event_rule_about_something_else_tells_nobody(outcomes, told):
    assert outcomes(P + "failed-window-is-told", window(told=told)) == {"fail"}
