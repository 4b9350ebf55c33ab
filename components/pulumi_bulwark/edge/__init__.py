"""Where the service meets the internet: Amazon CloudFront and Azure Front Door."""

from .spec import ApiHeadersSpec, EdgeSpec, GeoSpec, HstsSpec, SiteHeadersSpec, SiteSpec

__all__ = ["ApiHeadersSpec", "EdgeSpec", "GeoSpec", "HstsSpec", "SiteHeadersSpec", "SiteSpec"]
