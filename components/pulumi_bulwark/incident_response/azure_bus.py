"""A namespace of Service Bus without keys."""

from collections.abc import Mapping

import pulumi
import pulumi_azure_native as azure_native

from ..log_group.azure import AzureLogStore, diagnostics
from ..naming import logical


def bus(
    name: str,
    store: AzureLogStore,
    opts: pulumi.ResourceOptions,
    *,
    tags: Mapping[str, str] | None = None,
) -> azure_native.servicebus.Namespace:
    """Whoever sends and reads is known by Entra ID, over TLS 1.2; what is done is logged."""
    place = store.place
    namespace = azure_native.servicebus.Namespace(
        logical("service-bus-namespace", f"{name}-bus"),
        resource_group_name=place.resource_group_name,
        location=place.location,
        # Sessions are of Standard. Premium alone has firewalls and keys of one's own.
        sku={
            "name": azure_native.servicebus.SkuName.STANDARD,
            "tier": azure_native.servicebus.SkuTier.STANDARD,
        },
        disable_local_auth=True,
        minimum_tls_version="1.2",
        public_network_access="Enabled",
        tags=dict(tags or {}),
        opts=opts,
    )
    diagnostics(name, "Microsoft.ServiceBus/namespaces", namespace.id, store, opts)
    return namespace


def host_of(namespace: azure_native.servicebus.Namespace) -> pulumi.Output[str]:
    return pulumi.Output.format("{0}.servicebus.windows.net", namespace.name)
