"""The rules of the block list in a policy of Azure Front Door.

Whoever writes a policy writes all of it, and Azure checks no version: so it is read just before it
is written, sent back whole but for the addresses, and read again until it is there. What Azure
tells of the change's own progress is not asked for: that would take rights in the subscription.
"""

import copy
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import sha256
from ipaddress import IPv4Network
from typing import Any, Final, Protocol

from .networks import canonical
from .ports import BusyError, Held, IpSet

Json = dict[str, Any]

NOBODY: Final = IPv4Network("192.0.2.1/32")
"""Nobody has this address (RFC 5737). A rule must name one, so an empty one names this: it cannot
be on the list itself."""

MOST_IN_RULE: Final = 600
"""Ranges of addresses in a condition of Front Door."""

VERSION: Final = "2025-11-01"
"""Of the API: what an older one does not know would be lost in the writing."""

_WRITABLE: Final = ("customRules", "managedRules", "policySettings")
"""Of a policy's properties, those that are not Azure's own to say."""

_LOOKS: Final = 24
"""Until a write is there: two minutes in all, while the queue's lock lasts five."""

_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 5.0


class Resources(Protocol):
    """What the policy is read and written through."""

    def get(self, resource_id: str, version: str) -> Json: ...

    def put(
        self, resource_id: str, version: str, body: Mapping[str, Any], etag: str = ""
    ) -> None: ...


class PolicySets:
    """Each set is some rules of a policy, which hold its addresses one after the other.

    Its scope is the policy's id, and its name has those of the rules, with spaces in between.
    """

    def __init__(
        self,
        resources: Resources,
        sets: Collection[IpSet],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._resources, self._sets, self._sleep = resources, sets, sleep

    def read(self, ip_set: IpSet) -> Held:
        policy = self._policy(ip_set)
        return Held(frozenset(addresses_of(policy, ip_set.name)), self._token(policy, ip_set))

    def write(self, ip_set: IpSet, addresses: Sequence[str], token: str) -> None:
        policy = self._policy(ip_set)
        if self._token(policy, ip_set) != token:
            raise BusyError("somebody else has changed the policy")
        wanted = _with(policy, ip_set.name, addresses)
        self._resources.put(ip_set.scope, VERSION, _body(wanted), policy.get("etag") or "")
        self._wait(ip_set, addresses)

    def _policy(self, ip_set: IpSet) -> Json:
        policy = self._resources.get(ip_set.scope, VERSION)
        state = policy["properties"].get("provisioningState", "Succeeded")
        if state not in ("Succeeded", "Failed", "Canceled"):
            raise BusyError(f"the policy is {state}")
        return policy

    def _wait(self, ip_set: IpSet, addresses: Sequence[str]) -> None:
        """Until Azure has written it. Raises a BusyError where somebody else wrote over it."""
        pause = _FIRST_PAUSE_SECONDS
        for _ in range(_LOOKS):
            try:
                policy = self._policy(ip_set)
            except BusyError:
                self._sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                continue
            if addresses_of(policy, ip_set.name) != set(addresses):
                raise BusyError("somebody else has written over the policy")
            return
        raise BusyError("the policy is not written yet")

    def _token(self, policy: Json, ip_set: IpSet) -> str:
        """Of all that the policy says, but for the list's other rules: those are ours."""
        seen = copy.deepcopy(_body(policy))
        others = {rule for s in self._sets if s.id != ip_set.id for rule in s.name.split()}
        for rule in seen["properties"]["customRules"]["rules"]:
            if rule["name"] in others:
                _condition(rule)["matchValue"] = []
        return sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def addresses_of(policy: Json, names: str) -> set[str]:
    """What the rules of these names hold."""
    found = {
        canonical(value)
        for rule in _rules(policy, names)
        for value in _condition(rule)["matchValue"]
    }
    return found - {str(NOBODY)}


def _with(policy: Json, names: str, addresses: Sequence[str]) -> Json:
    """The policy with these addresses in the rules of these names."""
    changed = copy.deepcopy(policy)
    for number, rule in enumerate(_rules(changed, names)):
        part = addresses[number * MOST_IN_RULE : (number + 1) * MOST_IN_RULE]
        _condition(rule)["matchValue"] = list(part) or [str(NOBODY)]
    return changed


def _rules(policy: Json, names: str) -> list[Json]:
    """Raises a LookupError where the policy lacks one."""
    there = {rule["name"]: rule for rule in policy["properties"]["customRules"]["rules"]}
    if missing := [name for name in names.split() if name not in there]:
        raise LookupError(f"the policy has no rule {', '.join(missing)}")
    return [there[name] for name in names.split()]


def _condition(rule: Json) -> Json:
    """Where a rule has its addresses: the rules of a list have one condition each."""
    return rule["matchConditions"][0]


def _body(policy: Json) -> Json:
    """What a policy is written with. What is left out is lost: SKU, tags, managed rules."""
    properties = policy["properties"]
    return {
        "location": policy.get("location", "Global"),
        "sku": policy["sku"],
        "tags": policy.get("tags") or {},
        "properties": {name: properties[name] for name in _WRITABLE if name in properties},
    }
