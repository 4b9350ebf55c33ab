"""What a password must be and how often one may be tried: presets, and what a setting changes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from .lockout import Limit

PresetName = Literal["pci", "nist", "psd2"]
Breached = Literal["list", "service"]
OnFailure = Literal["closed", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    cost: int = 12
    """Binary logarithm of bcrypt's rounds, 10 to 16. A higher one is applied as people sign in; a
    lower one only to new passwords."""

    minimum_length: int = 12
    """Code points after normalisation, 8 to 64: PCI DSS 8.3.6 wants 12, NIST 15 where nothing is
    asked beside the password."""
    maximum_length: int = 256
    """Code points, 64 (NIST wants as many at least) to 1024. Everything up to it counts."""
    letters_and_digits: bool = False
    """Whether both are asked for: PCI DSS 8.3.6 does, NIST forbids it."""
    least_guesses_log10: int = 8
    """Guesses that a good guesser needs at least, as a power of ten, 6 to 12: zxcvbn's estimate,
    which knows common passwords and words, names, keyboards, dates and how people vary them."""
    breached: Breached = "list"
    """Against what leaked passwords are held: the list that ships, or a range service as well."""
    breached_on_failure: OnFailure = "closed"
    """Whether a password is refused (closed) or taken (open) when that service does not answer."""
    history: int = 4
    """Earlier passwords that may not come again, 0 to 24: PCI DSS 8.3.7 wants 4. Each costs one
    bcrypt when a password changes."""

    tries_per_source: int = 5
    """Failures from one place until it has to wait, 1 to 10."""
    tries_per_user: int = 10
    """Failures from all unknown places together until they have to wait, 2 to 100: PCI DSS 8.3.4
    allows 10, PSD2's RTS 4(3)(b) 5, NIST 100."""
    delay_seconds: int = 1800
    """The first wait, 1 to 86400: PCI DSS 8.3.4 wants half an hour. Each failure doubles it."""
    longest_delay_seconds: int = 86_400
    """The longest wait of one place, up to a week."""
    longest_delay_of_strangers_seconds: int = 3600
    """The longest wait of all unknown places together, up to a day: whoever attacks from many
    places holds up the sign-in from new devices, and no longer than this."""
    failures_seconds: int = 86_400
    """How long a failure counts, 900 to a week."""
    known_seconds: int = 90 * 86_400
    """How long a place or device is known after a sign-in, up to a year."""

    reset_seconds: int = 900
    """How long a reset token is good for, 60 to 86400."""
    resets: int = 3
    """Tokens that a user can have out, and ask for until a delay, 1 to 10."""

    def __post_init__(self) -> None:
        wrong = [
            f"{name}: {low} to {high}; got {getattr(self, name)}"
            for name, (low, high) in _BOUNDS.items()
            if not low <= getattr(self, name) <= high
        ]
        if self.tries_per_source >= self.tries_per_user:
            wrong.append(
                "tries_per_source: less than tries_per_user, or one place alone could lock out all "
                f"others; got {self.tries_per_source} and {self.tries_per_user}"
            )
        if self.minimum_length > self.maximum_length:
            wrong.append("minimum_length: at most maximum_length")
        if wrong:
            raise ValueError("; ".join(wrong))

    @property
    def of_a_place(self) -> Limit:
        return Limit(
            tries=self.tries_per_source,
            delay_seconds=self.delay_seconds,
            longest_seconds=max(self.delay_seconds, self.longest_delay_seconds),
        )

    @property
    def of_strangers(self) -> Limit:
        return Limit(
            tries=self.tries_per_user,
            delay_seconds=self.delay_seconds,
            longest_seconds=max(self.delay_seconds, self.longest_delay_of_strangers_seconds),
        )

    @property
    def of_resets(self) -> Limit:
        # The token that comes after the last free one is the first to be waited for.
        return Limit(
            tries=self.resets, delay_seconds=self.reset_seconds, longest_seconds=self.reset_seconds
        )

    @classmethod
    def of(cls, *presets: PresetName) -> "Policy":
        """The strictest of all that the presets ask."""
        return cls(**_strictest(PRESETS[preset] for preset in presets))

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Policy":
        """Read `{"presets": [...], setting: value, ...}`.

        Raises a ValueError that names all that is wrong, without text values.
        """
        given = dict(settings)
        presets = given.pop("presets", ["pci", "psd2"])
        if wrong := [*_wrong_presets(presets), *_wrong_settings(given)]:
            raise ValueError("; ".join(wrong))
        return replace(cls.of(*presets), **given)


_DAY = 86_400
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "cost": (10, 16),
    "minimum_length": (8, 64),
    "maximum_length": (64, 1024),
    "least_guesses_log10": (6, 12),
    "history": (0, 24),
    "tries_per_source": (1, 10),
    "tries_per_user": (2, 100),
    "delay_seconds": (1, _DAY),
    "longest_delay_seconds": (1, 7 * _DAY),
    "longest_delay_of_strangers_seconds": (1, _DAY),
    "failures_seconds": (900, 7 * _DAY),
    "known_seconds": (_DAY, 365 * _DAY),
    "reset_seconds": (60, _DAY),
    "resets": (1, 10),
}

PRESETS: Mapping[PresetName, Mapping[str, Any]] = {
    "pci": {  # PCI DSS 4.0.1: 8.3.4, 8.3.6, 8.3.7
        "minimum_length": 12,
        "letters_and_digits": True,
        "history": 4,
        "tries_per_source": 5,
        "tries_per_user": 10,
        "delay_seconds": 1800,
    },
    "nist": {  # SP 800-63B-4: 3.1.1.2, 3.2.2
        "minimum_length": 15,
        "letters_and_digits": False,
        "history": 0,
        "tries_per_source": 5,
        "tries_per_user": 50,
        "delay_seconds": 30,
    },
    "psd2": {  # Regulation (EU) 2018/389: 4(3)(b)
        "minimum_length": 12,
        "history": 4,
        "tries_per_source": 3,
        "tries_per_user": 5,
        "delay_seconds": 300,
    },
}

_STRICTEST: Mapping[str, Callable[[Iterable[Any]], Any]] = {
    "minimum_length": max,
    "letters_and_digits": any,
    "history": max,
    "tries_per_source": min,
    "tries_per_user": min,
    "delay_seconds": max,
}


def _strictest(presets: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    chosen = list(presets)
    return {
        setting: strictest(preset[setting] for preset in chosen if setting in preset)
        for setting, strictest in _STRICTEST.items()
        if any(setting in preset for preset in chosen)
    }


def _wrong_presets(presets: object) -> list[str]:
    known = get_args(PresetName)
    if isinstance(presets, list) and presets and all(preset in known for preset in presets):
        return []
    return [f"presets: a list of {', '.join(known)}, at least one"]


_WORDS = {"breached": get_args(Breached), "breached_on_failure": get_args(OnFailure)}


def _wrong_settings(settings: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}: {wrong}"
        for name, value in settings.items()
        if (wrong := _wrong_with(name, value)) is not None
    ]


def _wrong_with(name: str, value: object) -> str | None:
    if name not in {f.name for f in fields(Policy)}:
        return "no such setting"
    if name in _WORDS:
        return None if value in _WORDS[name] else f"one of {', '.join(_WORDS[name])}"
    wanted = bool if name == "letters_and_digits" else int
    return None if type(value) is wanted else f"{'true or false' if wanted is bool else 'a number'}"
