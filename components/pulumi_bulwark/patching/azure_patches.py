"""What Update Manager installs: everything of some kinds, but what is excepted for now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..days import today
from .spec import PatchingSpec

LINUX = ("Critical", "Security", "Other")
WINDOWS = ("Critical", "Security", "UpdateRollup", "Definition", "Updates")
"""Classifications of Azure's. New features and service packs wait for somebody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patches:
    linux: bool
    """Whether any system is a Linux."""
    windows: bool
    packages: Sequence[str]
    """Packages of Linux that are not installed, with wildcards."""
    numbers: Sequence[str]
    """Numbers of Windows that are not."""

    def installed(self, reboot: str) -> Any:
        """For a maintenance configuration. What is for a system that is not there is left out."""
        linux: dict[str, Any] = {"classifications_to_include": list(LINUX)}
        windows: dict[str, Any] = {"classifications_to_include": list(WINDOWS)}
        if self.packages:
            linux["package_name_masks_to_exclude"] = list(self.packages)
        if self.numbers:
            windows["kb_numbers_to_exclude"] = list(self.numbers)
        return {
            "reboot_setting": reboot,
            **({"linux_parameters": linux} if self.linux else {}),
            **({"windows_parameters": windows} if self.windows else {}),
        }


def patches_of(spec: PatchingSpec) -> Patches:
    """Those of every wave: an exception is for machines of a system, wherever they are."""
    held = [e for e in spec.exceptions.values() if today() <= e.until]
    return Patches(
        linux=any(system != "windows" for system in spec.systems),
        windows="windows" in spec.systems,
        packages=sorted({p for e in held if "windows" not in e.systems for p in e.patches}),
        # Azure wants the digits alone [m].
        numbers=sorted(
            {p.removeprefix("KB") for e in held if "windows" in e.systems for p in e.patches}
        ),
    )
