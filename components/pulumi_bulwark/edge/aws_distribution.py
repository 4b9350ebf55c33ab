"""One CloudFront distribution, with its name, its headers and its logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from .. import notes
from ..domain import DomainSpec
from ..domain.aws import AwsDomain, AwsDomainArgs
from ..naming import logical
from .aws_headers import Cors, headers_policy
from .spec import EdgeSpec, HeadersSpec

EDGE_REGION = "us-east-1"
"""Where CloudFront takes its certificates from, and delivers its logs."""

_PRICE_CLASSES = {
    "america-europe": "PriceClass_100",
    "most": "PriceClass_200",
    "all": "PriceClass_All",
}

_LONGEST_COMMENT = 128

_RECORD_FIELDS = [
    "date",
    "time",
    "x-edge-location",
    "x-edge-request-id",
    "c-ip",
    "c-port",
    "c-country",
    "x-forwarded-for",
    "cs-protocol",
    "cs-protocol-version",
    "ssl-protocol",
    "ssl-cipher",
    "cs-method",
    "cs(Host)",
    "x-host-header",
    "cs-uri-stem",
    "cs(User-Agent)",
    "cs-bytes",
    "sc-status",
    "sc-content-type",
    "sc-content-len",
    "sc-bytes",
    "x-edge-result-type",
    "x-edge-response-result-type",
    "x-edge-detailed-result-type",
    "time-taken",
    "time-to-first-byte",
]
"""No cs-uri-query, no cs(Cookie) and no cs(Referer), which has the query of the page before: that
is where codes, tokens and names are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsDistributionArgs:
    spec: EdgeSpec
    domain: DomainSpec | None
    """Its host name; None for CloudFront's own."""
    domain_at: str
    """Where in the config the domain is, for messages."""
    headers: HeadersSpec
    """What is put on every answer."""
    security_policy: pulumi.Input[str]
    """The Content-Security-Policy of every answer."""
    stored: bool
    """Whether browsers may keep answers that do not forbid it."""
    cors: Cors | None = None
    """Whose scripts may call it; None for nobody's."""
    origin: Any
    """Where the answers come from."""
    behaviour: Mapping[str, Any]
    """How a request is handled."""
    exceptions: Sequence[Mapping[str, Any]] = ()
    """How requests for some paths are handled instead: the first that fits."""
    errors: Sequence[Any] = ()
    """What becomes of answers that are errors, by their number."""
    index: str | None = None
    """The file that answers at `/`."""
    web_acl_arn: pulumi.Input[str] | None
    """The web ACL of the edge."""
    log_destination_arn: pulumi.Input[str]
    """The delivery destination that takes the access logs."""


