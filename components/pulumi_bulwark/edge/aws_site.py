"""A static site: files in a private bucket, which only its distribution reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..log_group.aws import AwsLogStore
from ..naming import logical
from ..object_store import ObjectStoreSpec
from ..object_store.aws import AwsObjectStore, AwsObjectStoreArgs
from ..object_store.aws_policy import Reader
from .aws_distribution import AwsDistribution, AwsDistributionArgs
from .spec import EdgeSpec, SiteSpec

_AT = "bulwark:edge.site"

_CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""CloudFront's own policy: neither cookies, headers nor the query matter to a file."""

_REFUSED_OR_FAILED = (403, 500, 502, 503, 504)

_ERROR_SECONDS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsSiteArgs:
    spec: EdgeSpec
    site: SiteSpec
    """The site's own settings."""
    store: AwsLogStore
    """How the environment keeps its logs, those of who reads the bucket among them."""
    services: Sequence[pulumi.Input[str]]
    """URLs that the site's scripts call."""
    web_acl_arn: pulumi.Input[str] | None
    """The web ACL of the edge."""
    log_destination_arn: pulumi.Input[str]
    """The delivery destination that takes the access logs."""
    delete_contents: bool
    """Whether the bucket may be deleted with its files, for the moment of a teardown."""


class AwsSite(pulumi.ComponentResource):
    """A distribution of its own in front of a private bucket.

    Not one with the API: what CloudFront does with errors, it does for a whole distribution, and
    a page in place of a 404 would hide what the API says.
    """

    bucket_id: pulumi.Output[str]
    """Name of the bucket that takes the files."""

    distribution_id: pulumi.Output[str]
    """Id of the distribution, for invalidations."""

    url: pulumi.Output[str]
    """Where the site is, https and without a slash at the end."""

    certificate_arn: pulumi.Output[str] | None
    """ARN of its certificate, in us-east-1; None under CloudFront's own name."""

    def __init__(
        self, name: str, args: AwsSiteArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsSite", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)

        bucket = AwsObjectStore(
            f"{name}-files",
            AwsObjectStoreArgs(
                spec=ObjectStoreSpec(),
                region=args.store.region,
                no_key_because="everybody may see what is in it",
                readers_follow=True,
                access_logs_bucket=args.store.access_logs_id,
                deletion_protection=args.store.deletion_protection,
                delete_contents=args.delete_contents,
            ),
            child,
        )
        signed = aws.cloudfront.OriginAccessControl(
            logical("origin-access-control", f"{name}-access"),
            description=name,
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=child,
        )
        distribution = AwsDistribution(
            f"{name}-edge",
            AwsDistributionArgs(
                spec=args.spec,
                domain=args.site.domain,
                domain_at=f"{_AT}.domain",
                headers=args.site.headers,
                security_policy=_security_policy(args),
                stored=True,
                origin={
                    "origin_id": "site",
                    "domain_name": bucket.domain_name,
                    "origin_access_control_id": signed.id,
                },
                behaviour=_FILES,
                errors=list(_pages(args.site)),
                index=args.site.index,
                web_acl_arn=args.web_acl_arn,
                log_destination_arn=args.log_destination_arn,
            ),
            child,
        )
        bucket.admit(
            Reader(
                sid="Edge",
                service="cloudfront.amazonaws.com",
                condition={"StringEquals": {"AWS:SourceArn": distribution.arn}},
                # So that what is not there (404) is told apart from what the firewall refuses
                # (403). Nobody gets a list: `/` is the index, and no query goes through.
                tells_missing=True,
            )
        )

        for source in args.site.headers.lets_pages_run_anything():
            notes.limit(
                self,
                f"the site's policy allows {source}: a script that an attacker gets into a page "
                "runs",
            )
        self.bucket_id, self.distribution_id = bucket.id, distribution.id
        self.url, self.certificate_arn = distribution.url, distribution.certificate_arn
        self.register_outputs(
            {
                "bucketId": self.bucket_id,
                "distributionId": self.distribution_id,
                "url": self.url,
                "certificateArn": self.certificate_arn,
            }
        )


_FILES = {
    "target_origin_id": "site",
    "viewer_protocol_policy": "redirect-to-https",
    "allowed_methods": ["GET", "HEAD"],
    "cached_methods": ["GET", "HEAD"],
    "cache_policy_id": _CACHING_OPTIMIZED,
    "compress": True,
}


def _security_policy(args: AwsSiteArgs) -> pulumi.Output[str]:
    written = args.site.headers.content_security_policy
    return pulumi.Output.all(*args.services).apply(
        lambda urls: written.replace("{services}", " ".join(urls))
    )


def _pages(site: SiteSpec) -> Iterator[dict[str, Any]]:
    if site.single_page:
        yield _page(404, f"/{site.index}", status=200)
    else:
        yield _page(404, site.not_found_page)
    if site.error_page:
        for code in _REFUSED_OR_FAILED:
            yield _page(code, site.error_page)


def _page(code: int, path: str, status: int | None = None) -> dict[str, Any]:
    return {
        "error_code": code,
        "response_code": status or code,
        "response_page_path": path,
        "error_caching_min_ttl": _ERROR_SECONDS,
    }
