"""An endpoint of Azure Front Door: its names, the origin behind it, and the routes between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
from pulumi_azure_native import cdn

from ..domain import DomainSpec
from ..naming import physical
from .spec import EdgeSpec

_FROM_1_2: Final = {"minimum_tls_version": "TLS12", "cipher_suite_set_type": "TLS12_2023"}
_ONLY_1_3: Final = {
    "minimum_tls_version": "TLS13",
    # Front Door holds on to a lowest version only beside ciphers that were chosen one by one.
    "cipher_suite_set_type": "Customized",
    "customized_cipher_suite_set": {
        "cipher_suite_set_for_tls13": ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]
    },
}
_TLS: Final[Mapping[str, Mapping[str, Any]]] = {
    "TLSv1.2_2021": _FROM_1_2,
    "TLSv1.2_2025": _FROM_1_2,
    "TLSv1.3_2025": _ONLY_1_3,
}

SLOW: Final = pulumi.CustomTimeouts(create="4h", update="4h", delete="6h")
"""Front Door takes its changes to all its places before it says that it is done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureProfile:
    """The Front Door profile that holds the endpoints of an environment."""

    subscription_id: str
    """The subscription that it is in."""
    resource_group_name: pulumi.Input[str]
    """The resource group that it is in."""
    name: pulumi.Input[str]
    """Its name."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with a request or its answer.

    An action can be of several types, so Pulumi's SDK does not translate its keys, nor those of a
    condition: they are as in Azure's own API.
    """

    actions: Sequence[Any]
    """At most five."""
    conditions: Sequence[Any] = ()
    """All of which must hold; none is for every request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """What is asked for, and what is done on the way."""

    name: str
    """A word for it."""
    patterns: Sequence[str] = ("/*",)
    """The paths."""
    rule_sets: Sequence[str] = ()
    """Names of the endpoint's rule sets, in the order in which they are gone through."""
    from_http: bool = False
    """Whether who calls over http is led to https: never where a token could be in the call, which
    would already have crossed the network in the clear."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What else it is told, such as what is kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureEndpointArgs:
    spec: EdgeSpec
    profile: AzureProfile
    """Where it is."""
    domain: DomainSpec | None = None
    """Its own name."""
    origin: str
    """What is behind it, in a word, which names its group in the profile."""
    origin_host: pulumi.Input[str]
    """Host name of the origin, which presents a certificate for it."""
    group: Mapping[str, Any] = field(default_factory=dict)
    """What else the origin group is told, such as who shows a token to the origin."""
    rule_sets: Mapping[str, Sequence[Rule]]
    """Rules by the name of their set, small letters, which no other endpoint of the profile has."""
    routes: Sequence[Route]
    """What it answers."""


class AzureEndpoint(pulumi.ComponentResource):
    """An endpoint that answers over TLS alone, and at its own name alone if it has one.

    No firewall stands before it yet: one is linked to all endpoints of a profile at once.
    """

    id: pulumi.Output[str]
    """Full id of the endpoint, known once it answers."""

    host: pulumi.Output[str]
    """Name that Azure gave it, known at once."""

    domain_proof: pulumi.Output[str] | None
    """Text of the TXT record that proves its own name; None without one."""

    names: Sequence[pulumi.Output[str]]
    """Full ids of what a firewall must stand before, known once it answers."""

    def __init__(
        self, name: str, args: AzureEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureEndpoint", name, None, opts)
        self._name, self._args = name, args
        self._within: dict[str, Any] = {
            "resource_group_name": args.profile.resource_group_name,
            "profile_name": args.profile.name,
        }
        self._child = pulumi.ResourceOptions(parent=self)

        endpoint, domain = self._endpoint(), self._domain()
        group, origin = self._origin()
        self._sets = {called: self._rule_set(called) for called in args.rule_sets}
        routes: list[cdn.Route] = []
        for route in args.routes:
            # A route needs an origin that is there, which it does not name; and a profile refuses
            # two changes at once.
            waits = [origin, *routes[-1:]]
            routes.append(self._route(route, endpoint, domain, group, waits))

        answers = [route.id for route in routes]
        self.host, self.id = endpoint.host_name, after(endpoint.id, *answers)
        self.names = [self.id, *([after(domain.id, *answers)] if domain else [])]
        self.domain_proof = (
            domain.validation_properties.apply(lambda found: found.validation_token)
            if domain
            else None
        )
        self.register_outputs(
            {
                "id": self.id,
                "host": self.host,
                "domainProof": self.domain_proof,
                "names": self.names,
            }
        )

    def _endpoint(self) -> cdn.AFDEndpoint:
        return cdn.AFDEndpoint(
            f"{self._name}-endpoint",
            **self._within,
            location="Global",
            endpoint_name=physical(
                "front-door-endpoint",
                pulumi.get_project(),
                pulumi.get_stack(),
                self._name,
                unseen=[self._args.profile.subscription_id],
            ),
            enabled_state="Enabled",
            # Nobody else gets the name when this is gone, and with it who still calls it.
            auto_generated_domain_name_label_scope="TenantReuse",
            opts=self._child,
        )

    def _domain(self) -> cdn.AFDCustomDomain | None:
        own = self._args.domain
        if own is None:
            return None
        return cdn.AFDCustomDomain(
            f"{self._name}-domain",
            **self._within,
            custom_domain_name=physical("front-door-custom-domain", own.name),
            host_name=own.name,
            azure_dns_zone={"id": own.zone_id} if own.zone_id else None,
            tls_settings=_tls(self._args.spec),
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=SLOW),
        )

    def _origin(self) -> tuple[cdn.AFDOriginGroup, cdn.AFDOrigin]:
        args = self._args
        group = cdn.AFDOriginGroup(
            f"{self._name}-origins",
            **self._within,
            origin_group_name=args.origin,
            load_balancing_settings={
                "sample_size": 4,
                "successful_samples_required": 3,
                "additional_latency_in_milliseconds": 50,
            },
            session_affinity_state="Disabled",
            opts=self._child,
            **args.group,
        )
        origin = cdn.AFDOrigin(
            f"{self._name}-origin",
            **self._within,
            origin_group_name=group.name,
            origin_name=args.origin,
            host_name=args.origin_host,
            origin_host_header=args.origin_host,
            enforce_certificate_name_check=True,
            enabled_state="Enabled",
            http_port=80,  # wanted, and not used
            https_port=443,
            priority=1,
            weight=1000,
            opts=self._child,
        )
        return group, origin

    def _rule_set(self, called: str) -> "_RuleSet":
        made = cdn.RuleSet(
            f"{self._name}-{called}", **self._within, rule_set_name=called, opts=self._child
        )
        rules: list[cdn.Rule] = []
        for number, rule in enumerate(self._args.rule_sets[called]):
            rules.append(
                cdn.Rule(
                    f"{self._name}-{called}-{number}",
                    **self._within,
                    rule_set_name=made.name,
                    rule_name=f"{called}{number}",
                    order=number + 1,
                    conditions=[*rule.conditions],
                    actions=[*rule.actions],
                    match_processing_behavior="Continue",
                    # A rule set refuses two changes at once.
                    opts=pulumi.ResourceOptions(parent=self, depends_on=rules[-1:]),
                )
            )
        return _RuleSet(made, rules)

    def _route(
        self,
        route: Route,
        endpoint: cdn.AFDEndpoint,
        domain: cdn.AFDCustomDomain | None,
        group: cdn.AFDOriginGroup,
        waits: Sequence[pulumi.Resource],
    ) -> cdn.Route:
        through = [self._sets[called] for called in route.rule_sets]
        return cdn.Route(
            f"{self._name}-{route.name}",
            **self._within,
            endpoint_name=endpoint.name,
            route_name=route.name,
            patterns_to_match=[*route.patterns],
            custom_domains=[{"id": domain.id}] if domain else [],
            # With a name of its own, it answers at no other.
            link_to_default_domain="Disabled" if domain else "Enabled",
            supported_protocols=["Http", "Https"] if route.from_http else ["Https"],
            https_redirect="Enabled" if route.from_http else "Disabled",
            forwarding_protocol="HttpsOnly",
            origin_group={"id": group.id},
            rule_sets=[{"id": one.set.id} for one in through],
            enabled_state="Enabled",
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*waits, *(rule for one in through for rule in one.rules)],
                custom_timeouts=SLOW,
            ),
            **route.settings,
        )


# `Any`, since the SDK's own type of a dict wants no text for a version.
def _tls(spec: EdgeSpec) -> Any:
    return {"certificate_type": "ManagedCertificate", **_TLS[spec.minimum_tls]}


@dataclass(frozen=True, slots=True)
class _RuleSet:
    set: cdn.RuleSet
    rules: Sequence[cdn.Rule]


def after(value: pulumi.Input[str], *others: pulumi.Input[Any]) -> pulumi.Output[str]:
    """The value, known once the others are."""
    return pulumi.Output.all(value, *others).apply(lambda all_: all_[0])
