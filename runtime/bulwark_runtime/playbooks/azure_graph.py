"""Microsoft Graph, as far as an action looks at users and changes them."""

from typing import Any, Final

from azure.core.rest import HttpRequest

from .actions import RefusedError
from .azure_arm import client_of

ENDPOINT: Final = "https://graph.microsoft.com"
"""In Azure's public cloud."""

_NOT_FOUND: Final = 404


class Graph:
    """Users by their object ids. Raises the SDK's own errors."""

    def __init__(self, credential: Any, endpoint: str = ENDPOINT, **options: Any) -> None:
        self._client = client_of(credential, endpoint, audience=ENDPOINT, **options)

    def is_enabled(self, user: str) -> bool:
        """Raises a RefusedError where there is no such user: an application is none."""
        answer = self._send("GET", f"{user}?$select=accountEnabled")
        if answer.status_code == _NOT_FOUND:
            raise RefusedError("there is no such user in the tenant")
        answer.raise_for_status()
        return bool(answer.json()["accountEnabled"])

    def enable(self, user: str, *, enabled: bool) -> None:
        self._send("PATCH", user, {"accountEnabled": enabled}).raise_for_status()

    def revoke_sessions(self, user: str) -> None:
        self._send("POST", f"{user}/revokeSignInSessions").raise_for_status()

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        url = self._client.format_url(f"/v1.0/users/{path}")
        # Each of ours can be made twice.
        return self._client.send_request(
            HttpRequest(method, url, json=body), retry_on_methods=[method]
        )
