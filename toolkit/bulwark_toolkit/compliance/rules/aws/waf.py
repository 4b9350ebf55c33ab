"""AWS WAF's web ACLs, their rules and logs."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from bulwark_toolkit.compliance.origins import distributions_before
from bulwark_toolkit.compliance.regions import region_of
from bulwark_toolkit.compliance.rule import Rule, Severity, Verdict, rule
from bulwark_toolkit.compliance.subject import Subject

ACL: Final = "aws:wafv2/webAcl:WebAcl"
ACL_RULE: Final = "aws:wafv2/webAclRule:WebAclRule"
ACL_GROUP: Final = "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation"
ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"
LOGGING: Final = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
GROUP: Final = "aws:wafv2/ruleGroup:RuleGroup"
IP_SET: Final = "aws:wafv2/ipSet:IpSet"
PATTERNS: Final = "aws:wafv2/regexPatternSet:RegexPatternSet"
DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
STAGE: Final = "aws:apigateway/stage:Stage"
REST: Final = "aws:apigateway/restApi:RestApi"

_OF_THE_EDGE: Final = "us-east-1"

_STOPPING: Final = {"block", "captcha", "challenge"}

_HIDDEN: Final = ("authorization", "cookie")
"""Headers with which somebody else could go on."""

_PARTS: Final = ("statement", "action", "overrideAction", "visibilityConfig")
"""What rules ask of a rule of AWS."""

_OF_A_GROUP: Final = ("managedRuleGroupStatement", "ruleGroupReferenceStatement")


def _runs_group(
    what: str, group: str, *, severity: Severity, about: Callable[[Subject], bool]
) -> Rule:
    """A rule that a web ACL runs one of AWS's managed groups, and lets it block."""

    @rule(
        f"aws.waf.{what}-blocks",
        ACL,
        severity=severity,
        requires=f"Every web ACL runs {group}, and not to count only",
        remediation=f"Add AWS's managed rule group {group} with the override action none.",
        reference="PCI 6.4.2",
        alone=False,
    )
    def runs(acl: Subject) -> Iterator[Verdict]:
        if about(acl):
            # An empty action is none at all.
            found = [action for name, action in _managed_groups(acl) if name == group]
            yield Verdict("none" in found, "rules", f"{group}: {', '.join(found) or 'not there'}")

    return runs


_MOST_OFTEN: Final = 5_000
"""Requests of one client in five minutes. A limit of our own: more is no client, and no limit."""

_SECONDS: Final = 300
"""The window of AWS WAF's rate rules, if none is set."""

_SMALL_BODY_BYTES: Final = 8 * 1024
"""What the managed rule SizeRestrictions_BODY lets through."""

_INSPECTED_KB: Final = 16
"""How much of a body AWS WAF looks at before an API, a user pool and CloudFront, if not told."""


def _any(_: Subject) -> bool:
    return True


def _sees_clients(acl: Subject) -> bool:
    """Not if all that is behind it is reached through an edge with a web ACL of its own."""
    behind = acl.attached(ASSOCIATION, by="webAclArn")
    return not behind or not all(_is_behind_an_edge(each) for each in behind)


def _has_our_own_code_behind(acl: Subject) -> bool:
    """A user pool is AWS's, and has no SQL behind it that we could have written badly."""
    behind = acl.attached(ASSOCIATION, by="webAclArn")
    return not behind or not all(":cognito-idp:" in each.get("resourceArn") for each in behind)


common_attacks = _runs_group(
    "common-attacks", "AWSManagedRulesCommonRuleSet", severity="high", about=_any
)
known_bad_inputs = _runs_group(
    "known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet", severity="high", about=_any
)
sql_injection = _runs_group(
    "sql-injection",
    "AWSManagedRulesSQLiRuleSet",
    severity="high",
    about=_has_our_own_code_behind,
)
ip_reputation = _runs_group(
    "ip-reputation",
    "AWSManagedRulesAmazonIpReputationList",
    severity="medium",
    about=_sees_clients,
)


anonymous_addresses = _runs_group(
    "anonymous-addresses", "AWSManagedRulesAnonymousIpList", severity="low", about=_sees_clients
)
administration = _runs_group(
    "administration",
    "AWSManagedRulesAdminProtectionRuleSet",
    severity="low",
    about=_has_our_own_code_behind,
)


