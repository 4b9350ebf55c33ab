"""The `customerIdentity` block of the stack config."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic.alias_generators import to_camel

from ..clouds import Limited
from ..domain import DomainSpec
from ..forms import NAME, Form, HostName
from ..spec import Defence, Guards, Loosened, Spec
from .presets import HOUSE, PresetName, Requirement, Value, asked, contradictions, strictest
from .provider import Guid, ProviderSpec

Mfa = Literal["off", "optional", "required"]
ThreatProtection = Literal["off", "audit", "enforced"]
Passkeys = Literal["off", "prepared", "on"]
Flow = Literal["authorizationCode", "clientCredentials"]
Character = Literal["lowercase", "uppercase", "numbers", "symbols"]

ClientName = Annotated[str, Field(max_length=64), NAME]

OPENID_SCOPES = ("openid", "email", "phone", "profile")
SELF_SERVICE_SCOPE = "aws.cognito.signin.user.admin"
"""Lets a token change what its user may change: second factors, passkeys, attributes."""

_MARKS = r"[\x21\x23-\x5B\x5D-\x7E]"
ScopeToken = Annotated[
    str,
    Field(max_length=256),
    Form(
        rf"{_MARKS}+",
        "a scope, such as payments/read: printable ASCII without spaces, quotes and backslashes",
    ),
]
"""A scope as a token carries it. Alphabet and length are Cognito's."""

MACHINE_MINUTES = 15
"""How long a machine's token is good for, if nothing is said. Each token of a machine is billed."""

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_LONGEST_URL = 1024


def _exact_url(url: str) -> str:
    """Check an address that Cognito compares letter by letter, and say what is wrong unechoed."""
    if len(url) > _LONGEST_URL:
        raise ValueError(f"is longer than {_LONGEST_URL} characters, Cognito's limit")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("has a space or a letter beyond ASCII; write it percent-encoded")
    if "*" in url:
        raise ValueError("has a wildcard; name each address in full")
    if "#" in url:
        raise ValueError("has a fragment (`#`), which RFC 6749 3.1.2 forbids")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no address: its host or port cannot be read") from None
    if not host:
        raise ValueError("must begin with https:// and name a host")
    if "@" in parts.netloc or "\\" in url:
        raise ValueError("has a user or a backslash in it, which hides where it leads")
    if parts.scheme != "https" and not is_local(url):
        raise ValueError("must begin with https://")
    return url


