"""AWS WAF in front of the edge, the API and the sign-in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_random as random

from .. import notes
from ..errors import ConfigError
from ..log_group.aws import AwsLogStore
from . import hidden, told
from .aws_acl import AwsWebAcl, AwsWebAclArgs, Protects, WebAclRule, capacity_of
from .aws_capacity import MOST
from .aws_list import AwsIpList, AwsIpListArgs, Scope, versions
from .aws_managed import GROUPS, ManagedGroup, statement
from .aws_statements import (
    DEEPEST_BELOW_RATE,
    Lists,
    Translation,
    depth,
    for_host,
    in_any,
    larger_than,
    not_from_edge,
    rate_statement,
)
from .conditions import DEEPEST, ConditionSpec
from .spec import (
    BUILT_IN_LISTS,
    OF_THE_SOURCE,
    OF_THE_TLS,
    BodySpec,
    ManagedGroupSpec,
    Place,
    RateSpec,
    RuleSpec,
    WafSpec,
    kebab,
)

_AT = "bulwark:waf"

ORIGIN_HEADER = "x-origin-verify"
"""What the edge adds to a request, so that the API knows it."""

_SECRET_LENGTH = 48
"""Letters and digits: 285 bits. The edge sends it with every request, so it must be a header's."""

_MOST_SETS = 100
"""IP sets in a region, or of CloudFront: a quota of AWS WAF, which it raises on request."""

HIDDEN_HEADERS = (*hidden.HEADERS, "x-amz-security-token", ORIGIN_HEADER)
HIDDEN_ARGUMENTS = hidden.ARGUMENTS

_FOR_SIGN_IN = frozenset({"ipReputation", "anonymousIp", "common", "knownBadInputs"})
"""Groups that suit a user pool. It has no SQL, and a good password can look like some."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsWafArgs:
    spec: WafSpec
    store: AwsLogStore
    """How the environment keeps its logs, in the API's region."""
    edge_store: AwsLogStore
    """The same in us-east-1, where everything of CloudFront is."""
    api_stage_arn: pulumi.Input[str]
    """ARN of the API's stage."""
    edge: bool = True
    """Whether an edge stands in front of the API. Without it the API takes requests from anywhere,
    and its web ACL looks at everything."""
    user_pool_arn: pulumi.Input[str] | None = None
    """ARN of the user pool that clients sign in to; None if they sign in elsewhere."""
    direct_hosts: Sequence[str] = ()
    """Host names by which clients reach the API beside the edge, in small letters: those that ask
    for a client certificate. The API must check that such a host is the one of the TLS handshake
    (endpoint access mode STRICT), or naming one would be a way past the edge."""


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a web ACL stands."""

    place: Place
    scope: Scope
    protects: Protects
    store: AwsLogStore
    faces_clients: bool
    """Whether it sees the addresses of clients, and not the edge's."""
    protects_arn: pulumi.Input[str] | None = None
    direct_hosts: Sequence[str] = ()
    """Hosts by which it sees clients all the same."""

    @property
    def sees_clients(self) -> bool:
        return self.faces_clients or bool(self.direct_hosts)


