"""The machines of the waves, and which of them lack a patch.

Inspector knows what is weak, also where no baseline has approved the patch yet; Patch Manager
knows what is approved and missing, and on Windows which patch it is.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bulwark_runtime.weaknesses import Finding

from .waves import Wave

WINDOWS, UBUNTU = "WINDOWS", "UBUNTU"

_NUMBER = re.compile(r"\bKB\d{6,8}\b")
_LACKING = frozenset({"MISSING", "FAILED", "AVAILABLE_SECURITY_UPDATE"})
_PAGE = {"PageSize": 50}


@dataclass(slots=True, kw_only=True)
class Machine:
    id: str
    group: str | None
    """Value of its tag PatchGroup; None if it has none."""
    system: str | None = None
    """As Patch Manager calls it; None where Systems Manager does not manage the machine."""
    online: bool = False
    known_by: set[str] = field(default_factory=set)
    """Who says that it lacks the patch."""
    patches: set[str] = field(default_factory=set)
    """What would have to be installed: numbers on Windows, packages elsewhere."""

    @property
    def lacks(self) -> bool:
        return bool(self.known_by)


def machines(
    ssm: Any, waves: Iterable[Wave], weakness: str, findings: Iterable[Finding], named: set[str]
) -> list[Machine]:
    """Every machine that is in a wave, or that Inspector finds weak.

    `ssm` is a client of boto3; `named` are patches that a person has named.
    """
    groups = [wave.group for wave in waves]
    found = {machine.id: machine for machine in _managed(ssm, groups)}
    for one in findings:
        machine = found.setdefault(one.resource, Machine(id=one.resource, group=one.group))
        machine.known_by.add("Inspector")
        machine.patches |= _of_packages(one, machine.system)
    for group in groups:
        for machine_id in _unpatched(ssm, group):
            if machine := found.get(machine_id):
                _ask(ssm, machine, weakness, named)
    return sorted(found.values(), key=lambda one: (one.group or "", one.id))


def _managed(ssm: Any, groups: list[str]) -> Iterator[Machine]:
    for group in groups:
        pages = ssm.get_paginator("describe_instance_information").paginate(
            Filters=[{"Key": "tag:PatchGroup", "Values": [group]}], PaginationConfig=_PAGE
        )
        for page in pages:
            for raw in page.get("InstanceInformationList", []):
                yield Machine(
                    id=raw["InstanceId"],
                    group=group,
                    system=_system(raw),
                    online=raw.get("PingStatus") == "Online",
                )


def _system(raw: Mapping[str, Any]) -> str | None:
    name, version = raw.get("PlatformName", ""), raw.get("PlatformVersion", "")
    if raw.get("PlatformType") == "Windows":
        return WINDOWS
    for begins, system in _SYSTEMS:
        if f"{name} {version}".startswith(begins):
            return system
    return None


_SYSTEMS = (
    ("Amazon Linux 2023", "AMAZON_LINUX_2023"),
    ("Red Hat Enterprise Linux", "REDHAT_ENTERPRISE_LINUX"),
    ("Ubuntu", UBUNTU),
)


def _of_packages(finding: Finding, system: str | None) -> set[str]:
    of_system = [package for package in finding.packages if package.of_system]
    if system == WINDOWS:
        return {
            number
            for package in finding.packages
            for number in _NUMBER.findall(f"{package.name} {package.advice} {package.fixed_in}")
        }
    return {package.name for package in of_system}


def _unpatched(ssm: Any, group: str) -> Iterator[str]:
    """The machines of which Patch Manager knows that something is missing."""
    pages = ssm.get_paginator("describe_instance_patch_states_for_patch_group").paginate(
        PatchGroup=group, PaginationConfig=_PAGE
    )
    for page in pages:
        for state in page.get("InstancePatchStates", []):
            counts = ("MissingCount", "FailedCount", "AvailableSecurityUpdateCount")
            if any(state.get(count) for count in counts):
                yield state["InstanceId"]


def _ask(ssm: Any, machine: Machine, weakness: str, named: Collection[str]) -> None:
    pages = ssm.get_paginator("describe_instance_patches").paginate(
        InstanceId=machine.id, PaginationConfig=_PAGE
    )
    for page in pages:
        for patch in page.get("Patches", []):
            cves = re.split(r"[,\s]+", patch.get("CVEIds", ""))
            if patch["State"].upper() in _LACKING and (weakness in cves or patch["KBId"] in named):
                machine.known_by.add("Patch Manager")
                machine.patches.add(patch["KBId"])
