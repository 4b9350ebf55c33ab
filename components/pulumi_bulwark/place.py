"""Where an environment is: what nearly every component of a cloud must know."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True, slots=True)
class AzurePlace:
    """A resource group in one region of one subscription, and from where it is reached."""

    subscription_id: str
    """The subscription that pays."""
    tenant_id: str
    """The tenant of Entra ID whose people and identities have access."""
    location: str
    """Azure region, such as germanywestcentral. A global service still wants it for its logs."""
    resource_group_name: pulumi.Input[str]
    """The resource group that holds the environment."""
    subnet_id: str | None = None
    """Subnet for private endpoints. With one, nothing that holds data has a public address."""
    dns_zone_ids: tuple[str, ...] = ()
    """Private DNS zones of the hub, in which private endpoints are entered."""
    allowed_addresses: tuple[str, ...] = ()
    """Networks that the firewalls of what holds data let in, where there is no subnet."""

    @property
    def subscription(self) -> str:
        """The subscription's scope, where roles and policies are assigned."""
        return f"/subscriptions/{self.subscription_id}"

    @property
    def group(self) -> pulumi.Output[str]:
        """The resource group's scope."""
        return pulumi.Output.format(
            "{0}/resourceGroups/{1}", self.subscription, self.resource_group_name
        )