def is_local(url: str) -> bool:
    """Whether the address is of the user's own machine, without TLS."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS


def _each_once(items: tuple[str, ...]) -> tuple[str, ...]:
    if twice := next((n for n, item in enumerate(items) if item in items[:n]), None):
        raise ValueError(f"the one at [{twice}] is there twice")
    return items


Url = Annotated[str, AfterValidator(_exact_url)]


_NOT_OURS = Limited(
    "azure",
    because="It is decided in the tenant, which Bulwark does not make: see "
    "docs/customer-identity-on-azure.md. Remove it.",
)
"""Marks what Cognito is told, and what on Azure a person sets in the provider."""


class ClientSpec(Spec):
    elsewhere = dict.fromkeys(
        ("secret", "clientSecret", "generateSecret"),
        "Cognito makes the secret of a client that is not public; take it out of the file.",
    )

    flow: Flow = "authorizationCode"
    """How the client gets its tokens: authorizationCode (people sign in; always use PKCE), or
    clientCredentials (a machine, with a secret that Cognito makes)."""

    public: bool = False
    """Whether the client runs where it can keep no secret: in a browser, or as an app."""

    scopes: Annotated[tuple[ScopeToken, ...], AfterValidator(_each_once)] = Field(
        min_length=1, max_length=50
    )
    """What the client may ask for, 1 to 50, Cognito's limit: scopes of the OpenAPI document as
    server/scope; for people openid, email, phone and profile too, and
    aws.cognito.signin.user.admin to manage their own second factors."""

    local_callbacks: Annotated[bool, Guards("access", weaker="higher")] = False
    """Whether callbacks and logouts may lead to http://localhost: for a developer's machine."""

    callback_urls: Annotated[tuple[Url, ...], AfterValidator(_each_once)] = Field(
        default=(), max_length=100
    )
    """Where people come back to with a code, at most 100, Cognito's limit: whole addresses,
    compared letter by letter, https only."""

    logout_urls: Annotated[tuple[Url, ...], AfterValidator(_each_once)] = Field(
        default=(), max_length=100
    )
    """Where people may be led after they signed out, at most 100, like the callbacks."""

    client_id: Annotated[Guid | None, Limited("aws", because="Cognito makes it. Remove it.")] = None
    """The client's id in the tenant, on Azure: for the stack's outputs."""

    password_flow: Annotated[bool, Guards("access", weaker="higher"), _NOT_OURS] = False
    """Whether the application may handle passwords in the clear (ALLOW_USER_PASSWORD_AUTH), for a
    migration. Else only Cognito's pages do, or the SRP protocol."""

    access_token_minutes: Annotated[Annotated[int, Field(ge=5, le=1440)] | None, _NOT_OURS] = None
    """Minutes that this client's access and ID tokens are good for: 5 to 1440, Cognito's range.
    Not set: as for the others, and 15 for a machine, to which the presets do not apply."""

    refresh_token_minutes: Annotated[
        Annotated[int, Field(ge=60, le=5_256_000)] | None, _NOT_OURS
    ] = None
    """Minutes that this client's refresh tokens are good for: 60 to 5,256,000 (ten years),
    Cognito's range. Not set: as for the others."""

    @field_validator("callback_urls", "logout_urls")
    @classmethod
    def _local_only_if_allowed(cls, urls: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        local = [n for n, url in enumerate(urls) if is_local(url)]
        if local and not info.data.get("local_callbacks"):
            raise ValueError(
                f"the one at [{local[0]}] is http; use https, or set localCallbacks for a client "
                "that developers use"
            )
        return urls

    @model_validator(mode="after")
    def _suits_its_flow(self) -> Self:
        rules = _PEOPLE if self.flow == "authorizationCode" else _MACHINES
        if wrong := [text for text, breaks in rules.items() if breaks(self)]:
            raise ValueError("; ".join(wrong))
        return self


_Rules = Mapping[str, Callable[[ClientSpec], object]]
"""What is wrong with a client, and whether it is."""

_PEOPLE: _Rules = {
    "an authorizationCode client needs a callbackUrl": lambda c: not c.callback_urls,
    "email, phone and profile are given only beside openid; add that scope": lambda c: (
        "openid" not in c.scopes and set(c.scopes) & set(OPENID_SCOPES)
    ),
}
_MACHINES: _Rules = {
    "a clientCredentials client has a secret, so it is not public": lambda c: c.public,
    "nobody signs in at a clientCredentials client; remove its callbackUrls and logoutUrls": (
        lambda c: c.callback_urls or c.logout_urls
    ),
    "a clientCredentials client gets no refresh token; remove refreshTokenMinutes": lambda c: (
        c.refresh_token_minutes is not None
    ),
    "passwordFlow is for people; remove it from a clientCredentials client": lambda c: (
        c.password_flow
    ),
    "a clientCredentials client has scopes of the document only": lambda c: (
        set(c.scopes) & {*OPENID_SCOPES, SELF_SERVICE_SCOPE}
    ),
}


class EmailSpec(Spec):
    identity_arn: Annotated[
        str,
        Field(max_length=2048),
        Form(
            r"arn:aws[a-z-]*:ses:[a-z0-9-]+:[0-9]{12}:identity/[\w+=.@-]+",
            "the full ARN of an SES identity",
        ),
    ]
    """ARN of a verified SES identity that the mails come from, in a region that Cognito takes:
    commonly the pool's own."""

    from_address: Annotated[
        str,
        Field(max_length=320),
        Form(r"[^\s@<>]+@[^\s@<>]+", "an e-mail address and nothing beside it"),
    ]
    """The sender: an address of that identity."""

    reply_to: (
        Annotated[
            str,
            Field(max_length=320),
            Form(r"[^\s@<>]+@[^\s@<>]+", "an e-mail address and nothing beside it"),
        ]
        | None
    ) = None
    """Where answers go, if not to the sender."""

    configuration_set: (
        Annotated[str, Form("[a-zA-Z0-9_-]{1,64}", "the name of a configuration set")] | None
    ) = None
    """The SES configuration set that watches bounces and complaints."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """What the presets and the settings come to."""

    password_minimum_length: int
    password_characters: tuple[Character, ...]
    passwords_remembered: int
    access_token_minutes: int
    refresh_token_minutes: int


_DECIDED = tuple(SignIn.__dataclass_fields__)
_FROM_PRESETS = (*_DECIDED, "mfa", "threat_protection")
_DEFENCES: Mapping[str, Defence] = {"mfa": "mfa"}
"""What a setting that presets decide holds up, if not access."""


class CustomerIdentitySpec(Spec):
    presets: Annotated[tuple[PresetName, ...], AfterValidator(_each_once)] = ("pci", "psd2")
    """What the sign-in follows: pci (PCI DSS 4.0.1), nist (SP 800-63B-4), psd2 (RTS 2018/389), or
    several, of which the strictest wins. What each asks and who holds it is in
    docs/customer-identity.md."""

    mfa: Annotated[Mfa, _NOT_OURS] = "required"
    """Whether everybody needs a second factor: required, optional (whoever wants), or off."""

    sms: Annotated[bool, Guards("mfa", weaker="higher"), _NOT_OURS] = False
    """Whether a text message counts as a second factor beside an authenticator app. Messages are
    billed and can be intercepted, and a pool that has them keeps them."""

    passkeys: Annotated[Passkeys, _NOT_OURS] = "prepared"
    """Whether people sign in with a passkey: on, prepared (all but the last step), or off. Where
    MFA is required, on needs a command first, or AWS refuses: see docs/customer-identity.md."""

    passkey_domain: Annotated[HostName | None, _NOT_OURS] = None
    """The host name that passkeys belong to, if it is not that of the sign-in pages: for an
    application with pages of its own. A change makes every passkey worthless."""

    threat_protection: Annotated[ThreatProtection, _NOT_OURS] = "enforced"
    """Whether Cognito blocks passwords that are known to be compromised, and asks again or blocks
    where a sign-in looks like a takeover: enforced, audit (it only records), or off. Both others
    than off need the Plus tier, which is billed for every user who is active in a month."""

    risk_mails: Annotated[bool, _NOT_OURS] = False
    """Whether people are told by mail of a sign-in that was blocked or asked again. Needs
    `email` and threat protection that is enforced."""

    password_minimum_length: Annotated[Annotated[int, Field(ge=8, le=99)] | None, _NOT_OURS] = None
    """Characters a password has at least: 8 to 99. SP 800-63B-4 wants 8, Cognito takes no more
    than 99. Not set: the strictest of the presets, at least 12."""

    password_characters: Annotated[
        Annotated[tuple[Character, ...], AfterValidator(_each_once)] | None, _NOT_OURS
    ] = None
    """What a password must have: lowercase, uppercase, numbers, symbols. Not set: as the presets
    say, else nothing, since SP 800-63B-4 advises against it."""

    passwords_remembered: Annotated[Annotated[int, Field(ge=0, le=24)] | None, _NOT_OURS] = None
    """Former passwords that cannot be used again: 0 to 24, Cognito's range. Not set: the
    strictest of the presets, at least 4."""

    temporary_password_days: Annotated[int, Guards("access", weaker="higher"), _NOT_OURS] = Field(
        default=3, ge=1, le=365
    )
    """Days in which a first password, sent with an invitation, works: 1 to 365, Cognito's
    range."""

    access_token_minutes: Annotated[Annotated[int, Field(ge=5, le=1440)] | None, _NOT_OURS] = None
    """Minutes that access and ID tokens of people are good for: 5 to 1440, Cognito's range. Not
    set: the strictest of the presets, at most 15. A token works until then, revoked or not: the
    API's authoriser asks nobody."""

    refresh_token_minutes: Annotated[
        Annotated[int, Field(ge=60, le=5_256_000)] | None, _NOT_OURS
    ] = None
    """Minutes that a session can be renewed: 60 to 5,256,000 (ten years), Cognito's range. Not
    set: the strictest of the presets, at most 480."""

    refresh_grace_seconds: Annotated[int, Guards("access", weaker="higher"), _NOT_OURS] = Field(
        default=10, ge=0, le=60
    )
    """Seconds in which a refresh token that was replaced still works, for a request that got
    lost: 0 to 60, Cognito's range."""

    sign_in_step_minutes: Annotated[int, Guards("access", weaker="higher"), _NOT_OURS] = Field(
        default=5, ge=3, le=15
    )
    """Minutes that each step of a sign-in may take, such as to set up an authenticator app: 3 to
    15, Cognito's range."""

    self_sign_up: Annotated[bool, Guards("access", weaker="higher"), _NOT_OURS] = False
    """Whether anybody can make an account. Else an administrator invites."""

    email: Annotated[EmailSpec | None, _NOT_OURS] = None
    """How mail is sent through SES. Not set: Cognito sends it, 50 a day at most."""

    domain: Annotated[DomainSpec | None, _NOT_OURS] = None
    """Host name of the sign-in pages and of the token endpoint, such as auth.example.com. Its
    parent must have an A record, or AWS refuses it. Not set: a name below amazoncognito.com."""

    provider: Annotated[
        ProviderSpec | None,
        Limited("aws", because="On AWS the user pool is the provider. Remove it."),
    ] = None
    """Who signs customers in on Azure, where nobody but a person can make a customer tenant."""

    clients: dict[ClientName, ClientSpec] = Field(default={}, max_length=100)
    """The applications that get tokens, by name, at most 100. A name is up to 64 small letters,
    digits and hyphens, and begins with a letter."""

    @field_validator("presets")
    @classmethod
    def _presets_agree(cls, presets: tuple[PresetName, ...]) -> tuple[PresetName, ...]:
        if problems := list(contradictions(presets)):
            raise ValueError(f"{'; '.join(problems)}. Choose one of the two")
        return presets

    @field_validator(*_FROM_PRESETS)
    @classmethod
    def _meets_the_presets(cls, value: Value | None, info: ValidationInfo) -> Value | None:
        problems = _unmet(info.field_name or "", value, info.data)
        if problems:
            raise ValueError(f"{'; '.join(problems)}. Change it, or the presets")
        return value

    @field_validator("risk_mails")
    @classmethod
    def _somebody_assesses_risk(cls, risk_mails: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 pydantic passes it
        if risk_mails and info.data.get("threat_protection", "enforced") != "enforced":
            raise ValueError(
                "needs threatProtection that is enforced: else there is no risk to tell of"
            )
        return risk_mails

    @field_validator("clients")
    @classmethod
    def _clients_meet_the_presets(
        cls, clients: dict[str, ClientSpec], info: ValidationInfo
    ) -> dict[str, ClientSpec]:
        problems = [
            f"{client}.{ClientSpec.model_fields[setting].alias} {problem}"
            for client, spec in clients.items()
            if spec.flow == "authorizationCode"
            for setting in ("access_token_minutes", "refresh_token_minutes")
            for problem in _unmet(setting, getattr(spec, setting), info.data)
        ]
        if problems:
            raise ValueError(f"{'; '.join(problems)}. Change it, or the presets")
        return clients

    @model_validator(mode="after")
    def _mails_have_a_sender(self) -> Self:
        if self.risk_mails and self.email is None:
            raise ValueError("riskMails needs email: Cognito tells of risks through SES only")
        if self.sms and self.mfa == "off":
            raise ValueError("sms is a second factor, and mfa is off; remove sms, or turn mfa on")
        return self

    @property
    def sign_in(self) -> SignIn:
        """What the presets and the settings come to."""
        decided: dict[str, Any] = {
            setting: given
            if (given := getattr(self, setting)) is not None
            else self._hardened(setting)
            for setting in _DECIDED
        }
        return SignIn(**decided)

    @property
    def requirements(self) -> list[tuple[PresetName, Requirement]]:
        """What the chosen presets ask, as far as it applies to this pool."""
        return list(asked(self.presets, sole_factor=self.mfa != "required"))

    @property
    def left_over(self) -> list[tuple[PresetName, Requirement]]:
        """What is left to the application: of each thing what is asked most strictly."""
        left = [asked for _, asked in self.requirements if asked.held == "application"]
        return [
            (preset, asked)
            for preset, asked in self.requirements
            if asked in left
            and asked.value == strictest(other for other in left if other.setting == asked.setting)
        ]

    def report(self) -> list[dict[str, str]]:
        """What the chosen presets ask, where, what the pool has, and who holds it."""
        return [
            {
                "preset": preset,
                "setting": asked.name,
                "wanted": asked.wanted,
                "is": self._is(asked.setting),
                "source": asked.source,
                "held": asked.held,
                "how": asked.how,
            }
            for preset, asked in self.requirements
        ]

    def _is(self, setting: str) -> str:
        """The value of a setting; empty if no setting decides."""
        if setting in _DECIDED:
            return in_words(getattr(self.sign_in, setting))
        return in_words(getattr(self, setting)) if setting in _FROM_PRESETS else ""

    def loosened(self, at: str = "") -> Iterator[Loosened]:
        yield from super().loosened(at)
        if not self.presets:
            hardened = list(type(self).model_fields["presets"].default)
            yield Loosened(f"{at}presets", "access", [], hardened)
        for setting in _FROM_PRESETS:
            given, hardened = getattr(self, setting), self._hardened(setting)
            if given is not None and not _as_strict(setting, given, hardened):
                path = f"{at}{type(self).model_fields[setting].alias}"
                yield Loosened(path, _DEFENCES.get(setting, "access"), given, hardened)
        for client, spec in self.clients.items():
            yield from _long_lived(f"{at}clients.{client}.", spec, self.sign_in)

    def _hardened(self, setting: str) -> Any:
        wanted = [r for _, r in self.requirements if r.setting == setting]
        return strictest([*(r for r in HOUSE if r.setting == setting), *wanted])


def _unmet(setting: str, value: Value | None, given: Mapping[str, Any]) -> list[str]:
    """What presets want of a setting that its value is not."""
    if value is None:
        return []
    # A setting that is wrong itself is not there. MFA's own value does not matter to MFA.
    presets, mfa = given.get("presets", ()), given.get("mfa", "required")
    return [
        f"is {in_words(value)}, and the {preset} preset wants {wanted.wanted} ({wanted.source})"
        for preset, wanted in asked(presets, sole_factor=mfa != "required")
        if wanted.setting == setting and not wanted.is_met(value)
    ]


def _long_lived(at: str, client: ClientSpec, sign_in: SignIn) -> Iterator[Loosened]:
    """Tokens of a client that are good for longer than those of the others."""
    people = client.flow == "authorizationCode"
    hardened = {
        "access_token_minutes": sign_in.access_token_minutes if people else MACHINE_MINUTES,
        "refresh_token_minutes": sign_in.refresh_token_minutes,
    }
    for setting, minutes in hardened.items():
        if (given := getattr(client, setting) or 0) > minutes:
            yield Loosened(f"{at}{to_camel(setting)}", "access", given, minutes)


def _as_strict(setting: str, given: Value, hardened: Value) -> bool:
    house = next(r for r in HOUSE if r.setting == setting)
    return replace(house, value=hardened).is_met(given)


def in_words(value: Value) -> str:
    return (" and ".join(value) or "none") if isinstance(value, tuple) else str(value)
