"""The `waf` block of the stack config."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..clouds import Limited
from ..days import Day
from ..forms import NAME, Form
from ..spec import Guards, Loosened, Spec
from .conditions import ConditionSpec, CookieName, HeaderName, ListName
from .spec_azure import FrontDoorWafSpec


def _not_on_azure(because: str) -> Limited:
    return Limited("azure", because=because)


_AZURE_COUNTS = Limited(
    "azure", to=(60, 300), because="Front Door counts over 1 or 5 minutes. Take 60 or 300."
)
_AZURE_VERSIONS = _not_on_azure(
    "These are versions of AWS's groups: Bulwark pins the rule sets of Front Door. Remove it."
)
_AZURE_NUMBERS = _not_on_azure(
    "The rules of Front Door have numbers, and go into bulwark:waf.frontDoor.overrides."
)
_AZURE_HAS_ONE_SET = _not_on_azure(
    "Front Door's rule set has these rules within it, and `common` says what they do. Remove it."
)

Place = Literal["edge", "api", "identity"]
"""Where requests are looked at: as they come in, before the API, or before the sign-in."""

Action = Literal["allow", "block", "captcha", "challenge", "count"]
Mode = Literal["block", "count", "off"]
"""From the strongest to the weakest, which is how the letters sort."""

BUILT_IN_LISTS: tuple[str, ...] = ("blocked", "allowed")

OURS: tuple[str, ...] = ("allowed", "blocked", "large-body", "origin-header", "rate-limit")
"""Rules of every environment. No rule of a stack file may have the name of one."""

OF_THE_SOURCE = frozenset({"ip", "ip_list", "country"})
"""Conditions on the address that connects: behind an edge it is the edge's."""

OF_THE_TLS = frozenset({"ja3", "ja4"})
"""Conditions on the client's TLS, which ends at the edge."""

RuleName = Annotated[str, Field(max_length=60), NAME]
"""In logs and metrics too. AWS WAF would take 128 characters."""

ManagedRule = Annotated[
    str, Form(r"[\w-]{1,128}", "the name of a rule of the group, such as SizeRestrictions_BODY")
]
Version = Annotated[str, Form(r"[\w#:./-]{1,64}", "a version of the group, such as Version_1.20")]
Reason = Annotated[str, Field(min_length=10, max_length=256)]


class ManagedGroupSpec(Spec):
    mode: Annotated[Mode, Guards("waf", weaker="higher")] = "block"
    """What happens to a request that a rule of the group matches: block (what the rule says,
    mostly to block), count (it is let through and logged, to try the group out), or off."""

    count_until: Day | None = None
    """The date by which counting ends, such as 2027-01-31. In prod a group that counts needs one.
    Past it every preview warns, and `pulumi up` still runs."""

    version: Annotated[Version | None, _AZURE_VERSIONS] = None
    """The version of the rules, such as Version_1.20: up to 64 characters. Without one the cloud
    takes its default version, which changes by itself. A version that has expired is refused."""

    overrides: Annotated[dict[ManagedRule, Action], _AZURE_NUMBERS] = Field(
        default={}, max_length=100
    )
    """What single rules of the group do instead, by their names: at most 100, AWS WAF's limit. A
    name that the group does not have changes nothing."""

    @model_validator(mode="after")
    def _ends_only_what_counts(self) -> Self:
        if self.count_until and self.mode != "count":
            raise ValueError("countUntil is for a group whose mode is count; remove it")
        return self

    def loosened(self, at: str = "") -> Iterator[Loosened]:
        yield from super().loosened(at)
        for rule, action in self.overrides.items():
            if action in ("allow", "count"):
                yield Loosened(f"{at}overrides.{rule}", "waf", action, "block")


class BotControlSpec(ManagedGroupSpec):
    mode: Mode = "off"
    """As for the other groups. Off by default: it is for browsers, and billed apart."""

    level: Annotated[
        Literal["common", "targeted"],
        _not_on_azure("The bot manager of Front Door has no levels. Remove it."),
    ] = "common"
    """How far it looks: common (bots that say what they are, or show it), or targeted (also those
    that hide it, which costs ten times as much a request)."""


