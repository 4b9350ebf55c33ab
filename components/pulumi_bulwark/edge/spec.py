"""The `edge` block of the stack config."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..clouds import Differs, Limited
from ..domain import DomainSpec
from ..forms import COUNTRIES, Country, Form
from ..spec import Guards, Spec

HeaderName = Annotated[
    str,
    Field(max_length=256),
    Form("[A-Za-z0-9!#$%&'*+.^_`|~-]+", "the name of a header, such as X-Request-Id"),
]
"""A token of RFC 9110. 256 characters is CloudFront's limit [m]."""

HeaderValue = Annotated[
    str, Field(max_length=1783), Form(r"[\x20-\x7e]+", "printable ASCII on one line")
]
"""Printable ASCII, without a line break that would begin another header. 1783 characters is
CloudFront's limit [m]."""

Page = Annotated[
    str,
    Field(max_length=255),
    Form("/[A-Za-z0-9_.~/-]+", "a path that begins with a slash, such as /404.html"),
]

CachedPath = Annotated[
    str,
    Field(max_length=255),
    Form("/[A-Za-z0-9_.~$'@:+/-]*", "a path as in the document, without parameters, `*` and `?`"),
]
"""No `*`, `?` or parameter: a pattern could take in a path that is not public."""

Referrer = Literal["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"]

_OUTSIDE_BROWSERS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)

_HAVE_A_SETTING = {
    "content-security-policy": "contentSecurityPolicy",
    "cross-origin-opener-policy": "opener",
    "cross-origin-resource-policy": "resource",
    "permissions-policy": "permissions",
    "referrer-policy": "referrer",
    "strict-transport-security": "bulwark:edge.hsts",
    "x-frame-options": "frames",
}

_NOT_TO_REMOVE = {
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "warning",
    "x-accel-buffering",
    "x-accel-charset",
    "x-accel-limit-rate",
    "x-accel-redirect",
    "x-amzn-auth",
    "x-amzn-cf-billing",
    "x-amzn-cf-id",
    "x-amzn-cf-xff",
    "x-amzn-errortype",
    "x-amzn-fle-profile",
    "x-amzn-header-count",
    "x-amzn-header-order",
    "x-amzn-lambda-integration-tag",
    "x-amzn-requestid",
    "x-cache",
    "x-forwarded-proto",
    "x-real-ip",
}
"""CloudFront Developer Guide, "Headers that you can't remove"."""

_NEVER_REMOVED = ("x-amz-cf-", "x-edge-")


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    found = [name.lower() for name in names]
    if twice := next((name for name in found if found.count(name) > 1), None):
        raise ValueError(f"{twice} is named twice")
    return names


