"""Amazon CloudFront in front of the API and, if there is one, of a static site."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..errors import ConfigError
from ..log_group.aws import AwsLogGroup, AwsLogGroupArgs, AwsLogStore, vended_logs
from ..naming import logical
from ..openapi import Document
from .aws_distribution import EDGE_REGION, AwsDistribution, AwsDistributionArgs
from .aws_headers import Cors, can_be_added, passes
from .aws_site import AwsSite, AwsSiteArgs
from .kept import READ, why_not_kept
from .spec import EdgeSpec

_AT = "bulwark:edge"

_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""CloudFront's own policy."""

_ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""CloudFront's own policy: all that the client sends goes on, `Authorization` included. API
Gateway refuses a `Host` that is not its own."""

_READ = list(READ)
_EVERY = [*_READ, "DELETE", "PATCH", "POST", "PUT"]
"""CloudFront takes two, three or all seven methods. OPTIONS is for browsers that ask first."""

_PASSED_AND_KEYED = [
    "Accept",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
    "Origin",
]
"""All that the API gets to see of a request whose answer is kept: by each there is an answer."""

_CACHEABLE_ERRORS = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)
"""CloudFront keeps an error for 10 seconds also where nothing else is kept, and whatever
`Cache-Control` says: one client's 404 would be the next one's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsEdgeArgs:
    spec: EdgeSpec
    store: AwsLogStore
    """How the environment keeps its logs."""
    edge_store: AwsLogStore
    """The same in us-east-1, where CloudFront delivers its logs."""
    document: Document
    """What the API takes, all of which must get through."""
    api_host: pulumi.Input[str]
    """Host name of the API, which presents a certificate for it."""
    api_path: pulumi.Input[str] = ""
    """What is put before each path, such as /live for a stage; empty for none."""
    origin_header: tuple[str, pulumi.Input[str]] | None = None
    """Name and secret value of the header by which the API knows what came through the edge."""
    web_acl_arn: pulumi.Input[str] | None = None
    """The web ACL of the edge, in us-east-1."""
    cors: Cors | None = None
    """Whose scripts may call the API; None leaves that to the API alone."""
    sign_in_urls: Sequence[pulumi.Input[str]] = ()
    """URLs, beside the API's, that the scripts of the site call to sign people in."""
    delete_contents: bool = False
    """Whether the site's bucket may be deleted with its files, for the moment of a teardown."""