class AccountTakeoverSpec(ManagedGroupSpec):
    mode: Annotated[
        Mode, _not_on_azure("Front Door has no rules against stolen passwords. Remove it.")
    ] = "off"
    """As for the other groups. Off by default: it is for applications with a sign-in of their
    own, and billed apart. Never before a Cognito user pool, which refuses it."""

    login_path: (
        Annotated[
            str, Form("/[!-~]{0,255}", "a path that begins with a slash, at most 256 characters")
        ]
        | None
    ) = None
    """The path that a sign-in is posted to, such as /login: up to 256 characters. It must be set
    unless the mode is off."""

    username_field: Annotated[str, Form("/[!-~]{1,511}", "a JSON pointer, such as /username")] = (
        "/username"
    )
    """Where the name is in the JSON of a sign-in, as a JSON pointer."""

    password_field: Annotated[str, Form("/[!-~]{1,511}", "a JSON pointer, such as /username")] = (
        "/password"  # noqa: S105
    )
    """Where the password is in the JSON of a sign-in, as a JSON pointer."""

    @model_validator(mode="after")
    def _knows_the_sign_in(self) -> Self:
        if self.mode != "off" and self.login_path is None:
            raise ValueError("needs loginPath, the path that a sign-in is posted to")
        return self


class OffByDefaultSpec(ManagedGroupSpec):
    mode: Mode = "off"
    """As for the other groups. Off by default: turn it on for what the backends are made of."""


# Machines call an API, and machines are hosted: a partner's server is in a data centre as a rule.
_HOSTED_CLIENTS: dict[str, Action] = {"HostingProviderIPList": "count"}


class AnonymousIpSpec(ManagedGroupSpec):
    overrides: Annotated[dict[ManagedRule, Action], _AZURE_NUMBERS] = Field(
        default=_HOSTED_CLIENTS, max_length=100
    )
    """As for the other groups. By default what comes from a data centre is only counted, since
    that is where the servers of partners are."""

    def loosened(self, at: str = "") -> Iterator[Loosened]:
        usual = {f"{at}overrides.{rule}" for rule in _HOSTED_CLIENTS}
        yield from (found for found in super().loosened(at) if found.path not in usual)


# The versions: the newest that AWS's change log or several public programs name. AWS retires old
# ones, and refuses what it has retired: `docs/waf.md` says how to ask for the present ones.
class CommonSpec(ManagedGroupSpec):
    version: Annotated[Version | None, _AZURE_VERSIONS] = "Version_1.20"
    """As for the other groups."""


class KnownBadInputsSpec(ManagedGroupSpec):
    version: Annotated[Version | None, _AZURE_VERSIONS] = "Version_1.25"
    """As for the other groups."""


class SqlInjectionSpec(ManagedGroupSpec):
    version: Annotated[Version | None, _AZURE_VERSIONS] = "Version_2.3"
    """As for the other groups."""


class ManagedSpec(Spec):
    common: CommonSpec = CommonSpec()
    """What hurts any web application: cross-site scripting, path traversal, files and metadata
    that nobody should ask for, requests that are too large."""

    known_bad_inputs: KnownBadInputsSpec = KnownBadInputsSpec()
    """Requests that are known to exploit something: Log4j, Java deserialisation and the like."""

    sql_injection: SqlInjectionSpec = SqlInjectionSpec()
    """SQL in queries, bodies, cookies and paths."""

    ip_reputation: ManagedGroupSpec = ManagedGroupSpec()
    """Addresses that attack others. The cloud keeps the list; it has no versions."""

    anonymous_ip: Annotated[
        AnonymousIpSpec,
        _not_on_azure("Front Door has no list of proxies and Tor: nothing is stopped for it."),
    ] = AnonymousIpSpec()
    """Addresses that hide who is behind them: proxies, Tor. The list has no versions."""

    admin_protection: Annotated[
        ManagedGroupSpec,
        _not_on_azure("Front Door has no such rules: nothing is stopped for them. Write one."),
    ] = ManagedGroupSpec()
    """Paths of administration pages. An API that has one of its own has to override it."""

    linux: Annotated[OffByDefaultSpec, _AZURE_HAS_ONE_SET] = OffByDefaultSpec()
    """What hurts applications on Linux: files of the system in paths, queries and headers."""

    unix: Annotated[OffByDefaultSpec, _AZURE_HAS_ONE_SET] = OffByDefaultSpec()
    """Shell commands in queries and bodies."""

    windows: Annotated[OffByDefaultSpec, _AZURE_HAS_ONE_SET] = OffByDefaultSpec()
    """Commands of PowerShell and Windows."""

    php: Annotated[OffByDefaultSpec, _AZURE_HAS_ONE_SET] = OffByDefaultSpec()
    """What hurts applications in PHP."""

    wordpress: Annotated[
        OffByDefaultSpec, _not_on_azure("Front Door has no rules for WordPress. Remove it.")
    ] = OffByDefaultSpec()
    """What hurts WordPress sites."""

    bot_control: BotControlSpec = BotControlSpec()
    """Bots, told apart by what they say and do."""

    account_takeover: AccountTakeoverSpec = AccountTakeoverSpec()
    """Sign-ins with stolen passwords, at an application's own sign-in page."""

    def groups(self) -> dict[str, ManagedGroupSpec]:
        """The groups by their names in the config, in the order in which they run."""
        fields = type(self).model_fields
        return {fields[name].alias or name: getattr(self, name) for name in fields}


