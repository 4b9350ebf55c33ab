"""The `credentials` block of the stack config."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from ..clouds import Differs
from ..forms import Form, PrincipalArn
from ..function import FunctionSpec
from ..spec import Guards, Spec

Operation = Literal[
    "register",
    "verify",
    "change",
    "begin-reset",
    "finish-reset",
    "disable",
    "enable",
    "delete",
    "import-hash",
    "count-peppers",
    "move-hashes",
]
"""What can be done to users' passwords: a function each."""

UPKEEP: frozenset[Operation] = frozenset({"count-peppers", "move-hashes"})
"""Those that go through all users, for whoever runs the vault."""

Preset = Literal["nist", "pci", "psd2"]

_Asked = Mapping[str, int | bool]

PRESETS: Mapping[Preset, _Asked] = MappingProxyType(
    {
        "pci": {
            "minimum_length": 12,
            "letters_and_digits": True,
            "history": 4,
            "tries_per_source": 5,
            "tries_per_user": 10,
            "delay_seconds": 1800,
        },
        "nist": {
            "minimum_length": 15,
            "letters_and_digits": False,
            "history": 0,
            "tries_per_source": 5,
            "tries_per_user": 50,
            "delay_seconds": 30,
        },
        "psd2": {
            "minimum_length": 12,
            "history": 4,
            "tries_per_source": 3,
            "tries_per_user": 5,
            "delay_seconds": 300,
        },
    }
)
"""What each set of rules asks: PCI DSS 4.0.1 (8.3.4, 8.3.6, 8.3.7), NIST SP 800-63B-4 (3.1.1.2,
3.2.2) and the RTS of PSD2 (Regulation (EU) 2018/389, 4(3)(b)). The runtime has the same table, and
a test compares them: reading a config must not load bcrypt."""

_STRICTEST = MappingProxyType(
    {
        "minimum_length": max,
        "letters_and_digits": any,
        "history": max,
        "tries_per_source": min,
        "tries_per_user": min,
        "delay_seconds": max,
    }
)


PepperVersion = Annotated[
    str, Form("v[1-9][0-9]{0,5}", "a version of the pepper, v and a number, such as v1")
]


class LockoutSpec(Spec):
    tries_per_source: Annotated[int, Field(ge=1, le=10)] | None = None
    """Failures from one address or device until it has to wait: 1 to 10, and no more than the
    presets allow, which is the default. One that has signed in before counts alone."""

    tries_per_user: Annotated[int, Field(ge=2, le=100)] | None = None
    """Failures from all unknown places together until they have to wait: 2 to 100, more than
    `triesPerSource`, and no more than the presets allow, which is the default."""

    delay_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    """Seconds of the first wait, doubled with each failure after it: 1 to 86400, a day, and no
    fewer than the presets ask, which is the default."""