@rule(
    "aws.waf.rate-limit-is-one",
    ACL,
    severity="medium",
    requires=f"No limit lets a client ask more than {_MOST_OFTEN} times in five minutes",
    remediation="Lower the limit of the rateBasedStatement, or make its window longer.",
    reference="OWASP API4:2023",
    alone=False,
)
def rate_limit_is_one(acl: Subject) -> Iterator[Verdict]:
    for each in _rules(acl):
        rate = each.get("statement", {}).get("rateBasedStatement")
        if rate and _STOPPING & _chosen(each, "action").keys():
            often = rate.get("limit", 0) * _SECONDS / rate.get("evaluationWindowSec", _SECONDS)
            yield Verdict(often <= _MOST_OFTEN, "rules", f"{often:g} in five minutes")


@rule(
    "aws.waf.large-bodies-are-stopped",
    ACL,
    severity="medium",
    requires="Every web ACL stops bodies of which it would not see all",
    remediation="Add a sizeConstraintStatement over the body, with oversizeHandling MATCH, that "
    "blocks what is longer than the web ACL inspects.",
    reference="PCI 6.2.4",
)
def large_bodies_are_stopped(acl: Subject) -> Iterator[Verdict]:
    yield _stops_bodies_beyond(acl, _inspected_bytes(acl))


@rule(
    "aws.waf.bodies-are-small",
    ACL,
    severity="low",
    requires="No web ACL lets bodies of more than 8 KB through",
    remediation="Lower the size of the sizeConstraintStatement to 8192; where larger bodies are "
    "needed, waive this with the reason.",
    reference="PCI 6.2.4",
)
def bodies_are_small(acl: Subject) -> Iterator[Verdict]:
    yield _stops_bodies_beyond(acl, _SMALL_BODY_BYTES)


@rule(
    "aws.waf.every-request-is-logged",
    LOGGING,
    severity="low",
    requires="No log leaves requests out",
    remediation="Remove the loggingFilter, or give it the defaultBehavior KEEP and no filter that "
    "drops.",
    reference="PCI 10.2.1",
)
def every_request_is_logged(logging: Subject) -> Iterator[Verdict]:
    drops = [
        each
        for each in ("defaultBehavior", *(f"{f}.behavior" for f in _filters(logging)))
        if logging.get(f"loggingFilter.{each}", "KEEP") == "DROP"
    ]
    yield Verdict(not drops, "loggingFilter", ", ".join(drops) or "nothing is dropped")


@rule(
    "aws.waf.rate-of-a-client-is-limited",
    ACL,
    severity="high",
    requires="Every web ACL that sees clients stops those that ask too often",
    remediation="Add a rule with a rateBasedStatement and the action block.",
    reference="OWASP API4:2023",
    alone=False,
)
def rate_of_a_client_is_limited(acl: Subject) -> Iterator[Verdict]:
    if _sees_clients(acl):
        limits = [
            each["statement"]["rateBasedStatement"].get("limit")
            for each in _rules(acl)
            if "rateBasedStatement" in each.get("statement", {})
            and _STOPPING & _chosen(each, "action").keys()
        ]
        yield Verdict(bool(limits), "rules", limits)


@rule(
    "aws.waf.acl-logs",
    ACL,
    severity="high",
    requires="Every web ACL has a log",
    remediation="Add a WebAclLoggingConfiguration with the web ACL's ARN.",
    reference="WAF.11",
    alone=False,
)
def acl_logs(acl: Subject) -> Iterator[Verdict]:
    found = [
        destination
        for logging in acl.attached(LOGGING, by="resourceArn")
        for destination in logging.items("logDestinationConfigs")
    ]
    yield Verdict(bool(found), "logDestinationConfigs", found)


@rule(
    "aws.waf.logs-hold-no-credential",
    LOGGING,
    severity="high",
    requires="No web ACL's log has the headers Authorization and Cookie",
    remediation="Name authorization and cookie in redactedFields, each as a singleHeader.",
    reference="PCI 8.3.2",
    alone=False,
)
def logs_hold_no_credential(logging: Subject) -> Iterator[Verdict]:
    acl = logging.named(ACL, at="resourceArn")
    hidden = _protected_headers(acl) if acl else set()
    for field in logging.each("redactedFields"):
        hidden.add(logging.get(f"{field}.singleHeader.name", "").lower())
    for header in _HIDDEN:
        yield Verdict(header in hidden, "redactedFields", header, f"{header} is logged")