class RateSpec(Spec):
    requests: int = Field(ge=10, le=2_000_000_000)
    """Requests in the window that are let through: 10 to 2000000000, the range of AWS WAF."""

    window_seconds: Annotated[Literal[60, 120, 300, 600], _AZURE_COUNTS] = 300
    """Seconds in which they are counted: 60, 120, 300 or 600, those that AWS WAF knows."""

    by: Annotated[
        Literal["ip", "forwarded-ip", "header"],
        _not_on_azure("Front Door counts by the address that connects. Take ip."),
    ] = "ip"
    """What is counted together: ip (the address that the client connects from), forwarded-ip
    (the first one in `header`, which a client can make up), or header (the text of `header`)."""

    header: HeaderName | None = None
    """The header of `by`. A request without it is not counted: let another rule block those."""

    @model_validator(mode="after")
    def _has_its_header(self) -> Self:
        if (self.header is None) != (self.by == "ip"):
            raise ValueError("header comes with a `by` of forwarded-ip or header, and only then")
        return self


class RuleSpec(Spec):
    name: RuleName
    """What the rule is called in logs and metrics: up to 60 small letters, digits and hyphens."""

    action: Action
    """What happens to a request that matches: allow (it is let through, past all that follows),
    block, count (it goes on, and is logged), captcha or challenge (for browsers only)."""

    at: Annotated[
        tuple[Place, ...],
        _not_on_azure(
            "A firewall stands at the edge alone: neither API Management nor the sign-in of "
            "Microsoft has one. Take edge."
        ),
    ] = Field(default=("edge",), max_length=3)
    """Where the rule stands: edge (where clients come in; before the API, if there is no edge),
    api (before the API, of what came through the edge), identity (before the sign-in)."""

    when: ConditionSpec | None = None
    """What a request is like that the rule is about. A rule with a rate may do without."""

    rate: RateSpec | None = None
    """Makes the rule about too many requests, of those that `when` describes."""

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if self.name in OURS or self.name in _GROUPS:
            raise ValueError(f"{self.name} is a rule of every environment; choose another name")
        if self.when is None and self.rate is None:
            raise ValueError("needs `when`, or it would be about every request there is")
        if self.rate and self.action == "allow":
            raise ValueError("a rate cannot allow: there is nothing to let through that is not")
        if not self.at or len(set(self.at)) < len(self.at):
            raise ValueError("`at` must name a place, and each once")
        return self

    @property
    def needs_labels(self) -> bool:
        """Whether it can only run after the managed groups, which put the labels on."""
        return any(leaf.says == "label" for leaf in self.when.leaves()) if self.when else False

    def looks_at(self) -> frozenset[str]:
        """The fields of all its conditions; a rate by address is one on the address."""
        said = {leaf.says for leaf in self.when.leaves()} if self.when else set()
        return frozenset(said | ({"ip"} if self.rate and self.rate.by == "ip" else set()))


def kebab(alias: str) -> str:
    """The name of a setting as the name of a rule: sqlInjection as sql-injection."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in alias)


_GROUPS = frozenset(kebab(name) for name in ManagedSpec().groups())
"""The rules of the managed groups have the groups' names, in the letters of a rule."""


class BodySpec(Spec):
    limit_kb: Annotated[int, Guards("waf", weaker="higher")] = Field(default=8, ge=8, le=64)
    """KB of the largest body that is let through: 8 to 64. AWS's common rules block more than 8,
    and AWS WAF sees no more than 64. Above 16 each further 16 KB are billed by the request."""

    larger: Annotated[Literal["block", "pass"], Guards("waf", weaker="higher")] = "block"
    """What happens to a larger one: block, or pass, with only its first `limitKb` looked at."""

    reason: Reason | None = None
    """Why bodies have to be larger, in 10 to 256 characters: needed with any of the above."""

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if self.is_widened and self.reason is None:
            raise ValueError("needs a reason: the managed rules expect bodies of at most 8 KB")
        return self

    @property
    def is_widened(self) -> bool:
        default = type(self).model_fields["limit_kb"].default
        return self.limit_kb > default or self.larger == "pass"

    @property
    def inspected_kb(self) -> int:
        """What the WAF must be told to look at: AWS WAF does so in steps of 16 KB."""
        return -(-self.limit_kb // 16) * 16


class LoggingSpec(Spec):
    allowed: Annotated[
        bool,
        Guards("logging", weaker="lower"),
        _not_on_azure("Front Door logs all requests. Remove it."),
    ] = True
    """Whether requests that are let through are logged as well as those that are stopped or
    counted. Without them an attack that nobody noticed has left no trace here."""

    hidden_headers: tuple[HeaderName, ...] = Field(default=(), max_length=50)
    """More headers whose values are kept out of logs and samples, at most 50. Those of
    credentials and sessions always are."""

    hidden_cookies: tuple[CookieName, ...] = Field(default=(), max_length=50)
    """Cookies whose values are kept out of what a rule says it has matched, at most 50. The
    `cookie` header always is."""

    hidden_arguments: tuple[
        Annotated[
            str, Form("[A-Za-z0-9._-]{1,64}", "the name of a query argument, at most 64 characters")
        ],
        ...,
    ] = Field(default=(), max_length=50)
    """More query arguments whose values are kept out of logs and samples, at most 50. Those that
    carry tokens, codes and passwords always are."""


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"{twice} is named twice")
    if ours := next((name for name in names if name in BUILT_IN_LISTS), None):
        raise ValueError(f"{ours} is always there; remove it")
    return names


