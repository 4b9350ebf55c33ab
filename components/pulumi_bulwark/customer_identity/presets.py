"""What frameworks ask of a sign-in, as data, and who holds each of it.

The words are ours; the ids are the frameworks': PCI DSS 4.0.1, NIST SP 800-63B-4, and the
technical standards of PSD2 (Regulation (EU) 2018/389, "RTS").
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

from pydantic.alias_generators import to_camel

PresetName = Literal["pci", "nist", "psd2"]

Held = Literal["enforced", "fixed", "application"]
"""`enforced`: by the service, as we configure it; `fixed`: by the service, whatever is configured;
`application`: by whoever builds on it, since the service cannot."""

Bound = Literal["least", "most", "exactly"]

Value = int | str | tuple[str, ...]
"""A number, a word, or a set of words. Some words have an order, in `LADDERS`."""

LADDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "mfa": ("off", "optional", "required"),
    "threat_protection": ("off", "audit", "enforced"),
}
"""Settings that are words, from the weakest to the strongest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """One thing that a framework asks."""

    setting: str
    """The setting that decides it, or a name for what no setting decides."""
    bound: Bound
    value: Value
    source: str
    """Where the framework asks it."""
    held: Held
    how: str
    """How it is held, or why it is left to the application."""
    sole_factor: bool = False
    """Asked only where a password can be the only factor: where MFA is not required."""

    @property
    def name(self) -> str:
        """The setting as a stack file spells it."""
        return to_camel(self.setting)

    def is_met(self, value: Value) -> bool:
        if self.bound == "exactly":
            return value == self.value
        if isinstance(self.value, tuple) and isinstance(value, tuple):
            more, fewer = set(value) - set(self.value), set(self.value) - set(value)
            return not (fewer if self.bound == "least" else more)
        wanted, given = self.rank(self.value), self.rank(value)
        return given >= wanted if self.bound == "least" else given <= wanted

    def rank(self, value: Value) -> int:
        """A value as a number: the higher, the more of it."""
        if isinstance(value, str) and self.setting in LADDERS:
            return LADDERS[self.setting].index(value)
        if isinstance(value, int):
            return value
        raise TypeError(f"{self.setting} has no order")

    @property
    def wanted(self) -> str:
        """The bound and the value in words."""
        if isinstance(self.value, tuple):
            value = " and ".join(self.value) or "none"
        else:
            value = str(self.value)
        ladder = LADDERS.get(self.setting, ())
        is_top = ladder[-1:] == (self.value,)
        if self.bound == "exactly" or is_top or isinstance(self.value, tuple):
            return value
        return f"at {self.bound} {value}"


HOUSE: Final = (
    Requirement(
        setting="password_minimum_length",
        bound="least",
        value=12,
        source="Bulwark",
        held="enforced",
        how="the pool's password policy",
    ),
    Requirement(
        setting="password_characters",
        bound="least",
        value=(),
        source="Bulwark",
        held="enforced",
        how="the pool's password policy",
    ),
    Requirement(
        setting="passwords_remembered",
        bound="least",
        value=4,
        source="Bulwark",
        held="enforced",
        how="the pool's password policy",
    ),
    Requirement(
        setting="mfa",
        bound="least",
        value="required",
        source="Bulwark",
        held="enforced",
        how="the pool's MFA",
    ),
    Requirement(
        setting="threat_protection",
        bound="least",
        value="enforced",
        source="Bulwark",
        held="enforced",
        how="the pool's threat protection",
    ),
    Requirement(
        setting="access_token_minutes",
        bound="most",
        value=15,
        source="Bulwark",
        held="enforced",
        how="each client's token validity",
    ),
    Requirement(
        setting="refresh_token_minutes",
        bound="most",
        value=480,
        source="Bulwark",
        held="enforced",
        how="each client's token validity",
    ),
)
"""What holds whatever presets are chosen, unless a setting says otherwise."""

