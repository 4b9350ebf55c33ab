"""The block list in an AWS account."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Final

from bulwark_runtime.block_list import Request, messages
from bulwark_runtime.block_list.aws_table import DynamoTable

from ..preview import UsageError
from .account import Account, StackOf
from .block_list import NONE, SEVERAL, Asked, BlockList

_COMPONENT: Final = "bulwark:index:AwsBlockList"
_TABLE: Final = "aws:dynamodb/table:Table"
_GROUP: Final = "block-list"


class AwsBlockList(BlockList):
    def __init__(self, account: Account, queue: str, table: str) -> None:
        super().__init__(table)
        self._account, self._queue = account, queue

    @classmethod
    def at(cls, queue: str, table: str, endpoint_url: str | None) -> "AwsBlockList":
        return cls(Account(None, None, endpoint_url), queue, table)

    @classmethod
    def of_stack(cls, of: StackOf, endpoint_url: str | None) -> "AwsBlockList":
        found = of.graph.of_type(_COMPONENT)
        if len(found) != 1:
            raise UsageError(f"{of.name} {SEVERAL if found else NONE}")
        outputs = found[0].outputs
        below = {t.inputs.get("name"): t for t in of.graph.of_type(_TABLE)}
        account = of.account(of.place_of(below[outputs["tableName"]]), endpoint_url)
        return cls(account, outputs["queueName"], outputs["tableName"])

    def open(self) -> DynamoTable:
        return DynamoTable(self._account.resource("dynamodb"), self._name)

    def refusals(self, about: str) -> AbstractContextManager[None]:
        return self._account.refusals(about)

    def send(self, request: Request) -> list[Asked]:
        with self.refusals(f"the queue {self._queue}"):
            sqs = self._account.client("sqs")
            url = self._queue
            if not url.startswith("http"):
                url = sqs.get_queue_url(QueueName=url)["QueueUrl"]
            return [
                Asked(
                    json.loads(body)["id"],
                    sqs.send_message(
                        QueueUrl=url,
                        MessageBody=body,
                        MessageGroupId=_GROUP,
                        MessageDeduplicationId=json.loads(body)["id"],
                    )["MessageId"],
                )
                for body in messages(request)
            ]

    def addresses_in(self, made: Mapping[str, str]) -> set[str]:
        waf = self._account.client("wafv2", made["region"])
        answer = waf.get_ip_set(Name=made["name"], Scope=made["scope"], Id=made["id"])
        return set(answer["IPSet"]["Addresses"])
