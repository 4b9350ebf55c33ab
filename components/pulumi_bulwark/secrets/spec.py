"""The `secrets` block of the stack config."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

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


def _not_rotated_yet(days: int | None) -> int | None:
    if days is not None:
        raise ValueError(
            "rotation needs a function that makes the new value, and Bulwark has none yet; remove "
            "it, and set a new value with `bulwark secrets set`"
        )
    return days


def _a_window_or_none(days: int) -> int:
    if 0 < days < _SHORTEST_RECOVERY_DAYS:
        raise ValueError(
            f"Secrets Manager keeps a deleted secret for 0 or 7 to 30 days; got {days}"
        )
    return days


class SecretSpec(Spec):
    elsewhere = dict.fromkeys(
        ("password", "plaintext", "secret", "secretString", "secure", "string", "value"), _NO_VALUE
    )

    description: Annotated[str, Field(min_length=1, max_length=2048)]
    """What the secret opens, in a sentence: up to 2048 characters, Secrets Manager's limit."""

    source: Literal["generated", "person"] = "person"
    """How the value comes to be, both times by `bulwark secrets set`: generated (Secrets Manager
    makes it, and nobody sees it), or person (who is asked for it, without echo)."""

    length: Annotated[int, Guards("encryption", weaker="lower")] = Field(default=32, ge=12, le=4096)
    """Characters of a generated value: 12 to 4096. PCI DSS 8.3.6 wants 12; GetRandomPassword
    makes no more than 4096."""

    readers: tuple[PrincipalArn, ...] = Field(default=(), max_length=50)
    """ARNs of the roles that may read the value, at most 50; everyone else is denied. They must
    exist, or Secrets Manager refuses the policy."""

    rotation_days: Annotated[int, Field(ge=1, le=1000), AfterValidator(_not_rotated_yet)] | None = (
        None
    )
    """Days after which the value is replaced: 1 to 1000, the range of Secrets Manager."""

    replica_regions: Annotated[tuple[Region, ...], AfterValidator(_each_once)] = Field(
        default=(), max_length=20
    )
    """Other regions that hold a copy, each under a key of that region: at most 20."""


class SecretsSpec(Spec):
    named: dict[SecretName, SecretSpec] = Field(default={}, max_length=100)
    """The secrets by name, at most 100, each with its settings and never its value. A name is up
    to 64 small letters, digits and hyphens, and begins with a letter."""

    administrators: tuple[PrincipalArn, ...] = Field(default=(), max_length=10)
    """ARNs of the roles that set values and manage the secrets, and cannot read them: at most 10.
    With these or `deployers` named, everyone else in the account is denied it."""

    deployers: tuple[PrincipalArn, ...] = Field(default=(), max_length=10)
    """ARNs of the roles that run `pulumi up`: at most 10. Name them where administrators are
    named, or the next run is denied."""

    recovery_days: Annotated[
        int, Guards("recovery", weaker="lower"), AfterValidator(_a_window_or_none)
    ] = Field(default=30, ge=0, le=30)
    """Days in which a deleted secret can be restored and its name is taken: 7 to 30, the range of
    Secrets Manager, or 0 to delete it at once, for throw-away stacks."""

    @model_validator(mode="after")
    def _nobody_is_locked_out(self) -> Self:
        if bool(self.administrators) != bool(self.deployers):
            raise ValueError(
                "administrators and deployers come together: everyone who is in neither is denied, "
                "so without deployers the next `pulumi up` fails, and without administrators "
                "nobody sets a value. One role may be in both"
            )
        return self

    def replica_regions(self) -> tuple[str, ...]:
        """Every region that holds a copy of a secret, each once."""
        return tuple(sorted({r for spec in self.named.values() for r in spec.replica_regions}))
