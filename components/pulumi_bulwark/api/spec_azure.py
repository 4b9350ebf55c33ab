"""What the `api` block says of Azure API Management alone."""

import base64
import binascii
import re
from hashlib import sha1
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..forms import NAME, Form, HostName, MailAddress
from ..spec import Guards, Spec

SkuName = Literal["Developer", "Basic", "Standard", "Premium", "BasicV2", "StandardV2", "PremiumV2"]

_PEM = re.compile(
    r"\s*-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----\s*"
)
_SEQUENCE = 0x30
"""What a certificate begins with: DER's tag of a sequence."""


def der(pem: str) -> bytes:
    """The certificate itself. Raises a ValueError for what is none."""
    if not (match := _PEM.fullmatch(pem)):
        raise ValueError("must be one certificate in PEM, from -----BEGIN CERTIFICATE----- on")
    try:
        made = base64.b64decode("".join(match[1].split()), validate=True)
    except binascii.Error:
        raise ValueError("has a certificate whose base64 cannot be read") from None
    if made[:1] != bytes([_SEQUENCE]):
        raise ValueError("holds something else than a certificate")
    return made


def thumbprint(pem: str) -> str:
    """The name by which API Management knows a certificate."""
    return sha1(der(pem), usedforsecurity=False).hexdigest().upper()


def _certificate(pem: str) -> str:
    der(pem)
    return pem


def _capitals(text: str) -> str:
    return text.upper()


Pem = Annotated[str, Field(max_length=10_000), AfterValidator(_certificate)]

Thumbprint = Annotated[
    str,
    Form("[0-9A-Fa-f]{40}", "a certificate's SHA-1 thumbprint: 40 hexadecimal digits"),
    AfterValidator(_capitals),
]

SecretName = Annotated[str, Field(max_length=64), NAME]


class ClientCertificatesSpec(Spec):
    thumbprints: tuple[Thumbprint, ...] = Field(default=(), max_length=100)
    """The certificates that are taken, each by its SHA-1 thumbprint, at most 100: whoever issued
    them."""

    authorities: tuple[Pem, ...] = Field(default=(), max_length=10)
    """Certificates of authorities, in PEM, at most 10: what they issued is taken while it is not
    revoked. V2 tiers have no store for them."""

    @model_validator(mode="after")
    def _takes_one(self) -> Self:
        if not self.thumbprints and not self.authorities:
            raise ValueError("needs thumbprints, authorities or both; else nobody could call")
        return self


class GatewayDomainSpec(Spec):
    name: HostName
    """The host name, in small letters, such as origin.example.com. Point it at the service's own
    name with a CNAME record."""

    certificate_id: Annotated[
        str,
        Field(max_length=300),
        Form(
            r"https://[a-z][a-z0-9-]{1,22}[a-z0-9]\.vault\.azure\.net/secrets/[A-Za-z0-9-]{1,127}",
            "the address of a certificate's secret in Key Vault, without a version, such as "
            "https://vault.vault.azure.net/secrets/origin",
        ),
    ]
    """Where the certificate is in Key Vault: the address of its secret, without a version, so that
    a renewed one is taken. API Management issues none itself while Microsoft has that suspended."""


class CallerQuotaSpec(Spec):
    requests: int = Field(ge=1, le=2_147_483_647)
    """Requests in each period: at most 2147483647, what API Management counts to."""

    per: Literal["hour", "day", "week"] = "day"
    """The period, counted from a midnight UTC."""


class CallerLimitSpec(Spec):
    per_second: Annotated[float, Guards("access", weaker="higher")] = Field(
        default=20, ge=0.1, le=10_000
    )
    """Requests a second that one caller may make, in the long run: 0.1 to 10000."""

    burst: Annotated[int, Guards("access", weaker="higher")] = Field(default=100, ge=1, le=50_000)
    """Requests at once that one caller may make."""

    quota: CallerQuotaSpec | None = None
    """Requests that one caller may make in a longer period. None: as many as the limit lets by."""


class ApiManagementSpec(Spec):
    sku: SkuName = "StandardV2"
    """The tier. Developer has no promise of uptime; the V2 tiers are there in minutes and take 100
    operations an API; the others take an hour, and have a store for authorities and a choice of
    ciphers."""

    units: int = Field(default=1, ge=1, le=30)
    """How many units of the tier: 1 to what the tier has. Each is billed."""

    publisher_email: Annotated[MailAddress, Field(max_length=100)] | None = None
    """Whom Azure writes to about the service. Not set: the owner in the tags, if that is an
    address."""

    domain: GatewayDomainSpec | None = None
    """The API's own host name, for the edge to reach. Not set: the name that Azure gives it, which
    always stays open beside this one."""

    max_body_bytes: int = Field(default=102_400, ge=1, le=4_194_304)
    """Bytes of a body that is still read and checked: 1 to 102400 on V2 tiers and 4194304 on the
    others. A larger one is refused."""

    per_caller: CallerLimitSpec | None = CallerLimitSpec()
    """What one caller may do: the subject of a token, else the client that asked for it, else the
    address. Null: only the whole API and single operations have limits."""

    client_certificates: ClientCertificatesSpec | None = None
    """Which clients' certificates are asked for, at every operation. Not with an edge, which does
    not pass them on."""

    backend_headers: dict[
        Annotated[
            str,
            Field(max_length=100),
            Form("[A-Za-z][A-Za-z0-9-]*", "the name of a header, such as X-Api-Key"),
        ],
        SecretName,
    ] = Field(default={}, max_length=20)
    """Headers that http backends get, at most 20, each with the secret of bulwark:secrets.named
    that is its value. API Management reads it from Key Vault; no program sees it."""
