"""The rule sets that Microsoft keeps, as a policy of Front Door has them.

Names of groups are from Microsoft's "Web Application Firewall DRS rule groups and rules". [m] marks
what is from memory and was not verified.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .spec import WafSpec
from .spec_azure import ExclusionSpec, ManagedRuleSpec

DEFAULT_SET: Final = ("Microsoft_DefaultRuleSet", "2.1")
BOT_SET: Final = ("Microsoft_BotManagerRuleSet", "1.1")

_PARTS_OF_DEFAULT: Mapping[str, tuple[str, ...]] = {
    "sqlInjection": ("SQLI", "MS-ThreatIntel-SQLI"),
    "knownBadInputs": (
        "JAVA",
        "MS-ThreatIntel-AppSec",
        "MS-ThreatIntel-CVEs",
        "MS-ThreatIntel-WebShells",
    ),
}
"""The groups of the default rule set behind a setting that is a group of its own on AWS."""

_OF_BOTS: Final = frozenset({"BadBots", "GoodBots", "UnknownBots"})

_EXCLUDED: Mapping[str, str] = {
    "header": "RequestHeaderNames",
    "cookie": "RequestCookieNames",
    "query": "QueryStringArgNames",
    "form": "RequestBodyPostArgNames",
    "json": "RequestBodyJsonArgNames",
}

_WHERE: Mapping[str, str] = {
    "equals": "Equals",
    "startsWith": "StartsWith",
    "endsWith": "EndsWith",
    "contains": "Contains",
}


def rule_sets(spec: WafSpec) -> list[dict[str, Any]]:
    """What a policy has under `managed_rule_sets`."""
    return [*_default_set(spec), *_bot_set(spec)]


def _default_set(spec: WafSpec) -> Iterator[dict[str, Any]]:
    common, own = spec.managed.common, spec.front_door
    if common.mode == "off":
        return
    name, version = DEFAULT_SET
    yield {
        "rule_set_type": name,
        "rule_set_version": version,
        # Version 2 scores a request, and this is what happens to one that scores too high.
        "rule_set_action": "Block" if common.mode == "block" else "Log",
        "exclusions": [_exclusion(one) for one in own.exclusions],
        "rule_group_overrides": [
            *_off(spec),
            *_overrides(own.overrides, {r.group for r in own.overrides.values()} - _OF_BOTS),
        ],
    }


def _bot_set(spec: WafSpec) -> Iterator[dict[str, Any]]:
    managed, own = spec.managed, spec.front_door
    if managed.ip_reputation.mode == managed.bot_control.mode == "off":
        return
    name, version = BOT_SET
    # It has no `rule_set_action`: each rule says itself what it does.
    yield {
        "rule_set_type": name,
        "rule_set_version": version,
        "exclusions": [],
        "rule_group_overrides": _overrides(
            own.overrides, {r.group for r in own.overrides.values()} & _OF_BOTS
        ),
    }


def _off(spec: WafSpec) -> Iterator[dict[str, Any]]:
    """Groups that are off as a whole: a group that is named without a rule of it is."""
    groups = spec.managed.groups()
    for setting, names in _PARTS_OF_DEFAULT.items():
        if groups[setting].mode == "off":
            yield from ({"rule_group_name": name, "exclusions": [], "rules": []} for name in names)


def _overrides(rules: Mapping[str, ManagedRuleSpec], groups: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "rule_group_name": group,
            "exclusions": [],
            "rules": [
                _override(number, rule) for number, rule in rules.items() if rule.group == group
            ],
        }
        for group in sorted(groups)
    ]


def _override(number: str, rule: ManagedRuleSpec) -> dict[str, Any]:
    # Azure would turn a rule off that is named without its state.
    return {
        "rule_id": number,
        "action": "Log",
        "enabled_state": "Enabled" if rule.action == "count" else "Disabled",
        "exclusions": [],
    }


def _exclusion(one: ExclusionSpec) -> dict[str, str]:
    return {
        "match_variable": _EXCLUDED[one.part],
        "selector_match_operator": _WHERE[one.where],
        "selector": one.name,
    }


def problems(spec: WafSpec, at: str) -> Iterator[str]:
    """What Front Door's rule sets cannot do of the settings, a line each."""
    groups, common = spec.managed.groups(), spec.managed.common.mode
    for setting in _PARTS_OF_DEFAULT:
        mode = groups[setting].mode
        if mode not in ("off", common):
            yield (
                f"{at}.managed.{setting}.mode: on Front Door these rules are within those of "
                f"managed.common, which is {common}: it must be that or off; got {mode}."
            )
    for setting in ("ipReputation", "botControl"):
        if groups[setting].mode == "count":
            yield (
                f"{at}.managed.{setting}.mode: the bot manager of Front Door, which has these "
                "rules, counts by single rules only. Take block or off, and name rules in "
                "frontDoor.overrides."
            )
    if spec.managed.ip_reputation.mode == "off" and spec.managed.bot_control.mode != "off":
        yield (
            f"{at}.managed.ipReputation.mode: the bot manager, which botControl asks for, has "
            "these rules too. Turn both off, or none."
        )
    off: Sequence[str] = [
        name
        for setting, names in _PARTS_OF_DEFAULT.items()
        if groups[setting].mode == "off"
        for name in names
    ]
    for number, rule in spec.front_door.overrides.items():
        if rule.group in off:
            yield (
                f"{at}.frontDoor.overrides.{number}: its group {rule.group} is off as a whole. "
                "Remove it."
            )
