"""Names that a cloud accepts, and that no two stacks share.

Pulumi names most resources itself: give those a `logical` name, which leaves room for its suffix.
Where a service forces a prefix, or a policy has to know the name before the resource exists, give
`physical` the parts: project, stack and the thing's role in it. Add the region for a name unique in
the account, and the account or subscription for one unique in the world: everybody has a
("bulwark", "dev"), and the same parts have the same hash everywhere.

`RULES` holds what each service wants. The numbers for AWS are from botocore 1.44's service models
and the source of pulumi-aws 7.51; for Azure from the azurerm validators and Microsoft's "Naming
rules and restrictions for Azure resources". [m] marks what is from memory and was not verified.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from typing import Literal

Scope = Literal["world", "account", "region", "resource group", "subscription", "parent"]

_HASH_LENGTH = 8
"""Hex digits: one chance in 4 billion for a given pair, and no English word worth avoiding."""

_AUTO_SUFFIX = 8
"""What Pulumi adds to a logical name: `-` and 7 hex digits on AWS, 8 hex digits on Azure."""

_AUTO_LONGEST = 255
"""pulumi-aws refuses to make a longer name, also where the service would take one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What one service wants of a name. First and last is always a letter or a digit."""

    longest: int
    """Characters, prefix included."""

    shortest: int = 1
    """Characters, prefix included. A shorter name gets a hash."""

    marks: str = "-"
    """Allowed beside ASCII letters and digits; the first goes between parts and before a hash.

    Where the source lists none, the hyphen that Pulumi's auto-naming writes is all we rely on.
    """

    lower: bool = False
    """The service refuses capitals. `physical` never writes any; `logical` keeps them if it can."""

    letter_first: bool = False
    """The service refuses a digit in front."""

    prefix: str = ""
    """Forced by the service."""

    words: tuple[str, ...] = ()
    """Refused anywhere in a name."""

    refused: str = ""
    """Whole names that the service refuses or misreads, as a regular expression."""

    unique: Scope = "region"
    """Within what two names must differ: "region" is one region of one account, "parent" the
    resource that holds this one, such as the user pool of a client."""

    auto: bool = True
    """Pulumi makes the name when none is given, and what it makes is legal."""

    @property
    def separator(self) -> str:
        return self.marks[:1]


_WORD = "-_"
_DOTTED = "-_."
_IAM = "-_+=,.@"

RULES: Mapping[str, Rule] = {
    # AWS, identity.
    "iam-role": Rule(longest=64, marks=_IAM, unique="account"),
    "iam-policy": Rule(longest=128, marks=_IAM, unique="account"),
    "iam-role-family": Rule(longest=46, marks=_IAM, unique="account", auto=False),  # and -action
    "access-analyzer": Rule(longest=255, letter_first=True, auto=False),
    "user-pool": Rule(longest=128, marks=_IAM),
    "user-pool-client": Rule(longest=128, marks=_IAM, unique="parent"),
    "user-pool-group": Rule(longest=128, marks=_IAM, unique="parent"),
    # Unique among all customers of the region, so as good as in the world. The words are [m].
    "user-pool-domain": Rule(
        longest=63, lower=True, words=("aws", "amazon", "cognito"), unique="world", auto=False
    ),
    "resource-server": Rule(longest=256, unique="parent", auto=False),
    # AWS, keys and secrets.
    "kms-alias": Rule(longest=256, prefix="alias/"),
    # A hyphen and six characters is how Secrets Manager's own ARNs end: a partial ARN would match
    # the wrong secret. A slash between the parts, as people write them.
    "secret": Rule(longest=512, marks="/-_+=.@", refused=r"-.{6}$"),
    # AWS, data and functions.
    "bucket": Rule(longest=63, lower=True, unique="world"),
    "dynamodb-table": Rule(longest=255, shortest=3, marks=_DOTTED),  # Longest [m].
    "lambda-function": Rule(longest=64, marks=_WORD),
    "lambda-permission": Rule(longest=100, unique="parent"),
    "lambda-layer": Rule(longest=64, marks=_WORD, auto=False),
    # `auto=False`: auto-naming writes a hyphen.
    "signing-profile": Rule(longest=64, shortest=2, marks="_", auto=False),
    "api-model": Rule(longest=128, marks="", unique="parent", auto=False),  # [m]
    # AWS, edge.
    "web-acl": Rule(longest=128, marks=_WORD),
    "waf-ip-set": Rule(longest=128, marks=_WORD),
    "waf-rule-group": Rule(longest=128, marks=_WORD),
    "origin-access-control": Rule(longest=64, unique="account"),
    "cloudfront-function": Rule(longest=64, unique="account"),
    "response-headers-policy": Rule(longest=128, unique="account"),  # [m]
    "cache-policy": Rule(longest=128, unique="account"),  # [m]
    # AWS, logs. WAF logs only to names that start so, and API Gateway to such streams.
    "log-group": Rule(longest=512, marks="-_.#"),  # No `/`: a name must not start with `aws/`.
    "waf-log-group": Rule(longest=512, marks="-_.#", prefix="aws-waf-logs-", auto=False),
    "waf-log-bucket": Rule(
        longest=63, lower=True, prefix="aws-waf-logs-", unique="world", auto=False
    ),
    "waf-log-stream": Rule(longest=64, prefix="aws-waf-logs-", auto=False),
    "api-log-stream": Rule(longest=64, prefix="amazon-apigateway-", auto=False),
    # Outside this prefix, vended logs outgrow the account's log resource policy [m].
    "vended-log-group": Rule(longest=512, marks="-_.#", prefix="/aws/vendedlogs/", auto=False),
    # EventBridge writes to no other [m].
    "event-log-group": Rule(longest=512, marks="-_.#", prefix="/aws/events/", auto=False),
    "firehose-stream": Rule(longest=64),
    "log-delivery": Rule(longest=60, marks=_WORD, unique="account"),
    "metric-filter": Rule(longest=512, unique="parent"),
    "trail": Rule(longest=128, shortest=3),
    # AWS, events and alarms.
    "alarm": Rule(longest=255),
    # Ours, by which an account's stacks tell their metrics apart.
    "metric-namespace": Rule(longest=255, marks="-_.#", prefix="Bulwark/", auto=False),
    "metric-dimension": Rule(longest=1_024, marks="-_.#", unique="parent", auto=False),  # [m]
    "chat-configuration": Rule(longest=128, marks=_WORD, unique="account", auto=False),
    # Global in the account, whatever region made it.
    "dashboard": Rule(longest=255, marks=_WORD, unique="account", auto=False),
    "event-rule": Rule(longest=64, marks=_DOTTED),
    # Auto-naming would let 255 through.
    "event-target": Rule(longest=64, marks=_DOTTED, unique="parent"),
    "event-bus": Rule(longest=256),
    "schedule": Rule(longest=64),
    "state-machine": Rule(longest=80),
    # 80, less five for the `.fifo` that Pulumi adds to an ordered one. SNS would take 256, but
    # Pulumi's auto-naming stops at 80.
    "queue": Rule(longest=75, marks=_WORD),
    "topic": Rule(longest=75, marks=_WORD),
    "budget": Rule(longest=100, unique="account"),
    # AWS, posture and patching.
    "config-rule": Rule(longest=128),
    "conformance-pack": Rule(longest=256, letter_first=True),
    "guardduty-filter": Rule(longest=64, shortest=3, unique="parent"),
    "inspector-filter": Rule(longest=64, shortest=3, marks=_DOTTED),
    "patch-baseline": Rule(longest=128, shortest=3, marks=_DOTTED),
    "maintenance-window": Rule(longest=128, shortest=3, marks=_DOTTED),
    "maintenance-task": Rule(longest=128, shortest=3, marks=_DOTTED, unique="parent"),
    "ssm-association": Rule(longest=128, shortest=3, marks=_DOTTED, auto=False),
    "ssm-document": Rule(longest=128, shortest=3, marks=_DOTTED),
    # Azure. What azure-native does not auto-name gets its logical name as it stands.
    "resource-group": Rule(longest=90, unique="subscription"),
    # Unique in the tenant, and shown to people; the longest is [m].
    "custom-role": Rule(longest=128, marks=" -", unique="world", auto=False),
    "private-endpoint": Rule(longest=80, shortest=2, marks=_WORD, unique="resource group"),
    "virtual-network": Rule(longest=64, shortest=2, marks=_WORD, unique="resource group"),
    "network-security-group": Rule(longest=80, marks=_WORD, unique="resource group"),
    "app-service-plan": Rule(longest=60, unique="resource group"),
    "managed-identity": Rule(longest=128, shortest=3, marks=_WORD, unique="resource group"),
    "federated-credential": Rule(longest=120, shortest=3, marks=_WORD, unique="parent", auto=False),
    "key-vault": Rule(longest=24, shortest=3, letter_first=True, unique="world"),
    "storage-account": Rule(longest=24, shortest=3, marks="", lower=True, unique="world"),
    "blob-container": Rule(longest=63, shortest=3, lower=True, unique="parent", auto=False),
    "function-app": Rule(longest=60, shortest=2, unique="world"),
    "policy-assignment": Rule(longest=64, unique="parent", auto=False),
    # Unique in the subscription too, and in its history bound to a region.
    "deployment": Rule(longest=64, marks=_DOTTED, unique="subscription", auto=False),
    "security-automation": Rule(longest=128, unique="resource group", auto=False),  # [m]
    "maintenance-configuration": Rule(  # longest [m]
        longest=64, marks=_DOTTED, unique="resource group", auto=False
    ),
    "maintenance-assignment": Rule(longest=64, unique="subscription", auto=False),  # longest [m]
    "management-group-policy-assignment": Rule(longest=24, unique="parent", auto=False),  # [m]
    # Azure, API Management. A deleted service keeps its name for days.
    "apim-service": Rule(longest=50, letter_first=True, unique="world"),
    "apim-api": Rule(longest=80, letter_first=True, unique="parent", auto=False),
    "apim-operation": Rule(longest=76, unique="parent", auto=False),
    "apim-named-value": Rule(longest=256, marks=_DOTTED, unique="parent", auto=False),
    # Azure, Front Door. A hyphen in a policy, rule or rule set is a 400.
    "front-door-profile": Rule(longest=90, shortest=2, unique="resource group"),
    "front-door-endpoint": Rule(longest=46, shortest=2, unique="world", auto=False),
    "front-door-origin-group": Rule(longest=90, shortest=2, unique="parent", auto=False),
    "front-door-origin": Rule(longest=90, shortest=2, unique="parent", auto=False),
    "front-door-route": Rule(longest=90, shortest=2, unique="parent", auto=False),
    "front-door-custom-domain": Rule(longest=90, shortest=2, unique="parent", auto=False),
    "front-door-rule-set": Rule(
        longest=60, marks="", letter_first=True, unique="parent", auto=False
    ),
    "front-door-rule": Rule(longest=260, marks="", letter_first=True, unique="parent", auto=False),
    "front-door-waf-policy": Rule(
        longest=128, marks="", letter_first=True, unique="resource group"
    ),
    # Longest [m].
    "front-door-waf-rule": Rule(
        longest=128, marks="", letter_first=True, unique="parent", auto=False
    ),
    # Azure, logs, events and automation
    "log-workspace": Rule(longest=63, shortest=4, unique="resource group"),
    "log-cluster": Rule(longest=63, shortest=4, unique="resource group"),
    # Longest [m]. A setting called "service" cannot be deleted.
    "diagnostic-setting": Rule(longest=128, refused=r"^service$", unique="parent", auto=False),
    "action-group": Rule(longest=260, marks=_WORD, unique="resource group"),
    "activity-alert": Rule(longest=260, marks=_WORD, unique="resource group"),
    "query-rule": Rule(longest=260, marks=_WORD, unique="resource group"),
    "metric-rule": Rule(longest=260, marks=_WORD, unique="resource group"),
    "saved-search": Rule(longest=260, marks=_WORD, unique="parent", auto=False),  # [m]
    "consumption-budget": Rule(longest=63, marks=_WORD, unique="parent", auto=False),
    # Longest [m].
    "alert-processing-rule": Rule(longest=128, marks=_WORD, unique="resource group", auto=False),
    "action-group-short-name": Rule(longest=12, unique="parent", auto=False),  # [m]
    # An end of `-sb` or `-mgmt` is refused [m]; the hash keeps it off.
    "service-bus-namespace": Rule(longest=50, shortest=6, letter_first=True, unique="world"),
    "event-hubs-namespace": Rule(longest=50, shortest=6, letter_first=True, unique="world"),
    "automation-account": Rule(longest=50, shortest=6, unique="resource group"),
    "runbook": Rule(longest=63, unique="parent", auto=False),
    "logic-app": Rule(longest=43, unique="resource group"),  # [m]: 80, but some tools stop at 43.
}
"""What each kind of resource wants of its name."""


def physical(kind: str, *parts: str, unseen: Sequence[str] = ()) -> str:
    """The name a service gets: the parts, readable where that is enough, else with a hash.

    Different parts give different names, also for a service that ignores case. A name unique in
    the world always has a hash, since strangers use the obvious ones. The `unseen` parts are in the
    hash alone: what everybody sees need not have the account's number in it.

    >>> physical("trail", "bulwark", "dev", "trail")
    'bulwark-dev-trail'
    >>> physical("trail", "bulwark", "Dev")
    'bulwark-dev-5d46f9a6'
    """
    rule = _rule(kind)
    if not any(parts):
        raise ValueError(f"a {kind} needs a name; every part of it is empty")
    name = _clean(rule, rule.separator.join(parts).lower())
    if unseen or rule.unique == "world" or not _tells_all(rule, name, parts):
        name = _hashed(rule, name, rule.longest - len(rule.prefix), [*parts, *unseen])
    return rule.prefix + name


def logical(kind: str, name: str) -> str:
    """A Pulumi name for a resource that Pulumi names: `name` itself if Pulumi's suffix still fits.

    Pulumi does not cut: too long a name is an error. One that is cut here, or that the service
    would refuse, gets a hash of the whole.
    """
    rule = _rule(kind)
    if not rule.auto:
        raise ValueError(f"Pulumi does not name a {kind}; give it a physical name")
    if not name:
        raise ValueError(f"a {kind} needs a name; this one is empty")
    room = min(rule.longest, _AUTO_LONGEST) - _AUTO_SUFFIX - len(rule.prefix)
    legal = _clean(rule, name)
    return name if legal == name and len(name) <= room else _hashed(rule, legal, room, [name])


def _rule(kind: str) -> Rule:
    if rule := RULES.get(kind):
        return rule
    near = get_close_matches(kind, RULES, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(RULES)}."
    raise LookupError(f"no naming rule for {kind!r}. {hint}")


def _clean(rule: Rule, text: str) -> str:
    """Make `text` legal in everything but its length."""
    if rule.lower:
        text = text.lower()
    foreign = f"[^A-Za-z0-9{re.escape(rule.marks)}]"
    # With the separator among them, a run of any of these leaves one: no service likes `--`.
    gap = "|".join(filter(None, [foreign, *rule.words, re.escape(rule.separator), "-{2,}"]))
    text = re.sub(f"(?:{gap})+", rule.separator, text).strip(rule.marks)
    return f"x{text}" if rule.letter_first and not text[:1].isalpha() else text


def _tells_all(rule: Rule, name: str, parts: Sequence[str]) -> bool:
    """Whether `name` is legal and gives the parts back: then no other parts can have it."""
    found = name.split(rule.separator) if rule.separator else [name]
    # Else a name with a hash, used as a part, would be its own double.
    looks_hashed = rf"(?:^|{re.escape(rule.separator)})[0-9a-f]{{{_HASH_LENGTH}}}$"
    return (
        found == list(parts)
        and rule.shortest <= len(rule.prefix + name) <= rule.longest
        and not re.search(looks_hashed, name)
        and not (rule.refused and re.search(rule.refused, name))
    )


def _hashed(rule: Rule, name: str, room: int, parts: Sequence[str]) -> str:
    """Cut `name` so that it fits the room with a hash of the untouched parts at its end."""
    # The lengths keep ("a", "bc") and ("ab", "c") apart; a lone surrogate must not raise.
    whole = "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
    digest = sha256(whole).hexdigest()[:_HASH_LENGTH]
    kept = name[: room - _HASH_LENGTH - len(rule.separator)].rstrip(rule.marks)
    return rule.separator.join(filter(None, [kept, digest]))
