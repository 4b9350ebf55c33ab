"""Who holds what the presets ask, where customers sign in at Microsoft Entra.

Nothing of it can be declared from here: a customer tenant has its password rules fixed, and the
rest is set in it by a person, in the portal or through Microsoft Graph. So this says which, and
never that it is done. From Microsoft's pages on External ID and B2C; [m] is from memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from .presets import Requirement
from .provider import ProviderKind
from .spec import CustomerIdentitySpec

Held = Literal["enforced", "fixed", "tenant", "provider", "application", "unmet"]
"""`enforced`: by what we make in the tenant; `fixed`: by the service, whatever is set; `tenant`:
by a person, in the tenant; `provider`: by one that we know nothing of; `application`: by whoever
builds on it; `unmet`: by nobody, since the service does less."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """How one thing is held."""

    held: Held
    is_: str = ""
    """What the service has, in words; empty where a person decides."""
    value: int | None = None
    """What the service has, as a number: with it, what is asked is fixed or unmet."""
    how: str


_CONDITIONAL: Final = "a Conditional Access policy for all users and the API's application"
_LOCKOUT: Final = "Entra admin centre, Authentication methods, Password protection"

_ENTRA: Final[Mapping[str, Holding]] = {
    "password_minimum_length": Holding(
        held="fixed", value=8, how="External ID wants 8 characters and cannot be told otherwise"
    ),
    "password_characters": Holding(
        held="unmet",
        is_="three of four kinds",
        how="External ID wants three of small letters, capitals, digits and symbols, whichever",
    ),
    "passwords_remembered": Holding(
        held="fixed", value=1, how="External ID refuses the last password only"
    ),
    "mfa": Holding(held="tenant", how=f"{_CONDITIONAL} that asks for a second factor"),
    "threat_protection": Holding(
        held="fixed",
        is_="banned passwords",
        how="Microsoft's list of banned passwords is checked whenever one is chosen; sign-ins at "
        "risk are another matter, and Entra ID Protection does not know customers [m]",
    ),
    "access_token_minutes": Holding(
        held="tenant",
        how="a token lifetime policy through Graph, of 10 minutes at least; 60 to 90 without one",
    ),
    "refresh_token_minutes": Holding(
        held="tenant", how=f"{_CONDITIONAL} with a sign-in frequency of an hour at least"
    ),
    "failedAttempts": Holding(
        held="tenant", how=f"{_LOCKOUT}: the lockout threshold, 10 where nobody has set it"
    ),
    "lockoutMinutes": Holding(
        held="tenant", how=f"{_LOCKOUT}: the lockout duration, a minute where nobody has set it"
    ),
    "firstPassword": Holding(
        held="tenant", how="whoever makes an account for somebody sets it to change its password"
    ),
    "passwordMaximumLength": Holding(held="fixed", is_="256", how="Entra takes 256 characters"),
    "passwordExpiry": Holding(held="fixed", is_="none", how="passwords of customers do not expire"),
    "passwordHints": Holding(
        held="fixed", is_="none", how="Entra has no hints and no secret questions for customers"
    ),
    "sessionCapture": Holding(
        held="fixed", is_="prevented", how="Entra's endpoints answer over TLS only"
    ),
}

_B2C: Final[Mapping[str, Holding]] = {
    **_ENTRA,
    "password_minimum_length": Holding(
        held="tenant", how="the user flow's password complexity, custom"
    ),
    "password_characters": Holding(
        held="tenant", how="the user flow's password complexity, custom"
    ),
    "mfa": Holding(held="tenant", how="the user flow's multifactor authentication, always on"),
    "access_token_minutes": Holding(
        held="tenant", how="the user flow's token lifetime, of 5 minutes at least"
    ),
    "refresh_token_minutes": Holding(
        held="tenant", how="the user flow's refresh token lifetime, of a day at least"
    ),
}

_SHORTEST_ACCESS_MINUTES: Final[Mapping[ProviderKind, int]] = {"externalId": 10, "b2c": 5}
_SHORTEST_REFRESH_MINUTES: Final[Mapping[ProviderKind, int]] = {"externalId": 60, "b2c": 1_440}
"""What a person can set at least: less is asked in vain."""


def holding(kind: ProviderKind, asked: Requirement) -> Holding:
    """Who holds one thing that a preset asks."""
    if kind == "openid":
        if asked.held == "application" and asked.setting not in _ENTRA:
            return Holding(held="application", how="no provider can")
        return Holding(held="provider", how="ask the provider: Bulwark cannot see it")
    shortest = {
        "access_token_minutes": _SHORTEST_ACCESS_MINUTES,
        "refresh_token_minutes": _SHORTEST_REFRESH_MINUTES,
    }.get(asked.setting)
    if shortest and isinstance(asked.value, int) and asked.value < shortest[kind]:
        return Holding(
            held="unmet",
            is_=f"{shortest[kind]} at least",
            how="the tenant takes no less; the application must end a session by itself",
        )
    known = (_B2C if kind == "b2c" else _ENTRA).get(asked.setting)
    if known is None:
        return Holding(held="application", how="the service does not see it")
    if known.value is None:
        return known
    is_met = asked.is_met(known.value)
    return replace(known, is_=str(known.value), held="fixed" if is_met else "unmet")


_BY_POLICY: Final = {
    "mfa": "the Conditional Access policy of the stack asks everybody for a second factor",
    "refresh_token_minutes": "the same policy asks for a new sign-in after an hour",
}
"""What the policy for the second factor holds, where it is in force."""


def report(spec: CustomerIdentitySpec) -> Iterator[dict[str, str]]:
    """What the chosen presets ask, where, what there is, and who holds it."""
    provider = spec.provider
    kind = provider.kind if provider else "openid"
    in_force = provider is not None and provider.second_factor == "enforced"
    for preset, asked in spec.requirements:
        found = holding(kind, asked)
        if in_force and found.held == "tenant" and asked.setting in _BY_POLICY:
            found = replace(found, held="enforced", how=_BY_POLICY[asked.setting])
        yield {
            "preset": preset,
            "setting": asked.name,
            "wanted": asked.wanted,
            "is": found.is_,
            "source": asked.source,
            "held": found.held,
            "how": found.how,
        }