class CredentialsSpec(Spec):
    enabled: bool = False
    """Whether there is a vault. Customers who sign in by `customerIdentity` need none: it is for
    an application that keeps its own users."""

    callers: Annotated[
        dict[Operation, tuple[PrincipalArn, ...]],
        Differs(
            "azure",
            how="Nobody calls who is not named: there is no policy to give to others. A group is "
            "refused.",
        ),
    ] = Field(default={})
    """ARNs of the roles that may call each operation, in the stack's own account. They must exist.
    Whom IAM lets call in that account can call as well: the export `credentials.callerPolicies`
    has a policy for each operation. On Azure, identities or users of Entra ID, such as
    identity:00000000-0000-0000-0000-000000000001."""

    presets: tuple[Preset, ...] = Field(default=("pci", "psd2"), min_length=1, max_length=3)
    """The rules that passwords and lockouts are held to, the strictest of all: pci (PCI DSS 4.0.1),
    psd2 (RTS 2018/389), nist (SP 800-63B-4)."""

    bcrypt_cost: Annotated[int, Guards("encryption", weaker="lower")] = Field(
        default=12, ge=10, le=14
    )
    """Binary logarithm of bcrypt's rounds: 10, the least that OWASP asks, to 14, which takes most
    of a second on a whole processor. A higher one is applied as people sign in."""

    minimum_length: Annotated[int, Field(ge=8, le=64)] | None = None
    """Characters that a password needs: 8 to 64, and no fewer than the presets ask, which is the
    default."""

    history: Annotated[int, Field(ge=0, le=24)] | None = None
    """Earlier passwords that may not come again: 0 to 24, and no fewer than the presets ask, which
    is the default. Each costs one bcrypt when a password changes."""

    breached: Literal["list", "service"] = "list"
    """What leaked passwords are looked up in: list (one that ships), or service (a range service on
    the internet as well, which learns five digits of a digest and nothing else)."""

    breached_on_failure: Annotated[Literal["closed", "open"], Guards("access", weaker="higher")] = (
        "closed"
    )
    """Whether a new password is refused (closed) or taken (open) while that service does not
    answer."""

    lockout: LockoutSpec = LockoutSpec()
    """How often somebody may try. It never locks a user's own devices out for what others do."""

    reset_minutes: Annotated[int, Guards("access", weaker="higher")] = Field(
        default=15, ge=1, le=60
    )
    """Minutes for which a reset token is good: 1 to 60. It works once."""

    store: Annotated[
        Literal["table", "secrets", "table-after-secrets"],
        Differs(
            "azure",
            how="A table of Table Storage, which has no way back in time, or a vault of users' "
            "secrets, which costs by use and keeps every hash as long as its user.",
        ),
    ] = "table"
    """Where hashes are written: table (DynamoDB), secrets (one secret in Secrets Manager a user, at
    0.40 USD a month each), or table-after-secrets (the table, while some are in secrets still).
    Counters are in a table always."""

    upkeep: Annotated[
        bool,
        Differs(
            "azure",
            how="Azure has no role that reads one record and not all: the settings keep others "
            "from asking for these, and no role keeps an app from listing.",
        ),
    ] = False
    """Whether there are functions that go through all users: count-peppers, before a pepper is
    retired, and move-hashes, where some are in secrets. Off again when that is done: nothing
    else may list the users."""

    pepper_rotation_days: Annotated[
        int, Differs("azure", how="A function of the vault's own makes it, and the first one too.")
    ] = Field(default=90, ge=1, le=1000)
    """Days between two versions of the key beneath the hashes: 1 to 1000, the range of Secrets
    Manager. Old hashes keep their version until their user signs in."""

    retired_peppers: tuple[PepperVersion, ...] = Field(default=(), max_length=30)
    """Versions, such as v1, that the next rotation takes away, at most 30: those that
    count-peppers no longer counts. A hash that still needs one is never right again."""

    recovery_days: Annotated[
        int,
        Guards("recovery", weaker="lower"),
        Differs(
            "azure",
            how="Decided when the vaults are made, and so long are a deleted user's secrets kept.",
        ),
    ] = Field(default=30, ge=7, le=30)
    """Days in which a deleted pepper can be restored, without which no password is right: 7 to 30,
    the range of Secrets Manager."""

    function: FunctionSpec = FunctionSpec(memory_mb=1769)
    """How the functions run. bcrypt takes a whole processor, which Lambda gives at 1769 MB."""

    @model_validator(mode="after")
    def _no_weaker_than_the_presets(self) -> Self:
        if wrong := list(self._weaker()):
            raise ValueError("; ".join(wrong))
        return self

    def operations(self) -> tuple[Operation, ...]:
        """Those that there is a function for."""
        every: tuple[Operation, ...] = get_args(Operation)
        left_out = set() if self.upkeep else set(UPKEEP)
        if self.store == "table":
            left_out.add("move-hashes")  # there is nowhere to move them from
        return tuple(each for each in every if each not in left_out)

    def policy(self) -> dict[str, Any]:
        """What the functions hold passwords to, in the words of bulwark_runtime.credentials."""
        return {
            "presets": list(self.presets),
            **self._asked(),
            **self._chosen(),
            "cost": self.bcrypt_cost,
            "breached": self.breached,
            "breached_on_failure": self.breached_on_failure,
            "reset_seconds": self.reset_minutes * 60,
        }

    def _asked(self) -> dict[str, Any]:
        """The strictest of what the presets ask."""
        chosen = [PRESETS[preset] for preset in self.presets]
        return {
            name: strictest(preset[name] for preset in chosen if name in preset)
            for name, strictest in _STRICTEST.items()
        }

    def _chosen(self) -> dict[str, int]:
        """What is set apart from that."""
        chosen = {
            "minimum_length": self.minimum_length,
            "history": self.history,
            **self.lockout.model_dump(),
        }
        return {name: value for name, value in chosen.items() if value is not None}

    def _weaker(self) -> Iterator[str]:
        asked = self._asked()
        for name, value in self._chosen().items():
            if _STRICTEST[name]([value, asked[name]]) != value:
                most = "at most" if _STRICTEST[name] is min else "at least"
                yield (
                    f"{_path(name)} is {value}, and the presets {', '.join(self.presets)} want "
                    f"{most} {asked[name]}"
                )
        policy = asked | self._chosen()
        if policy["tries_per_source"] >= policy["tries_per_user"]:
            yield (
                f"lockout.triesPerSource is {policy['tries_per_source']} and triesPerUser "
                f"{policy['tries_per_user']}: one place alone could lock out all others. Make the "
                "first the smaller one"
            )


def _path(name: str) -> str:
    """Where a stack file has what the runtime calls so."""
    if field := LockoutSpec.model_fields.get(name):
        return f"lockout.{field.alias}"
    return CredentialsSpec.model_fields[name].alias or name
