"""The one queue that requests to the block list go through on Azure, in order."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_azure_native as azure_native

from ..log_group.azure import AzureLogStore, diagnostics
from ..naming import logical

QUEUE: Final = "block-requests"
"""What the queue is called in its namespace."""

TAG: Final = "bulwark-block-list"
"""By which the command line finds what belongs to a block list: Azure adds chance to names."""

LOCK_SECONDS: Final = 300
"""The longest that Service Bus locks a session, within which its reader is done."""

_TRIES: Final = 10
"""How often a message is tried: the writer makes the pauses longer each time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureBlockListQueueArgs:
    store: AzureLogStore
    """How the environment keeps its logs; its place is the queue's."""
    claim: str
    """Whose it is, as its tag says."""


class AzureBlockListQueue(pulumi.ComponentResource):
    """A queue whose messages are read one session at a time, in a namespace without keys."""

    id: pulumi.Output[str]
    """Full id of the queue."""

    name: str
    """Name of the queue."""

    url: pulumi.Output[str]
    """Address of the queue."""

    namespace_id: pulumi.Output[str]
    """Full id of its namespace, whose metrics tell of what was given up on."""

    host: pulumi.Output[str]
    """Host name of its namespace."""

    def __init__(
        self, name: str, args: AzureBlockListQueueArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureBlockListQueue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        place = args.store.place
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
            tags={TAG: args.claim},
            opts=child,
        )
        queue = azure_native.servicebus.Queue(
            f"{name}-queue",
            queue_name=QUEUE,
            namespace_name=namespace.name,
            resource_group_name=place.resource_group_name,
            # These two are for ever: another value makes another queue.
            requires_session=True,
            requires_duplicate_detection=True,
            duplicate_detection_history_time_window="PT10M",
            lock_duration=f"PT{LOCK_SECONDS // 60}M",
            max_delivery_count=_TRIES,
            default_message_time_to_live="P1D",
            # Ticks of the clock that nobody has read in time are no loss.
            dead_lettering_on_message_expiration=False,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        diagnostics(name, "Microsoft.ServiceBus/namespaces", namespace.id, args.store, child)
        self.id, self.name, self.namespace_id = queue.id, QUEUE, namespace.id
        self.host = pulumi.Output.format("{0}.servicebus.windows.net", namespace.name)
        self.url = pulumi.Output.format("https://{0}/{1}", self.host, QUEUE)
        self.register_outputs(
            {
                "id": self.id,
                "name": self.name,
                "url": self.url,
                "namespaceId": self.namespace_id,
                "host": self.host,
            }
        )
