"""Azure Front Door in front of the API."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_azure_native import cdn

from .. import notes
from ..domain import DomainSpec
from ..domain.azure import AzureDomain, AzureDomainArgs
from ..errors import ConfigError
from ..log_group.azure import AzureLogStore
from ..naming import physical
from ..openapi import Document
from . import azure_headers
from .kept import why_not_kept
from .spec import EdgeSpec

_AT = "bulwark:edge"

_FRONT_DOORS_OWN: Final = ("x-azure-", "x-fd-")
"""Front Door writes these headers itself, whatever a client sends."""

_TLS: Final = {"TLSv1.2_2021": "TLS12", "TLSv1.2_2025": "TLS12", "TLSv1.3_2025": "TLS13"}

_SLOW: Final = pulumi.CustomTimeouts(create="4h", update="4h", delete="6h")
"""Front Door takes its changes to all its places before it says that it is done."""


_LIMITS: Final = (
    "what changes takes 10 to 45 minutes to hold everywhere after `pulumi up` has ended",
    (
        "API Management of the V2 tiers has no firewall of addresses: it knows the edge by the id "
        "of its profile alone, which is no secret (docs/waf-and-edge-on-azure.md)"
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureEdgeArgs:
    spec: EdgeSpec
    store: AzureLogStore
    """How the environment keeps its logs."""
    document: Document
    """What the API takes, all of which must get through."""
    profile_id: pulumi.Input[str]
    """Resource id of the profile."""
    profile_name: pulumi.Input[str]
    """Name of the profile. The API knows it already, and turns away what came another way."""
    policy_id: pulumi.Input[str]
    """Resource id of the firewall's policy."""
    api_host: pulumi.Input[str]
    """Host name of the API, which presents a certificate for it."""


