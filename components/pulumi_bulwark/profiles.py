"""Where a stack file starts from: what each profile sets apart from the hardened defaults."""

from collections.abc import Mapping
from dataclasses import dataclass

from .account import AccountSpec
from .keys import KeysSpec
from .stacks.spec import ProfileName, ProtectionSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A field for each setting of the stack config that a profile may move."""

    account: AccountSpec = AccountSpec()
    protection: ProtectionSpec = ProtectionSpec()
    keys: KeysSpec = KeysSpec()


PROFILES: Mapping[ProfileName, Profile] = {
    "dev": Profile(
        protection=ProtectionSpec(deletion=False),
        keys=KeysSpec(deletion_window_days=7),
    ),
    "staging": Profile(
        protection=ProtectionSpec(deletion=False),
        keys=KeysSpec(deletion_window_days=14),
    ),
    "prod": Profile(account=AccountSpec(unused_access_days=90)),
}
