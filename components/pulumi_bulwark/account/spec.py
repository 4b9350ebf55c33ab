"""The `account` block of the stack config."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..spec import Spec

Manage = Literal["all", "region", "none"]
"""`all`: this stack owns what exists once in the account and in its region; `region`: only what
exists once in a region; `none`: neither."""


class AccountSpec(Spec):
    id: Annotated[str, Field(pattern=r"^[0-9]{12}$")] | None = None
    """The AWS account this stack belongs to: 12 digits, in quotes. A run in another account
    stops before it makes anything."""

    manage: Manage = "all"
    """Which of the things that exist once per account or region (trail, detectors, recorder,
    password policy) this stack owns: all, region or none. Two owners would fight over them."""

    baseline: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The stack, or landing zone, that owns what this one does not: needed unless `manage` is
    all."""

    @model_validator(mode="after")
    def _somebody_owns_it(self) -> Self:
        if self.manage != "all" and self.baseline is None:
            raise ValueError(
                f"manage is {self.manage}, so baseline must name the stack that owns the rest"
            )
        if self.manage == "all" and self.baseline is not None:
            raise ValueError(
                "manage is all, so nothing is left for a baseline to own; remove baseline, or "
                "set manage to region or none"
            )
        return self
