"""A static site on Azure: files in a private storage account, which only its endpoint reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import pulumi

from .. import notes
from ..log_group.azure import AzureLogStore, diagnostics
from ..object_store import ObjectStoreSpec
from ..object_store.azure import AzureObjectStore, AzureObjectStoreArgs
from ..role.azure import Grant, assign, settle
from ..vault.azure import AzureKey
from . import azure_headers
from .azure_endpoint import AzureEndpoint, AzureEndpointArgs, AzureProfile, Route, Rule, after
from .spec import EdgeSpec, SiteSpec

FILES: Final = "site"
"""The container of the files."""

_STORAGE_VERSION: Final = "2023-11-03"
"""Azure Storage takes a token only from who names a version of its interface, 2017-11-09 or
later."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteFiles:
    """What encrypts a site's files, and who reads them."""

    key: AzureKey
    """The key of their account."""
    reader_id: pulumi.Input[str]
    """Full id of the profile's identity, by which Front Door asks for tokens."""
    reader_principal_id: pulumi.Input[str]
    """By which that identity is given its role."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureSiteArgs:
    spec: EdgeSpec
    site: SiteSpec
    """The site's own settings."""
    store: AzureLogStore
    """How the environment keeps its logs."""
    profile: AzureProfile
    """The profile of the edge."""
    files: SiteFiles
    """What encrypts the files, and who reads them."""
    services: Sequence[pulumi.Input[str]]
    """URLs that the site's scripts call."""


