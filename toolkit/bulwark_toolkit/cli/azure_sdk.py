"""Azure with the credentials of whoever runs the command, and what its SDK says in our words."""

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from pulumi_bulwark.config import NAMESPACE

from ..preview import UsageError

MANAGEMENT: Final = "https://management.azure.com"
"""Azure Resource Manager, in Azure's public cloud."""

VAULTS: Final = "https://{name}.vault.azure.net"
"""Key vaults, in Azure's public cloud."""

APPS: Final = "https://{name}.azurewebsites.net"
"""Function apps, in Azure's public cloud."""

BUSES: Final = "https://{name}.servicebus.windows.net"
"""Namespaces of Service Bus, in Azure's public cloud."""

TABLES: Final = "https://{name}.table.core.windows.net"
"""Tables of storage accounts, in Azure's public cloud."""

_PROVIDER: Final = "azure-native"
_MOST_PAGES: Final = 100
_GRAPH: Final = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"
_SIGN_IN: Final = "sign in with `az login`, or let the pipeline's identity in"
_PATIENCE: Final = {"connection_timeout": 10, "read_timeout": 20, "retry_total": 2}


def credential() -> Any:
    """The person's or the pipeline's own: whatever Azure's tools find here."""
    try:
        # Here, because most commands need neither it nor the time it takes.
        from azure.identity import DefaultAzureCredential
    except ModuleNotFoundError:
        raise UsageError(
            "azure-identity is not installed: pip install 'pulumi-bulwark[azure]'"
        ) from None
    # It lists all that it has tried, a paragraph for each call: what to do, we say ourselves.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
    return DefaultAzureCredential(exclude_interactive_browser_credential=True)


def client_options() -> Mapping[str, Any]:
    """How long a client waits, and how often it asks again."""
    return _PATIENCE


def subscription(of_config: str | None, config: Mapping[str, str]) -> str:
    """The subscription of a stack: as its config says, or the environment."""
    found = (
        of_config
        or config.get(f"{_PROVIDER}:subscriptionId")
        or os.environ.get("ARM_SUBSCRIPTION_ID")
        or os.environ.get("AZURE_SUBSCRIPTION_ID")
    )
    if not found:
        raise UsageError(
            f"which subscription? set {NAMESPACE}:account.id, or {_PROVIDER}:subscriptionId"
        )
    return found


def vault(name: str) -> Any:
    """A client for the secrets in a vault."""
    own = credential()
    from azure.keyvault.secrets import SecretClient

    return SecretClient(VAULTS.format(name=name), own, **client_options())


def client(at: str) -> Any:
    """A client for Azure Resource Manager, or for what takes its tokens."""
    own = credential()
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy

    options = client_options()
    scope = "https://management.azure.com/.default"
    return PipelineClient(
        at,
        policies=[RetryPolicy(**options), BearerTokenCredentialPolicy(own, scope)],
        **options,
    )


