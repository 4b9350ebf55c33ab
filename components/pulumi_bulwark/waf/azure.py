"""The firewall of Azure Front Door."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_azure_native import frontdoor

from .. import notes
from ..errors import ConfigError
from ..log_group.azure import AzureLogStore
from ..naming import physical
from . import azure_conditions as conditions
from . import azure_managed, hidden, told
from .azure_conditions import MOST_ADDRESSES, MOST_RULES, MOST_TESTS, Translation, Way
from .spec import Place, RuleSpec, WafSpec

_AT = "bulwark:waf"

SKU: Final = "Premium_AzureFrontDoor"
"""Standard would drop the managed rules without a word."""

_ACTIONS: Final = {
    "allow": "Allow",
    "block": "Block",
    "captcha": "CAPTCHA",
    "challenge": "JSChallenge",
    "count": "Log",
}

_NOBODY: Final = ["192.0.2.1/32"]
"""Nobody has this address (RFC 5737). A rule of Front Door must name one."""

_EDITED: Final = {**{f"Blocked{n}": "blocked" for n in range(5)}, "Allowed0": "allowed"}
"""The rules whose addresses are edited as the environment runs, with the list that each belongs to.

They are the first of the policy and always these. Pulumi leaves addresses alone by the place of
their rule: with one more here, an update would give it those of the rule that had its place before,
so that whoever was allowed would be blocked.
"""

_IDLE_THRESHOLD = 100
"""What Azure notes in a rule that counts nothing: left out, every refresh would show it."""


_LIMITS: Final = (
    "anonymousIp and adminProtection: Front Door has no such rules",
    "requests are counted by each location of Front Door: a burst can pass more",
    (
        "an address on a list is stopped after minutes, and can be let in for some while `pulumi "
        "up` writes the policy (docs/waf-and-edge-on-azure.md)"
    ),
    "the list allowed is edited by a person",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureWafArgs:
    spec: WafSpec
    store: AzureLogStore
    """How the environment keeps its logs: Front Door's go there too."""
    allowed_countries: Sequence[str] = ()
    """The only countries that requests are answered from; empty for all."""
    denied_countries: Sequence[str] = ()
    """Countries that requests are not answered from."""


