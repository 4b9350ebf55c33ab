"""Azure Resource Manager, as far as actions read and change resources through it."""

from collections.abc import Mapping
from typing import Any, Final

from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.rest import HttpRequest

from .actions import RefusedError

Json = dict[str, Any]

ENDPOINT: Final = "https://management.azure.com"
"""In Azure's public cloud."""

_PATIENCE: Final[Mapping[str, Any]] = {
    "connection_timeout": 5,
    "read_timeout": 30,
    "retry_total": 3,
    "timeout": 90,
}

_NOT_FOUND: Final = 404


class Arm:
    """Resources as JSON, by their ids. Raises the SDK's own errors."""

    def __init__(self, credential: Any, endpoint: str = ENDPOINT, **options: Any) -> None:
        self._client = client_of(credential, endpoint, audience=ENDPOINT, **options)

    def find(self, resource_id: str, version: str) -> Json | None:
        """The resource; None where there is none."""
        try:
            return self._send("GET", resource_id, version).json()
        except HttpResponseError as error:
            if error.status_code == _NOT_FOUND:
                return None
            raise

    def get(self, resource_id: str, version: str) -> Json:
        """Raises a RefusedError where there is none: no attempt will change it."""
        found = self.find(resource_id, version)
        if found is None:
            raise RefusedError(f"there is no {name_of(resource_id)}")
        return found

    def put(self, resource_id: str, version: str, body: Mapping[str, Any]) -> None:
        self._send("PUT", resource_id, version, body)

    def patch(self, resource_id: str, version: str, body: Mapping[str, Any]) -> None:
        self._send("PATCH", resource_id, version, body)

    def delete(self, resource_id: str, version: str) -> None:
        """What is gone already is no error."""
        self._send("DELETE", resource_id, version)

    def _send(
        self, method: str, resource_id: str, version: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        url = self._client.format_url(f"{resource_id}?api-version={version}")
        request = HttpRequest(method, url, json=dict(body) if body is not None else None)
        # Each of ours can be made twice.
        answer = self._client.send_request(request, retry_on_methods=[method])
        answer.raise_for_status()
        return answer


def client_of(credential: Any, endpoint: str, *, audience: str, **options: Any) -> Any:
    """A client of one of Azure's APIs, with a bound on how long it takes."""
    options = {**_PATIENCE, **options}
    policies = [
        RetryPolicy(**options),
        BearerTokenCredentialPolicy(credential, f"{audience}/.default"),
    ]
    return PipelineClient(endpoint, policies=policies, **options)


def name_of(resource_id: str) -> str:
    return resource_id.rstrip("/").rpartition("/")[2]


def is_within(resource_id: str, scope: str) -> bool:
    """Whether a resource is in a scope: ids are the same in any case of letters."""
    return f"{resource_id.lower()}/".startswith(f"{scope.lower().rstrip('/')}/")