@rule(
    "aws.waf.samples-hold-no-credential",
    ACL,
    severity="medium",
    requires="No sample of requests has the headers Authorization and Cookie",
    remediation="Name authorization and cookie in dataProtectionConfig: a log's redacted fields "
    "do not hold for samples.",
    reference="PCI 8.3.2",
)
def samples_hold_no_credential(acl: Subject) -> Iterator[Verdict]:
    kept = [acl.get("visibilityConfig"), *(each.get("visibilityConfig", {}) for each in _own(acl))]
    if any(each.get("sampledRequestsEnabled") for each in kept):
        hidden = _protected_headers(acl)
        for header in _HIDDEN:
            yield Verdict(
                header in hidden, "dataProtectionConfig", header, f"{header} is in samples"
            )


@rule(
    "aws.waf.rules-are-measured",
    ACL,
    GROUP,
    severity="low",
    requires="Every web ACL and every rule has a metric",
    remediation="Set cloudwatchMetricsEnabled in each visibilityConfig.",
    reference="WAF.12",
)
def rules_are_measured(acl: Subject) -> Iterator[Verdict]:
    at = "visibilityConfig.cloudwatchMetricsEnabled"
    yield Verdict(acl.get(at) is True, at, acl.get(at))
    for number, each in enumerate(_own(acl)):
        measured = each.get("visibilityConfig", {}).get("cloudwatchMetricsEnabled", False)
        yield Verdict(measured is True, f"rules[{number}].{at}", measured)


@rule(
    "aws.waf.priorities-are-unique",
    ACL,
    GROUP,
    severity="medium",
    requires="No two rules have the same priority",
    remediation="Number the rules in the order in which they are to run.",
    reference="WAF.10",
    alone=False,
)
def priorities_are_unique(acl: Subject) -> Iterator[Verdict]:
    if count := Counter(each.get("priority") for each in _rules(acl)):
        twice = [priority for priority, times in count.items() if times > 1]
        yield Verdict(not twice, "rules", twice or f"{len(count)} rules")


@rule(
    "aws.waf.each-rule-has-one-action",
    ACL,
    GROUP,
    severity="medium",
    requires="Groups have an override action, all other rules an action, and none has both",
    remediation="Give a rule of a group an overrideAction, and any other an action.",
    reference="WAF.10",
)
def each_rule_has_one_action(acl: Subject) -> Iterator[Verdict]:
    for number, each in enumerate(_own(acl)):
        chosen = [name for name in ("action", "overrideAction") if _chosen(each, name)]
        is_group = any(name in each.get("statement", {}) for name in _OF_A_GROUP)
        wanted = "overrideAction" if is_group else "action"
        yield Verdict(chosen == [wanted], f"rules[{number}]", chosen, f"wants {wanted} alone")


@rule(
    "aws.waf.only-addresses-are-let-past",
    ACL,
    severity="medium",
    requires="Only requests from listed addresses are let past the rules that follow",
    remediation="Let a rule with the action allow look at an IP set; a client can send any "
    "header, path or body.",
    reference="PCI 6.4.2",
    alone=False,
)
def only_addresses_are_let_past(acl: Subject) -> Iterator[Verdict]:
    if "block" in acl.get("defaultAction", {}):
        return
    for each in _rules(acl):
        if "allow" in _chosen(each, "action"):
            about = each.get("statement", {})
            yield Verdict(_needs_an_address(about), "rules", each.get("name"))


@rule(
    "aws.waf.long-bodies-are-looked-at",
    ACL,
    GROUP,
    severity="medium",
    requires="What a rule does not see of a body that is too long counts as a match",
    remediation="Set oversizeHandling to MATCH in a rule that blocks by the body.",
    reference="PCI 6.2.4",
)
def long_bodies_are_looked_at(acl: Subject) -> Iterator[Verdict]:
    for number, each in enumerate(_own(acl)):
        if _STOPPING & _chosen(each, "action").keys():
            for body in _found(each.get("statement"), ("body", "jsonBody")):
                handling = body.get("oversizeHandling", "CONTINUE")
                yield Verdict(handling == "MATCH", f"rules[{number}].statement", handling)


@rule(
    "aws.waf.acl-is-in-front-of-something",
    ACL,
    severity="low",
    requires="Every web ACL is in front of something",
    remediation="Associate it, name it in a distribution, or remove it.",
    reference="PCI 1.2.7",
    alone=False,
)
def acl_is_in_front_of_something(acl: Subject) -> Iterator[Verdict]:
    behind = acl.attached(DISTRIBUTION, by="webAclId") + acl.attached(ASSOCIATION, by="webAclArn")
    yield Verdict(bool(behind), "arn", ", ".join(each.resource.name for each in behind))