class AwsEdge(pulumi.ComponentResource):
    """The edge: TLS, security headers, cache and logs, near whoever calls.

    Raises a ConfigError for what CloudFront would not let through, and outside of the partition
    that has it.
    """

    url: pulumi.Output[str]
    """Where the API is, https and without a slash at the end."""

    host: pulumi.Output[str]
    """Host name of the API for its clients."""

    distribution_id: pulumi.Output[str]
    """Id of the API's distribution."""

    distribution_arn: pulumi.Output[str]
    """ARN of the API's distribution."""

    site_url: pulumi.Output[str] | None
    """Where the site is, https and without a slash at the end; None without one."""

    site_bucket_id: pulumi.Output[str] | None
    """Name of the bucket that takes the site's files; None without one."""

    site_distribution_id: pulumi.Output[str] | None
    """Id of the site's distribution, for invalidations; None without one."""

    certificate_arns: dict[str, pulumi.Output[str]]
    """ARN of the certificate of each own name, `api` and `site`, in us-east-1."""

    logs_id: pulumi.Output[str]
    """Name of the log group with the access logs, in us-east-1."""

    def __init__(
        self, name: str, args: AwsEdgeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsEdge", name, None, opts)
        header = args.origin_header[0] if args.origin_header else None
        partition, region = args.edge_store.partition, args.edge_store.region
        found = list(problems(args.spec, args.document, partition, header))
        if region != EDGE_REGION:
            found.append(
                f"{_AT}: CloudFront delivers its logs in {EDGE_REGION}, and the log store of the "
                f"edge is in {region}."
            )
        if found:
            raise ConfigError(found)
        child = pulumi.ResourceOptions(parent=self)

        group = AwsLogGroup(
            f"{name}-logs",
            AwsLogGroupArgs(
                store=args.edge_store,
                kind="vended-log-group",
                writers=[vended_logs(args.edge_store)],
            ),
            child,
        )
        destination = aws.cloudwatch.LogDeliveryDestination(
            logical("log-delivery", f"{name}-logs-destination"),
            output_format="json",
            delivery_destination_configuration={"destination_resource_arn": group.arn},
            region=EDGE_REGION,
            opts=child,
        )
        api = AwsDistribution(
            f"{name}-api",
            AwsDistributionArgs(
                spec=args.spec,
                domain=args.spec.domain,
                domain_at=f"{_AT}.domain",
                headers=args.spec.headers,
                security_policy=args.spec.headers.content_security_policy,
                stored=False,
                cors=args.cors,
                origin=_origin(args),
                behaviour=_passed_on(args.document),
                exceptions=self._kept(name, args),
                errors=[{"error_code": e, "error_caching_min_ttl": 0} for e in _CACHEABLE_ERRORS],
                web_acl_arn=args.web_acl_arn,
                log_destination_arn=destination.arn,
            ),
            child,
        )
        site = self._site(name, args, destination.arn, api.url) if args.spec.site else None

        self._say(args)
        self.url, self.host, self.logs_id = api.url, api.host, group.id
        self.distribution_id, self.distribution_arn = api.id, api.arn
        certified = {"api": api.certificate_arn, "site": site.certificate_arn if site else None}
        self.certificate_arns = {of: arn for of, arn in certified.items() if arn is not None}
        self.site_url = site.url if site else None
        self.site_bucket_id = site.bucket_id if site else None
        self.site_distribution_id = site.distribution_id if site else None
        self.register_outputs(
            {
                "url": self.url,
                "host": self.host,
                "distributionId": self.distribution_id,
                "distributionArn": self.distribution_arn,
                "certificateArns": self.certificate_arns,
                "siteUrl": self.site_url,
                "siteBucketId": self.site_bucket_id,
                "siteDistributionId": self.site_distribution_id,
                "logsId": self.logs_id,
            }
        )

    def _kept(self, name: str, args: AwsEdgeArgs) -> list[dict[str, Any]]:
        """How the paths are handled whose answers are kept."""
        if not args.spec.cached_paths:
            return []
        policy = _cache_policy(name, args.spec, pulumi.ResourceOptions(parent=self))
        handled = {
            **_TO_THE_API,
            "allowed_methods": _READ,
            "cached_methods": ["GET", "HEAD"],
            "cache_policy_id": policy.id,
            # No origin request policy: it would send on a token that no answer is kept by.
            "compress": True,
        }
        return [{**handled, "path_pattern": path} for path in args.spec.cached_paths]

    def _site(
        self,
        name: str,
        args: AwsEdgeArgs,
        log_destination_arn: pulumi.Output[str],
        api_url: pulumi.Output[str],
    ) -> AwsSite:
        assert args.spec.site
        return AwsSite(
            f"{name}-site",
            AwsSiteArgs(
                spec=args.spec,
                site=args.spec.site,
                store=args.store,
                services=[api_url, *args.sign_in_urls],
                web_acl_arn=args.web_acl_arn,
                log_destination_arn=log_destination_arn,
                delete_contents=args.delete_contents,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _say(self, args: AwsEdgeArgs) -> None:
        notes.cost(
            self,
            "CloudFront: nothing by itself; about 1 USD for a million requests, 0.09 USD for a GB "
            "to clients, and 0.50 USD for a GB of access logs",
        )
        if args.origin_header is None:
            notes.limit(
                self, "no origin header: who finds the API's own address gets past the edge"
            )
        notes.limit(
            self,
            "CloudFront delivers access logs within minutes in most cases, and not each of them "
            "for certain: the API's own are complete",
        )
        notes.loosened(self, _AT, args.spec)


_TO_THE_API = {
    "target_origin_id": "api",
    # A redirect would come after the token has already crossed the network in the clear.
    "viewer_protocol_policy": "https-only",
}


def _origin(args: AwsEdgeArgs) -> dict[str, Any]:
    headers = [args.origin_header] if args.origin_header else []
    return {
        "origin_id": "api",
        "domain_name": args.api_host,
        "origin_path": args.api_path,
        # The value alone is a secret, so that a preview still shows the rest of the origin.
        "custom_headers": [
            {"name": name, "value": pulumi.Output.secret(value)} for name, value in headers
        ],
        "custom_origin_config": {
            "http_port": 80,  # wanted, and not used
            "https_port": 443,
            "origin_protocol_policy": "https-only",
            "origin_ssl_protocols": ["TLSv1.2"],  # the newest that CloudFront speaks to an origin
            "origin_read_timeout": args.spec.read_timeout_seconds,
        },
    }


def _passed_on(document: Document) -> dict[str, Any]:
    only_read = set(document.methods) <= set(_READ)
    return {
        **_TO_THE_API,
        "allowed_methods": _READ if only_read else _EVERY,
        "cached_methods": ["GET", "HEAD"],  # wanted, while nothing is cached
        "cache_policy_id": _CACHING_DISABLED,
        "origin_request_policy_id": _ALL_VIEWER_EXCEPT_HOST,
        "compress": False,  # what is not cached, API Gateway compresses
    }


def _cache_policy(
    name: str, spec: EdgeSpec, opts: pulumi.ResourceOptions
) -> aws.cloudfront.CachePolicy:
    return aws.cloudfront.CachePolicy(
        logical("cache-policy", f"{name}-public"),
        min_ttl=0,
        default_ttl=spec.cached_seconds,
        max_ttl=spec.cached_seconds,
        parameters_in_cache_key_and_forwarded_to_origin={
            "cookies_config": {"cookie_behavior": "none"},
            "headers_config": {
                "header_behavior": "whitelist",
                "headers": {"items": _PASSED_AND_KEYED},
            },
            "query_strings_config": {"query_string_behavior": "all"},
            "enable_accept_encoding_brotli": True,
            "enable_accept_encoding_gzip": True,
        },
        opts=opts,
    )


def problems(
    spec: EdgeSpec, document: Document, partition: str, origin_header: str | None = None
) -> Iterator[str]:
    """What CloudFront would refuse, or not let through, a line each."""
    if partition != "aws":
        yield (
            f"{_AT}: there is no CloudFront for this in the partition {partition}. Set enabled to "
            "false, and let clients reach the API by a domain of its own."
        )
    yield from _not_let_through(document)
    if origin_header:
        yield from _wrong_header(origin_header, document)
    for number, path in enumerate(spec.cached_paths):
        if why_not := why_not_kept(path, document):
            yield f"{_AT}.cachedPaths[{number}]: {why_not}"


def _not_let_through(document: Document) -> Iterator[str]:
    source = document.source.name
    for header in document.request_headers:
        if not passes(header):
            yield (
                f"{source}: an operation takes the header {header}, which CloudFront does not pass "
                "on. Use another name."
            )
    for operation in document.operations:
        if operation.method.upper() not in _EVERY:
            yield (
                f"{source}#{operation.pointer}: CloudFront does not pass on "
                f"{operation.method.upper()}. Use another method."
            )
        if operation.method in ("get", "head") and _has_body(
            operation.path, operation.method, document
        ):
            yield (
                f"{source}#{operation.pointer}/requestBody: CloudFront answers 403 to a "
                f"{operation.method.upper()} with a body. Use parameters, or POST."
            )


def _has_body(path: str, method: str, document: Document) -> bool:
    return "requestBody" in document.body.get("paths", {}).get(path, {}).get(method, {})


def _wrong_header(name: str, document: Document) -> Iterator[str]:
    if not can_be_added(name):
        yield f"{_AT}: CloudFront cannot add the header {name} to its requests to the API."
    if name.lower() in map(str.lower, document.request_headers):
        yield (
            f"{document.source.name}: an operation takes the header {name}, by which the API knows "
            "the edge. Use another name."
        )
