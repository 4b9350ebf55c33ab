"""Ask for an address to be put on the block list, by its queue of Service Bus."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from azure.core import PipelineClient
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.rest import HttpRequest

_AUDIENCE: Final = "https://servicebus.azure.net/.default"
_SESSION: Final = "block-list"
_PATIENCE: Final[Mapping[str, Any]] = {
    "connection_timeout": 5,
    "read_timeout": 15,
    "retry_total": 3,
}


@dataclass(frozen=True, slots=True)
class ServiceBus:
    """Takes what BlockSource gives to SQS, and sends it to the queue of the same name here."""

    credential: Any
    options: Mapping[str, Any] = field(default_factory=dict)

    def send_message(self, **sqs: Any) -> None:
        """Named as boto3 names it, since the action is the same on both clouds."""
        queue_url, id_ = sqs["QueueUrl"], sqs["MessageDeduplicationId"]
        options = {**_PATIENCE, **self.options}
        client: Any = PipelineClient(
            queue_url,
            policies=[
                RetryPolicy(**options),
                BearerTokenCredentialPolicy(self.credential, _AUDIENCE),
            ],
            **options,
        )
        request = HttpRequest(
            "POST",
            f"{queue_url}/messages",
            content=sqs["MessageBody"].encode(),
            headers={
                "Content-Type": "application/json",
                "BrokerProperties": json.dumps({"MessageId": id_, "SessionId": _SESSION}),
                "sender": json.dumps("playbooks"),
            },
        )
        # Again also what may have arrived: the queue knows it by its id.
        client.send_request(request, retry_on_methods=["POST"]).raise_for_status()