_PCI = (
    Requirement(
        setting="password_minimum_length",
        bound="least",
        value=12,
        source="PCI DSS 8.3.6",
        held="enforced",
        how="the pool's password policy",
    ),
    Requirement(
        setting="password_characters",
        bound="least",
        value=("numbers", "lowercase"),
        source="PCI DSS 8.3.6",
        held="enforced",
        how="the pool's password policy; of letters, Cognito can ask for small or capital ones",
    ),
    Requirement(
        setting="passwords_remembered",
        bound="least",
        value=4,
        source="PCI DSS 8.3.7",
        held="enforced",
        how="the pool's password policy",
    ),
    Requirement(
        setting="firstPassword",
        bound="exactly",
        value="changed at first use",
        source="PCI DSS 8.3.5",
        held="fixed",
        how="Cognito makes everybody who was invited choose a password at the first sign-in",
    ),
    Requirement(
        setting="failedAttempts",
        bound="most",
        value=10,
        source="PCI DSS 8.3.4",
        held="fixed",
        how="Cognito locks a user after 5 failures",
    ),
    Requirement(
        setting="lockoutMinutes",
        bound="least",
        value=30,
        source="PCI DSS 8.3.4",
        held="application",
        how="Cognito's lock begins at a second, doubles with each failure and ends near 15 "
        "minutes: a longer one needs a pre-authentication trigger",
    ),
    Requirement(
        setting="passwordAgeDays",
        bound="most",
        value=90,
        source="PCI DSS 8.3.9",
        held="application",
        how="Cognito lets no password expire",
        sole_factor=True,
    ),
    Requirement(
        setting="passwordGuidance",
        bound="exactly",
        value="given to users",
        source="PCI DSS 8.3.8",
        held="application",
        how="what users are told is on the application's pages",
    ),
    Requirement(
        setting="idleMinutes",
        bound="most",
        value=15,
        source="PCI DSS 8.2.8",
        held="application",
        how="Cognito's shortest refresh token is 60 minutes, and it does not see who is idle",
    ),
)

_NIST = (
    Requirement(
        setting="password_minimum_length",
        bound="least",
        value=15,
        source="SP 800-63B-4 3.1.1.2",
        held="enforced",
        how="the pool's password policy",
        sole_factor=True,
    ),
    Requirement(
        setting="password_minimum_length",
        bound="least",
        value=8,
        source="SP 800-63B-4 3.1.1.2",
        held="enforced",
        how="the pool's password policy",
    ),
    Requirement(
        setting="password_characters",
        bound="exactly",
        value=(),
        source="SP 800-63B-4 3.1.1.2",
        held="enforced",
        how="the pool's password policy asks for no kind of character",
    ),
    Requirement(
        setting="threat_protection",
        bound="least",
        value="enforced",
        source="SP 800-63B-4 3.1.1.2",
        held="enforced",
        how="passwords that are known to be compromised are blocked when they are chosen or used",
    ),
    Requirement(
        setting="passwordMaximumLength",
        bound="least",
        value=64,
        source="SP 800-63B-4 3.1.1.2",
        held="fixed",
        how="Cognito takes 256 characters",
    ),
    Requirement(
        setting="passwordExpiry",
        bound="exactly",
        value="none",
        source="SP 800-63B-4 3.1.1.2",
        held="fixed",
        how="Cognito lets no password expire",
    ),
    Requirement(
        setting="passwordHints",
        bound="exactly",
        value="none",
        source="SP 800-63B-4 3.1.1.2",
        held="fixed",
        how="Cognito has no hints and no secret questions",
    ),
    Requirement(
        setting="failedAttempts",
        bound="most",
        value=100,
        source="SP 800-63B-4 3.2.2",
        held="fixed",
        how="Cognito locks a user after 5 failures",
    ),
    Requirement(
        setting="passwordManagers",
        bound="exactly",
        value="allowed, and pasting too",
        source="SP 800-63B-4 3.1.1.2",
        held="application",
        how="true of Cognito's own pages; pages of the application must allow it too",
    ),
)