class AzureWaf(pulumi.ComponentResource):
    """A policy with the rules of the edge, for Front Door to link to its names.

    A change of anything in it writes it as a whole, the block list too: so that list has rules of
    its own, in front, whose addresses Pulumi leaves alone. Raises a ConfigError for rules that
    Front Door cannot have.
    """

    policy_id: pulumi.Output[str]
    """Resource id of the policy."""

    lists: dict[str, list[dict[str, pulumi.Output[str] | str]]]
    """The rules behind each list that is edited as the environment runs, by its name: the id of
    their policy, the name of the rule and how many addresses it takes."""

    acl_names: dict[Place, pulumi.Output[str]]
    """Name of the policy, by where it stands: at the edge alone."""

    metric_names: dict[Place, str]
    """What the policy is called in its metrics, by where it stands."""

    log_group_ids: dict[Place, pulumi.Output[str]]
    """Resource id of the workspace with its logs, by where it stands."""

    capacity: dict[Place, int]
    """Rules of its own that the policy has, of the 100 that it may."""

    def __init__(
        self, name: str, args: AzureWafArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureWaf", name, None, opts)
        countries = (args.allowed_countries, args.denied_countries)
        if found := list(problems(args.spec, *countries)):
            raise ConfigError(found)
        spec, rules = args.spec, list(_rules(args.spec, *countries))
        called = physical("front-door-waf-policy", pulumi.get_project(), pulumi.get_stack(), name)
        policy = frontdoor.Policy(
            f"{name}-policy",
            policy_name=called,
            resource_group_name=args.store.place.resource_group_name,
            location="Global",
            sku={"name": SKU},
            policy_settings=_settings(spec),
            custom_rules=_in_order(rules),
            managed_rules=_managed(spec),
            opts=pulumi.ResourceOptions(
                parent=self,
                # Camel case: Pulumi translates no path.
                ignore_changes=[
                    f"customRules.rules[{n}].matchConditions[0].matchValue"
                    for n in range(len(_EDITED))
                ],
                # Its name is fixed, and Azure knows one of a name.
                delete_before_replace=True,
            ),
        )
        self.policy_id = policy.id
        self.lists = {
            list_: [
                {"policyId": policy.id, "rule": rule, "room": str(MOST_ADDRESSES)}
                for rule, of in _EDITED.items()
                if of == list_
            ]
            for list_ in ("blocked", "allowed")
        }
        self.acl_names, self.metric_names = {"edge": policy.name}, {"edge": called}
        self.log_group_ids = {"edge": pulumi.Output.from_input(args.store.workspace_id)}
        self.capacity = {"edge": len(rules)}
        self._say(spec)
        self.register_outputs(
            {
                "policyId": self.policy_id,
                "lists": self.lists,
                "aclNames": self.acl_names,
                "metricNames": self.metric_names,
                "logGroupIds": self.log_group_ids,
                "capacity": self.capacity,
            }
        )

    def _say(self, spec: WafSpec) -> None:
        notes.loosened(self, _AT, spec)
        told.overdue(self, spec)
        for number, rule in spec.front_door.overrides.items():
            notes.limit(self, f"managed rule {number} is on {rule.action}: {rule.reason}")
        for one in spec.front_door.exclusions:
            notes.limit(
                self, f"managed rules do not look at the {one.part} {one.name}: {one.reason}"
            )
        for text in _LIMITS:
            notes.limit(self, text)
        if any(rule.action in ("captcha", "challenge") for rule in spec.rules):
            notes.limit(
                self, "a captcha or challenge is for browsers: a client that is none is stopped"
            )


def _rules(
    spec: WafSpec, allowed_countries: Sequence[str], denied_countries: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The policy's own rules in the order in which they run."""
    # An address that is in both lists is blocked.
    for name, list_ in _EDITED.items():
        action = "block" if list_ == "blocked" else "allow"
        yield _rule(name, action, (conditions.from_addresses(_NOBODY),))
    if denied_countries:
        yield _rule("Countries", "block", (conditions.from_countries(denied_countries),))
    if allowed_countries:
        # Where the country is unknown (ZZ), a request is of none of these.
        elsewhere = conditions.from_countries(allowed_countries, negated=True)
        yield _rule("Countries", "block", (elsewhere,))
    limit = (spec.rate_limit, spec.rate_window_seconds)
    yield _rule("RateLimit", "block", (conditions.any_request(),), limit)
    if spec.body.larger == "block":
        for n, test in enumerate(conditions.larger_than(spec.body.limit_kb * 1024)):
            yield _rule(f"LargeBody{n}", "block", (test,))
    for rule in spec.rules:
        limit = (rule.rate.requests, rule.rate.window_seconds) if rule.rate else None
        for n, way in enumerate(_ways(rule)):
            # Letters and digits are all that Azure takes, so `a-b` must not become `ab` too.
            name = f"{physical('front-door-waf-rule', rule.name)}x{n}"
            yield _rule(name, rule.action, way, limit)


def _ways(rule: RuleSpec) -> Iterator[Way]:
    if rule.when is None:
        return iter([(conditions.any_request(),)])
    return Translation(lets_through=rule.action == "allow").ways(rule.when)


def _rule(name: str, action: str, way: Way, limit: tuple[int, int] | None = None) -> dict[str, Any]:
    requests, seconds = limit or (_IDLE_THRESHOLD, 60)
    return {
        "name": name,
        "enabled_state": "Enabled",
        "rule_type": "RateLimitRule" if limit else "MatchRule",
        "rate_limit_threshold": requests,
        "rate_limit_duration_in_minutes": seconds // 60,
        **({"group_by": [{"variable_name": "SocketAddr"}]} if limit else {}),
        "match_conditions": list(way),
        "action": _ACTIONS[action],
    }


# `Any`, since the SDK's own types of a dict want each key one by one.
def _settings(spec: WafSpec) -> Any:
    return {
        "enabled_state": "Enabled",
        "mode": "Prevention",
        "request_body_check": "Enabled",
        "custom_block_response_status_code": 403,
        "state": "Enabled",
        "scrubbing_rules": _scrubbing(spec),
    }


def _in_order(rules: Sequence[dict[str, Any]]) -> Any:
    return {"rules": [rule | {"priority": n} for n, rule in enumerate(rules, start=1)]}


def _managed(spec: WafSpec) -> Any:
    return {"managed_rule_sets": azure_managed.rule_sets(spec)}


def _scrubbing(spec: WafSpec) -> list[dict[str, str]]:
    """What is kept out of the logs of what a rule has matched."""
    logging = spec.logging
    named = {
        "RequestHeaderNames": hidden.each_once(hidden.HEADERS, logging.hidden_headers),
        "RequestCookieNames": hidden.each_once(logging.hidden_cookies),
        "QueryStringArgNames": hidden.each_once(hidden.ARGUMENTS, logging.hidden_arguments),
    }
    # A body can hold anything: the number of a card, a password.
    whole = ("RequestBodyPostArgNames", "RequestBodyJsonArgNames")
    return [
        *(
            _scrubbed(variable, "Equals", selector)
            for variable, selectors in named.items()
            for selector in selectors
        ),
        *(_scrubbed(variable, "EqualsAny") for variable in whole),
    ]


def _scrubbed(variable: str, operator: str, selector: str | None = None) -> dict[str, str]:
    made = {
        "match_variable": variable,
        "selector_match_operator": operator,
        "state": "Enabled",
    }
    return made | ({"selector": selector} if selector else {})


def problems(
    spec: WafSpec, allowed_countries: Sequence[str] = (), denied_countries: Sequence[str] = ()
) -> Iterator[str]:
    """What Front Door would refuse, or not do, a line each."""
    found = [line for n, rule in enumerate(spec.rules) for line in _wrong(rule, n)]
    yield from found
    yield from azure_managed.problems(spec, _AT)
    if found:  # what is wrong in a rule may keep it from being written
        return
    if (many := len(list(_rules(spec, allowed_countries, denied_countries)))) > MOST_RULES:
        yield (
            f"{_AT}.rules: come to {many} rules with Bulwark's own, since each way in which `any` "
            f"can hold is one, and a policy of Front Door takes {MOST_RULES}. Remove some."
        )


def _wrong(rule: RuleSpec, number: int) -> Iterator[str]:
    at = f"{_AT}.rules[{number}]"
    lets_through = rule.action == "allow"
    if rule.when is None:
        return
    for text in conditions.problems(rule.when, f"{at}.when", lets_through=lets_through):
        yield f"{text} The rule is {rule.name}."
    many = conditions.count_ways(rule.when)
    if many > MOST_RULES:
        yield (
            f"{at}.when: {rule.name} can hold in {many:,} ways, each of them a rule of Front Door, "
            f"which takes {MOST_RULES}. Write it with fewer `any` below `all`."
        )
        return
    if rule.rate and many > 1:
        yield (
            f"{at}.when: {rule.name} has a rate and can hold in {many} ways. Front Door would "
            "count each apart, and so let more through. Write it without `any`, `not` around "
            f"`all` and more than {MOST_ADDRESSES} ranges."
        )
    if (tests := _longest(rule)) > MOST_TESTS:
        yield (
            f"{at}.when: {rule.name} has {tests} tests that must all hold, and a rule of Front "
            f"Door takes {MOST_TESTS}. Write it as two rules."
        )


def _longest(rule: RuleSpec) -> int:
    marked = {leaf.says for leaf in rule.when.leaves()} if rule.when else set()
    if marked & {"ip_list", "ja3", "ja4", "label"}:  # refused where the config is read
        return 0
    return max(len(way) for way in _ways(rule))
