"""The block list in an Azure subscription."""

import base64
import getpass
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final
from urllib.parse import urlsplit

from bulwark_runtime.block_list import Request, messages

from ..preview import UsageError
from . import azure_sdk
from .azure_stack import AzureStackOf
from .block_list import NONE, SEVERAL, Asked, BlockList, Table

TAG: Final = "bulwark-block-list"
"""By which what belongs to a block list is found."""

_COMPONENT: Final = "bulwark:index:AzureBlockList"
_NAMESPACE: Final = "Microsoft.ServiceBus/namespaces"
_ACCOUNT: Final = "Microsoft.Storage/storageAccounts"


def of_stack(of: AzureStackOf) -> "AzureBlockList":
    """The block list of a stack. Raises a UsageError where there is none, or more than one."""
    found = of.graph.of_type(_COMPONENT)
    if len(found) != 1:
        raise UsageError(f"{of.name} {SEVERAL if found else NONE}")
    bus, account = of.claimed("the block list", found[0], TAG, _NAMESPACE, _ACCOUNT)
    outputs = found[0].outputs
    return AzureBlockList(
        f"{azure_sdk.BUSES.format(name=bus)}/{outputs['queueName']}",
        azure_sdk.TABLES.format(name=account),
        outputs["tableName"],
    )


class AzureBlockList(BlockList):
    def __init__(self, queue_url: str, tables_url: str, table: str) -> None:
        super().__init__(table)
        self._queue_url, self._tables_url = queue_url, tables_url

    @classmethod
    def at(cls, queue: str, table: str) -> "AzureBlockList":
        if not queue.startswith("https://"):
            raise UsageError("--queue must be the queue's address, as --table is the table's")
        tables, _, name = table.rstrip("/").rpartition("/")
        return cls(queue.rstrip("/"), tables, name)

    def open(self) -> Table:
        from azure.data.tables import TableClient

        from bulwark_runtime.block_list.azure_table import StorageTable

        client = TableClient(
            self._tables_url,
            self._name,
            credential=azure_sdk.credential(),
            **azure_sdk.client_options(),
        )
        return StorageTable(client)

    def refusals(self, about: str) -> AbstractContextManager[None]:
        return azure_sdk.refusals(about)

    def send(self, request: Request) -> list[Asked]:
        with self.refusals(f"the queue {self._queue_url}"):
            from bulwark_runtime.block_list.azure_queue import Requests

            own = azure_sdk.credential()
            asked = urlsplit(self._queue_url)
            requests = Requests(
                own,
                f"https://{asked.netloc}",
                asked.path.strip("/"),
                **azure_sdk.client_options(),
            )
            who = _who(own)
            sent = []
            for body in messages(request):
                id_ = json.loads(body)["id"]
                requests.send(body, id_=id_, who=who)
                sent.append(Asked(id_, id_))
            return sent

    def addresses_in(self, made: Mapping[str, str]) -> set[str]:
        from bulwark_runtime.block_list.azure_arm import Arm
        from bulwark_runtime.block_list.azure_policy import VERSION, addresses_of

        arm = Arm(azure_sdk.credential(), azure_sdk.MANAGEMENT, **azure_sdk.client_options())
        return addresses_of(arm.get(made["scope"], VERSION), made["name"])


def _who(credential: Any) -> str:
    """Who is signed in, as their own token says; nobody but them has to believe it."""
    token = credential.get_token(f"{azure_sdk.MANAGEMENT}/.default").token
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return getpass.getuser()
    names = ("upn", "unique_name", "preferred_username", "appid", "oid")
    return next((str(claims[n]) for n in names if claims.get(n)), getpass.getuser())
