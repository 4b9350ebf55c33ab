"""Azure Resource Graph, as far as one subscription is asked."""

from collections.abc import Mapping
from typing import Any, Final

from azure.core import PipelineClient
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.rest import HttpRequest

ENDPOINT: Final = "https://management.azure.com"
"""In Azure's public cloud."""

_RESOURCES: Final = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"

_PATIENCE: Final[Mapping[str, Any]] = {
    "connection_timeout": 5,
    "read_timeout": 30,
    "retry_total": 4,
    "timeout": 120,
}

_PAGE: Final = 1000
"""Rows: the most that there are in an answer."""

_MOST_PAGES: Final = 100


class TooManyError(Exception):
    """There are more rows than are read."""


class ResourceGraph:
    """The rows for a query. Raises the SDK's own errors."""

    def __init__(
        self, credential: Any, subscription_id: str, endpoint: str = ENDPOINT, **options: Any
    ) -> None:
        options = {**_PATIENCE, **options}
        self._subscription_id = subscription_id
        self._client: Any = PipelineClient(
            endpoint,
            policies=[
                RetryPolicy(**options),
                BearerTokenCredentialPolicy(credential, f"{ENDPOINT}/.default"),
            ],
            **options,
        )

    def ask(self, query: str) -> list[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = []
        options: dict[str, Any] = {"resultFormat": "objectArray", "$top": _PAGE}
        for _ in range(_MOST_PAGES):
            page = self._send(query, options)
            rows += page["data"]
            if not (token := page.get("$skipToken")):
                return rows
            options = {**options, "$skipToken": token}
        raise TooManyError(f"more than {len(rows)} rows: what is beyond would not be counted")

    def _send(self, query: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
        body = {"subscriptions": [self._subscription_id], "query": query, "options": dict(options)}
        url = self._client.format_url(_RESOURCES)
        # A POST that reads: it can be asked again.
        answer = self._client.send_request(
            HttpRequest("POST", url, json=body), retry_on_methods=["POST"]
        )
        answer.raise_for_status()
        return answer.json()
