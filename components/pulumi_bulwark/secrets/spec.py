"""The `secrets` block of the stack config."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from ..clouds import Differs, Limited
from ..forms import NAME, PrincipalArn, Region
from ..spec import Guards, Spec

SecretName = Annotated[str, Field(max_length=64), NAME]
"""What a secret is called in the stack file, in commands and in outputs."""

_SHORTEST_RECOVERY_DAYS = 7

_NO_VALUE = (
    "the value of a secret has no place in a stack file. Take it out (and out of the repository's "
    "history: it is known now), and set another one with `bulwark secrets set NAME`."
)


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"{twice} is named twice")
    return names


def _a_window_or_none(days: int) -> int:
    if 0 < days < _SHORTEST_RECOVERY_DAYS:
        raise ValueError(f"a deleted secret is kept for 0 or at least 7 days; got {days}")
    return days


class SecretSpec(Spec):
    elsewhere = dict.fromkeys(
        ("password", "plaintext", "secret", "secretString", "secure", "string", "value"), _NO_VALUE
    )

    description: Annotated[str, Field(min_length=1, max_length=2048)]
    """What the secret opens, in a sentence: up to 2048 characters, Secrets Manager's limit."""

    source: Literal["generated", "person"] = "person"
    """How the value comes to be: generated (Secrets Manager makes it and nobody sees it, in a
    rotation or by `bulwark secrets set`), or person (whom that command asks for it, without
    echo)."""

    length: Annotated[int, Guards("encryption", weaker="lower")] = Field(default=32, ge=12, le=4096)
    """Characters of a generated value: 12 to 4096. PCI DSS 8.3.6 wants 12; GetRandomPassword
    makes no more than 4096."""

    readers: tuple[PrincipalArn, ...] = Field(default=(), max_length=50)
    """ARNs of the roles that may read the value, at most 50; everyone else is denied. They must
    exist, or Secrets Manager refuses the policy. On Azure, groups, identities or users of Entra
    ID, such as identity:00000000-0000-0000-0000-000000000001."""

    rotation_days: Annotated[
        Annotated[int, Field(ge=1, le=1000)] | None,
        Differs(
            "azure",
            how="Key Vault rotates nothing: a function looks every quarter of an hour what is due. "
            "A changed setting counts from the value that is there.",
        ),
    ] = None
    """Days after which a generated value is replaced by itself: 1 to 1000, the range of Secrets
    Manager. The first value comes so too, and another on the day that this setting changes. Who
    uses the value must read it again: nobody is told."""

    replica_regions: Annotated[
        tuple[Region, ...],
        AfterValidator(_each_once),
        Limited(
            "azure",
            because="A key vault copies its secrets to the paired region by itself, and to no "
            "other. Remove it.",
        ),
    ] = Field(default=(), max_length=20)
    """Other regions that hold a copy, each under a key of that region: at most 20."""

    @field_validator("rotation_days")
    @classmethod
    def _has_a_maker(cls, days: int | None, info: ValidationInfo) -> int | None:
        if days is not None and info.data.get("source") == "person":
            raise ValueError(
                "only a value of source: generated can be replaced without a person. Make it that, "
                "or remove rotationDays and set a new value with `bulwark secrets set`"
            )
        return days


class SecretsSpec(Spec):
    named: dict[SecretName, SecretSpec] = Field(default={}, max_length=100)
    """The secrets by name, at most 100, each with its settings and never its value. A name is up
    to 64 small letters, digits and hyphens, and begins with a letter."""

    administrators: tuple[PrincipalArn, ...] = Field(default=(), max_length=10)
    """ARNs of the roles that set values and manage the secrets, and cannot read them: at most 10.
    With these or `deployers` named, everyone else in the account is denied it. On Azure, where
    roles only add up, groups, identities or users of Entra ID."""

    deployers: Annotated[
        tuple[PrincipalArn, ...],
        Limited(
            "azure",
            because="Nobody is denied there what a role gives, so who deploys need not be named. "
            "Remove it.",
        ),
    ] = Field(default=(), max_length=10)
    """ARNs of the roles that run `pulumi up`: at most 10. Name them where administrators are
    named, or the next run is denied."""

    rotation_window_hours: Annotated[
        int,
        Limited(
            "azure",
            because="A rotation begins at the time of day at which the value before was made. "
            "Remove it.",
        ),
    ] = Field(default=4, ge=1, le=24)
    """Hours from midnight UTC within which a rotation begins, on the day it is due: 1 to 24, the
    range of Secrets Manager."""

    recovery_days: Annotated[
        int,
        Guards("recovery", weaker="lower"),
        AfterValidator(_a_window_or_none),
        Limited("aws", to=range(31), because="Secrets Manager keeps a deleted secret 30 days."),
        Limited(
            "azure",
            to=range(7, 91),
            because="A vault that is protected from purging keeps a deleted secret for 7 to 90 "
            "days.",
        ),
    ] = Field(default=30, ge=0, le=90)
    """Days in which a deleted secret can be restored and its name is taken: 7 to 30, the range of
    Secrets Manager, or 0 to delete it at once, for throw-away stacks. On Azure 7 to 90, decided
    when the vault is made."""

    @model_validator(mode="after")
    def _nobody_is_locked_out(self) -> Self:
        if self._denies_others() and bool(self.administrators) != bool(self.deployers):
            raise ValueError(
                "administrators and deployers come together: everyone who is in neither is denied, "
                "so without deployers the next `pulumi up` fails, and without administrators "
                "nobody sets a value. One role may be in both"
            )
        return self

    def _denies_others(self) -> bool:
        """Whether who is named here is named as AWS does, where a policy denies all others."""
        return any(who.startswith("arn:") for who in (*self.administrators, *self.deployers))

    def rotating(self) -> dict[str, int]:
        """Days between two values, by the name of each secret that rotates."""
        days = {name: spec.rotation_days for name, spec in self.named.items()}
        return {name: number for name, number in days.items() if number is not None}

    def replica_regions(self) -> tuple[str, ...]:
        """Every region that holds a copy of a secret, each once."""
        return tuple(sorted({r for spec in self.named.values() for r in spec.replica_regions}))
