"""The `incidentResponse` block of the stack config."""

from typing import Annotated

from pydantic import Field

from ..clouds import Limited
from ..forms import PrincipalArn
from ..function import FunctionSpec
from ..spec import Guards, Spec
from .spec_block_list import BlockListSpec
from .spec_playbooks import PlaybookName, PlaybookSpec


class IncidentResponseSpec(Spec):
    enabled: Annotated[bool, Guards("detection", weaker="lower")] = True
    """Whether playbooks run and addresses can be blocked for a time."""

    block_list: BlockListSpec = BlockListSpec()
    """Addresses that are blocked for a time, at every firewall of the stack."""

    playbooks: dict[PlaybookName, PlaybookSpec] = Field(default={}, max_length=30)
    """What is done when something happens, by a name of up to 30 letters; at most 30. The profiles
    have some: a stack file changes one by its name, and adds its own."""

    approvers: tuple[PrincipalArn, ...] = Field(default=(), max_length=10)
    """ARNs of the roles or users, up to 10 and of this account, whose decisions count: they
    approve, reject and undo; on Azure users and identities, and no groups, since a call shows its
    user alone. Without any, whatever waits for approval waits in vain."""

    disables_users: Annotated[
        bool,
        Limited("aws", because="It is of Microsoft Graph. Take disable-user. Remove it."),
    ] = False
    """Of Azure: whether the responder gets the rights of Microsoft Graph with which
    disable-entra-user works: over every user of the tenant who is no administrator. Whoever deploys
    that must be allowed to consent to them, as a Privileged Role Administrator is."""

    function: FunctionSpec = FunctionSpec(memory_mb=512, timeout_seconds=60)
    """How the responder runs."""

    def running(self) -> dict[str, PlaybookSpec]:
        """The playbooks that are on."""
        return {n: each for n, each in self.playbooks.items() if self.enabled and each.enabled}
