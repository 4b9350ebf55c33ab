"""The `api` block of the stack config."""

from ipaddress import ip_network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..clouds import Differs, Limited
from ..domain import DomainSpec
from ..forms import CERTIFICATE, NAME, Form
from ..spec import Guards, Spec
from .spec_azure import ApiManagementSpec

PartnerName = Annotated[str, Field(max_length=64), NAME]
"""What a partner is called in the stack file and in outputs."""

MediaType = Annotated[
    str,
    Field(max_length=100),
    Form("[a-z0-9*]+/[a-z0-9*.+-]+", "a media type, such as application/pdf"),
]

HeaderName = Annotated[
    str,
    Field(max_length=100),
    Form("[A-Za-z0-9-]+", "the name of a header, such as Idempotency-Key"),
]

Origin = Annotated[
    str,
    Field(max_length=261),
    Form(
        r"https://([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9](:[0-9]{1,5})?",
        "https:// and a host in small letters, without a path, such as https://app.example.com",
    ),
]
"""What a browser sends as `Origin`: scheme and host, and no path. No wildcard fits."""

TlsPolicy = Literal[
    "SecurityPolicy_TLS13_1_2_2021_06",
    "SecurityPolicy_TLS13_1_2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
]
"""Those of API Gateway's that take TLS 1.2 and 1.3: CloudFront speaks 1.2 to an origin, so one
that takes 1.3 only would lock the edge out."""