class AwsWaf(pulumi.ComponentResource):
    """A web ACL at the edge, one before the API and one before the sign-in.

    The edge's looks at everything. The API's turns away what did not come through the edge, and
    looks at the rest once more. The sign-in's looks at what comes to it directly. Without an edge
    the API's looks at everything. Raises a ConfigError for rules that AWS WAF cannot have.
    """

    edge_acl_arn: pulumi.Output[str] | None
    """ARN of the web ACL for the distribution; None without an edge."""

    origin_header_name: str | None
    """The header that the edge has to add; None without an edge."""

    origin_header_value: pulumi.Output[str] | None
    """Its value, a secret, known once the API takes it; None without an edge."""

    lists: dict[str, list[dict[str, pulumi.Output[str] | str]]]
    """The sets of addresses behind each list that is edited as the environment runs, by its name:
    id, name, scope, region and version of IP (IPV4 or IPV6), as UpdateIPSet wants them."""

    acl_names: dict[Place, pulumi.Output[str]]
    """Name of each web ACL, by where it stands."""

    metric_names: dict[Place, str]
    """What each web ACL is called in its metrics, by where it stands."""

    acl_arns: dict[Place, pulumi.Output[str]]
    """ARN of each web ACL, by where it stands."""

    log_group_ids: dict[Place, pulumi.Output[str]]
    """Name of each log group, by where it stands: the edge's is in us-east-1."""

    capacity: dict[Place, int]
    """Capacity units that each web ACL takes at most, of the 5,000 that it may."""

    def __init__(
        self, name: str, args: AwsWafArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsWaf", name, None, opts)
        if found := list(problems(args)):
            raise ConfigError(found)
        spec = args.spec
        stands = _stands(args)

        scopes = _scopes(stands)

        edited: dict[tuple[str, Scope], AwsIpList] = {
            (list_, scope): self._list(f"{name}-list-{list_}", scope, args)
            for list_ in _lists(spec)
            for scope in scopes
        }
        secrets = self._origin_secrets(name, args)
        acls: dict[Place, AwsWebAcl] = {
            stand.place: AwsWebAcl(
                f"{name}-{stand.place}",
                _acl_args(spec, stand, self._rules(name, stand, args, edited, secrets)),
                pulumi.ResourceOptions(parent=self),
            )
            for stand in stands
        }

        self.edge_acl_arn = acls["edge"].arn if args.edge else None
        self.origin_header_name = ORIGIN_HEADER if args.edge else None
        self.origin_header_value = _once(acls["api"], secrets[0]) if args.edge else None
        self.lists = {
            list_: [made for scope in scopes for made in edited[list_, scope].sets]
            for list_ in _lists(spec)
        }
        self.acl_names = {place: acl.acl_name for place, acl in acls.items()}
        self.metric_names = {place: acl.metric_name for place, acl in acls.items()}
        self.acl_arns = {place: acl.arn for place, acl in acls.items()}
        self.log_group_ids = {place: acl.log_group_id for place, acl in acls.items()}
        self.capacity = {place: acl.capacity for place, acl in acls.items()}
        self._say(args)
        self.register_outputs(
            {
                "edgeAclArn": self.edge_acl_arn,
                "originHeaderName": self.origin_header_name,
                "originHeaderValue": self.origin_header_value,
                "lists": self.lists,
                "aclNames": self.acl_names,
                "metricNames": self.metric_names,
                "aclArns": self.acl_arns,
                "logGroupIds": self.log_group_ids,
                "capacity": self.capacity,
            }
        )

    def _list(
        self, name: str, scope: Scope, args: AwsWafArgs, ranges: Sequence[str] | None = None
    ) -> AwsIpList:
        edge = scope == "CLOUDFRONT"
        store = args.edge_store if edge else args.store
        return AwsIpList(
            f"{name}-{'edge' if edge else 'regional'}",
            AwsIpListArgs(scope=scope, region=store.region, ranges=ranges),
            pulumi.ResourceOptions(parent=self),
        )

    def _rules(
        self,
        name: str,
        stand: _Stand,
        args: AwsWafArgs,
        edited: Mapping[tuple[str, Scope], AwsIpList],
        secrets: Sequence[pulumi.Input[str]],
    ) -> list[WebAclRule]:
        written = {
            ip_list: self._list(f"{name}-{stand.place}-{label}", stand.scope, args, ip_list)
            for label, ip_list in _written(args, stand.place)
        }

        def sets(condition: ConditionSpec) -> Sequence[pulumi.Input[str]]:
            if condition.ip is not None:
                return written[condition.ip].arns
            return edited[condition.ip_list or "", stand.scope].arns

        return _rules(args, stand, sets, secrets)

    def _origin_secrets(self, name: str, args: AwsWafArgs) -> list[pulumi.Output[str]]:
        """The present secret, then the last one; none without an edge.

        From one generation to the next: the new secret is made; then the API's web ACL takes both
        it and the last one; only then (`_once`) the edge learns the new one, and sends the last
        one until all its locations have changed, some minutes; last, the one before is deleted.
        """
        present = args.spec.origin_generation
        generations = (present, present - 1) if args.edge else ()
        return [
            pulumi.Output.secret(
                random.RandomPassword(
                    f"{name}-origin-secret-{generation}",
                    length=_SECRET_LENGTH,
                    special=False,
                    opts=pulumi.ResourceOptions(parent=self),
                ).result
            )
            for generation in generations
            if generation > 0
        ]

    def _say(self, args: AwsWafArgs) -> None:
        spec = args.spec
        notes.loosened(self, _AT, spec)
        told.overdue(self, spec)
        if spec.managed.bot_control.mode != "off":
            each = 10 if spec.managed.bot_control.level == "targeted" else 1
            notes.cost(self, f"botControl: about 10 USD a month, and {each} USD a million requests")
        if spec.managed.account_takeover.mode != "off":
            notes.cost(
                self, "accountTakeover: about 10 USD a month, and 1 USD for a thousand sign-ins"
            )
        unpinned = [n for n, g in _on(spec) if GROUPS[n].versions and not g.version]
        if unpinned:
            notes.limit(
                self,
                f"{', '.join(unpinned)}: no version is pinned, so AWS's default one is used, which "
                "changes by itself",
            )
        if any(rule.action in ("captcha", "challenge") for rule in spec.rules):
            notes.limit(
                self, "a captcha or challenge is for browsers: a client that is none is stopped"
            )
        if not args.edge:
            notes.limit(self, "there is no edge: the API takes requests from anywhere")


def _once(acl: AwsWebAcl, secret: pulumi.Output[str]) -> pulumi.Output[str]:
    """The secret, once the web ACL that wants it is there to take it."""
    both = pulumi.Output.all(secret, acl.in_place)
    return pulumi.Output.secret(both.apply(lambda all_: all_[0]))


def _stands(args: AwsWafArgs) -> list[_Stand]:
    edge, region = args.edge_store, args.store
    beside = args.direct_hosts if args.edge else ()
    found = [
        _Stand("edge", "CLOUDFRONT", "cloudfront", edge, faces_clients=True),
        _Stand("api", "REGIONAL", "api_gateway", region, not args.edge, args.api_stage_arn, beside),
        _Stand("identity", "REGIONAL", "cognito_user_pool", region, True, args.user_pool_arn),
    ]
    wanted = {
        "edge": args.edge,
        "api": True,
        "identity": args.user_pool_arn is not None,
    }
    return [stand for stand in found if wanted[stand.place]]


def _scopes(stands: Sequence[_Stand]) -> list[Scope]:
    """The scopes in which lists of addresses are of use, each once."""
    return list(dict.fromkeys(stand.scope for stand in stands if stand.sees_clients))


def _lists(spec: WafSpec) -> tuple[str, ...]:
    return (*BUILT_IN_LISTS, *spec.lists)


def _on(spec: WafSpec) -> Iterator[tuple[str, ManagedGroupSpec]]:
    """The managed groups that are not off, in the order in which they run."""
    groups = spec.managed.groups()
    return ((name, groups[name]) for name in GROUPS if groups[name].mode != "off")


def _places(args: AwsWafArgs, rule: RuleSpec) -> set[Place]:
    """Where a rule stands. Without an edge, clients come in before the API."""
    return {"api" if place == "edge" and not args.edge else place for place in rule.at}


def _rules_at(args: AwsWafArgs, place: Place) -> list[RuleSpec]:
    return [rule for rule in args.spec.rules if place in _places(args, rule)]


def _written(args: AwsWafArgs, place: Place) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lists that are written in the rules of a place, each once, with a label."""
    seen: set[tuple[str, ...]] = set()
    for rule in _rules_at(args, place):
        leaves = rule.when.leaves() if rule.when else ()
        for number, leaf in enumerate(leaf for leaf in leaves if leaf.ip is not None):
            if leaf.ip is not None and leaf.ip not in seen:
                seen.add(leaf.ip)
                yield f"{rule.name}-{number}", leaf.ip


def _rules(
    args: AwsWafArgs, stand: _Stand, sets: Lists, secrets: Sequence[pulumi.Input[str]]
) -> list[WebAclRule]:
    """What runs at a stand, in order."""
    own = [(rule, _own(rule, sets)) for rule in _rules_at(args, stand.place)]
    return [
        *_always(args.spec, stand, sets, secrets),
        *(made for rule, made in own if not rule.needs_labels),
        *_managed(args.spec, stand),
        *(made for rule, made in own if rule.needs_labels),
    ]


def _always(
    spec: WafSpec, stand: _Stand, sets: Lists, secrets: Sequence[pulumi.Input[str]]
) -> Iterator[WebAclRule]:
    if secrets and not stand.faces_clients:
        turned_away = not_from_edge(ORIGIN_HEADER, secrets, stand.direct_hosts)
        yield WebAclRule(name="origin-header", statement=turned_away, action="block")
    if stand.sees_clients:
        # An address that is in both lists is blocked. No list has the edge's addresses.
        blocked, allowed = (in_any(sets(ConditionSpec(ip_list=n))) for n in BUILT_IN_LISTS)
        yield WebAclRule(name="blocked", statement=blocked, action="block")
        if stand.faces_clients:
            yield WebAclRule(name="allowed", statement=allowed, action="allow")
        limit = spec.sign_in_rate_limit if stand.place == "identity" else spec.rate_limit
        rate = RateSpec(requests=limit, window_seconds=spec.rate_window_seconds)
        # The edge has few addresses, and all requests come from them.
        about = None if stand.faces_clients else for_host(stand.direct_hosts)
        too_many = rate_statement(rate, about)
        yield WebAclRule(name="rate-limit", statement=too_many, action="block")
    body = _body(spec, stand)
    if body.larger == "block":
        # AWS's own rule has another limit, does not count what it cannot see, and may be off.
        too_large = larger_than(body.limit_kb * 1024)
        yield WebAclRule(name="large-body", statement=too_large, action="block")


def _own(rule: RuleSpec, sets: Lists) -> WebAclRule:
    translation = Translation(lets_through=rule.action == "allow", lists=sets)
    about = translation.statement(rule.when) if rule.when else None
    if rule.rate:
        about = rate_statement(rule.rate, about)
    assert about
    return WebAclRule(name=rule.name, statement=about, action=rule.action)


def _managed(spec: WafSpec, stand: _Stand) -> Iterator[WebAclRule]:
    body = _body(spec, stand)
    for name, group in _on(spec):
        if not _suits(name, GROUPS[name], stand):
            continue
        widened = name == "common" and body.is_widened
        overrides = {"SizeRestrictions_BODY": "count"} if widened else {}
        yield WebAclRule(
            name=kebab(name),
            statement=statement(GROUPS[name], group, overrides),
            action="count" if group.mode == "count" else "block",
        )


def _suits(name: str, group: ManagedGroup, stand: _Stand) -> bool:
    """Whether a group has anything to look at there, and is not paid for twice."""
    if stand.place == "identity":
        return name in _FOR_SIGN_IN
    return stand.faces_clients or group.about == "request"


def _body(spec: WafSpec, stand: _Stand) -> BodySpec:
    # Larger bodies are for the API: nobody signs in with one.
    return BodySpec() if stand.place == "identity" else spec.body


def _acl_args(spec: WafSpec, stand: _Stand, rules: Sequence[WebAclRule]) -> AwsWebAclArgs:
    logging = spec.logging
    return AwsWebAclArgs(
        scope=stand.scope,
        protects=stand.protects,
        store=stand.store,
        rules=rules,
        protects_arn=stand.protects_arn,
        body_kb=_body(spec, stand).inspected_kb,
        log_allowed=logging.allowed,
        hidden_headers=hidden.each_once(HIDDEN_HEADERS, logging.hidden_headers),
        hidden_cookies=hidden.each_once(logging.hidden_cookies),
        hidden_arguments=hidden.each_once(HIDDEN_ARGUMENTS, logging.hidden_arguments),
        # What a sign-in is asked for and answers with is in its query: codes, states, hints.
        hidden_query=stand.place == "identity",
    )


def problems(args: AwsWafArgs) -> Iterator[str]:
    """What AWS WAF would refuse, a line each. It looks at no Output, so these need not be known."""
    for number, rule in enumerate(args.spec.rules):
        yield from (f"{_AT}.rules[{number}]: {text}" for text in _wrong(args, rule))
    made = _sets(args)
    for scope in sorted(set(made)):
        if (count := made.count(scope)) > _MOST_SETS:
            yield (
                f"{_AT}.rules: name so many ranges of addresses that {count} sets would be needed, "
                f"and AWS WAF has {_MOST_SETS} in a region. Put ranges together, or into lists."
            )
    for stand in _stands(args):
        units = capacity_of(_rules(args, stand, _imagined, ["secret"]))
        if units > MOST:
            yield (
                f"{_AT}.rules: the web ACL of {stand.place} would take {units:,} capacity units, "
                f"and AWS WAF has {MOST:,}. Remove rules or transforms (10 units each), or turn a "
                "managed group off."
            )


def _sets(args: AwsWafArgs) -> list[Scope]:
    """The scope of each set of addresses that there will be."""
    stands = _stands(args)
    return [
        *(s for s in _scopes(stands) for _ in _lists(args.spec) for _ in versions(None)),
        *(
            stand.scope
            for stand in stands
            for _, ranges in _written(args, stand.place)
            for _ in versions(ranges)
        ),
    ]


def _imagined(condition: ConditionSpec) -> list[pulumi.Input[str]]:
    """As many sets as a condition needs, before there are any."""
    return ["arn" for _ in versions(condition.ip)]


def _wrong(args: AwsWafArgs, rule: RuleSpec) -> Iterator[str]:
    """What AWS cannot have in a rule, for all that the spec knows."""
    places, looks_at = _places(args, rule), rule.looks_at()
    if "api" in places and args.edge and looks_at & OF_THE_SOURCE:
        yield (
            f"{rule.name} is about the client's address, and before the API there is only the "
            "edge's. Let it stand at the edge."
        )
    if places - {"edge"} and looks_at & OF_THE_TLS:
        yield (
            f"{rule.name} is about the client's TLS, and AWS WAF sees that at the edge alone. Let "
            "it stand there, and have one."
        )
    if "identity" in places and args.user_pool_arn is None:
        yield f"{rule.name} is to stand before a sign-in, and there is none. Remove the place."
    about = (
        Translation(lets_through=False, lists=_imagined).statement(rule.when) if rule.when else {}
    )
    deepest = DEEPEST_BELOW_RATE if rule.rate else DEEPEST
    if depth(about) > deepest:
        yield (
            f"{rule.name} combines its conditions more than {deepest} deep, counting lists of "
            "addresses, methods and fingerprints as `any`: pulumi-aws has no room for it. Write it "
            "flatter, or as two rules."
        )
