"""Addresses blocked for a time at Front Door: one queue, one writer, a table that is the truth."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_azure_native as azure_native

from .. import notes
from ..function import Package
from ..function.azure import AppToBe, AzureFunction, AzureFunctionArgs
from ..log_group.azure import AzureLogStore
from ..role.azure import Grant, assign_to_people, custom_role
from ..table.azure import hardened_table, table_service
from ..tags import tagging
from ..vault.azure import AzureKey
from .azure_block_list_queue import (
    LOCK_SECONDS,
    TAG,
    AzureBlockListQueue,
    AzureBlockListQueueArgs,
)
from .spec_block_list import BlockListSpec

_AT: Final = "bulwark:incidentResponse.blockList"

_LIST: Final = "blocked"
"""The only list that Front Door has rules for, and requests may name."""

_TABLE: Final = "blocklist"

_CONNECTION: Final = "BULWARK_SERVICE_BUS"
"""What the writer's trigger calls its connection: a test compares them."""

_OF_V6: Final = 1
"""Rules that hold addresses of IPv6; the others have those of IPv4."""

ACTIONS: Final = (
    "Microsoft.Network/frontDoorWebApplicationFirewallPolicies/read",
    "Microsoft.Network/frontDoorWebApplicationFirewallPolicies/write",
)
"""All that the writer may do to the policy. Azure cannot hold it to some of its rules."""

Rule = Mapping[str, pulumi.Input[str]]
"""policyId, rule (its name) and room of a rule that is edited as the environment runs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureBlockListArgs:
    spec: BlockListSpec
    store: AzureLogStore
    """How the environment keeps its logs; its place is the block list's."""
    key: AzureKey
    """The key of the writer's storage, in which the table is."""
    policy_id: pulumi.Input[str]
    """Full id of Front Door's firewall policy."""
    rules: Sequence[str]
    """Names of the policy's rules that the list has, in order: `lists` of AzureWaf."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the table and what holds it."""


