"""Azure Front Door in front of the API and, if there is one, of a static site."""

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
from ..openapi import Document
from . import azure_headers
from .azure_endpoint import SLOW, AzureEndpoint, AzureEndpointArgs, AzureProfile, Route, after
from .azure_site import AzureSite, AzureSiteArgs, SiteFiles
from .kept import why_not_kept
from .spec import EdgeSpec, SiteSpec

_AT = "bulwark:edge"

_FRONT_DOORS_OWN: Final = ("x-azure-", "x-fd-")
"""Front Door writes these headers itself, whatever a client sends."""

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
    site_files: SiteFiles | None = None
    """What encrypts the site's files, and who reads them; only for an edge with a site."""
    sign_in_urls: Sequence[pulumi.Input[str]] = ()
    """URLs, beside the API's, that the scripts of the site call to sign people in."""


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

    site_url: pulumi.Output[str] | None
    """Where the site is, https and without a slash at the end; None without one."""

    site_bucket_id: pulumi.Output[str] | None
    """Full id of the storage account that takes the site's files; None without one."""

    site_distribution_id: pulumi.Output[str] | None
    """Full id of the site's endpoint, for purges; None without one."""

    site_endpoint_host: pulumi.Output[str] | None
    """Name that Azure gave the site's endpoint; None without one."""

    site_domain_proof: pulumi.Output[str] | None
    """Text of the TXT record `_dnsauth.<name>`, which proves the site's own name; None without."""

    def __init__(
        self, name: str, args: AzureEdgeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureEdge", name, None, opts)
        found = list(problems(args.spec, args.document))
        if args.spec.site and args.site_files is None:
            found.append(f"{_AT}.site: nobody reads its files. Give AzureEdgeArgs its site_files.")
        if found:
            raise ConfigError(found)
        self._name, self._args, self._spec = name, args, args.spec
        self._child = pulumi.ResourceOptions(parent=self)
        self._profile = AzureProfile(
            subscription_id=args.store.place.subscription_id,
            resource_group_name=args.store.place.resource_group_name,
            name=args.profile_name,
        )

        api = AzureEndpoint(f"{name}-api", self._api(), self._child)
        site = None
        if args.spec.site and args.site_files:
            site = self._site(args.spec.site, args.site_files, api)
        firewall = self._firewall([*api.names, *(site.names if site else ())])

        self.endpoint_host, self.domain_proof = api.host, api.domain_proof
        self.host = self._host("name", args.spec.domain, api, firewall)
        self.url = pulumi.Output.concat("https://", self.host)
        self.distribution_id = pulumi.Output.from_input(args.profile_id)
        self.logs_id = pulumi.Output.from_input(args.store.workspace_id)
        self.site_url = self.site_bucket_id = self.site_distribution_id = None
        self.site_endpoint_host = site.host if site else None
        self.site_domain_proof = site.domain_proof if site else None
        if site and args.spec.site:
            host = self._host("site-name", args.spec.site.domain, site, firewall)
            self.site_url = pulumi.Output.concat("https://", host)
            self.site_bucket_id, self.site_distribution_id = site.bucket_id, site.distribution_id
        self._say()
        self.register_outputs(
            {
                "url": self.url,
                "host": self.host,
                "endpointHost": self.endpoint_host,
                "domainProof": self.domain_proof,
                "distributionId": self.distribution_id,
                "logsId": self.logs_id,
                "siteUrl": self.site_url,
                "siteBucketId": self.site_bucket_id,
                "siteDistributionId": self.site_distribution_id,
                "siteEndpointHost": self.site_endpoint_host,
                "siteDomainProof": self.site_domain_proof,
            }
        )

    def _api(self) -> AzureEndpointArgs:
        spec = self._spec
        sets = {"headers": azure_headers.rules(spec.headers, spec.hsts)}
        routes = [Route(name="api", rule_sets=["headers"])]
        if spec.cached_paths:
            sets["kept"] = [azure_headers.kept(spec.cached_seconds)]
            routes.append(
                Route(
                    name="kept",
                    patterns=spec.cached_paths,
                    rule_sets=["headers", "kept"],
                    settings={"cache_configuration": _BY_QUERY},
                )
            )
        return AzureEndpointArgs(
            spec=spec,
            profile=self._profile,
            domain=spec.domain,
            # One origin: a probe could only say that there is none, from each of 190 places.
            origin="api",
            origin_host=self._args.api_host,
            rule_sets=sets,
            routes=routes,
        )

    def _site(self, site: SiteSpec, files: SiteFiles, api: AzureEndpoint) -> AzureSite:
        args = self._args
        own = args.spec.domain
        return AzureSite(
            f"{self._name}-site",
            AzureSiteArgs(
                spec=args.spec,
                site=site,
                store=args.store,
                profile=self._profile,
                files=files,
                services=[
                    pulumi.Output.concat("https://", own.name if own else api.host),
                    *args.sign_in_urls,
                ],
            ),
            self._child,
        )

    def _firewall(self, names: Sequence[pulumi.Input[str]]) -> cdn.SecurityPolicy:
        """One for all endpoints, since Front Door links a policy once in a profile."""
        return cdn.SecurityPolicy(
            f"{self._name}-firewall",
            resource_group_name=self._profile.resource_group_name,
            profile_name=self._profile.name,
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
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=SLOW),
        )

    def _host(
        self,
        called: str,
        own: DomainSpec | None,
        endpoint: AzureEndpoint | AzureSite,
        firewall: cdn.SecurityPolicy,
    ) -> pulumi.Output[str]:
        """The name that clients know an endpoint by, known once the firewall stands before it."""
        if own is None or endpoint.domain_proof is None:
            return after(endpoint.host, firewall.id)
        # Nobody is led to an endpoint without a firewall; and Front Door lets go of a name only
        # when no record leads to it any more.
        domain = AzureDomain(
            f"{self._name}-{called}",
            AzureDomainArgs(
                spec=own,
                subscription_id=self._profile.subscription_id,
                proof=endpoint.domain_proof,
                endpoint_host=after(endpoint.host, firewall.id),
                endpoint_id=after(endpoint.names[0], firewall.id),
            ),
            self._child,
        )
        return after(domain.name, firewall.id)

    def _say(self) -> None:
        for text in _LIMITS:
            notes.limit(self, text)
        notes.loosened(self, _AT, self._spec)


_BY_QUERY: Any = {
    "query_string_caching_behavior": "UseQueryString",
    "compression_settings": {
        "is_compression_enabled": True,
        "content_types_to_compress": ["application/json", "text/plain"],
    },
}


def problems(spec: EdgeSpec, document: Document) -> Iterator[str]:
    """What Front Door would refuse, or not let through, a line each."""
    yield from azure_headers.problems(spec.headers, spec.hsts, f"{_AT}.headers")
    if spec.site:
        yield from azure_headers.problems(spec.site.headers, spec.hsts, f"{_AT}.site.headers")
    for header in document.request_headers:
        if header.lower().startswith(_FRONT_DOORS_OWN):
            yield (
                f"{document.source.name}: an operation takes the header {header}, which Front Door "
                "writes itself. Use another name."
            )
    for number, path in enumerate(spec.cached_paths):
        if why_not := why_not_kept(path, document):
            yield f"{_AT}.cachedPaths[{number}]: {why_not}"
