"""A whole environment on Azure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..errors import ConfigError
from ..foundation.azure import AzureFoundation, AzureFoundationArgs
from ..place import AzurePlace
from ..tags import tagging
from . import azure_checks as checks
from .spec import StackConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureStackArgs:
    spec: StackConfig


class AzureStack(pulumi.ComponentResource):
    """The capabilities wired together. Location and credentials are the Azure provider's own.

    Raises a ConfigError with all that Azure would refuse of the settings, or when the credentials
    belong to another subscription than the config says.
    """

    resource_group_name: pulumi.Output[str]
    """Name of the resource group that holds the environment."""

    owned: tuple[str, ...]
    """What this stack owns of the things that exist once in the subscription, in words."""

    def __init__(
        self, name: str, args: AzureStackArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        self._name, self._spec = name, args.spec
        tagged = pulumi.ResourceOptions(transformations=[tagging(args.spec.tags.as_tags())])
        super().__init__(
            "bulwark:index:AzureStack", name, None, pulumi.ResourceOptions.merge(opts, tagged)
        )
        self._child = pulumi.ResourceOptions(parent=self)

        location = azure_native.config.location or ""
        client = azure_native.authorization.get_client_config(
            opts=pulumi.InvokeOptions(parent=self)
        )
        # All before the first resource: the engine makes what was asked for before an error.
        if problems := list(checks.problems(args.spec, client.subscription_id, location)):
            raise ConfigError(problems)

        self._parts: list[pulumi.Resource] = []
        foundation = AzureFoundation(
            f"{name}-foundation",
            AzureFoundationArgs(
                spec=args.spec.foundation,
                location=location,
                deletion_protection=args.spec.protection.deletion,
            ),
            self._child,
        )
        self._place = _place(args.spec, client, location, foundation.resource_group_name)
        self.resource_group_name = foundation.resource_group_name
        self.owned = ()
        foundation.lock(self._parts)

        notes.limit(self, f"not on Azure yet: {', '.join(checks.PENDING)}")
        notes.loosened(self, "bulwark:protection", args.spec.protection)
        self.register_outputs(
            {"resourceGroupName": self.resource_group_name, "owned": list(self.owned)}
        )

    @property
    def exports(self) -> Mapping[str, Any]:
        """What the program tells whoever uses the environment."""
        return {"resourceGroupName": self.resource_group_name}


def _place(
    spec: StackConfig, client: Any, location: str, resource_group_name: pulumi.Input[str]
) -> AzurePlace:
    network = spec.foundation.network
    return AzurePlace(
        subscription_id=client.subscription_id,
        tenant_id=client.tenant_id,
        location=location,
        resource_group_name=resource_group_name,
        subnet_id=network.subnet_id if network else None,
        dns_zone_ids=network.dns_zone_ids if network else (),
        allowed_addresses=spec.foundation.allowed_addresses,
    )
