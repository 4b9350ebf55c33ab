"""The `keys` block of the stack config."""

from typing import Annotated, Literal

from pydantic import Field

from ..forms import PrincipalArn
from ..spec import Guards, Spec

Purpose = Literal["data", "logs", "secrets"]
"""One key each: losing or leaking one must not open the others."""


class KeysSpec(Spec):
    rotation_days: Annotated[int, Guards("encryption", weaker="higher")] = Field(
        default=365, ge=90, le=730
    )
    """Days between automatic rotations: 90 to 730. KMS would take 2560, but PCI DSS 3.7.4 wants
    a cryptoperiod, and two years is the longest NIST SP 800-57 gives a key that encrypts data."""

    deletion_window_days: Annotated[int, Guards("recovery", weaker="lower")] = Field(
        default=30, ge=7, le=30
    )
    """Days in which a scheduled deletion can be cancelled: 7 to 30, the range of KMS."""

    multi_region: bool = False
    """Makes the data and secrets keys multi-Region keys, so that replicas can follow (the logs
    key always is one). Each replica is billed as a key. A later change replaces the key, and
    what it encrypted stays readable only until its deletion window ends."""

    administrators: tuple[PrincipalArn, ...] = Field(default=(), max_length=50)
    """ARNs of the roles that manage the keys and are denied their use: at most 50. They must
    exist, or KMS refuses the policy. Without any, IAM alone decides who manages."""
