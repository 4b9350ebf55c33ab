"""The `patching` block of the stack config."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from ..clouds import Differs, Limited
from ..days import Day
from ..forms import NAME, Form
from ..spec import Guards, Spec

System = Literal["amazonLinux2023", "ubuntu", "rhel", "windows"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

WITHOUT_DELAY: frozenset[System] = frozenset({"ubuntu"})
"""Systems that say no day of release, so that Patch Manager cannot wait after it."""

WaveName = Annotated[str, Field(max_length=20), NAME]
ExceptionName = Annotated[str, Field(max_length=60), NAME]

Patch = Annotated[
    str,
    Form(
        r"[A-Za-z0-9][A-Za-z0-9_.:+*?-]{0,99}",
        "a patch as Patch Manager names it, such as KB4016871 or kernel*",
    ),
]

_OF_WINDOWS = re.compile(r"KB\d+|MS\d\d-\d+")
_KNOWN_BY_NUMBER = re.compile(r"CVE-|ALAS|RHSA-|USN-")

_NAMES = {
    "windows": "on windows, a patch is rejected by its number, such as KB4016871 or MS10-048, and "
    "each exception is for Windows or for Linux",
    "": "on Linux, Patch Manager rejects packages, such as kernel*, and never a CVE or an "
    "advisory, which it would let through without a word",
}

_HOURS = 24


def _known_zone(name: str) -> str:
    # One file is opened: `available_timezones` opens all of the database, when this is imported.
    try:
        known = not name.startswith(("posix", "right/")) and bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        known = False
    if not known:
        raise ValueError("is no time zone of the IANA database, such as Europe/Berlin")
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


_AT_ONCE = (
    "Update Manager waits for no day after a release: a window installs what is there, and only "
    "the days of the windows keep the waves apart."
)


class WaveSpec(Spec):
    days: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    """Days of the week on which the wave's window opens."""

    hour: int = Field(ge=0, le=23)
    """Hour of the day at which it opens, in `timeZone`."""

    duration_hours: Annotated[
        int,
        Limited(
            "azure",
            to=(2,),
            because="A window of Update Manager is open for an hour and a half to just under four: "
            "2 or 3.",
        ),
    ] = Field(default=3, ge=1, le=24)
    """Hours until it closes: 1 to 24, the range of Systems Manager."""

    cutoff_hours: Annotated[
        int,
        Limited("azure", "Update Manager itself sees what still fits into a window. Remove it."),
    ] = Field(default=1, ge=0, le=23)
    """Hours before it closes in which the installation is not begun any more: fewer than
    `durationHours`. One that has begun goes on to the wave's last machine, also past the end."""

    at_once_percent: Annotated[
        int,
        Differs(
            "azure",
            "A window patches all machines of its wave that run, and `bulwark patch now` as many "
            "as this says.",
        ),
    ] = Field(default=25, ge=1, le=100)
    """How many of the wave's machines are patched at the same time, in percent."""

    errors_percent: Annotated[
        int,
        Differs("azure", "A window does not stop, and `bulwark patch now` does."),
    ] = Field(default=10, ge=0, le=100)
    """Share of failed machines, in percent, above which the wave stops."""

    reboot: Literal["ifNeeded", "never"] = "ifNeeded"
    """Whether a machine is restarted: ifNeeded, once anything was installed, since Patch Manager
    does not look whether the patch needs it (with `hooks`, it does); or never, so that what needs a
    restart is installed and does not protect."""

    @model_validator(mode="after")
    def _ends_before_it_closes(self) -> Self:
        if self.cutoff_hours >= self.duration_hours:
            raise ValueError(
                f"cutoffHours is {self.cutoff_hours} and durationHours {self.duration_hours}, so "
                "nothing could begin"
            )
        return self

    @property
    def longest_wait_days(self) -> int:
        """Days between two openings, at most."""
        opened = sorted(WEEK.index(day) for day in set(self.days))
        return max(later - earlier for earlier, later in pairwise([*opened, opened[0] + 7]))


class HookSpec(Spec):
    before: Annotated[str, Field(pattern=r"^[\w.:/-]{3,128}$")] | None = None
    """Document of Systems Manager that runs before a machine is patched, such as one that takes it
    out of its load balancer. Where it fails, nothing is installed. Where nothing is missing it does
    not run."""

    after: Annotated[str, Field(pattern=r"^[\w.:/-]{3,128}$")] | None = None
    """Document that runs at the end: after the installation and the restart, and also where
    something failed or nothing was missing."""


class PatchExceptionSpec(Spec):
    patches: Annotated[tuple[Patch, ...], Field(min_length=1, max_length=50)]
    """What is not installed."""

    systems: Annotated[tuple[System, ...], Field(min_length=1)]
    """On which systems."""

    reason: Annotated[str, Field(min_length=10, max_length=200)]
    """Why not, and what protects instead."""

    until: Day
    """The last day on which this holds, as YYYY-MM-DD. From then on the preview says that it is
    overdue, and the patch is installed."""

    @model_validator(mode="after")
    def _as_its_systems_call_it(self) -> Self:
        for patch in self.patches:
            for system in self.systems:
                if bool(_OF_WINDOWS.fullmatch(patch)) is not (system == "windows"):
                    raise ValueError(f"patches: {_NAMES['windows' if system == 'windows' else '']}")
                if _KNOWN_BY_NUMBER.match(patch):
                    raise ValueError(f"patches: {_NAMES['']}")
        return self