class AwsDistribution(pulumi.ComponentResource):
    """A distribution with its certificate, records, security headers and access logs."""

    id: pulumi.Output[str]
    """Id of the distribution, for invalidations."""

    arn: pulumi.Output[str]
    """ARN of the distribution."""

    host: pulumi.Output[str]
    """Host name that it answers to."""

    url: pulumi.Output[str]
    """Where it is reached, https and without a slash at the end."""

    certificate_arn: pulumi.Output[str] | None
    """ARN of its certificate, in us-east-1; None under CloudFront's own name."""

    def __init__(
        self, name: str, args: AwsDistributionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AwsDistribution", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        domain = None
        if args.domain:
            domain = AwsDomain(
                f"{name}-domain",
                AwsDomainArgs(spec=args.domain, region=EDGE_REGION, at=args.domain_at),
                child,
            )
        headers = headers_policy(
            name,
            args.headers,
            args.spec.hsts,
            args.security_policy,
            stored=args.stored,
            cors=args.cors,
            opts=child,
        )
        distribution = self._distribution(name, args, domain, headers.id)
        if domain:
            domain.lead_to(distribution.domain_name, distribution.hosted_zone_id)
        self._deliver_logs(name, args, distribution.arn)
        if args.spec.extra_metrics:
            self._measure(name, distribution.id)

        self._say(args)
        self.id, self.arn = distribution.id, distribution.arn
        own = pulumi.Output.from_input(args.domain.name) if args.domain else None
        self.host = own or distribution.domain_name
        self.url = pulumi.Output.format("https://{0}", self.host)
        self.certificate_arn = domain.certificate_arn if domain else None
        self.register_outputs(
            {
                "id": self.id,
                "arn": self.arn,
                "host": self.host,
                "url": self.url,
                "certificateArn": self.certificate_arn,
            }
        )

    def _distribution(
        self,
        name: str,
        args: AwsDistributionArgs,
        domain: AwsDomain | None,
        headers_id: pulumi.Output[str],
    ) -> aws.cloudfront.Distribution:
        return aws.cloudfront.Distribution(
            f"{name}-distribution",
            comment=name[:_LONGEST_COMMENT],  # what the console shows beside the id
            enabled=True,
            is_ipv6_enabled=True,
            http_version="http2and3",
            aliases=[args.domain.name] if args.domain else None,
            viewer_certificate=_certificate(domain, args.spec),
            price_class=_PRICE_CLASSES[args.spec.locations],
            restrictions={"geo_restriction": _geo(args.spec)},
            web_acl_id=args.web_acl_arn,  # an ARN, in spite of its name
            origins=[args.origin],
            default_cache_behavior=_with_headers(args.behaviour, headers_id),
            ordered_cache_behaviors=[_with_headers(each, headers_id) for each in args.exceptions],
            custom_error_responses=list(args.errors),
            default_root_object=args.index,
            # Else a record could lead to a name that is not answered yet, and the origin could
            # stop taking a header that is still sent.
            wait_for_deployment=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _deliver_logs(
        self, name: str, args: AwsDistributionArgs, distribution_arn: pulumi.Output[str]
    ) -> None:
        source = aws.cloudwatch.LogDeliverySource(
            logical("log-delivery", f"{name}-access"),
            log_type="ACCESS_LOGS",
            resource_arn=distribution_arn,
            region=EDGE_REGION,
            # A distribution has one source at a time, and a source one delivery to a destination.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        aws.cloudwatch.LogDelivery(
            f"{name}-access-delivery",
            delivery_source_name=source.name,
            delivery_destination_arn=args.log_destination_arn,
            record_fields=_RECORD_FIELDS,
            region=EDGE_REGION,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                # The provider sends an S3 setting with an update, which CloudWatch refuses
                # ("Provided delivery configuration is invalid for the destination type").
                replace_on_changes=["recordFields"],
            ),
        )

    def _measure(self, name: str, distribution_id: pulumi.Output[str]) -> None:
        status: Any = {"realtime_metrics_subscription_status": "Enabled"}
        aws.cloudfront.MonitoringSubscription(
            f"{name}-metrics",
            distribution_id=distribution_id,
            monitoring_subscription={"realtime_metrics_subscription_config": status},
            opts=pulumi.ResourceOptions(parent=self),
        )
        notes.cost(self, "extraMetrics: 8 metrics, about 2.40 USD a month")

    def _say(self, args: AwsDistributionArgs) -> None:
        if args.domain is None:
            notes.limit(
                self,
                "no domain: with CloudFront's own name and certificate, minimumTls does not hold "
                "and clients may speak TLS 1.0; the name changes if the distribution is replaced",
            )
        elif args.spec.hsts.preload:
            notes.limit(
                self,
                f"hsts.preload: every host below {args.domain.name} must speak TLS for good, also "
                "those of other teams; it has no effect below a registered domain",
            )
        if args.web_acl_arn is None:
            notes.limit(self, "no web ACL: nothing looks at the requests here")


def _with_headers(behaviour: Mapping[str, Any], headers_id: pulumi.Output[str]) -> Any:
    return {**behaviour, "response_headers_policy_id": headers_id}


def _certificate(domain: AwsDomain | None, spec: EdgeSpec) -> Any:
    if domain is None:
        # Any other setting beside it comes back as a difference at the next `up`.
        return {"cloudfront_default_certificate": True}
    return {
        "acm_certificate_arn": domain.certificate_arn,
        "minimum_protocol_version": spec.minimum_tls,
        "ssl_support_method": "sni-only",  # an address of its own is 600 USD a month
    }


def _geo(spec: EdgeSpec) -> Any:
    if spec.geo.allow:
        return {"restriction_type": "whitelist", "locations": sorted(spec.geo.allow)}
    if spec.geo.deny:
        return {"restriction_type": "blacklist", "locations": sorted(spec.geo.deny)}
    return {"restriction_type": "none"}
