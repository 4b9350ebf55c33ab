"""Azure with the credentials of whoever runs the command, and what its SDK says in our words."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..preview import UsageError

MANAGEMENT: Final = "https://management.azure.com"
"""Azure Resource Manager, in Azure's public cloud."""

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
    return DefaultAzureCredential(exclude_interactive_browser_credential=True)


def client_options() -> Mapping[str, Any]:
    """How long a client waits, and how often it asks again."""
    return _PATIENCE


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
    code = str(getattr(error.error, "code", "") or "")
    match error.status_code:
        case 403 if "Firewall" in code or "ForbiddenByConnection" in code:
            return (
                f"{doing}: the firewall refuses this address. Come from the environment's network, "
                "or name the address in bulwark:foundation.allowedAddresses and deploy"
            )
        case 403:
            return f"{doing}: Azure denies it to who is signed in; ask for the role"
        case 404:
            return f"{doing}: it is not there; deploy the stack first, and look at the subscription"
    return f"{doing}: Azure refuses it ({error.status_code} {code})".replace(" )", ")")