class WafSpec(Spec):
    managed: ManagedSpec = ManagedSpec()
    """Groups of rules that the cloud keeps, by name."""

    rules: tuple[RuleSpec, ...] = Field(default=(), max_length=50)
    """Rules of your own, at most 50, in the order in which they run: after the lists and the rate
    limit, before the managed groups. Those about a label run after the groups."""

    lists: Annotated[
        tuple[ListName, ...],
        AfterValidator(_each_once),
        _not_on_azure(
            "Front Door has no sets of addresses, so that only `blocked` and `allowed` have rules "
            "of their own. Write the addresses in a rule."
        ),
    ] = Field(default=(), max_length=10)
    """More lists of addresses for rules to name, at most 10, beside blocked and allowed. They
    begin empty, and are edited as the environment runs, never here."""

    rate_limit: Annotated[int, Guards("waf", weaker="higher")] = Field(
        default=2000, ge=10, le=2_000_000_000
    )
    """Requests that one address may make to the API in the window: 10 to 2000000000, the range of
    AWS WAF. Many people can share an address."""

    sign_in_rate_limit: Annotated[
        int,
        Guards("waf", weaker="higher"),
        _not_on_azure("The sign-in is Microsoft's own, with limits of its own. Remove it."),
    ] = Field(default=300, ge=10, le=2_000_000_000)
    """Requests that one address may make to the sign-in in the window: 10 to 2000000000. A
    sign-in takes several."""

    rate_window_seconds: Annotated[
        Literal[60, 120, 300, 600], Guards("waf", weaker="lower"), _AZURE_COUNTS
    ] = 300
    """Seconds in which both are counted: 60, 120, 300 or 600, those that AWS WAF knows."""

    body: BodySpec = BodySpec()
    """How large a request's body may be, and so how much of it is looked at."""

    logging: LoggingSpec = LoggingSpec()
    """What is logged of requests. Every web ACL has a log of its own."""

    origin_generation: Annotated[
        int,
        _not_on_azure("The API knows Front Door by the id of its profile, no secret. Remove it."),
    ] = Field(default=1, ge=1, le=9999)
    """Counts the secrets by which the API knows the edge: 1 to 9999. One more rotates it, with
    the last one still taken; two more at once would turn requests away for some minutes."""

    front_door: Annotated[
        FrontDoorWafSpec, Limited("aws", because="It is about Azure Front Door alone. Remove it.")
    ] = FrontDoorWafSpec()
    """What the firewall of Azure Front Door is told beside all this."""

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two rules are called {twice}")
        known = (*BUILT_IN_LISTS, *self.lists)
        for rule in self.rules:
            leaves = rule.when.leaves() if rule.when else ()
            for name in (leaf.ip_list for leaf in leaves if leaf.ip_list not in (None, *known)):
                raise ValueError(
                    f"rule {rule.name} is about the list {name}, and there are only "
                    f"{', '.join(known)}; add it to lists"
                )
        return self

    def counting(self) -> dict[str, ManagedGroupSpec]:
        """The managed groups that only count, by their path below this spec."""
        groups = self.managed.groups()
        return {f"managed.{n}": group for n, group in groups.items() if group.mode == "count"}


def without_an_end(spec: WafSpec, profile: str | None) -> Iterator[str]:
    """What is wrong with a group that counts, in prod: for the check of the whole config."""
    if profile != "prod":
        return
    for path, group in spec.counting().items():
        if group.count_until is None:
            yield (
                f"{path} counts, and the prod profile wants countUntil, the date by which that ends"
            )
