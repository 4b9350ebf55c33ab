"""Azure Resource Manager, as far as a policy is read and written through it."""

from collections.abc import Mapping
from typing import Any, Final

from azure.core import PipelineClient
from azure.core.exceptions import (
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse

from .ports import BusyError

Json = dict[str, Any]

ENDPOINT: Final = "https://management.azure.com"
"""In Azure's public cloud."""

_BUSY: Final = frozenset({408, 409, 412, 429})
"""What passes by itself: another change is on its way, or there were too many calls."""

_ITS_OWN_FAULT: Final = 500
"""From this status on an error is the service's."""

PATIENCE: Final[Mapping[str, Any]] = {"connection_timeout": 5, "read_timeout": 30}

_TRIES: Final = 2
_LONGEST_SECONDS: Final = 90
"""Of all tries of a call: what the service says about when to come again is within that."""


class Arm:
    """Gets and puts a resource whole, as JSON: a typed client would drop what it does not know."""

    def __init__(self, credential: Any, endpoint: str = ENDPOINT, **options: Any) -> None:
        options = {**PATIENCE, **options}
        retries = {"retry_total": _TRIES, "timeout": _LONGEST_SECONDS, **options}
        self._client: Any = PipelineClient(
            endpoint,
            policies=[
                RetryPolicy(**retries),
                BearerTokenCredentialPolicy(credential, f"{ENDPOINT}/.default"),
            ],
            **options,
        )

    def get(self, resource_id: str, version: str) -> Json:
        """Raises a BusyError for what passes by itself."""
        return self._send(HttpRequest("GET", self._url(resource_id, version))).json()

    def put(self, resource_id: str, version: str, body: Mapping[str, Any], etag: str = "") -> None:
        """Has it written: whether it is, a `get` says. Raises a BusyError likewise."""
        headers = {"If-Match": etag} if etag else {}
        url = self._url(resource_id, version)
        self._send(HttpRequest("PUT", url, json=dict(body), headers=headers))

    def _url(self, resource_id: str, version: str) -> str:
        return self._client.format_url(f"{resource_id}?api-version={version}")

    def _send(self, request: HttpRequest) -> HttpResponse:
        try:
            answer = self._client.send_request(request)
            answer.raise_for_status()
        except HttpResponseError as error:
            status = error.status_code or _ITS_OWN_FAULT
            if status in _BUSY or status >= _ITS_OWN_FAULT:
                raise BusyError(f"{status} {error.error.code if error.error else ''}") from error
            raise
        except (ServiceRequestError, ServiceResponseError) as error:
            # Whether it was done is seen when it is tried again.
            raise BusyError(type(error).__name__) from error
        return answer
