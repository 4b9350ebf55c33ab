"""Patches for machines on AWS: Systems Manager's Patch Manager."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..days import today
from ..log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore, event_logs
from ..naming import logical, physical
from .aws_baselines import RULES, approval_rules
from .spec import WITHOUT_DELAY, PatchingSpec, System, WaveSpec

_AT = "bulwark:patching"

TAG = "PatchGroup"
"""The tag by which a machine is in a wave. Without a space in it, or a machine that reads its tags
from its metadata could not have it."""

NON_COMPLIANT, FAILED = "NonCompliant", "FailedWindows"
"""Metrics: machines that began to lack an approved patch, which is usual until their window; and
windows that did not end well."""

_ENDED_BADLY = ("CANCELLED", "FAILED", "SKIPPED_OVERLAPPING", "TIMED_OUT")

_LONGEST_GROUP = 256
"""Characters of a patch group: the longest value of a tag."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsPatchingArgs:
    spec: PatchingSpec
    store: AwsLogStore
    """How the environment keeps its logs."""
    stack: str
    """What the values of the machines' tag begin with."""


class AwsPatching(pulumi.ComponentResource):
    """Baselines, waves and windows, and a record of which machine lacks what.

    A machine is patched if its tag PatchGroup names a wave, and if it is managed by Systems
    Manager. Nothing is made without a system in the settings.
    """

    groups: dict[str, str]
    """Value of the tag PatchGroup, by the wave's name."""

    waves: list[dict[str, Any]]
    """The waves in their order, as `bulwark patch now` runs them: name, group, how many machines at
    once and how many that fail, and the document of Systems Manager with its parameters."""

    systems: list[str]
    """What is patched, as Patch Manager calls it, such as AMAZON_LINUX_2023."""

    worst_days: int | None
    """Days after its release within which a critical patch is on every machine."""

    failed_metric: dict[str, str] | None
    """Namespace and name of the metric that counts windows which did not end well."""

    def __init__(
        self, name: str, args: AwsPatchingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsPatching", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        spec = args.spec

        self.groups, self.worst_days, self.failed_metric = {}, None, None
        self.waves, self.systems = [], []
        if spec.systems:
            self.groups = {wave: f"{args.stack}-{wave}" for wave in spec.waves}
            self.worst_days = spec.worst_days()
            self.systems = [RULES[system].name for system in spec.systems]
            windows = []
            for called, wave, approved in spec.approvals():
                for system in spec.systems:
                    self._baseline(called, system, approved)
                self.waves.append(self._run(called, wave))
                windows.append(self._window(called, wave, self.waves[-1]))
            self._scan()
            self.failed_metric = self._report(windows)
            self._tell()
        notes.loosened(self, _AT, spec)
        self.register_outputs(
            {
                "groups": self.groups,
                "waves": self.waves,
                "systems": self.systems,
                "worstDays": self.worst_days,
                "failedMetric": self.failed_metric,
            }
        )

    def _baseline(self, wave: str, system: System, approved: int) -> None:
        spec = self._args.spec
        later = approved - spec.approval_days
        rejected = sorted(
            {
                patch
                for exception in spec.exceptions.values()
                if system in exception.systems and today() <= exception.until
                for patch in exception.patches
            }
        )
        baseline = aws.ssm.PatchBaseline(
            logical("patch-baseline", f"{self._name}-{wave}-{system.lower()}"),
            description=f"Patches of the wave {wave}",
            operating_system=RULES[system].name,
            approval_rules=approval_rules(
                system, urgent_days=approved, other_days=spec.other_approval_days + later
            ),
            rejected_patches=rejected or None,
            # Also where another patch asks for it: whoever rejects one has a reason.
            rejected_patches_action="BLOCK" if rejected else None,
            opts=self._child,
        )
        aws.ssm.PatchGroup(
            f"{self._name}-{wave}-{system.lower()}-group",
            baseline_id=baseline.id,
            patch_group=self.groups[wave],
            opts=self._child,
        )

    def _run(self, name: str, wave: WaveSpec) -> dict[str, Any]:
        """How a wave is patched, in its window or at once."""
        hooks = {
            "PreInstallHookDocName": self._args.spec.hooks.before,
            # Not PostInstallHookDocName, which runs before the restart.
            "OnExitHookDocName": self._args.spec.hooks.after,
        }
        reboot = {"ifNeeded": "RebootIfNeeded", "never": "NoReboot"}[wave.reboot]
        asked = {"Operation": "Install", "RebootOption": reboot}
        return {
            "name": name,
            "group": self.groups[name],
            "atOnce": f"{wave.at_once_percent}%",
            "errors": f"{wave.errors_percent}%",
            "document": _WITH_HOOKS if any(hooks.values()) else _PATCH,
            "parameters": asked | {name: value for name, value in hooks.items() if value},
        }

    def _window(
        self, name: str, wave: WaveSpec, run: Mapping[str, Any]
    ) -> aws.ssm.MaintenanceWindow:
        spec = self._args.spec
        days = ",".join(day.upper() for day in wave.days)
        window = aws.ssm.MaintenanceWindow(
            logical("maintenance-window", f"{self._name}-{name}"),
            description=f"Patches the wave {name}",
            schedule=f"cron(0 {wave.hour} ? * {days} *)",
            schedule_timezone=spec.time_zone,
            duration=wave.duration_hours,
            cutoff=wave.cutoff_hours,
            allow_unassociated_targets=False,
            opts=self._child,
        )
        target = aws.ssm.MaintenanceWindowTarget(
            f"{self._name}-{name}-machines",
            window_id=window.id,
            resource_type="INSTANCE",
            targets=[{"key": f"tag:{TAG}", "values": [self.groups[name]]}],
            opts=self._child,
        )
        aws.ssm.MaintenanceWindowTask(
            f"{self._name}-{name}-install",
            window_id=window.id,
            task_type="RUN_COMMAND",
            task_arn=run["document"],
            targets=[{"key": "WindowTargetIds", "values": [target.id]}],
            max_concurrency=run["atOnce"],
            max_errors=run["errors"],
            # A machine that is left in the middle of it is worse than a late one.
            cutoff_behavior="CONTINUE_TASK",
            priority=1,
            task_invocation_parameters={
                "run_command_parameters": {
                    "parameters": [
                        {"name": parameter, "values": [value]}
                        for parameter, value in run["parameters"].items()
                    ],
                    "timeout_seconds": 600,  # until a machine answers at all
                }
            },
            opts=self._child,
        )
        return window

    def _scan(self) -> None:
        spec = self._args.spec
        aws.ssm.Association(
            f"{self._name}-scan",
            name=_PATCH,
            association_name=physical(
                "ssm-association", pulumi.get_project(), pulumi.get_stack(), self._name, "scan"
            ),
            parameters={"Operation": "Scan", "RebootOption": "NoReboot"},
            # An association's schedule has no time zone of its own.
            schedule_expression=f"cron(0 {spec.scan_hour} * * ? *)",
            targets=[{"key": f"tag:{TAG}", "values": list(self.groups.values())}],
            compliance_severity="HIGH",
            max_concurrency="50%",
            max_errors="100%",  # that one does not answer is no reason not to ask the others
            opts=self._child,
        )

    def _report(self, windows: Sequence[aws.ssm.MaintenanceWindow]) -> dict[str, str]:
        """Which machine lacks a patch, and which window failed: in the log store, and counted."""
        store = self._args.store
        group = AwsLogGroup(
            f"{self._name}-compliance",
            AwsLogGroupArgs(
                store=store,
                kind="event-log-group",
                writers=event_logs(store),
            ),
            self._child,
        )
        rule = aws.cloudwatch.EventRule(
            logical("event-rule", f"{self._name}-compliance"),
            description="Machines that begin, or cease, to lack patches, and windows that failed",
            event_pattern=_pattern(windows),
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            logical("event-target", f"{self._name}-compliance-log"),
            rule=rule.name,
            arn=group.arn,
            opts=self._child,
        )
        namespace = physical(
            "metric-namespace", pulumi.get_project(), pulumi.get_stack(), self._name
        )
        for role, metric, pattern in (
            ("non-compliant", NON_COMPLIANT, '{ $.detail.compliance-status = "non_compliant" }'),
            ("failed", FAILED, '{ $.detail.window-execution-id = "*" }'),
        ):
            aws.cloudwatch.LogMetricFilter(
                f"{self._name}-{role}",
                log_group_name=group.id,
                pattern=pattern,
                metric_transformation={"name": metric, "namespace": namespace, "value": "1"},
                opts=self._child,
            )
        return {"namespace": namespace, "name": FAILED}

    def _tell(self) -> None:
        notes.cost(self, "two metrics of patches and windows: about 0.60 USD a month")
        for note in _limits(self._args.spec):
            notes.limit(self, note)
        for name, exception in self._args.spec.exceptions.items():
            if exception.until < today():
                notes.overdue(
                    self,
                    f"{_AT}.exceptions.{name}: ended on {exception.until}, so it is installed "
                    "again. Remove it, or give it another day and the reason for that",
                )


_PATCH, _WITH_HOOKS = "AWS-RunPatchBaseline", "AWS-RunPatchBaselineWithHooks"


def _pattern(windows: Sequence[aws.ssm.MaintenanceWindow]) -> pulumi.Output[str]:
    """The events to keep. Those of compliance name no tag: they are of the region's machines."""
    compliance = {
        "detail-type": ["Configuration Compliance State Change"],
        "detail": {"compliance-type": ["Patch"]},
    }
    failed = {
        "detail-type": ["Maintenance Window Execution State-change Notification"],
        "detail": {
            "window-id": [window.id for window in windows],
            "status": list(_ENDED_BADLY),
        },
    }
    return pulumi.Output.json_dumps({"source": ["aws.ssm"], "$or": [compliance, failed]})


def problems(spec: PatchingSpec, stack: str) -> Iterator[str]:
    """What Systems Manager would refuse, a line each."""
    for wave in spec.waves:
        if len(group := f"{stack}-{wave}") > _LONGEST_GROUP:
            yield (
                f"{_AT}.waves.{wave}: makes the value of the tag {TAG} {len(group)} "
                f"characters long, and a tag takes {_LONGEST_GROUP}. Shorten it."
            )


def _limits(spec: PatchingSpec) -> Iterator[str]:
    yield (
        f"a critical patch is on every machine within {spec.worst_days()} days of its release, if "
        f"the machine is tagged {TAG} and Systems Manager manages it"
    )
    for system in spec.systems:
        if system in WITHOUT_DELAY:
            yield (
                f"{system}: has no days of release, so patches are approved at once for every "
                "wave: only the days of the windows keep the waves apart"
            )
    for name, wave in spec.waves.items():
        if wave.reboot == "never":
            yield f"the wave {name} restarts nothing: a new kernel waits for somebody"
