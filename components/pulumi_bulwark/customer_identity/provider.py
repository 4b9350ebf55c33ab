"""Who signs customers in, where Bulwark does not make it: on Azure a tenant of its own."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from ..forms import Form
from ..spec import Spec

ROLE_SUFFIX: Final = ".machine"
"""After the words of a scope, those of an application role: Entra takes no two of the same."""

ProviderKind = Literal["externalId", "b2c", "openid"]


def _https(url: str) -> str:
    if not url.isascii() or not url.isprintable() or set(url) & {*" \"'<>{}\\^`|#?"}:
        raise ValueError("has a character that an address of a provider does not have")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise ValueError("is no address: its host cannot be read") from None
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        raise ValueError("must begin with https:// and name a host, without a user")
    return url


Address = Annotated[str, Field(max_length=300), AfterValidator(_https)]

Guid = Annotated[
    str,
    Form(
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "an id of Entra ID in small letters, such as 00000000-0000-0000-0000-000000000001",
    ),
]

Audience = Annotated[
    str,
    Field(max_length=200),
    Form("[A-Za-z0-9:/._~-]+", "a client id, or an address such as api://payments"),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoints:
    """Where a provider is reached."""

    issuer: str
    """The `iss` of every token."""
    metadata_url: str
    jwks_uri: str | None
    sign_in_url: str
    authorize: str | None
    token: str | None


class ProviderSpec(Spec):
    kind: ProviderKind = "externalId"
    """Who it is: externalId (a customer tenant of Microsoft Entra), b2c (an Azure AD B2C tenant,
    which Microsoft sells to nobody new since May 2025), or openid (any other that speaks OpenID
    Connect)."""

    tenant_id: Guid | None = None
    """Id of the tenant, of externalId and b2c."""

    subdomain: (
        Annotated[
            str,
            Field(max_length=63),
            Form("[a-z0-9]([a-z0-9-]*[a-z0-9])?", "letters, digits and hyphens, such as shop"),
        ]
        | None
    ) = None
    """What comes before .ciamlogin.com or .b2clogin.com in the tenant's addresses."""

    user_flow: (
        Annotated[
            str,
            Field(max_length=64),
            Form(
                "[Bb]2[Cc]_1[Aa]?_[A-Za-z0-9_-]+", "the name of a user flow, such as B2C_1_signin"
            ),
        ]
        | None
    ) = None
    """The user flow or custom policy of B2C that people sign in by."""

    issuer: Address | None = None
    """Of openid: the `iss` of every token, letter by letter."""

    metadata_url: Address | None = None
    """Of openid: where the provider describes itself. Not set: below the issuer, where OpenID
    Connect Discovery has it. The API's gateway must reach it."""

    authorize_endpoint: Address | None = None
    """Of openid: where a person's sign-in begins, for the stack's outputs."""

    token_endpoint: Address | None = None
    """Of openid: what gives tokens, for the stack's outputs."""

    audiences: tuple[Audience, ...] = Field(default=(), max_length=10)
    """The `aud` that a token must have, 1 to 10: the API as the provider knows it. With Entra's
    tokens of version 2, the client id of the API's application. None with applications."""

    applications: bool = False
    """Of externalId: whether Bulwark makes the applications of the API and of the clients in the
    tenant, with their scopes and roles. The azuread provider then signs in there (azuread:tenantId,
    azuread:clientId), with rights of Microsoft Graph."""

    second_factor: Literal["byHand", "reportOnly", "enforced"] = "byHand"
    """With applications: whether Bulwark makes the Conditional Access policy that asks everybody
    for a second factor, and again after an hour: not at all, as a report that locks nobody out, or
    in force. It needs Entra ID P1."""

    emergency_group: Guid | None = None
    """Object id of the group that the policy for the second factor leaves out, so that somebody can
    still sign in where it is wrong."""

    scope_claim: Literal["scp", "scope"] = "scp"
    """The claim of an access token that has its scopes: scp at Entra and Okta, scope at Auth0 and
    Keycloak."""

    @model_validator(mode="after")
    def _says_who_it_is(self) -> Self:
        needed, useless = _FIELDS[self.kind]
        missing = [name for name in needed if getattr(self, name) is None]
        extra = [name for name in useless if getattr(self, name) is not None]
        aliases = type(self).model_fields
        if self.applications == bool(self.audiences):
            raise ValueError("needs audiences, or applications that are made, and not both")
        if self.applications and self.kind != "externalId":
            raise ValueError("applications are made in a tenant of kind externalId only")
        if self.second_factor != "byHand" and not self.applications:
            raise ValueError("secondFactor is for the API's application; turn applications on")
        if self.second_factor != "byHand" and self.emergency_group is None:
            raise ValueError("secondFactor needs emergencyGroup, or a mistake locks everybody out")
        if missing:
            names = " and ".join(aliases[name].alias or name for name in missing)
            raise ValueError(f"a provider of kind {self.kind} needs {names}")
        if extra:
            names = " and ".join(aliases[name].alias or name for name in extra)
            raise ValueError(f"{names} cannot be of a provider of kind {self.kind}; remove it")
        return self

    @property
    def endpoints(self) -> Endpoints:
        match self.kind:
            case "externalId":
                return _entra(
                    f"https://{self.tenant_id}.ciamlogin.com/{self.tenant_id}/v2.0",
                    f"https://{self.subdomain}.ciamlogin.com/{self.tenant_id}",
                )
            case "b2c":
                site = f"https://{self.subdomain}.b2clogin.com"
                return _entra(
                    f"{site}/{self.tenant_id}/v2.0/",
                    f"{site}/{self.subdomain}.onmicrosoft.com/{self.user_flow}",
                )
        assert self.issuer
        below = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        return Endpoints(
            issuer=self.issuer,
            metadata_url=self.metadata_url or below,
            jwks_uri=None,
            sign_in_url=self.issuer,
            authorize=self.authorize_endpoint,
            token=self.token_endpoint,
        )


_OF_ENTRA: Final = ("tenant_id", "subdomain")
_OF_OPENID: Final = ("issuer", "metadata_url", "authorize_endpoint", "token_endpoint")
_FIELDS: Final = {
    "externalId": (_OF_ENTRA, ("user_flow", *_OF_OPENID)),
    "b2c": ((*_OF_ENTRA, "user_flow"), _OF_OPENID),
    "openid": (("issuer",), (*_OF_ENTRA, "user_flow")),
}
"""What each kind needs, and what it has no use for."""


def _entra(issuer: str, base: str) -> Endpoints:
    return Endpoints(
        issuer=issuer,
        metadata_url=f"{base}/v2.0/.well-known/openid-configuration",
        jwks_uri=f"{base}/discovery/v2.0/keys",
        sign_in_url=base,
        authorize=f"{base}/oauth2/v2.0/authorize",
        token=f"{base}/oauth2/v2.0/token",
    )
