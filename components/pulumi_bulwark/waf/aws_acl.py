"""Web ACLs, each with its log."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from .. import notes
from ..log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore, vended_logs
from ..naming import logical, physical
from .aws_capacity import INCLUDED, MOST, capacity
from .aws_list import Scope
from .aws_statements import Statement
from .spec import Action

Protects = Literal["cloudfront", "api_gateway", "cognito_user_pool"]
"""What stands behind a web ACL, in the words of its association config."""

_USUAL_KB = 16
"""KB of a body that WAF looks at behind each of them, unless it is told to look at more."""

_STOPS = ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT", "CAPTCHA", "CHALLENGE")
"""What WAF may have done to a request that a log without the allowed ones still has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebAclRule:
    """One rule. Its place in the list is its priority."""

    name: str
    """In logs and metrics."""
    statement: Statement
    """What requests it is about."""
    action: Action
    """What happens to them. For a managed group: count, or block to let its rules decide."""

    @property
    def is_group(self) -> bool:
        return "managed_rule_group_statement" in self.statement


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsWebAclArgs:
    scope: Scope
    """Whether CloudFront uses it, or something in the region."""
    protects: Protects
    """What stands behind it."""
    store: AwsLogStore
    """How the environment keeps its logs, in the region of the web ACL: us-east-1 for
    CloudFront."""
    rules: Sequence[WebAclRule]
    """In the order in which they run. What none of them stops is let through."""
    protects_arn: pulumi.Input[str] | None = None
    """ARN of what stands behind it. None for CloudFront, whose distribution names its web ACL."""
    body_kb: int = _USUAL_KB
    """KB of a request's body that are looked at: 16, 32, 48 or 64."""
    log_allowed: bool = True
    """Whether requests that are let through are logged."""
    hidden_headers: Sequence[str] = ()
    """Headers whose values are in no log and no sample, in small letters."""
    hidden_cookies: Sequence[str] = ()
    """Cookies likewise, beside the `cookie` header."""
    hidden_arguments: Sequence[str] = field(default=())
    """Query arguments likewise."""
    hidden_query: bool = False
    """Whether no query string is logged at all."""


