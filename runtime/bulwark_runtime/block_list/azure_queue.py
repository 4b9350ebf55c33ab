"""The queue of requests on Azure Service Bus, by its REST API: whoever asks sends through this."""

import json
from collections.abc import Mapping
from typing import Any, Final

from azure.core import PipelineClient
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.rest import HttpRequest

SESSION: Final = "block-list"
"""All messages are of one session, so that Service Bus gives them out in order, to one reader."""

SENDER: Final = "sender"
"""The property with the sender's own word on who they are: Service Bus says nothing of senders."""

_AUDIENCE: Final = "https://servicebus.azure.net/.default"
_PATIENCE: Final[Mapping[str, Any]] = {
    "connection_timeout": 5,
    "read_timeout": 15,
    "retry_total": 3,
}


class Requests:
    """Sends to a queue. Service Bus leaves out what has the id of a message just before."""

    def __init__(self, credential: Any, host: str, queue: str, **options: Any) -> None:
        """`host` is the namespace's, such as name.servicebus.windows.net."""
        options = {**_PATIENCE, **options}
        self._queue = queue
        self._client: Any = PipelineClient(
            host if "://" in host else f"https://{host}",
            policies=[RetryPolicy(**options), BearerTokenCredentialPolicy(credential, _AUDIENCE)],
            **options,
        )

    def send(self, body: str, *, id_: str, who: str = "", seconds: int | None = None) -> None:
        """`seconds` is how long it is worth reading; None for as long as the queue keeps it.

        Raises the SDK's own errors.
        """
        broker: dict[str, Any] = {"MessageId": id_, "SessionId": SESSION}
        if seconds is not None:
            broker["TimeToLive"] = seconds
        headers = {
            "Content-Type": "application/json",
            "BrokerProperties": json.dumps(broker),
            # A property of the sender's own is a header; a text has quotes around it.
            SENDER: json.dumps(who),
        }
        url = self._client.format_url(f"/{self._queue}/messages")
        request = HttpRequest("POST", url, content=body.encode(), headers=headers)
        # Again also what may have arrived: the queue knows it by its id.
        self._client.send_request(request, retry_on_methods=["POST"]).raise_for_status()
