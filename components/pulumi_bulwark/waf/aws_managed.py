"""AWS's managed rule groups.

Names and capacity are from https://docs.aws.amazon.com/waf/latest/developerguide/
(aws-managed-rule-groups-list.html). [m] marks what is from memory and was not verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .spec import AccountTakeoverSpec, BotControlSpec, ManagedGroupSpec

About = Literal["source", "request", "client"]
"""What a group looks at. Source: the address that connects. Request: what is asked for. Client:
who asks, by scripts in a browser or a sign-in; billed apart, so that it must run only once."""


@dataclass(frozen=True, slots=True)
class ManagedGroup:
    """What AWS calls a group, and what it takes."""

    name: str
    capacity: int
    """Web ACL capacity units."""
    about: About
    versions: bool = True
    """Whether one can be pinned."""


GROUPS: Mapping[str, ManagedGroup] = {
    "ipReputation": ManagedGroup(
        "AWSManagedRulesAmazonIpReputationList", 25, "source", versions=False
    ),
    "anonymousIp": ManagedGroup("AWSManagedRulesAnonymousIpList", 50, "source", versions=False),
    "common": ManagedGroup("AWSManagedRulesCommonRuleSet", 700, "request"),
    "knownBadInputs": ManagedGroup("AWSManagedRulesKnownBadInputsRuleSet", 200, "request"),
    "sqlInjection": ManagedGroup("AWSManagedRulesSQLiRuleSet", 200, "request"),
    "adminProtection": ManagedGroup("AWSManagedRulesAdminProtectionRuleSet", 100, "request"),
    "linux": ManagedGroup("AWSManagedRulesLinuxRuleSet", 200, "request"),
    "unix": ManagedGroup("AWSManagedRulesUnixRuleSet", 100, "request"),
    "windows": ManagedGroup("AWSManagedRulesWindowsRuleSet", 200, "request"),  # [m]
    "php": ManagedGroup("AWSManagedRulesPHPRuleSet", 100, "request"),  # [m]
    "wordpress": ManagedGroup("AWSManagedRulesWordPressRuleSet", 100, "request"),  # [m]
    "accountTakeover": ManagedGroup("AWSManagedRulesATPRuleSet", 50, "client"),
    "botControl": ManagedGroup("AWSManagedRulesBotControlRuleSet", 50, "client"),
}
"""By their names in the config, in the order in which they run: the cheap and certain first, and
last what is billed by the requests that are left."""


def statement(
    group: ManagedGroup, spec: ManagedGroupSpec, overrides: Mapping[str, str]
) -> dict[str, Any]:
    """The managed group as the statement of a rule. `overrides` come on top of the spec's."""
    actions = {**spec.overrides, **overrides}
    made: dict[str, Any] = {"vendor_name": "AWS", "name": group.name}
    if spec.version and group.versions:
        made["version"] = spec.version
    if actions:
        made["rule_action_overrides"] = [
            {"name": rule, "action_to_use": {action: {}}} for rule, action in actions.items()
        ]
    if configs := _configs(spec):
        made["managed_rule_group_configs"] = configs
    return {"managed_rule_group_statement": made}


def _configs(spec: ManagedGroupSpec) -> list[dict[str, Any]]:
    match spec:
        case BotControlSpec():
            level = {"inspection_level": spec.level.upper()}
            return [{"aws_managed_rules_bot_control_rule_set": level}]
        case AccountTakeoverSpec():
            inspection = {
                "payload_type": "JSON",
                "username_field": {"identifier": spec.username_field},
                "password_field": {"identifier": spec.password_field},
            }
            sign_in = {"login_path": spec.login_path, "request_inspection": inspection}
            return [{"aws_managed_rules_atp_rule_set": sign_in}]
    return []
