"""What a wave's baseline does with a patch, and its approval before its time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

_MOST_APPROVED = 50
"""Patches that a baseline approves by name, at most: a limit of Systems Manager."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    id: str
    system: str
    days: int | None
    """Days after its release until it approves a critical patch; None if it never does itself."""
    approved: tuple[str, ...]
    """What it approves by name."""
    rejected: tuple[str, ...]

    def in_the_way(self, patches: Collection[str]) -> list[str]:
        """The patches that it rejects."""
        return sorted(p for p in patches if any(fnmatchcase(p, name) for name in self.rejected))

    def waits_for(self, patches: Collection[str]) -> bool:
        """Whether it may not have approved them yet."""
        return self.days != 0 and not set(patches) <= set(self.approved)

    def says(self, patches: Collection[str]) -> str:
        if rejected := self.in_the_way(patches):
            return f"rejects {', '.join(rejected)}"
        if not self.waits_for(patches):
            return "has approved it"
        if self.days is None:
            return "does not approve it by itself"
        return f"approves it {self.days} days after its release, or later"


def read(ssm: Any, group: str, system: str) -> Baseline:
    """The baseline that a wave's machines of a system have. `ssm` is a client of boto3."""
    held = ssm.get_patch_baseline_for_patch_group(PatchGroup=group, OperatingSystem=system)
    raw = ssm.get_patch_baseline(BaselineId=held["BaselineId"])
    rules = raw.get("ApprovalRules", {}).get("PatchRules", [])
    return Baseline(
        id=held["BaselineId"],
        system=system,
        days=min((rule["ApproveAfterDays"] for rule in rules if _waits(rule)), default=None),
        approved=tuple(raw.get("ApprovedPatches", ())),
        rejected=tuple(raw.get("RejectedPatches", ())),
    )


def _waits(rule: Mapping[str, Any]) -> bool:
    """Whether it counts days: another approves what was released up to a date."""
    return "ApproveAfterDays" in rule


def approve(ssm: Any, baseline: Baseline, patches: Collection[str]) -> None:
    _set(ssm, baseline.id, lambda held: [*held, *sorted(set(patches) - set(held))])


def withdraw(ssm: Any, baseline: Baseline, patches: Collection[str]) -> None:
    """Leave the baseline as the program declares it."""
    _set(ssm, baseline.id, lambda held: [name for name in held if name not in patches])


def room_for(baseline: Baseline, patches: Collection[str]) -> bool:
    return len({*baseline.approved, *patches}) <= _MOST_APPROVED


def _set(ssm: Any, baseline: str, change: Any) -> None:
    raw: Mapping[str, Any] = ssm.get_patch_baseline(BaselineId=baseline)
    held = raw.get("ApprovedPatches", [])
    if (names := change(held)) != held:
        ssm.update_patch_baseline(BaselineId=baseline, ApprovedPatches=names)
