from typing import Final

from bulwark_toolkit.emulated.language import (
    Call,
    Default,
    If,
    Read,
    Row,
    Unless,
    pascal,
)

_CONFIG: Final = {
    "CallerReference": "arn",  # the provider makes one; each is used once
    "Comment": Default("comment", ""),
    "IsIPV6Enabled": "isIpv6Enabled",
    "WebACLId": "webAclId",
    "CacheBehaviors": "orderedCacheBehaviors",
    **pascal("aliases", "customErrorResponses", "defaultCacheBehavior", "defaultRootObject"),
    **pascal("enabled", "httpVersion", "origins", "priceClass", "restrictions"),
    **pascal("viewerCertificate"),
}
_CONTROL: Final = pascal(
    "description", "name", "originAccessControlOriginType", "signingBehavior", "signingProtocol"
)
_AT: Final = "Distribution.DistributionConfig"
_GIVES: Final = {
    "id": "Distribution.Id",
    "arn": "Distribution.ARN",
    "domainName": "Distribution.DomainName",
}
_LACKING: Final = "answers 404"

ROWS: Final = {
    "aws:cloudfront/distribution:Distribution": Row(
        calls=(
            Call(
                "cloudfront.CreateDistributionWithTags",
                {
                    "DistributionConfigWithTags": {
                        "DistributionConfig": _CONFIG,
                        "Tags": {"Items": "tags"},
                    }
                },
                gives=_GIVES,
                when=If("tags"),
            ),
            Call(
                "cloudfront.CreateDistribution",
                {"DistributionConfig": _CONFIG},
                gives=_GIVES,
                when=Unless("tags"),
            ),
        ),
        reads=(
            Read(
                "cloudfront.GetDistribution",
                {"Id": "id"},
                {
                    f"{_AT}.Aliases": "aliases",
                    f"{_AT}.CacheBehaviors": "orderedCacheBehaviors",
                    f"{_AT}.Comment": "comment",
                    f"{_AT}.CustomErrorResponses": "customErrorResponses",
                    f"{_AT}.DefaultCacheBehavior": "defaultCacheBehavior",
                    f"{_AT}.DefaultRootObject": "defaultRootObject",
                    f"{_AT}.Enabled": "enabled",
                    f"{_AT}.HttpVersion": "httpVersion",
                    f"{_AT}.IsIPV6Enabled": "isIpv6Enabled",
                    f"{_AT}.Origins": "origins",
                    f"{_AT}.PriceClass": "priceClass",
                    f"{_AT}.Restrictions": "restrictions",
                    f"{_AT}.ViewerCertificate": "viewerCertificate",
                    f"{_AT}.WebACLId": "webAclId",
                },
            ),
            Read("cloudfront.ListTagsForResource", {"Resource": "arn"}, {"Tags.Items": "tags"}),
        ),
        names={
            "cachedMethods": "AllowedMethods.CachedMethods",
            "locations": "Items",
            "name": "HeaderName",
            "originId": "Id",
            "value": "HeaderValue",
        },
        provider_only=("retainOnDelete", "waitForDeployment"),
        auto_name="",
        secrets=("origins",),
        unread={"origins.Items[].OriginAccessControlId": "moto drops it"},
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": Row(
        calls=(
            Call(
                "cloudfront.CreateOriginAccessControl",
                {
                    "OriginAccessControlConfig": {
                        **_CONTROL,
                        "Description": Default("description", ""),
                    }
                },
                gives={"id": "OriginAccessControl.Id"},
            ),
        ),
        reads=(
            Read(
                "cloudfront.GetOriginAccessControl",
                {"Id": "id"},
                {
                    f"OriginAccessControl.OriginAccessControlConfig.{place}": name
                    for place, name in _CONTROL.items()
                },
            ),
        ),
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": Row(
        calls=(
            Call(
                "cloudfront.CreateResponseHeadersPolicy",
                {
                    "ResponseHeadersPolicyConfig": {
                        **pascal("comment", "corsConfig", "customHeadersConfig", "name"),
                        **pascal("removeHeadersConfig", "securityHeadersConfig"),
                        **pascal("serverTimingHeadersConfig"),
                    }
                },
                lacking=_LACKING,
            ),
        ),
        unread=dict.fromkeys(
            (
                "comment",
                "corsConfig",
                "customHeadersConfig",
                "name",
                "removeHeadersConfig",
                "securityHeadersConfig",
                "serverTimingHeadersConfig",
            ),
            "moto has no such policies",
        ),
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": Row(
        calls=(
            Call(
                "cloudfront.CreateCachePolicy",
                {
                    "CachePolicyConfig": {
                        **pascal("comment", "name", "parametersInCacheKeyAndForwardedToOrigin"),
                        "DefaultTTL": "defaultTtl",
                        "MaxTTL": "maxTtl",
                        "MinTTL": Default("minTtl", 0),
                    }
                },
                lacking=_LACKING,
            ),
        ),
        unread=dict.fromkeys(
            (
                "comment",
                "defaultTtl",
                "maxTtl",
                "minTtl",
                "name",
                "parametersInCacheKeyAndForwardedToOrigin",
            ),
            "moto has no such policies",
        ),
    ),
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": Row(
        calls=(
            Call(
                "cloudfront.CreateMonitoringSubscription",
                pascal("distributionId", "monitoringSubscription"),
                lacking=_LACKING,
            ),
        ),
        auto_name="",
        unread=dict.fromkeys(
            ("distributionId", "monitoringSubscription"), "moto has no such subscriptions"
        ),
    ),
}