class Subscription:
    """A subscription as Azure Resource Manager shows it to who is signed in."""

    def __init__(self, id_: str) -> None:
        self._id = id_
        self._at = f"/subscriptions/{id_}"
        self._client = client(MANAGEMENT)

    def registered(self) -> set[str]:
        """The namespaces of resource providers that are registered, in small letters."""
        found = self._pages("providers?api-version=2021-04-01", "listing its resource providers")
        return {
            provider["namespace"].lower()
            for provider in found
            if provider.get("registrationState") == "Registered"
        }

    def permissions(self) -> list[Mapping[str, Any]]:
        """What who is signed in may do, a part for each role."""
        path = "providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
        return list(self._pages(path, "asking for your rights"))

    def rules_of_role(self, role: str) -> tuple[str, ...]:
        """GUIDs of the rules by which a role, by its own GUID, is activated in the subscription."""
        of = f"{self._at}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        filter_ = quote(f"roleDefinitionId eq '{of}'")
        path = (
            "providers/Microsoft.Authorization/roleManagementPolicyAssignments"
            f"?api-version=2020-10-01&$filter={filter_}"
        )
        found = self._pages(path, "looking for the rules of a role")
        return tuple(one["properties"]["policyId"].rpartition("/")[2] for one in found)

    def tagged(self, name: str, value: str) -> list[Mapping[str, Any]]:
        """The resources with a tag of this name and value."""
        filter_ = quote(f"tagName eq '{name}' and tagValue eq '{value}'")
        path = f"resources?api-version=2021-04-01&$filter={filter_}"
        return list(self._pages(path, "looking for the stack's vault"))

    def ask(self, query: str, about: str) -> list[Mapping[str, Any]]:
        """The rows that Azure Resource Graph has for a query."""
        found: list[Mapping[str, Any]] = []
        options: dict[str, Any] = {"resultFormat": "objectArray", "$top": 1000}
        for _ in range(_MOST_PAGES):
            body = {"subscriptions": [self._id], "query": query, "options": options}
            page = self.send("POST", _GRAPH, f"asking for {about}", body).json()
            found += page.get("data", [])
            if not (token := page.get("$skipToken")):
                break
            options = {**options, "$skipToken": token}
        return found

    def send(self, method: str, path: str, doing: str, body: Any = None) -> Any:
        """Azure's answer, at a path or at an address that it gave itself."""
        from azure.core.rest import HttpRequest

        with refusals(doing):
            url = self._client.format_url(path)
            answer = self._client.send_request(HttpRequest(method, url, json=body))
            answer.raise_for_status()
        return answer

    def _pages(self, path: str, doing: str) -> Iterator[Mapping[str, Any]]:
        from azure.core.rest import HttpRequest

        url = f"{self._at}/{path}"
        for _ in range(_MOST_PAGES):
            with refusals(f"{self._at}: {doing}"):
                request = HttpRequest("GET", self._client.format_url(url))
                answer = self._client.send_request(request)
                answer.raise_for_status()
                page = answer.json()
            yield from page.get("value", [])
            url = page.get("nextLink")
            if not url:
                return


@contextlib.contextmanager
def refusals(doing: str) -> Iterator[None]:
    """Say what the SDK and Azure raise in our own words: theirs may repeat a value."""
    from azure.core.exceptions import (
        ClientAuthenticationError,
        HttpResponseError,
        ServiceRequestError,
        ServiceResponseError,
    )

    try:
        yield
    except UsageError:
        raise
    except ClientAuthenticationError:
        raise UsageError(f"no credentials that Azure takes; {_SIGN_IN}") from None
    except (ServiceRequestError, ServiceResponseError) as error:
        kind = type(error).__name__
        raise UsageError(
            f"Azure cannot be reached ({kind}): see the network, the proxy and the firewall"
        ) from None
    except HttpResponseError as error:
        raise UsageError(_refused(error, doing)) from None
    except Exception as error:  # noqa: BLE001 whatever it is, its message may repeat a value
        raise UsageError(f"{doing} failed ({type(error).__name__})") from None


def _refused(error: Any, doing: str) -> str:
    codes = " ".join(_codes(error))
    match error.status_code:
        case 403 if "Firewall" in codes or "Connection" in codes:
            return (
                f"{doing}: the firewall refuses this address. Come from the environment's network, "
                "or name the address in bulwark:foundation.allowedAddresses and deploy"
            )
        case 401 | 403:
            return f"{doing}: Azure denies it to who is signed in; ask for the role"
        case 404:
            return f"{doing}: it is not there; deploy the stack first, and look at the subscription"
        case 409 if "Deleted" in codes:
            return (
                f"{doing}: it was deleted and is kept. Take it back with "
                "`az keyvault secret recover`, or wait until its recoveryDays are over"
            )
    return f"{doing}: Azure refuses it ({f'{error.status_code} {codes}'.strip()})"


def _codes(error: Any) -> Iterator[str]:
    """The code of a refusal, and the one within that says why. Codes are words of Azure's own."""
    said = error.error
    inner = getattr(said, "innererror", None) or {}
    for code in (getattr(said, "code", None), inner.get("code")):
        if code:
            yield str(code)
