"""Which headers go through CloudFront, and which it puts on every answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ..naming import logical
from .spec import HeadersSpec, HstsSpec

_STAY_BEHIND = {
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "x-forwarded-proto",
    "x-real-ip",
}
"""CloudFront Developer Guide, "HTTP request headers and CloudFront behavior": removed or replaced,
whatever a policy says. `Host` is the origin's own, since API Gateway refuses another."""

_CLOUDFRONTS_OWN = ("x-edge-", "x-amz-cf-", "cloudfront-")

_NOT_TO_ADD = {
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "request-range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
}
"""The same guide, "Custom headers that CloudFront can't add to origin requests"."""

_NEVER_ADDED = ("x-amz-", "x-edge-")

_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Cors:
    """Whose scripts may call the API from a browser."""

    origins: Sequence[str]
    """Web pages, by scheme and host."""
    methods: Sequence[str]
    """In capitals."""
    headers: Sequence[str]
    """Headers that a script may send."""
    exposed_headers: Sequence[str]
    """Headers of an answer that a script may read beside the usual ones."""
    credentials: bool
    """Whether a browser sends cookies along."""
    max_age_seconds: int
    """Seconds that a browser remembers this."""


def passes(header: str) -> bool:
    """Whether a header of the client reaches the origin."""
    name = header.lower()
    return name not in _STAY_BEHIND and not name.startswith(_CLOUDFRONTS_OWN)


def can_be_added(header: str) -> bool:
    """Whether CloudFront can put a header of ours on its requests to the origin."""
    name = header.lower()
    return name not in _NOT_TO_ADD and not name.startswith(_NEVER_ADDED)


def headers_policy(
    name: str,
    spec: HeadersSpec,
    hsts: HstsSpec,
    security_policy: pulumi.Input[str],
    *,
    stored: bool,
    cors: Cors | None,
    opts: pulumi.ResourceOptions,
) -> aws.cloudfront.ResponseHeadersPolicy:
    """What is put on every answer. `stored`: browsers may keep answers that do not forbid it."""
    ours = {
        "Permissions-Policy": spec.permissions,
        "Cross-Origin-Opener-Policy": spec.opener,
        "Cross-Origin-Resource-Policy": spec.resource,
    }
    added: list[Any] = [_item(header, value) for header, value in (ours | dict(spec.more)).items()]
    if not stored and "cache-control" not in map(str.lower, spec.more):
        # An answer that says itself how long it holds keeps its word.
        added.append(_item("Cache-Control", "no-store", override=False))
    return aws.cloudfront.ResponseHeadersPolicy(
        logical("response-headers-policy", f"{name}-headers"),
        security_headers_config=_security(spec, hsts, security_policy),
        custom_headers_config={"items": added},
        remove_headers_config=(
            {"items": [{"header": header} for header in spec.remove]} if spec.remove else None
        ),
        cors_config=_cross_origin(cors) if cors else None,
        opts=opts,
    )


def _security(spec: HeadersSpec, hsts: HstsSpec, security_policy: pulumi.Input[str]) -> Any:
    return {
        "content_security_policy": {
            "content_security_policy": security_policy,
            "override": True,
        },
        "content_type_options": {"override": True},
        "frame_options": {"frame_option": spec.frames.upper(), "override": True},
        "referrer_policy": {"referrer_policy": spec.referrer, "override": True},
        "strict_transport_security": {
            "access_control_max_age_sec": hsts.max_age_days * _SECONDS_A_DAY,
            "include_subdomains": hsts.subdomains,
            "preload": hsts.preload,
            "override": True,
        },
    }


def _cross_origin(cors: Cors) -> Any:
    return {
        "access_control_allow_origins": {"items": list(cors.origins)},
        "access_control_allow_methods": {"items": [*cors.methods, "OPTIONS"]},
        "access_control_allow_headers": {"items": list(cors.headers)},
        "access_control_expose_headers": (
            {"items": list(cors.exposed_headers)} if cors.exposed_headers else None
        ),
        "access_control_allow_credentials": cors.credentials,
        "access_control_max_age_sec": cors.max_age_seconds,
        # API Gateway's own errors name one origin only, and backends may name none.
        "origin_override": True,
    }


def _item(header: str, value: str, *, override: bool = True) -> dict[str, Any]:
    return {"header": header, "value": value, "override": override}
