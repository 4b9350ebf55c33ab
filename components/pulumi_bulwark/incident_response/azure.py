"""Incident response on Azure: the block list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from .. import notes
from ..log_group.azure import AzureLogStore
from ..vault.azure import AzureKey
from .azure_block_list import AzureBlockList, AzureBlockListArgs
from .spec import IncidentResponseSpec

_AT: Final = "bulwark:incidentResponse"


@dataclass(frozen=True, kw_only=True, slots=True)
class AzureIncidentResponseArgs:
    spec: IncidentResponseSpec
    store: AzureLogStore
    """How the environment keeps its logs; its place is where things are done."""
    key: AzureKey
    """The key of the functions' own storage, in which the tables are."""
    policy_id: pulumi.Input[str] | None = None
    """Full id of Front Door's firewall policy; without one there is no block list."""
    rules: Sequence[str] = ()
    """Names of the policy's rules that the block list has, in order."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete the tables and what holds them."""


class AzureIncidentResponse(pulumi.ComponentResource):
    """Blocks addresses for a time. Raises a ConfigError for what Azure would refuse."""

    queues: dict[str, pulumi.Input[str]]
    """Names of the queues that must be worked off, by what they are of."""

    dead_letters: dict[str, pulumi.Output[str]]
    """Full ids of the namespaces whose queues keep what was given up on, by what they are of."""

    functions: dict[str, pulumi.Output[str]]
    """Full ids of the function apps, by what they do."""

    table_name: str | None
    """Name of the table of cases; None without playbooks."""

    block_list: dict[str, Any]
    """What others need to know of the block list; empty where there is none."""

    def __init__(
        self,
        name: str,
        args: AzureIncidentResponseArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("bulwark:index:AzureIncidentResponse", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.queues, self.dead_letters, self.functions = {}, {}, {}
        self.table_name, self.block_list = None, {}
        if args.spec.enabled and args.policy_id is not None:
            self._block_list(args.policy_id)
        notes.loosened(self, _AT, args.spec)
        self.register_outputs(
            {
                "queues": self.queues,
                "deadLetters": self.dead_letters,
                "functions": self.functions,
                "tableName": self.table_name,
                "blockList": self.block_list,
            }
        )

    def _block_list(self, policy_id: pulumi.Input[str]) -> None:
        args = self._args
        made = AzureBlockList(
            f"{self._name}-block-list",
            AzureBlockListArgs(
                spec=args.spec.block_list,
                store=args.store,
                key=args.key,
                policy_id=policy_id,
                rules=args.rules,
                deletion_protection=args.deletion_protection,
            ),
            self._child,
        )
        self.queues["block-list"] = made.queue_name
        self.dead_letters["block-list"] = made.namespace_id
        self.functions["block-list"] = made.writer_id
        self.block_list = {
            "queueName": made.queue_name,
            "queueHost": made.queue_host,
            "tableName": made.table_name,
        }


def problems(spec: IncidentResponseSpec) -> Iterator[str]:
    """What Azure would refuse, or would not do, a line each."""
    yield from spec.unsupported("azure", f"{_AT}.")