class AzureEdge(pulumi.ComponentResource):
    """The edge: TLS, security headers, cache and firewall, near whoever calls.

    Raises a ConfigError for what Front Door would not let through.
    """

    url: pulumi.Output[str]
    """Where the API is, https and without a slash at the end, known once the firewall stands."""

    host: pulumi.Output[str]
    """Host name of the API for its clients."""

    endpoint_host: pulumi.Output[str]
    """Name that Azure gave the endpoint: what a CNAME record of the API's own name leads to."""

    domain_proof: pulumi.Output[str] | None
    """Text of the TXT record `_dnsauth.<name>`, which proves the API's own name; None without."""

    distribution_id: pulumi.Output[str]
    """Resource id of the profile."""

    logs_id: pulumi.Output[str]
    """Resource id of the workspace with the access logs."""

    def __init__(
        self, name: str, args: AzureEdgeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureEdge", name, None, opts)
        if found := list(problems(args.spec, args.document)):
            raise ConfigError(found)
        self._name, self._args, self._spec = name, args, args.spec
        self._within: dict[str, Any] = {
            "resource_group_name": args.store.place.resource_group_name,
            "profile_name": args.profile_name,
        }
        self._child = pulumi.ResourceOptions(parent=self)

        endpoint, domain = self._endpoint(), self._domain()
        group, origin = self._origin()
        headers = self._headers()
        routes = self._routes(endpoint, domain, group, [origin, *headers.rules], headers.set)
        firewall = self._firewall(endpoint, domain, routes)

        self.endpoint_host, self.domain_proof = endpoint.host_name, None
        own: pulumi.Input[str] = endpoint.host_name
        if self._spec.domain and domain:
            self.domain_proof = domain.validation_properties.apply(lambda of: of.validation_token)
            own = self._names(self._spec.domain, endpoint, firewall, self.domain_proof).name
        self.host = _after(own, firewall.id)
        self.url = pulumi.Output.concat("https://", self.host)
        self.distribution_id = pulumi.Output.from_input(args.profile_id)
        self.logs_id = pulumi.Output.from_input(args.store.workspace_id)
        self._say()
        self.register_outputs(
            {
                "url": self.url,
                "host": self.host,
                "endpointHost": self.endpoint_host,
                "domainProof": self.domain_proof,
                "distributionId": self.distribution_id,
                "logsId": self.logs_id,
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
                unseen=[self._args.store.place.subscription_id],
            ),
            enabled_state="Enabled",
            # Nobody else gets the name when this is gone, and with it who still calls it.
            auto_generated_domain_name_label_scope="TenantReuse",
            opts=self._child,
        )

    def _domain(self) -> cdn.AFDCustomDomain | None:
        own = self._spec.domain
        if own is None:
            return None
        return cdn.AFDCustomDomain(
            f"{self._name}-domain",
            **self._within,
            custom_domain_name=physical("front-door-custom-domain", own.name),
            host_name=own.name,
            azure_dns_zone={"id": own.zone_id} if own.zone_id else None,
            tls_settings=_tls(self._spec),
            opts=pulumi.ResourceOptions.merge(
                self._child, pulumi.ResourceOptions(custom_timeouts=_SLOW)
            ),
        )

    def _names(
        self,
        spec: DomainSpec,
        endpoint: cdn.AFDEndpoint,
        firewall: cdn.SecurityPolicy,
        proof: pulumi.Output[str],
    ) -> AzureDomain:
        # Nobody is led to an endpoint without a firewall; and Front Door lets go of a name only
        # when no record leads to it any more.
        return AzureDomain(
            f"{self._name}-name",
            AzureDomainArgs(
                spec=spec,
                subscription_id=self._args.store.place.subscription_id,
                proof=proof,
                endpoint_host=_after(endpoint.host_name, firewall.id),
                endpoint_id=_after(endpoint.id, firewall.id),
            ),
            self._child,
        )

    def _origin(self) -> tuple[cdn.AFDOriginGroup, cdn.AFDOrigin]:
        group = cdn.AFDOriginGroup(
            f"{self._name}-origins",
            **self._within,
            origin_group_name="api",
            # One origin: a probe could only say that there is none, from each of 190 places.
            load_balancing_settings={
                "sample_size": 4,
                "successful_samples_required": 3,
                "additional_latency_in_milliseconds": 50,
            },
            session_affinity_state="Disabled",
            opts=self._child,
        )
        origin = cdn.AFDOrigin(
            f"{self._name}-origin",
            **self._within,
            origin_group_name=group.name,
            origin_name="api",
            host_name=self._args.api_host,
            origin_host_header=self._args.api_host,
            enforce_certificate_name_check=True,
            enabled_state="Enabled",
            http_port=80,  # wanted, and not used
            https_port=443,
            priority=1,
            weight=1000,
            opts=self._child,
        )
        return group, origin

    def _headers(self) -> "_RuleSet":
        return self._rule_set("headers", azure_headers.rules(self._spec))

    def _rule_set(self, called: str, actions: Sequence[list[Any]]) -> "_RuleSet":
        made = cdn.RuleSet(
            f"{self._name}-{called}", **self._within, rule_set_name=called, opts=self._child
        )
        rules: list[cdn.Rule] = []
        for number, some in enumerate(actions):
            rules.append(
                cdn.Rule(
                    f"{self._name}-{called}-{number}",
                    **self._within,
                    rule_set_name=made.name,
                    rule_name=f"{called}{number}",
                    order=number + 1,
                    conditions=[],
                    actions=some,
                    match_processing_behavior="Continue",
                    # A rule set refuses two changes at once.
                    opts=pulumi.ResourceOptions(parent=self, depends_on=rules[-1:]),
                )
            )
        return _RuleSet(made, rules)

    def _routes(
        self,
        endpoint: cdn.AFDEndpoint,
        domain: cdn.AFDCustomDomain | None,
        group: cdn.AFDOriginGroup,
        after: Sequence[pulumi.Resource],
        headers: cdn.RuleSet,
    ) -> list[cdn.Route]:
        def route(
            called: str,
            patterns: Sequence[str],
            after: Sequence[pulumi.Resource],
            more: Sequence[cdn.RuleSet] = (),
            **cache: Any,
        ) -> cdn.Route:
            return cdn.Route(
                f"{self._name}-{called}",
                **self._within,
                endpoint_name=endpoint.name,
                route_name=called,
                patterns_to_match=list(patterns),
                custom_domains=[{"id": domain.id}] if domain else [],
                # With a name of its own, the API answers at no other.
                link_to_default_domain="Disabled" if domain else "Enabled",
                # A redirect would come after the token has already crossed the network in the
                # clear.
                supported_protocols=["Https"],
                https_redirect="Disabled",
                forwarding_protocol="HttpsOnly",
                origin_group={"id": group.id},
                rule_sets=[{"id": one.id} for one in (headers, *more)],
                enabled_state="Enabled",
                # A route needs an origin that is there, which it does not name.
                opts=pulumi.ResourceOptions(
                    parent=self, depends_on=[*after], custom_timeouts=_SLOW
                ),
                **cache,
            )

        made = [route("api", ["/*"], after)]
        if self._spec.cached_paths:
            kept = self._rule_set("kept", [azure_headers.kept(self._spec.cached_seconds)])
            cache = {
                "cache_configuration": {
                    "query_string_caching_behavior": "UseQueryString",
                    "compression_settings": {
                        "is_compression_enabled": True,
                        "content_types_to_compress": ["application/json", "text/plain"],
                    },
                }
            }
            waits = [*after, *kept.rules, *made]
            made.append(route("kept", self._spec.cached_paths, waits, [kept.set], **cache))
        return made

    def _firewall(
        self,
        endpoint: cdn.AFDEndpoint,
        domain: cdn.AFDCustomDomain | None,
        routes: Sequence[cdn.Route],
    ) -> cdn.SecurityPolicy:
        names = [endpoint.id, *([domain.id] if domain else [])]
        return cdn.SecurityPolicy(
            f"{self._name}-firewall",
            **self._within,
            security_policy_name="firewall",
            parameters={
                "type": "WebApplicationFirewall",
                "waf_policy": {"id": self._args.policy_id},
                "associations": [
                    {
                        "domains": [{"id": name} for name in names],
                        "patterns_to_match": ["/*"],
                    }
                ],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*routes], custom_timeouts=_SLOW),
        )

    def _say(self) -> None:
        for text in _LIMITS:
            notes.limit(self, text)
        notes.loosened(self, _AT, self._spec)


# `Any`, since the SDK's own type of a dict wants no text for a version.
def _tls(spec: EdgeSpec) -> Any:
    return {
        "certificate_type": "ManagedCertificate",
        "minimum_tls_version": _TLS[spec.minimum_tls],
        "cipher_suite_set_type": "TLS12_2023",
    }


@dataclass(frozen=True, slots=True)
class _RuleSet:
    set: cdn.RuleSet
    rules: Sequence[cdn.Rule]


def _after(value: pulumi.Input[str], *others: pulumi.Input[Any]) -> pulumi.Output[str]:
    """The value, known once the others are."""
    return pulumi.Output.all(value, *others).apply(lambda all_: all_[0])


def problems(spec: EdgeSpec, document: Document) -> Iterator[str]:
    """What Front Door would refuse, or not let through, a line each."""
    yield from azure_headers.problems(spec, _AT)
    for header in document.request_headers:
        if header.lower().startswith(_FRONT_DOORS_OWN):
            yield (
                f"{document.source.name}: an operation takes the header {header}, which Front Door "
                "writes itself. Use another name."
            )
    for number, path in enumerate(spec.cached_paths):
        if why_not := why_not_kept(path, document):
            yield f"{_AT}.cachedPaths[{number}]: {why_not}"