class AwsWebAcl(pulumi.ComponentResource):
    """Rules in front of one thing, with samples, a metric for each rule, and a log of its own."""

    arn: pulumi.Output[str]
    """ARN of the web ACL, known once it logs."""

    id: pulumi.Output[str]
    """Id of the web ACL."""

    acl_name: pulumi.Output[str]
    """Name of the web ACL."""

    metric_name: str
    """What the web ACL is called in its metrics: no other of the account has this name."""

    log_group_id: pulumi.Output[str]
    """Name of the log group."""

    capacity: int
    """Web ACL capacity units that the rules take, at most."""

    in_place: pulumi.Output[bool]
    """Known, and true, once the web ACL stands in front of what it protects."""

    def __init__(
        self, name: str, args: AwsWebAclArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsWebAcl", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        region = args.store.region
        # By this CloudWatch tells web ACLs apart, and not by their names.
        self.metric_name = physical("web-acl", pulumi.get_project(), pulumi.get_stack(), name)

        acl = aws.wafv2.WebAcl(
            logical("web-acl", f"{name}-acl"),
            scope=args.scope,
            region=region,
            default_action={"allow": {}},
            rules=[_rule(n, rule) for n, rule in enumerate(args.rules)],
            visibility_config=_visibility(self.metric_name),
            association_config=_association_config(args),
            data_protection_config={"data_protections": _protections(args)},
            opts=child,
        )
        log_group = AwsLogGroup(
            f"{name}-logs",
            AwsLogGroupArgs(
                store=args.store, kind="waf-log-group", writers=[vended_logs(args.store)]
            ),
            child,
        )
        logging = aws.wafv2.WebAclLoggingConfiguration(
            f"{name}-logging",
            resource_arn=acl.arn,
            region=region,
            log_destination_configs=[log_group.arn],
            redacted_fields=_redacted(args),
            logging_filter=None if args.log_allowed else _without_allowed(),
            opts=child,
        )
        self.arn = pulumi.Output.all(acl.arn, logging.urn).apply(lambda all_: all_[0])
        self.in_place = self.arn.apply(lambda _: True)
        if args.protects_arn is not None:
            stands = aws.wafv2.WebAclAssociation(
                f"{name}-association",
                resource_arn=args.protects_arn,
                web_acl_arn=self.arn,
                region=region,
                opts=child,
            )
            self.in_place = stands.urn.apply(lambda _: True)

        self.id, self.acl_name, self.log_group_id = acl.id, acl.name, log_group.id
        self.capacity = capacity_of(args.rules)
        self._say_what_it_costs(args)
        self.register_outputs(
            {
                "arn": self.arn,
                "id": self.id,
                "aclName": self.acl_name,
                "metricName": self.metric_name,
                "logGroupId": self.log_group_id,
                "capacity": self.capacity,
                "inPlace": self.in_place,
            }
        )

    def _say_what_it_costs(self, args: AwsWebAclArgs) -> None:
        rules = len(args.rules)
        notes.cost(
            self,
            f"a web ACL with {rules} rules: about {5 + rules} USD a month, and 0.60 USD a million "
            f"requests; {self.capacity:,} of {MOST:,} capacity units",
        )
        if self.capacity > INCLUDED:
            steps = -(-(self.capacity - INCLUDED) // 500)
            notes.cost(
                self,
                f"more than {INCLUDED:,} capacity units: about {steps * 0.2:.2f} USD more a "
                "million requests",
            )
        if args.body_kb > _USUAL_KB:
            steps = (args.body_kb - _USUAL_KB) // 16
            notes.cost(
                self,
                f"{args.body_kb} KB of a body are looked at: about {steps * 0.3:.2f} USD more a "
                "million requests",
            )


def capacity_of(rules: Sequence[WebAclRule]) -> int:
    return sum(capacity(rule.statement) for rule in rules)


def _rule(priority: int, rule: WebAclRule) -> Any:
    # WAF wants the one for a group and the other for every other rule.
    taken = (
        {"override_action": {"count" if rule.action == "count" else "none": {}}}
        if rule.is_group
        else {"action": {rule.action: {}}}
    )
    return {
        "name": rule.name,
        "priority": priority,
        "statement": rule.statement,
        "visibility_config": _visibility(rule.name),
        **taken,
    }


def _visibility(metric: str) -> Any:
    return {
        "metric_name": metric,
        "cloudwatch_metrics_enabled": True,
        "sampled_requests_enabled": True,
    }


def _association_config(args: AwsWebAclArgs) -> Any:
    if args.body_kb == _USUAL_KB:
        return None
    limit = {"default_size_inspection_limit": f"KB_{args.body_kb}"}
    return {"request_bodies": [{args.protects: limit}]}


def _redacted(args: AwsWebAclArgs) -> Any:
    headers = [{"single_header": {"name": header}} for header in args.hidden_headers]
    return [*headers, *([{"query_string": {}}] if args.hidden_query else [])]


def _protections(args: AwsWebAclArgs) -> Any:
    """What holds for samples too, and for what a rule says it has matched."""
    keys = {
        "SINGLE_HEADER": args.hidden_headers,
        "SINGLE_COOKIE": args.hidden_cookies,
        "SINGLE_QUERY_ARGUMENT": () if args.hidden_query else args.hidden_arguments,
    }
    fields: list[Any] = [
        # WAF has no way to name all keys of a kind.
        {"field_type": kind, "field_keys": list(names)}
        for kind, names in keys.items()
        if names
    ]
    if args.hidden_query:
        fields.append({"field_type": "QUERY_STRING"})
    return [{"action": "SUBSTITUTION", "field": field} for field in fields]


def _without_allowed() -> Any:
    return {
        "default_behavior": "DROP",
        "filters": [
            {
                "behavior": "KEEP",
                "requirement": "MEETS_ANY",
                "conditions": [{"action_condition": {"action": action}} for action in _STOPS],
            }
        ],
    }
