"""The whole stack config."""

from typing import Annotated, Literal

from ..account import AccountSpec
from ..keys import KeysSpec
from ..spec import Guards, Spec
from ..tags import TagsSpec

Cloud = Literal["aws"]
ProfileName = Literal["dev", "staging", "prod"]


class ProtectionSpec(Spec):
    deletion: Annotated[bool, Guards("recovery", weaker="lower")] = True
    """Whether what holds data refuses to be deleted, by Pulumi and by the cloud. To tear an
    environment down: set it to false, run `pulumi up`, then `pulumi destroy`."""


class StackConfig(Spec):
    cloud: Cloud
    """The cloud to deploy to: aws."""

    profile: ProfileName
    """The starting point of every other setting: dev (cheap, torn down with one command),
    staging, or prod (hardened throughout; turns on what costs money)."""

    tags: TagsSpec
    """What everything taggable in the stack carries: who owns it, who pays, what it may hold."""

    account: AccountSpec = AccountSpec()
    """The account this stack belongs to, and which of its singletons the stack owns."""

    protection: ProtectionSpec = ProtectionSpec()
    """What keeps the environment from being taken away by mistake."""

    keys: KeysSpec = KeysSpec()
    """Encryption keys, one for each purpose."""
