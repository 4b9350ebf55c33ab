"""Where a component stands, on either cloud, and the ids that are made of that."""

from dataclasses import dataclass
from typing import Any

import pulumi


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsPlace:
    """An account and a region of AWS. The Args of what has to know its own extend it."""

    account_id: str
    """The 12-digit AWS account."""
    region: str
    """AWS region, such as eu-central-1."""
    partition: str = "aws"
    """AWS partition, the second part of every ARN."""
    dns_suffix: str = "amazonaws.com"
    """The partition's domain, the end of every regional service's name."""

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """The ARN of something in the account and, unless another is given, in the region."""
        at = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{at}:{self.account_id}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """The ARN of something in the account that is in no region, such as IAM's."""
        return self.arn(service, resource, region="")

    def host(self, service: str) -> str:
        """The service's own name in the region, as policies and endpoints have it."""
        return f"{service}.{self.region}.{self.dns_suffix}"

    def function_arn(self, function: str) -> str:
        """The ARN of a Lambda function that is named by its ARN or its name."""
        if function.startswith("arn:"):
            return function
        return self.arn("lambda", f"function:{function}")

    @property
    def root(self) -> str:
        """The account itself, as policies name it."""
        return self.global_arn("iam", "root")

    def managed_policy(self, name: str) -> str:
        """The ARN of a policy that AWS keeps, such as SecurityAudit."""
        return f"arn:{self.partition}:iam::aws:policy/{name}"

    def bucket(self, name: str) -> str:
        """The ARN of a bucket, or of what is in one."""
        return f"arn:{self.partition}:s3:::{name}"

    def at(self, region: str) -> "AwsPlace":
        """The same account in another region."""
        return AwsPlace(**self.as_place() | {"region": region})

    def as_place(self) -> dict[str, Any]:
        """What the Args of another component at the same place begin with."""
        return {
            "account_id": self.account_id,
            "region": self.region,
            "partition": self.partition,
            "dns_suffix": self.dns_suffix,
        }


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
    functions_subnet_id: pulumi.Input[str] | None = None
    """Subnet in which functions run, which the firewalls of what holds data let in. None: no
    function can be made."""
    dns_zones_group_id: str | None = None
    """Full id of the hub's resource group with the private DNS zones, in which private endpoints
    are entered."""
    allowed_addresses: tuple[str, ...] = ()
    """Networks that the firewalls of what holds data let in, where there is no subnet."""
    zone_redundant: bool = True
    """Whether storage accounts keep copies in three zones; some regions have none."""

    @property
    def storage_sku(self) -> str:
        """What Azure calls a storage account with that redundancy."""
        return "Standard_ZRS" if self.zone_redundant else "Standard_LRS"

    @property
    def subscription(self) -> str:
        """The subscription's scope, where roles and policies are assigned."""
        return f"/subscriptions/{self.subscription_id}"

    @property
    def admitted_subnets(self) -> list[pulumi.Input[str]]:
        """Whom firewalls let in by name, where no private endpoint takes their place."""
        if self.subnet_id or self.functions_subnet_id is None:
            return []
        return [self.functions_subnet_id]

    @property
    def group(self) -> pulumi.Output[str]:
        """The resource group's scope."""
        return pulumi.Output.format(
            "{0}/resourceGroups/{1}", self.subscription, self.resource_group_name
        )