def _a_range(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError("is no range of addresses, such as 198.51.100.0/24") from None


AddressRange = Annotated[str, Field(max_length=43), AfterValidator(_a_range)]


class ThrottleSpec(Spec):
    per_second: float = Field(default=1_000, ge=1, le=1_000_000)
    """Requests a second that the whole stage takes, in the long run. The default is a tenth of what
    API Gateway gives an account in most regions, so that one API does not starve the others."""

    burst: int = Field(default=1_000, ge=1, le=1_000_000)
    """Requests at once that the whole stage takes on top of an idle moment."""


class CorsSpec(Spec):
    origins: tuple[Origin, ...] = Field(default=(), max_length=20)
    """Web pages whose scripts may call the API, such as https://app.example.com: exact, https
    only, at most 20. None: no browser script of another site may."""

    headers: tuple[HeaderName, ...] = Field(default=(), max_length=50)
    """Headers that such a script may send beside Authorization, Content-Type and those that the
    document names: at most 50."""

    exposed_headers: tuple[HeaderName, ...] = Field(default=(), max_length=50)
    """Headers of an answer that such a script may read beside the usual ones: at most 50."""

    credentials: bool = False
    """Whether a browser sends cookies along. A token in the Authorization header needs none."""

    max_age_seconds: int = Field(default=600, ge=0, le=86_400)
    """Seconds that a browser remembers what it may do: 0 to 86400. Chrome keeps it for 7200 at
    most, and what is withdrawn works until then."""

    @model_validator(mode="after")
    def _has_someone_to_hold_for(self) -> Self:
        if not self.origins and (self.headers or self.exposed_headers or self.credentials):
            raise ValueError("headers, exposedHeaders and credentials are for origins; name some")
        return self


class QuotaSpec(Spec):
    requests: int = Field(ge=1, le=2_147_483_647)
    """Requests in each period: at most 2147483647, what API Gateway can count."""

    per: Literal["day", "week", "month"] = "month"
    """The period, which begins at midnight UTC."""


class PartnerSpec(Spec):
    description: Annotated[str, Field(min_length=1, max_length=200)]
    """Who the partner is, in a sentence."""

    quota: QuotaSpec
    """Requests that the partner may make in a period, over all operations that need a key."""

    per_second: float = Field(default=10, ge=0.1, le=100_000)
    """Requests a second that the partner may make, in the long run."""

    burst: int = Field(default=20, ge=1, le=100_000)
    """Requests at once that the partner may make."""


class MutualTlsSpec(Spec):
    domain: DomainSpec
    """The host name for clients with a certificate. It leads straight to the API: a certificate
    does not pass through the edge."""

    truststore_uri: Annotated[
        str,
        Field(max_length=1024),
        Form(
            r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[\w!.*'()/-]+",
            "the address of an object, such as s3://bucket/partners.pem",
        ),
    ]
    """Where the certificates of the accepted authorities are, as s3://bucket/key: one PEM file in a
    versioned bucket of the API's region, up to 1,000 certificates and 1 MB."""

    truststore_version: Annotated[
        str, Field(max_length=1024), Form(r"[\w.-]+", "the id of an object's version")
    ]
    """The object's version. API Gateway reads a new file only when the version changes."""

    ownership_certificate_arn: Annotated[str, CERTIFICATE] | None = None
    """ARN of a certificate of ACM's own for the name: needed where the domain's is imported, or of
    a private authority."""


class QuotasSpec(Spec):
    resources: int = Field(default=300, ge=300, le=10_000)
    """Nodes of paths that the API may have: API Gateway's default is 300 an API."""

    requests_per_second: int = Field(default=10_000, ge=1, le=1_000_000)
    """Requests a second that the account takes in the region: by default 10000, and 2500 in newer
    regions."""

    burst: int = Field(default=5_000, ge=1, le=1_000_000)
    """Requests at once that the account takes in the region: by default 5000, and 1250 in newer
    regions."""

    integration_timeout_ms: int = Field(default=29_000, ge=29_000, le=300_000)
    """Milliseconds that a backend may take: API Gateway's default is 29000."""

    usage_plans: int = Field(default=300, ge=1, le=10_000)
    """Usage plans that the account may have in the region: by default 300."""


class BackendCertificateSpec(Spec):
    generation: int = Field(default=1, ge=1, le=9_999)
    """Counts the certificates that the API has shown: 1 to 9999. One more shows another, and the
    last one is gone: announce it before."""

    announce_next: bool = False
    """Whether the next one is there already and exported, for backends to take both while it is
    not shown yet."""


def _not_on_azure(because: str) -> Limited:
    return Limited("azure", because=because)


class ApiSpec(Spec):
    openapi: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    """Path of the OpenAPI document, from the folder of the project. Not set: there is no API."""

    stage: Annotated[
        str,
        Field(max_length=128),
        Form("[A-Za-z0-9_-]+", "letters, digits, hyphens and underscores"),
        _not_on_azure("API Management has no stages: a stack is one. Remove it."),
    ] = "live"
    """Name of the stage: up to 128 letters, digits, hyphens and underscores. Part of the URL only
    where there is no domain."""

    domain: Annotated[
        DomainSpec | None,
        _not_on_azure("Certificates are Key Vault's there: use apiManagement.domain."),
    ] = None
    """The API's own host name, for the edge to reach; not the public one, which is the edge's. With
    it the endpoint that AWS names is turned off."""

    mutual_tls: Annotated[
        MutualTlsSpec | None,
        _not_on_azure(
            "API Management has one door and reads no truststore from S3: use "
            "apiManagement.clientCertificates."
        ),
    ] = None
    """A second host name for partners that prove themselves with a certificate."""

    tls_policy: Annotated[
        TlsPolicy,
        _not_on_azure(
            "API Management has no policies by name: it takes TLS 1.2 and 1.3, and no weak cipher "
            "where its tier lets one choose. Remove it."
        ),
    ] = "SecurityPolicy_TLS13_1_2_2021_06"
    """TLS versions and ciphers that clients may use: 1.2 and 1.3 in each, since CloudFront reaches
    its origins over 1.2. PQ adds post-quantum key exchange, PFS leaves forward secrecy only."""

    access_mode: Annotated[
        Literal["strict", "basic"],
        Guards("access", weaker="lower"),
        _not_on_azure("API Management answers to its own names only. Remove it."),
    ] = "strict"
    """Whether the name in the TLS handshake must be that of the request (strict), or need not be
    (basic: for an older API on its way to strict). Back from strict takes API Gateway about 15
    minutes without service."""

    throttle: Annotated[
        ThrottleSpec,
        Differs(
            "azure",
            how="Calls are counted in a window of whole seconds, by each region and roughly: the "
            "larger of perSecond and burst may come at once.",
        ),
    ] = ThrottleSpec()
    """What the whole stage takes. An operation's own limit is in the document."""

    cors: CorsSpec = CorsSpec()
    """Which web pages of other sites may call the API."""

    partners: Annotated[
        dict[PartnerName, PartnerSpec],
        Differs("azure", how="A month is a window of 30 days: API Management knows no calendar."),
    ] = Field(default={}, max_length=300)
    """Who calls the operations that need an API key, at most 300, each with a key, a limit and a
    quota of its own. AWS makes the key; no program sees it."""

    allowed_ranges: tuple[AddressRange, ...] = Field(default=(), max_length=100)
    """Addresses from which the API may be reached, at most 100; none: all. Behind the edge that is
    the edge's address: use the web ACL there."""

    binary_types: Annotated[
        tuple[MediaType, ...],
        Differs("azure", how="Every body passes byte by byte, whether its type is listed or not."),
    ] = Field(default=(), max_length=50)
    """Media types that pass as bytes, such as application/pdf: at most 50."""

    minimum_compression_bytes: Annotated[
        Annotated[int, Field(ge=0, le=10_485_760)] | None,
        _not_on_azure("API Management compresses nothing itself: the edge does. Remove it."),
    ] = 1_024
    """Bytes from which an answer is compressed if its client asks for it: 0 to 10485760; null: no
    answer is."""

    backend_timeout_ms: int = Field(default=29_000, ge=50, le=300_000)
    """Milliseconds until a backend that does not answer is given up: 50 to 29000 or the raised
    quota on AWS, 50 to 240000 on Azure. An edge before the API gives up at its own time."""

    backend_certificate: Annotated[
        BackendCertificateSpec,
        _not_on_azure("API Management makes no certificate to show to backends. Remove it."),
    ] = BackendCertificateSpec()
    """What the API shows backends that are called by their address, so that they can refuse
    whoever goes past it. API Gateway makes the certificate and keeps its key; it lasts a year."""

    checks_every_body: Annotated[bool, Guards("access", weaker="lower")] = True
    """Whether a body is checked as the JSON that the document describes whatever content type it
    claims, where JSON is all that the operation takes. Else another type passes unchecked."""

    fail_on_warnings: Annotated[
        bool,
        Guards("access", weaker="lower"),
        _not_on_azure("An import there fails or passes, and never warns. Remove it."),
    ] = True
    """Whether an import at which API Gateway warns changes nothing. Else what it warns of, such as
    a model that it cannot read, is left out in silence."""

    tracing: Annotated[
        bool,
        Guards("logging", weaker="lower"),
        Differs(
            "azure",
            how="The ids of W3C trace context are logged and passed on; nothing collects traces.",
        ),
    ] = True
    """Whether X-Ray traces the requests that it samples."""

    operation_metrics: Annotated[
        bool, _not_on_azure("API Management counts by operation in its logs. Remove it.")
    ] = False
    """Whether each operation has metrics of its own. They are billed; those of a stage are not."""

    quotas: Annotated[
        QuotasSpec,
        _not_on_azure(
            "These are quotas of AWS: what Azure takes follows from the tier. Remove it."
        ),
    ] = QuotasSpec()
    """What the service takes here, where AWS has changed a quota for the account."""

    api_management: Annotated[
        ApiManagementSpec,
        Limited("aws", because="It is about Azure API Management alone. Remove it."),
    ] = ApiManagementSpec()
    """What Azure API Management is told beside all this: its tier, and what it alone can do."""

    @model_validator(mode="after")
    def _has_a_name_for_each_door(self) -> Self:
        if self.mutual_tls and self.domain is None:
            raise ValueError(
                "mutualTls needs domain: without it the endpoint that AWS names stays open beside "
                "the one that asks for a certificate"
            )
        if self.mutual_tls and self.domain and self.mutual_tls.domain.name == self.domain.name:
            raise ValueError("mutualTls.domain must be another name than domain: the edge has none")
        return self
