"""The `keys` block of the stack config."""

from typing import Annotated, Literal

from pydantic import Field

from ..clouds import Limited
from ..forms import PrincipalArn
from ..spec import Guards, Spec

Purpose = Literal["data", "logs", "secrets"]
"""One key each: losing or leaking one must not open the others."""


class KeysSpec(Spec):
    rotation_days: Annotated[int, Guards("encryption", weaker="higher")] = Field(
        default=365, ge=90, le=730
    )
    """Days between automatic rotations: 90 to 730. KMS would take 2560, but PCI DSS 3.7.4 wants
    a cryptoperiod, and two years is the longest NIST SP 800-57 gives a key that encrypts data. On
    Azure, where a key's policy is read once, a change makes a new key."""

    deletion_window_days: Annotated[
        int,
        Guards("recovery", weaker="lower"),
        Limited("aws", to=range(7, 31), because="KMS keeps a deleted key for 7 to 30 days."),
    ] = Field(default=30, ge=7, le=90)
    """Days in which a deletion can be taken back: 7 to 30, the range of KMS; on Azure up to 90,
    which prod takes, and decided when the vault is made."""

    multi_region: Annotated[
        bool,
        Limited(
            "azure",
            because="A key vault copies its keys to the paired region by itself, and no key leaves "
            "its vault. Remove it.",
        ),
    ] = False
    """Makes the data and secrets keys multi-Region keys, so that replicas can follow (the logs
    key always is one). Each replica is billed as a key. A later change replaces the key, and
    what it encrypted stays readable only until its deletion window ends."""

    administrators: tuple[PrincipalArn, ...] = Field(default=(), max_length=50)
    """ARNs of the roles that manage the keys and are denied their use: at most 50. They must
    exist, or KMS refuses the policy. Without any, IAM alone decides who manages. On Azure, groups,
    identities or users of Entra ID, such as group:00000000-0000-0000-0000-000000000001."""