class AzureSite(pulumi.ComponentResource):
    """An endpoint of its own in front of a private storage account.

    Front Door shows the account a token of its identity, which may read this container alone.
    """

    bucket_id: pulumi.Output[str]
    """Full id of the storage account that takes the files."""

    distribution_id: pulumi.Output[str]
    """Full id of the endpoint, for purges, known once it answers."""

    host: pulumi.Output[str]
    """Name that Azure gave the endpoint."""

    domain_proof: pulumi.Output[str] | None
    """Text of the TXT record that proves its own name; None without one."""

    names: Sequence[pulumi.Output[str]]
    """Full ids of what a firewall must stand before."""

    url: pulumi.Output[str]
    """Where the site is, https and without a slash at the end."""

    def __init__(
        self, name: str, args: AzureSiteArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureSite", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        files = self._files()
        endpoint = self._endpoint(files, self._reads(files))

        own = args.site.domain
        self.bucket_id, self.distribution_id = files.id, endpoint.id
        self.host, self.domain_proof = endpoint.host, endpoint.domain_proof
        self.names = endpoint.names
        self.url = pulumi.Output.concat("https://", own.name if own else endpoint.host)
        self._say(args.site)
        self.register_outputs(
            {
                "bucketId": self.bucket_id,
                "distributionId": self.distribution_id,
                "host": self.host,
                "domainProof": self.domain_proof,
                "names": self.names,
                "url": self.url,
            }
        )

    def _files(self) -> AzureObjectStore:
        name, args = self._name, self._args
        files = AzureObjectStore(
            f"{name}-files",
            AzureObjectStoreArgs(
                spec=ObjectStoreSpec(),
                place=args.store.place,
                key=args.files.key,
                containers=[FILES],
                reached_from_everywhere=True,
                deletion_protection=args.store.deletion_protection,
            ),
            self._child,
        )
        diagnostics(
            f"{name}-files",
            "Microsoft.Storage/storageAccounts/blobServices",
            pulumi.Output.concat(files.id, "/blobServices/default"),
            args.store,
            self._child,
        )
        return files

    def _reads(self, files: AzureObjectStore) -> pulumi.Output[str | None]:
        """Known once the profile may read the files."""
        name, args = self._name, self._args
        held = assign(
            f"{name}-edge-reads",
            args.store.place,
            Grant(
                name="files",
                role="Storage Blob Data Reader",
                scope=pulumi.Output.concat(files.id, "/blobServices/default/containers/", FILES),
            ),
            principal_id=args.files.reader_principal_id,
            opts=self._child,
        )
        return settle(f"{name}-roles", [held], self._child)

    def _endpoint(
        self, files: AzureObjectStore, readable: pulumi.Output[str | None]
    ) -> AzureEndpoint:
        args, site = self._args, self._args.site
        headers = azure_headers.rules(site.headers, args.spec.hsts, _security_policy(args))
        return AzureEndpoint(
            f"{self._name}-endpoint",
            AzureEndpointArgs(
                spec=args.spec,
                profile=args.profile,
                domain=site.domain,
                origin="site",
                origin_host=after(files.domain_name, readable),
                group=_shows_a_token(args.files.reader_id),
                rule_sets={"siteheaders": headers, "sitefiles": list(_files(site))},
                routes=[
                    Route(
                        name="site",
                        rule_sets=["siteheaders", "sitefiles"],
                        from_http=True,
                        settings={"origin_path": f"/{FILES}", "cache_configuration": _KEPT},
                    )
                ],
            ),
            self._child,
        )

    def _say(self, site: SiteSpec) -> None:
        for source in site.headers.lets_pages_run_anything():
            notes.limit(
                self,
                f"the site's policy allows {source}: a script that an attacker gets into a page "
                "runs",
            )
        notes.limit(
            self,
            "the storage account of the site is reached from everywhere, by who shows a token: "
            "Front Door takes no private link where it shows one itself",
        )


def _shows_a_token(reader_id: pulumi.Input[str]) -> dict[str, Any]:
    return {
        "authentication": {
            "type": "UserAssignedIdentity",
            "user_assigned_identity": {"id": reader_id},
            "scope": "https://storage.azure.com/.default",
        },
        # Front Door wants a probe over https of who shows tokens; seldom, for the only origin.
        "health_probe_settings": {
            "probe_path": "/",
            "probe_protocol": "Https",
            "probe_request_type": "HEAD",
            "probe_interval_in_seconds": 255,
        },
    }


_KEPT: Any = {
    # Front Door hands a query on, also one that it ignores, and by it storage answers something
    # else than the file (`comp=metadata`: nothing, with 200), which everybody would then get.
    "query_string_caching_behavior": "UseQueryString",
    "compression_settings": {
        "is_compression_enabled": True,
        "content_types_to_compress": [
            "application/javascript",
            "application/json",
            "image/svg+xml",
            "text/css",
            "text/html",
            "text/javascript",
            "text/plain",
        ],
    },
}


def _security_policy(args: AzureSiteArgs) -> pulumi.Output[str]:
    written = args.site.headers.content_security_policy
    return pulumi.Output.all(*args.services).apply(
        lambda urls: written.replace("{services}", " ".join(map(_origin, urls)))
    )


def _origin(url: str) -> str:
    """Without its path, which a policy would take for one page and not for all below."""
    found = urlsplit(url)
    return f"{found.scheme}://{found.netloc}"


def _files(site: SiteSpec) -> Iterator[Rule]:
    yield Rule(
        [
            azure_headers.request("Overwrite", "x-ms-version", _STORAGE_VERSION),
            # Storage goes by it rather than by Range: Front Door would keep a part as the whole.
            azure_headers.request("Delete", "x-ms-range"),
        ]
    )
    # A file's name has a dot; what has none is a page that the scripts know.
    path = "(/[^/?.]*)*" if site.single_page else "/"
    yield Rule(
        [
            {
                "name": "UrlRewrite",
                "parameters": {
                    "typeName": "DeliveryRuleUrlRewriteActionParameters",
                    "sourcePattern": "/",
                    "destination": f"/{site.index}",
                    "preserveUnmatchedPath": False,
                },
            }
        ],
        conditions=[
            {
                "name": "RequestUri",
                "parameters": {
                    "typeName": "DeliveryRuleRequestUriConditionParameters",
                    "operator": "RegEx",
                    "negateCondition": False,
                    "matchValues": [rf"^https?://[^/?]+{path}(\?.*)?$"],
                    "transforms": [],
                },
            }
        ],
    )
