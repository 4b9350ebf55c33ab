"""What each action does to resources on Azure: the actions of the responder's role."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from .actions import ActionName

_NETWORK: Final = "Microsoft.Network"

RIGHTS: Final[Mapping[ActionName, Sequence[str]]] = {
    "block-source": (),  # it sends to the block list's queue, which is a role of its own
    "close-storage": (
        "Microsoft.Storage/storageAccounts/read",
        "Microsoft.Storage/storageAccounts/write",
    ),
    "disable-entra-user": (),  # they are Microsoft Graph's
    "isolate-machine": (
        "Microsoft.Compute/virtualMachines/read",
        f"{_NETWORK}/networkInterfaces/read",
        f"{_NETWORK}/networkInterfaces/write",
        # A network interface is written whole, with what it is joined to.
        f"{_NETWORK}/networkSecurityGroups/join/action",
        f"{_NETWORK}/virtualNetworks/subnets/join/action",
        f"{_NETWORK}/publicIPAddresses/join/action",
        f"{_NETWORK}/loadBalancers/backendAddressPools/join/action",
    ),
    "remove-assignment": (
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Authorization/roleAssignments/delete",
    ),
    "rotate-secret": (),  # they are data actions, at each secret
}
"""Within the environment's resource group, where the role is given. Nothing gives a role."""


END_SECRET: Final = (
    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
    "Microsoft.KeyVault/vaults/secrets/update/action",
)
"""Say when a version ends, and see which is the newest: none shows a value or sets one."""


def rights(acts: Collection[ActionName]) -> list[str]:
    return sorted({right for action in acts for right in RIGHTS[action]})