_PSD2 = (
    Requirement(
        setting="mfa",
        bound="least",
        value="required",
        source="RTS Art. 4(1)",
        held="enforced",
        how="the pool's MFA is on for everybody",
    ),
    Requirement(
        setting="failedAttempts",
        bound="most",
        value=5,
        source="RTS Art. 4(3)(b)",
        held="fixed",
        how="Cognito locks a user after 5 failures: a second first, doubled with each failure, "
        "up to about 15 minutes",
    ),
    Requirement(
        setting="failedElement",
        bound="exactly",
        value="not told",
        source="RTS Art. 4(3)(a)",
        held="application",
        how="whether a user exists is not told, but Cognito asks for a code once the password was "
        "right; a passkey is both in one",
    ),
    Requirement(
        setting="access_token_minutes",
        bound="most",
        value=5,
        source="RTS Art. 4(3)(d)",
        held="enforced",
        how="each client's token validity: a session that is not renewed ends",
    ),
    Requirement(
        setting="refresh_token_minutes",
        bound="most",
        value=60,
        source="RTS Art. 4(3)(d)",
        held="fixed",
        how="Cognito's shortest refresh token",
    ),
    Requirement(
        setting="idleMinutes",
        bound="most",
        value=5,
        source="RTS Art. 4(3)(d)",
        held="application",
        how="Cognito's shortest refresh token is 60 minutes: the application must not renew an "
        "idle session",
    ),
    Requirement(
        setting="sessionCapture",
        bound="exactly",
        value="prevented",
        source="RTS Art. 4(3)(c)",
        held="fixed",
        how="Cognito's endpoints answer over TLS only",
    ),
    Requirement(
        setting="dynamicLinking",
        bound="exactly",
        value="amount and payee in what is approved",
        source="RTS Art. 5",
        held="application",
        how="Cognito knows of no payment",
    ),
)

PRESETS: Final[Mapping[PresetName, tuple[Requirement, ...]]] = {
    "pci": _PCI,
    "nist": _NIST,
    "psd2": _PSD2,
}


def asked(
    presets: Iterable[PresetName], *, sole_factor: bool
) -> Iterator[tuple[PresetName, Requirement]]:
    """What the presets ask; `sole_factor` says whether a password can be the only factor."""
    for preset in presets:
        for requirement in PRESETS[preset]:
            if sole_factor or not requirement.sole_factor:
                yield preset, requirement


def strictest(requirements: Iterable[Requirement]) -> Value:
    """The mildest value that meets every requirement, of one setting, that can be met."""
    found = list(requirements)
    exact = next((r for r in found if r.bound == "exactly"), None)
    if exact:
        return exact.value
    sets = [r.value for r in found if isinstance(r.value, tuple)]
    if sets:
        return tuple(sorted({word for words in sets for word in words}))
    least, most = ([r for r in found if r.bound == bound] for bound in ("least", "most"))
    if least:
        return max(least, key=lambda r: r.rank(r.value)).value
    return min(most, key=lambda r: r.rank(r.value)).value


def contradictions(presets: Iterable[PresetName]) -> Iterator[str]:
    """Where two presets ask for what cannot both be."""
    for (first, one), (second, other) in combinations(asked(presets, sole_factor=True), 2):
        if first != second and one.setting == other.setting and _exclude(one, other):
            yield (
                f"{first} wants {one.wanted} ({one.source}) and {second} wants {other.wanted} "
                f"({other.source}) of {one.name}"
            )


def _exclude(one: Requirement, other: Requirement) -> bool:
    # A bound alone excludes nothing that another of its kind asks.
    return {one.bound, other.bound} not in ({"least"}, {"most"}) and not (
        one.is_met(other.value) or other.is_met(one.value)
    )
