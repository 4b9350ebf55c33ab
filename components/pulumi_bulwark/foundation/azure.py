"""The Azure resource group of an environment, and the network that its functions run in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..naming import logical
from .spec import FoundationSpec

_ADDRESSES: Final = "10.64.0.0/24"
"""The addresses of the network of our own. No other network is joined to it, so they may be used
elsewhere as well; who joins networks gives one that exists."""

_FOR_FUNCTIONS: Final[Mapping[str, Any]] = {
    # Flex Consumption takes no other.
    "delegations": [{"name": "functions", "service_name": "Microsoft.App/environments"}],
    # By these the firewalls of what holds data know who comes.
    "service_endpoints": [{"service": "Microsoft.KeyVault"}, {"service": "Microsoft.Storage"}],
    # What functions call on the internet, without a gateway that costs. New networks have no way
    # out unless it is said.
    "default_outbound_access": True,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureFoundationArgs:
    spec: FoundationSpec
    location: str
    """Azure region of the resource group."""
    deletion_protection: bool = True
    """Whether a lock keeps everybody from deleting the group, or anything in it."""


class AzureFoundation(pulumi.ComponentResource):
    """The resource group of the environment and the subnet of its functions: own ones, or given."""

    resource_group_name: pulumi.Output[str]
    """Name of the group."""

    owned: bool
    """Whether the group is the environment's own."""

    functions_subnet_id: pulumi.Input[str] | None
    """Full id of the subnet in which functions run; None in a network that has none for them."""

    def __init__(
        self, name: str, args: AzureFoundationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureFoundation", name, None, opts)
        args.spec.must_suit("azure", "bulwark:foundation")
        self._name, self._args = name, args
        self._group: azure_native.resources.ResourceGroup | None = None
        self._made: list[pulumi.Resource] = []
        if args.spec.resource_group is None:
            self._group = azure_native.resources.ResourceGroup(
                logical("resource-group", f"{name}-group"),
                location=args.location,
                opts=pulumi.ResourceOptions(parent=self, protect=args.deletion_protection),
            )
            self.resource_group_name = self._group.name
        else:
            self.resource_group_name = pulumi.Output.from_input(args.spec.resource_group)
            notes.limit(
                self,
                "the resource group exists already: who made it decides on its lock, its tags and "
                "who has access",
            )
        self.owned = self._group is not None
        if args.spec.network is None:
            self.functions_subnet_id = self._network()
            notes.limit(
                self,
                "keys, secrets and logs have public addresses, behind firewalls: give "
                "bulwark:foundation.network a subnet to take them away",
            )
        else:
            self.functions_subnet_id = args.spec.network.functions_subnet_id
            notes.cost(self, "each private endpoint: about 7 USD a month, and 0.01 USD for a GB")
        self.register_outputs(
            {
                "resourceGroupName": self.resource_group_name,
                "owned": self.owned,
                "functionsSubnetId": self.functions_subnet_id,
            }
        )

    def _network(self) -> pulumi.Output[str]:
        """A network for functions alone: into it leads nothing, out of it they may go."""
        where: dict[str, Any] = {
            "resource_group_name": self.resource_group_name,
            "location": self._args.location,
            "opts": pulumi.ResourceOptions(parent=self),
        }
        # What Azure has by itself lets in only who is in the network, and its balancers.
        rules = azure_native.network.NetworkSecurityGroup(
            logical("network-security-group", f"{self._name}-functions"), **where
        )
        # Within the network, and not by itself: an update of the network would take it away.
        subnet: Any = {
            "name": "functions",
            "address_prefix": _ADDRESSES,
            "network_security_group": {"id": rules.id},
            **_FOR_FUNCTIONS,
        }
        network = azure_native.network.VirtualNetwork(
            logical("virtual-network", f"{self._name}-network"),
            address_space={"address_prefixes": [_ADDRESSES]},
            subnets=[subnet],
            **where,
        )
        self._made += [rules, network]
        return pulumi.Output.format("{0}/subnets/functions", network.id)

    def lock(self, after: Sequence[pulumi.Resource]) -> None:
        """Keep the group from being deleted, once everything in it is there.

        Within a lock, not even a role assignment or a diagnostic setting can be taken away: so it
        is made last, and taken off first. `ReadOnly` would stop the services in it as well.
        """
        if self._group is None or not self._args.deletion_protection:
            return
        azure_native.authorization.ManagementLockByScope(
            f"{self._name}-lock",
            lock_name="bulwark",
            level="CanNotDelete",
            scope=self._group.id,
            notes="Taken off by the stack: bulwark:protection.deletion",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._made, *after]),
        )