def _can_be_removed(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in map(str.lower, names):
        if name in _NOT_TO_REMOVE or name.startswith(_NEVER_REMOVED):
            raise ValueError(f"CloudFront refuses to remove {name}; leave it out")
    return names


def _no_own_setting(headers: dict[str, str]) -> dict[str, str]:
    _each_once(tuple(headers))
    for name in map(str.lower, headers):
        if setting := _HAVE_A_SETTING.get(name):
            raise ValueError(f"{name} has a setting of its own, {setting}; set it there")
        if name in _NOT_TO_REMOVE or name.startswith(_NEVER_REMOVED):
            raise ValueError(f"CloudFront refuses to set {name}; leave it out")
    return headers


Countries = Annotated[
    tuple[Country, ...],
    Field(max_length=len(COUNTRIES)),
    AfterValidator(_each_once),
]


class GeoSpec(Spec):
    allow: Countries = ()
    """The only countries that requests are answered from, as two capitals of ISO 3166-1."""

    deny: Countries = ()
    """Countries that requests are not answered from, as two capitals of ISO 3166-1."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.allow and self.deny:
            raise ValueError(
                "allow and deny exclude each other: what is not allowed is denied. Keep one"
            )
        return self


class HstsSpec(Spec):
    max_age_days: Annotated[int, Guards("encryption", weaker="lower")] = Field(
        default=730, ge=365, le=3650
    )
    """Days in which browsers refuse to reach the name without TLS: 365 to 3650. The preload list
    wants a year at least, and advises two."""

    subdomains: Annotated[bool, Guards("encryption", weaker="lower")] = True
    """Whether this holds for the names below as well, such as eu.api.example.com."""

    preload: bool = False
    """Asks for a place in the browsers' own list. It binds every host below the name for good,
    also those of other teams, and takes months to undo. The list takes registered domains only,
    such as example.com."""

    @model_validator(mode="after")
    def _fit_for_the_list(self) -> Self:
        if self.preload and not self.subdomains:
            raise ValueError("preload needs subdomains; turn subdomains on, or preload off")
        return self


class HeadersSpec(Spec):
    content_security_policy: HeaderValue
    """What a page may load and who may show it in a frame, as Content-Security-Policy writes it,
    up to 1783 characters."""

    frames: Annotated[Literal["deny", "sameorigin"], Guards("access", weaker="higher")] = "deny"
    """Who may show an answer in a frame (X-Frame-Options, for browsers that do not know the
    policy's frame-ancestors)."""

    referrer: Referrer = "no-referrer"
    """What another site is told of the address that a link was on (Referrer-Policy)."""

    permissions: HeaderValue = _OUTSIDE_BROWSERS
    """What of the device scripts may use, as Permissions-Policy writes it."""

    opener: Literal["same-origin", "same-origin-allow-popups", "unsafe-none"] = "same-origin"
    """Who shares a window's scripts with a page (Cross-Origin-Opener-Policy). A sign-in in a
    pop-up needs same-origin-allow-popups."""

    resource: Literal["same-origin", "same-site", "cross-origin"] = "same-origin"
    """Which sites may load an answer without asking (Cross-Origin-Resource-Policy). Calls by CORS
    are not touched."""

    more: Annotated[dict[HeaderName, HeaderValue], AfterValidator(_no_own_setting)] = Field(
        default={}, max_length=6
    )
    """Other headers, which take the place of the origin's: at most 6, since CloudFront takes 10
    and up to four are ours."""

    remove: Annotated[
        tuple[HeaderName, ...], AfterValidator(_can_be_removed), AfterValidator(_each_once)
    ] = Field(
        default=("Server", "X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version"),
        max_length=10,
    )
    """Headers of the origin that are kept from the client, since they tell of its make: at most
    10. CloudFront then calls itself the server."""


class ApiHeadersSpec(HeadersSpec):
    content_security_policy: HeaderValue = "default-src 'none'; frame-ancestors 'none'"
    """What a page may load and who may show it in a frame, as Content-Security-Policy writes it,
    up to 1783 characters. The answers of an API are no pages."""


_SITE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; manifest-src 'self'; connect-src 'self' {services}; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; upgrade-insecure-requests"
)


class SiteHeadersSpec(HeadersSpec):
    content_security_policy: HeaderValue = _SITE_POLICY
    """What a page may load and who may show it in a frame, as Content-Security-Policy writes it,
    up to 1783 characters. `{services}` stands for the URLs of the API and of the sign-in."""

    def lets_pages_run_anything(self) -> Iterator[str]:
        """The parts of the policy that let scripts run which an attacker put into a page."""
        for directive in self.content_security_policy.split(";"):
            name, *sources = directive.split() or [""]
            if name in ("default-src", "script-src", "script-src-elem"):
                yield from (s for s in sources if s in ("'unsafe-inline'", "'unsafe-eval'", "*"))


def _not_on_azure(because: str) -> Limited:
    return Limited("azure", because=because)


_NO_PAGES_FOR_ERRORS = _not_on_azure(
    "Front Door puts no page in the place of an error: storage says 404, and the firewall 403, in "
    "words of their own. Remove it."
)


class SiteSpec(Spec):
    domain: DomainSpec | None = None
    """The site's host name, such as app.example.com. Without one it has the cloud's."""

    index: Annotated[
        str,
        Field(max_length=255),
        Form("[A-Za-z0-9_.~-]+", "the name of a file, such as index.html"),
    ] = "index.html"
    """The file that answers at `/`."""

    single_page: Annotated[
        bool, Differs("azure", how="The index answers for each path without a dot in it.")
    ] = False
    """Whether the index answers, with 200, wherever there is no file: for sites whose scripts
    read the path themselves."""

    not_found_page: Annotated[Page, _NO_PAGES_FOR_ERRORS] = "/404.html"
    """The file that answers, with 404, where there is none."""

    error_page: Annotated[Page | None, _NO_PAGES_FOR_ERRORS] = None
    """The file that answers, with the status as it is, where the site or the firewall refuses
    (403) and where it fails (500 to 504). Without one CloudFront's own pages do."""

    headers: SiteHeadersSpec = SiteHeadersSpec()
    """What browsers are told about each answer of the site."""


class EdgeSpec(Spec):
    enabled: Annotated[bool, Guards("waf", weaker="lower")] = True
    """Whether there is an edge. Without it clients reach the API itself, whose web ACL then looks
    at everything."""

    domain: DomainSpec | None = None
    """The API's host name, such as api.example.com. Without one it has CloudFront's or Front
    Door's, for a first try: then no lowest TLS version can be set. On Azure a name without a
    zoneId needs two records that a person makes."""

    minimum_tls: Annotated[
        Literal["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"],
        Differs("azure", how="The ciphers of TLS 1.2 are those of Azure's TLS12_2023 in any case."),
    ] = "TLSv1.2_2021"
    """The oldest TLS that is spoken, with the ciphers of that year. The two of 2025 shut out older
    clients; TLSv1.3_2025 everything but TLS 1.3."""

    locations: Annotated[
        Literal["america-europe", "most", "all"],
        Differs("azure", how="Front Door answers from everywhere, for one price."),
    ] = "all"
    """Where requests are answered from: america-europe (the cheapest; the others then have a
    longer way), most (without South America and Oceania), or all."""

    geo: GeoSpec = GeoSpec()
    """The countries that requests are answered from. An address tells the country most of the
    time, and never with certainty."""

    hsts: HstsSpec = HstsSpec()
    """For how long browsers insist on TLS (Strict-Transport-Security)."""

    headers: ApiHeadersSpec = ApiHeadersSpec()
    """What browsers are told about each answer of the API."""

    read_timeout_seconds: Annotated[
        int,
        Field(ge=1, le=60),
        Limited("azure", to=range(16, 61), because="Front Door waits for 16 seconds at least."),
    ] = 30
    """Seconds to wait for the API: 1 to 60, CloudFront's range. API Gateway gives up after 29, so
    that its own answer arrives."""

    cached_paths: Annotated[
        tuple[CachedPath, ...],
        AfterValidator(_each_once),
        Differs(
            "azure",
            how="An answer is kept by path and query alone: the API sees neither Accept nor Origin "
            "there, so bulwark:api.cors cannot name origins beside it.",
        ),
    ] = Field(default=(), max_length=24)
    """Paths of the API whose answers are kept at the edge, each as in the document: at most 24,
    since CloudFront takes 25 with all the others. Only what is public and only read can be. The
    API then sees neither a token nor a cookie there."""

    cached_seconds: Annotated[
        int,
        Field(ge=1, le=86_400),
        Differs("azure", how="An answer that says for how long is kept that long, also longer."),
    ] = 60
    """Seconds for which such an answer is kept, unless it says itself for how long (at most this):
    1 to 86400, a day."""

    site: SiteSpec | None = None
    """A static web site beside the API, from a private bucket."""

    extra_metrics: Annotated[
        bool, _not_on_azure("Front Door measures all this without being asked. Remove it.")
    ] = False
    """Measures the cache, the origin and each error by its number. Billed by metric."""

    @model_validator(mode="after")
    def _names_are_its_own(self) -> Self:
        if self.hsts.preload and self.domain is None:
            raise ValueError("hsts.preload needs a domain; the default name is the cloud's")
        site = self.site.domain if self.site else None
        if site and self.domain and site.name == self.domain.name:
            raise ValueError(
                "site.domain.name is domain.name; the site needs a name of its own, such as one "
                "beside the API's"
            )
        return self