class PatchingSpec(Spec):
    systems: tuple[
        Annotated[
            System,
            Limited(
                "azure",
                to=("ubuntu", "rhel", "windows"),
                because="Azure patches no Amazon Linux.",
            ),
        ],
        ...,
    ] = Field(default=(), max_length=4)
    """The operating systems of the environment's machines: amazonLinux2023, ubuntu, rhel or
    windows. Without any there is nothing to patch: functions and images are looked after in
    `securityTesting`."""

    approval_days: Annotated[
        int, Guards("detection", weaker="higher"), Differs("azure", _AT_ONCE)
    ] = Field(default=2, ge=0, le=30)
    """Days after its release until a critical or important security patch is approved for the
    first wave: 0 to 30. They are for the vendor to take back what breaks."""

    other_approval_days: Annotated[int, Differs("azure", _AT_ONCE)] = Field(default=14, ge=0, le=90)
    """The same for every other patch: 0 to 90."""

    deadline_days: int = Field(default=30, ge=1, le=30)
    """Days after its release within which a critical patch is on every machine: 1 to 30, as PCI DSS
    6.3.3 has it. Settings that cannot meet it are refused, with the arithmetic. Weaknesses of high
    and critical severity may be open for as long, in functions and images too."""

    other_deadline_days: int = Field(default=90, ge=1, le=180)
    """The same for every other patch, and for weaknesses of low and medium severity: 1 to 180. PCI
    DSS 6.3.3 leaves it to your own assessment of the risk."""

    waves: dict[WaveName, WaveSpec] = Field(
        default={
            "canary": WaveSpec(days=("tue", "fri"), hour=2, at_once_percent=100),
            "rest": WaveSpec(days=("sun",), hour=2),
        },
        min_length=1,
        max_length=5,
    )
    """The waves by name in their order, 1 to 5. A patch is approved for a wave once the one before
    has had it: that wave's longest wait and its duration later. A machine is in a wave by its tag
    PatchGroup, whose value is the stack's name, a hyphen and the wave's. A name is up to 20 small
    letters, digits and hyphens, and begins with a letter."""

    scan_hour: Annotated[
        int, Limited("azure", "Azure looks once a day, when it likes. Remove it.")
    ] = Field(default=5, ge=0, le=23)
    """Hour of each day, in UTC, at which machines are asked what they lack."""

    time_zone: TimeZone = "UTC"
    """Time zone of the waves' hours, from the IANA database, such as Europe/Berlin."""

    hooks: Annotated[
        HookSpec,
        Limited(
            "azure",
            "Update Manager tells Event Grid before and after a window: let a function of yours "
            "subscribe to the wave's maintenance configuration. Remove it.",
        ),
    ] = HookSpec()
    """What runs on a machine before and after."""

    exceptions: dict[ExceptionName, PatchExceptionSpec] = Field(default={}, max_length=20)
    """What is not installed, by a name of yours, with a reason and an end: at most 20."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if twice := next((name for name in self.systems if self.systems.count(name) > 1), None):
            raise ValueError(f"systems: {twice} is named twice")
        return self

    @model_validator(mode="after")
    def _meets_its_deadline(self) -> Self:
        waited = self.other_approval_days - self.approval_days
        for name, wave, approved in self.approvals():
            for patch, setting, days, later in (
                ("a critical", "deadlineDays", self.deadline_days, 0),
                ("any other", "otherDeadlineDays", self.other_deadline_days, waited),
            ):
                worst = approved + later + wave.longest_wait_days + _in_days(wave.duration_hours)
                if worst > days:
                    raise ValueError(
                        f"{patch} patch can be missing for {worst} days in the wave {name}, and "
                        f"{setting} is {days}: approved {approved + later} days after its release, "
                        f"up to {wave.longest_wait_days} until the window opens, and "
                        f"{wave.duration_hours} hours of it. Approve earlier, or open a window "
                        "more often"
                    )
        return self

    def approvals(self) -> Iterator[tuple[str, WaveSpec, int]]:
        """Each wave, and the days after its release until a critical patch is approved for it."""
        approved = self.approval_days
        for name, wave in self.waves.items():
            yield name, wave, approved
            approved += wave.longest_wait_days + _in_days(wave.duration_hours)

    def deadlines(self) -> dict[str, int]:
        """Days for which a weakness may be open, by its severity."""
        grave, other = self.deadline_days, self.other_deadline_days
        return {"critical": grave, "high": grave, "medium": other, "low": other}

    def worst_days_at_once(self) -> int:
        """The same where nothing waits for an approval: the longest that a wave can take."""
        return max(
            wave.longest_wait_days + _in_days(wave.duration_hours) for wave in self.waves.values()
        )

    def worst_days(self) -> int:
        """Days after its release within which a critical patch is on every machine."""
        *_, (_, wave, approved) = self.approvals()
        return approved + wave.longest_wait_days + _in_days(wave.duration_hours)


def _in_days(hours: int) -> int:
    """Whole days, rounded up: a window that opens on the last day may close on the next."""
    return -(-hours // _HOURS)
