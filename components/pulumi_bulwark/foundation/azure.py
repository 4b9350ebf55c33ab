"""The Azure resource group of an environment."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..naming import logical
from .spec import FoundationSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureFoundationArgs:
    spec: FoundationSpec
    location: str
    """Azure region of the resource group."""
    deletion_protection: bool = True
    """Whether a lock keeps everybody from deleting the group, or anything in it."""


class AzureFoundation(pulumi.ComponentResource):
    """The resource group of the environment: its own, or one that exists."""

    resource_group_name: pulumi.Output[str]
    """Name of the group."""

    owned: bool
    """Whether the group is the environment's own."""

    def __init__(
        self, name: str, args: AzureFoundationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureFoundation", name, None, opts)
        args.spec.must_suit("azure", "bulwark:foundation")
        self._name, self._args = name, args
        self._group = None
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
            notes.limit(
                self,
                "keys, secrets and logs have public addresses, behind firewalls: give "
                "bulwark:foundation.network a subnet to take them away",
            )
        self.register_outputs({"resourceGroupName": self.resource_group_name, "owned": self.owned})

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
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )
