"""Patches for machines on Azure: Update Manager."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pulumi
import pulumi_azure_native as azure_native
import pulumiverse_time as time
from tzlocal.windows_tz import tz_win

from .. import notes
from ..days import today
from ..naming import physical
from ..place import AzurePlace
from .azure_patches import Patches, patches_of
from .spec import PatchingSpec, WaveSpec

_AT = "bulwark:patching"

TAG = "PatchGroup"
"""The tag by which a machine is in a wave."""

_LONGEST_TAG = 256
_MACHINES = ("Microsoft.Compute/virtualMachines", "Microsoft.HybridCompute/machines")

_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}

_AHEAD = timedelta(days=2)
"""Azure refuses a first window in the past, in whatever time zone that is."""

_UNTIL_IT_IS_KNOWN = "60s"
"""What refers to a configuration that was made a moment ago is refused now and then [m]."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzurePatchingArgs:
    spec: PatchingSpec
    place: AzurePlace
    """Where the environment is; machines of the whole subscription can be in a wave."""
    stack: str
    """What the values of the machines' tag begin with."""


class AzurePatching(pulumi.ComponentResource):
    """A window for each wave, and which machines are in it.

    A machine is patched if its tag PatchGroup names a wave, and if it lets a schedule patch it.
    Nothing is made without a system in the settings.
    """

    groups: dict[str, str]
    """Value of the tag PatchGroup, by the wave's name."""

    waves: list[dict[str, Any]]
    """The waves in their order, as `bulwark patch now` runs them: name, group, how many machines at
    once and how many that fail, whether they are restarted, and what is not installed."""

    systems: list[str]
    """What is patched, as the settings call it, such as ubuntu."""

    worst_days: int | None
    """Days after its release within which a critical patch is on every machine."""

    def __init__(
        self, name: str, args: AzurePatchingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzurePatching", name, None, opts)
        args.spec.must_suit("azure", _AT)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        spec = args.spec

        self.groups, self.waves, self.systems, self.worst_days = {}, [], [], None
        if spec.systems:
            self.groups = {wave: f"{args.stack}-{wave}" for wave in spec.waves}
            self.systems = list(spec.systems)
            self.worst_days = spec.worst_days_at_once()
            patches = patches_of(spec)
            self.waves = [self._run(called, spec.waves[called], patches) for called in spec.waves]
            self._assign(
                {called: self._window(called, wave, patches) for called, wave in spec.waves.items()}
            )
            self._tell()
        notes.loosened(self, _AT, spec)
        self.register_outputs(
            {
                "groups": self.groups,
                "waves": self.waves,
                "systems": self.systems,
                "worstDays": self.worst_days,
            }
        )

    def _run(self, name: str, wave: WaveSpec, patches: Patches) -> dict[str, Any]:
        """How a wave is patched at once."""
        return {
            "name": name,
            "group": self.groups[name],
            "atOnce": f"{wave.at_once_percent}%",
            "errors": f"{wave.errors_percent}%",
            "reboot": _REBOOTS[wave.reboot],
            "hours": wave.duration_hours,
            "rejected": {"packages": patches.packages, "numbers": patches.numbers},
        }

    def _window(
        self, name: str, wave: WaveSpec, patches: Patches
    ) -> azure_native.maintenance.MaintenanceConfiguration:
        spec, place = self._args.spec, self._args.place
        # The hour is part of the first window's time, which is written once: in the name, another
        # hour makes another configuration.
        label = f"{self._name}-{name}-at-{wave.hour:02}"
        days = ",".join(_DAYS[day] for day in wave.days)
        return azure_native.maintenance.MaintenanceConfiguration(
            label,
            resource_name_=physical(
                "maintenance-configuration", pulumi.get_project(), pulumi.get_stack(), label
            ),
            resource_group_name=place.resource_group_name,
            location=place.location,
            maintenance_scope="InGuestPatch",
            extension_properties={"InGuestPatchMode": "User"},  # refused without
            visibility="Custom",
            start_date_time=f"{today() + _AHEAD} {wave.hour:02}:00",
            time_zone=tz_win[spec.time_zone],
            duration=f"{wave.duration_hours:02}:00",
            recur_every=f"1Week {days}",
            install_patches=patches.installed(_REBOOTS[wave.reboot]),
            # Tomorrow the first window would be a day later.
            opts=pulumi.ResourceOptions.merge(
                self._child, pulumi.ResourceOptions(ignore_changes=["start_date_time"])
            ),
        )

    def _assign(
        self, windows: Mapping[str, azure_native.maintenance.MaintenanceConfiguration]
    ) -> None:
        wait = time.Sleep(
            f"{self._name}-windows-known",
            create_duration=_UNTIL_IT_IS_KNOWN,
            triggers={called: window.id for called, window in windows.items()},
            opts=self._child,
        )
        for called, window in windows.items():
            self._machines(called, window, wait)

    def _machines(
        self,
        name: str,
        window: azure_native.maintenance.MaintenanceConfiguration,
        wait: time.Sleep,
    ) -> None:
        place, label = self._args.place, f"{self._name}-{name}-machines"
        whose: Any = {
            "resource_types": list(_MACHINES),
            "tag_settings": {"tags": {TAG: [self.groups[name]]}, "filter_operator": "All"},
        }
        azure_native.maintenance.ConfigurationAssignmentsForSubscription(
            label,
            # In a subscription no two dynamic scopes have the same name.
            configuration_assignment_name=physical(
                "maintenance-assignment", pulumi.get_project(), pulumi.get_stack(), label
            ),
            location=place.location,
            resource_id=place.subscription,
            maintenance_configuration_id=window.id,
            filter=whose,
            opts=pulumi.ResourceOptions.merge(
                self._child,
                pulumi.ResourceOptions(depends_on=[wait], delete_before_replace=True),
            ),
        )

    def _tell(self) -> None:
        spec = self._args.spec
        for note in _limits(spec):
            notes.limit(self, note)
        notes.cost(self, "Update Manager: nothing for machines of Azure, 5 USD for each of Arc's")
        for name, exception in spec.exceptions.items():
            if exception.until < today():
                notes.overdue(
                    self,
                    f"{_AT}.exceptions.{name}: ended on {exception.until}, so it is installed "
                    "again. Remove it, or give it another day and the reason for that",
                )


_REBOOTS = {"ifNeeded": "IfRequired", "never": "Never"}


def problems(spec: PatchingSpec, stack: str) -> Iterator[str]:
    """What Update Manager would refuse, a line each."""
    for wave in spec.waves:
        if len(group := f"{stack}-{wave}") > _LONGEST_TAG:
            yield (
                f"{_AT}.waves.{wave}: makes the value of the tag {TAG} {len(group)} characters "
                f"long, and a tag takes {_LONGEST_TAG}. Shorten it."
            )
    if spec.time_zone not in tz_win:
        yield (
            f"{_AT}.timeZone: Windows, whose names Update Manager takes, has no such zone. Name a "
            "city of the same zone, such as Europe/Berlin."
        )
    for name, exception in spec.exceptions.items():
        if any(patch.startswith("MS") for patch in exception.patches):
            yield (
                f"{_AT}.exceptions.{name}.patches: Update Manager knows no bulletins such as "
                "MS10-048. Name the number, such as KB4016871."
            )


def _limits(spec: PatchingSpec) -> Iterator[str]:
    yield (
        f"a critical patch is on every machine within {spec.worst_days_at_once()} days of its "
        f"release, if the machine is tagged {TAG}, runs when its window opens, and has the patch "
        "mode AutomaticByPlatform with bypassPlatformSafetyChecksOnUserSchedule"
    )
    yield (
        "Update Manager waits for no day after a release: a wave installs what is there, and only "
        "the days of the windows keep the waves apart"
    )
    for name, wave in spec.waves.items():
        if wave.reboot == "never":
            yield f"the wave {name} restarts nothing: a new kernel waits for somebody"
    for name, exception in spec.exceptions.items():
        others = {"ubuntu", "rhel"} & {*spec.systems} - {*exception.systems}
        if others and "windows" not in exception.systems:
            yield (
                f"the exception {name} holds for {', '.join(sorted(others))} too: Update Manager "
                "has one list for all of Linux"
            )
