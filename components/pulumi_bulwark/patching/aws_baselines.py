"""What Patch Manager approves: a rule for what cannot wait, and one for the rest, by system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .spec import WITHOUT_DELAY, System

Filters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class SystemRules:
    """How Patch Manager speaks of one operating system."""

    name: str
    """Its name there."""
    urgent: Filters
    """What a security patch is that cannot wait."""
    rest: Filters
    """Everything else that is installed."""
    beyond_security: bool
    """Whether `rest` goes beyond security: a switch that Windows does not have."""


_EVERYTHING = ("*",)

_REDHAT_FAMILY = {
    "urgent": {"CLASSIFICATION": ("Security",), "SEVERITY": ("Critical", "Important")},
    "rest": {"CLASSIFICATION": ("Security", "Bugfix"), "SEVERITY": _EVERYTHING},
    "beyond_security": True,
}

RULES: Mapping[System, SystemRules] = {
    "amazonLinux2023": SystemRules("AMAZON_LINUX_2023", **_REDHAT_FAMILY),
    "rhel": SystemRules("REDHAT_ENTERPRISE_LINUX", **_REDHAT_FAMILY),
    # Ubuntu says no severity; its priority is about the package, so all of them are looked at.
    "ubuntu": SystemRules(
        "UBUNTU",
        urgent={"PRIORITY": _EVERYTHING},
        rest={"PRIORITY": ("Required", "Important", "Standard")},
        beyond_security=True,
    ),
    "windows": SystemRules(
        "WINDOWS",
        urgent={
            "CLASSIFICATION": ("CriticalUpdates", "SecurityUpdates"),
            "MSRC_SEVERITY": ("Critical", "Important"),
        },
        rest={
            "CLASSIFICATION": ("CriticalUpdates", "SecurityUpdates", "UpdateRollups", "Updates"),
            "MSRC_SEVERITY": _EVERYTHING,
        },
        beyond_security=False,
    ),
}


def approval_rules(system: System, *, urgent_days: int, other_days: int) -> list[Any]:
    """What is approved, and how many days after its release."""
    rules = RULES[system]
    if system in WITHOUT_DELAY:
        urgent_days = other_days = 0
    return [
        _rule(rules.urgent, urgent_days, "CRITICAL", beyond_security=False),
        _rule(rules.rest, other_days, "MEDIUM", beyond_security=rules.beyond_security),
    ]


def _rule(filters: Filters, days: int, level: str, *, beyond_security: bool) -> dict[str, Any]:
    return {
        "approve_after_days": days,
        "compliance_level": level,
        "enable_non_security": beyond_security,
        "patch_filters": [
            {"key": key, "values": list(values)}
            for key, values in [("PRODUCT", _EVERYTHING), *filters.items()]
        ],
    }