class AzureBlockList(pulumi.ComponentResource):
    """Blocks addresses for a time, at Front Door.

    A request is a message on one queue, all of one session; a single writer puts it into the table,
    which says who asked, why and until when, and makes the policy's rules what the table says. Each
    minute it takes out what is over, and mends what an update of the stack or a person changed.
    """

    queue_id: pulumi.Output[str]
    """Full id of the queue that requests go to."""

    queue_name: str
    """Name of that queue."""

    queue_url: pulumi.Output[str]
    """Address of that queue."""

    queue_host: pulumi.Output[str]
    """Host name of its namespace."""

    namespace_id: pulumi.Output[str]
    """Full id of the queue's namespace."""

    namespace_name: pulumi.Output[str]
    """Name of the queue's namespace."""

    table_name: str
    """Name of the table."""

    table_id: pulumi.Output[str]
    """Full id of the table."""

    writer_id: pulumi.Output[str]
    """Full id of the function app that writes."""

    writer_name: pulumi.Output[str]
    """Name of that app."""

    def __init__(
        self, name: str, args: AzureBlockListArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bulwark:index:AzureBlockList", name, None, opts)
        args.spec.must_suit("azure", _AT)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._claim = f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}"

        queue = AzureBlockListQueue(
            f"{name}-requests",
            AzureBlockListQueueArgs(store=args.store, claim=self._claim),
            self._child,
        )
        writer = self._writer(queue)
        table = self._table(writer)
        self._admit(queue, writer, table)

        self.queue_id, self.queue_name = queue.id, queue.name
        self.queue_url, self.queue_host = queue.url, queue.host
        self.namespace_id, self.namespace_name = queue.namespace_id, queue.namespace_name
        self.table_name, self.table_id = _TABLE, table.id
        self.writer_id, self.writer_name = writer.id, writer.name
        self._tell()
        self.register_outputs(
            {
                "queueId": self.queue_id,
                "queueName": self.queue_name,
                "queueUrl": self.queue_url,
                "queueHost": self.queue_host,
                "namespaceId": self.namespace_id,
                "namespaceName": self.namespace_name,
                "tableName": self.table_name,
                "tableId": self.table_id,
                "writerId": self.writer_id,
                "writerName": self.writer_name,
            }
        )

    def _writer(self, queue: AzureBlockListQueue) -> AzureFunction:
        args, spec = self._args, self._args.spec
        app = writer_to_be(spec)
        return AzureFunction(
            f"{self._name}-writer",
            AzureFunctionArgs(
                spec=app.spec,
                description="Makes the rules of the block list what its table says",
                code=app.code,
                app="bulwark_runtime.block_list.azure_app:app",
                store=args.store,
                key=args.key,
                grants=list(self._writes(queue)),
                environment={
                    "BULWARK_TABLE": _TABLE,
                    "BULWARK_POLICY": args.policy_id,
                    "BULWARK_RULES": json.dumps({_LIST: _by_version(args.rules)}),
                    "BULWARK_QUEUE": queue.name,
                    "BULWARK_WIDEST": f"{spec.widest_v4} {spec.widest_v6}",
                    "BULWARK_NEVER_BLOCK": " ".join(spec.never_block),
                    "BULWARK_HISTORY_DAYS": str(spec.history_days),
                },
                service_buses={_CONNECTION: queue.host},
                deletion_protection=args.deletion_protection,
                at=app.at,
            ),
            # The command line finds the table's account by it.
            pulumi.ResourceOptions(parent=self, transformations=[tagging({TAG: self._claim})]),
        )

    def _writes(self, queue: AzureBlockListQueue) -> Iterator[Grant]:
        yield Grant(name="reads-queue", role="Service Bus Data Receiver", scope=queue.id)
        # The clock's messages: they go the way of all, so that there is one writer.
        yield Grant(name="ticks", role="Service Bus Data Sender", scope=queue.id)
        role = custom_role(
            f"{self._name}-writes-policy",
            self._args.store.place,
            description="Reads and writes the firewall policy that has the block list",
            actions=ACTIONS,
            opts=self._child,
        )
        yield Grant(name="policy", role=role, scope=self._args.policy_id)

    def _table(self, writer: AzureFunction) -> azure_native.storage.Table:
        """In the writer's own account, where nobody else may write: who asked cannot be made up."""
        args = self._args
        table_service(f"{self._name}-table", writer.storage_id, args.store, self._child)
        return hardened_table(
            f"{self._name}-table",
            _TABLE,
            account_name=writer.storage_name,
            store=args.store,
            deletion_protection=args.deletion_protection,
            opts=self._child,
        )

    def _admit(
        self, queue: AzureBlockListQueue, writer: AzureFunction, table: azure_native.storage.Table
    ) -> None:
        """Let people ask, and see the list: the table, and what is in the rules."""
        for grant in (
            # By their tags the command finds them: nobody finds what they may not see.
            Grant(name="finds-queue", role="Reader", scope=queue.namespace_id),
            Grant(name="finds-table", role="Reader", scope=writer.storage_id),
            Grant(name="asks", role="Service Bus Data Sender", scope=queue.id),
            Grant(name="sees-table", role="Storage Table Data Reader", scope=table.id),
            Grant(name="sees-policy", role="Reader", scope=self._args.policy_id),
        ):
            assign_to_people(
                self._name,
                self._args.store.place,
                self._args.spec.requesters,
                grant,
                self._child,
            )

    def _tell(self) -> None:
        spec = self._args.spec
        notes.cost(
            self,
            "the block list is looked over once a minute: about 10 USD a month for Service Bus "
            "Standard, and 1 USD for the function",
        )
        notes.limit(
            self,
            "its queue has a public address, which takes tokens of Entra ID alone: Service Bus "
            "Standard has no firewall",
        )
        if not spec.requesters:
            notes.limit(
                self,
                f"{_AT}.requesters is empty: nobody may ask for a block unless a person gives them "
                "a role on the queue",
            )
        if not spec.never_block:
            notes.limit(
                self,
                f"{_AT}.neverBlock is empty, so a request can lock out your own offices and what "
                "monitors the service",
            )
        notes.loosened(self, _AT, spec)


def _by_version(rules: Sequence[str]) -> dict[str, list[str]]:
    return {"4": list(rules[:-_OF_V6]), "6": list(rules[-_OF_V6:])}


def writer_to_be(spec: BlockListSpec) -> AppToBe:
    """The function app of these settings."""
    return AppToBe(
        code=Package("block-list"),
        # Another reader may take the session once its lock is over.
        spec=spec.function.model_copy(update={"timeout_seconds": LOCK_SECONDS - 10}),
        at=f"{_AT}.function",
    )