@rule(
    "aws.waf.parts-of-the-edge-are-in-us-east-1",
    ACL,
    GROUP,
    IP_SET,
    PATTERNS,
    severity="high",
    requires="What has the scope CLOUDFRONT is in us-east-1",
    remediation="Set region to us-east-1: CloudFront takes a web ACL and its parts from there.",
    reference="CloudFront.6",
    alone=False,
)
def parts_of_the_edge_are_in_us_east_1(part: Subject) -> Iterator[Verdict]:
    if part.get("scope") == "CLOUDFRONT":
        region = region_of(part)
        yield Verdict(region == _OF_THE_EDGE, "region", region)


def _stops_bodies_beyond(acl: Subject, most: int) -> Verdict:
    sizes = [
        size["size"]
        for each in _own(acl)
        if _STOPPING & _chosen(each, "action").keys()
        for size in _found(each.get("statement"), ("sizeConstraintStatement",))
        if size.get("comparisonOperator") in ("GT", "GE")
        and size.get("fieldToMatch", {}).get("body", {}).get("oversizeHandling") == "MATCH"
    ]
    return Verdict(any(size <= most for size in sizes), "rules", sizes)


def _inspected_bytes(acl: Subject) -> int:
    said = [
        part["defaultSizeInspectionLimit"]
        for body in acl.items("associationConfig.requestBodies")
        for part in body.values()
        if part
    ]
    return min((int(limit.removeprefix("KB_")) for limit in said), default=_INSPECTED_KB) * 1024


def _filters(logging: Subject) -> list[str]:
    return [each.removeprefix("loggingFilter.") for each in logging.each("loggingFilter.filters")]


def _own(acl: Subject) -> list[Mapping[str, Any]]:
    """The rules that a web ACL or a group has itself, as a list or as JSON in AWS's own words."""
    for name in ("ruleJson", "rulesJson"):
        if text := acl.get(name):
            found = _small(json.loads(text))
            return found if isinstance(found, list) else [found]
    for each in acl.each("rules"):
        for part in _PARTS:
            acl.get(f"{each}.{part}")  # says so if it is not known
    return acl.items("rules")


def _rules(acl: Subject) -> list[Mapping[str, Any]]:
    """Its own rules, and those that are added to it one by one."""
    added = acl.attached(ACL_RULE, by="webAclArn")
    return [*_own(acl), *(each.resource.inputs for each in added)]


def _managed_groups(acl: Subject) -> Iterator[tuple[str, str]]:
    """Name and override action of each managed group."""
    for each in _rules(acl):
        if group := each.get("statement", {}).get("managedRuleGroupStatement"):
            for action in _chosen(each, "overrideAction"):
                yield group.get("name", ""), action
    for added in acl.attached(ACL_GROUP, by="webAclArn"):
        yield added.get("managedRuleGroup.name", ""), added.get("overrideAction", "none")


def _chosen(each: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What is set of an action: `{"block": {}}`; empty settings count, absent ones do not."""
    return {word: how for word, how in (each.get(name) or {}).items() if how is not None}


def _protected_headers(acl: Subject) -> set[str]:
    fields = [
        acl.get(f"{each}.field", {}) for each in acl.each("dataProtectionConfig.dataProtections")
    ]
    return {
        key.lower()
        for field in fields
        if field.get("fieldType") == "SINGLE_HEADER"
        for key in field.get("fieldKeys", [])
    }


def _needs_an_address(statement: Mapping[str, Any]) -> bool:
    """Whether nothing but what comes from a listed address can match."""
    for word, about in statement.items():
        match word, about:
            case "ipSetReferenceStatement", _:
                return True
            case "andStatement", {"statements": parts}:
                return any(map(_needs_an_address, parts))
            case "orStatement", {"statements": parts}:
                return all(map(_needs_an_address, parts))
    return False


def _found(value: Any, words: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """Every object with one of these names, however deep."""
    if isinstance(value, dict):
        for word, inner in value.items():
            if word in words and isinstance(inner, dict):
                yield inner
            yield from _found(inner, words)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner, words)


def _is_behind_an_edge(association: Subject) -> bool:
    stage = association.named(STAGE, at="resourceArn")
    api = stage and stage.named(REST, at="restApi")
    before = distributions_before(api) if api else []
    return bool(before) and all(each.has("webAclId") for each in before)


def _small(value: Any) -> Any:
    """Names as Pulumi writes them: RateBasedStatement is rateBasedStatement."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _small(inner) for name, inner in value.items()}
    return [_small(inner) for inner in value] if isinstance(value, list) else value
