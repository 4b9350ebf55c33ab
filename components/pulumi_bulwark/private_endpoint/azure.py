"""Azure private endpoints."""

from collections.abc import Mapping
from typing import Literal

import pulumi
import pulumi_azure_native as azure_native

from ..naming import logical
from ..place import AzurePlace

Service = Literal["blob", "queue", "sites", "table", "vault"]

ZONES: Mapping[Service, str] = {
    "blob": "privatelink.blob.core.windows.net",
    "queue": "privatelink.queue.core.windows.net",
    "sites": "privatelink.azurewebsites.net",
    "table": "privatelink.table.core.windows.net",
    "vault": "privatelink.vaultcore.azure.net",
}
"""The private DNS zone in which the endpoint of a service is entered."""


def private_endpoint(
    name: str,
    place: AzurePlace,
    service: Service,
    resource_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """An address in the place's subnet for the resource; nothing where the place has no subnet."""
    if place.subnet_id is None:
        return
    endpoint = azure_native.network.PrivateEndpoint(
        logical("private-endpoint", f"{name}-endpoint"),
        resource_group_name=place.resource_group_name,
        subnet={"id": place.subnet_id},
        private_link_service_connections=[
            {"name": service, "private_link_service_id": resource_id, "group_ids": [service]}
        ],
        opts=opts,
    )
    if place.dns_zones_group_id:
        zones = f"{place.dns_zones_group_id}/providers/Microsoft.Network/privateDnsZones"
        azure_native.network.PrivateDnsZoneGroup(
            f"{name}-endpoint-names",
            private_dns_zone_group_name="default",
            private_endpoint_name=endpoint.name,
            resource_group_name=place.resource_group_name,
            private_dns_zone_configs=[
                {"name": service, "private_dns_zone_id": f"{zones}/{ZONES[service]}"}
            ],
            opts=opts,
        )
