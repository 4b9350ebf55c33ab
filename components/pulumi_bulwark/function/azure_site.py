"""What is said of a function app: its settings, its host, and who may come in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

from .spec import INSTANCE_MEMORY_MB, FunctionSpec
from .spec_azure import FunctionApplication

FOLDER: Final = "/home/site/wwwroot"
"""Where the package is unpacked."""

_USUAL_INSTANCES: Final = 100
"""Azure's own, said so that an update never leaves it open."""

_LEVELS: Final[Mapping[str, str]] = {
    "DEBUG": "Debug",
    "INFO": "Information",
    "WARN": "Warning",
    "ERROR": "Error",
}

_HARDENED: Final[Mapping[str, Any]] = {
    "http20_enabled": True,
    "min_tls_version": "1.2",
    "remote_debugging_enabled": False,
    "scm_min_tls_version": "1.2",
}


def site(spec: FunctionSpec, settings: Mapping[str, pulumi.Input[str]], *, called: bool) -> Any:
    """The site's config, as a dict: the class would send what Flex Consumption refuses."""
    return {
        **_HARDENED,
        "app_settings": [
            {"name": name, "value": value}
            for name, value in sorted({**settings, **_of_host(spec)}.items())
        ],
        # Whom nobody calls refuses everybody; the door that code comes through asks Entra ID.
        "ip_security_restrictions_default_action": "Allow" if called else "Deny",
        "scm_ip_security_restrictions_use_main": False,
        "scm_ip_security_restrictions_default_action": "Allow",
    }


def _of_host(spec: FunctionSpec) -> dict[str, str]:
    """What would be in host.json, were the package not the same for all who run it."""
    hours, seconds = divmod(spec.timeout_seconds, 3600)
    at = "AzureFunctionsJobHost__"
    return {
        f"{at}functionTimeout": f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}",
        f"{at}logging__logLevel__default": _LEVELS[spec.log_level],
        f"{at}extensions__queues__maxDequeueCount": str(spec.retries + 1),
    }


def storage_by_identity(
    account_name: pulumi.Input[str], client_id: pulumi.Input[str]
) -> dict[str, pulumi.Input[str]]:
    """How the host, and triggers of the app's own queues, reach its storage."""
    return {
        "AzureWebJobsStorage__accountName": account_name,
        "AzureWebJobsStorage__credential": "managedidentity",
        "AzureWebJobsStorage__clientId": client_id,
    }


def service_bus_by_identity(
    connection: str, host: pulumi.Input[str], client_id: pulumi.Input[str]
) -> dict[str, pulumi.Input[str]]:
    """How triggers reach a namespace of Service Bus."""
    return {
        f"{connection}__fullyQualifiedNamespace": host,
        f"{connection}__credential": "managedidentity",
        f"{connection}__clientId": client_id,
    }


def runs(
    spec: FunctionSpec,
    container: pulumi.Input[str],
    identity_id: pulumi.Input[str],
    *,
    at_once: int | None = None,
) -> Any:
    """What the app runs on, where its code is kept, and how far it grows."""
    return {
        "deployment": {
            "storage": {
                "type": "blobContainer",
                "value": container,
                "authentication": {
                    "type": "UserAssignedIdentity",
                    "user_assigned_identity_resource_id": identity_id,
                },
            }
        },
        "runtime": {"name": "python", "version": spec.runtime.removeprefix("python")},
        "scale_and_concurrency": {
            "instance_memory_mb": memory_mb(spec),
            "maximum_instance_count": spec.reserved_concurrency or _USUAL_INSTANCES,
            **({"triggers": {"http": {"per_instance_concurrency": at_once}}} if at_once else {}),
        },
    }


def runs_as(identity_id: pulumi.Input[str]) -> Any:
    """The app's own identity, and no other."""
    return {"type": "UserAssigned", "user_assigned_identities": [identity_id]}


def memory_mb(spec: FunctionSpec) -> int:
    """The smallest instance that has enough."""
    return next(size for size in INSTANCE_MEMORY_MB if size >= spec.memory_mb)


def callers(
    application: FunctionApplication | None,
    principal_ids: Sequence[pulumi.Input[str]],
    tenant_id: str,
) -> Any:
    """Who is let in over HTTP: with a token of the application, and named. Nobody else.

    Nor is anybody sent to a page to sign in.
    """
    return {
        "platform": {"enabled": True, "runtime_version": "~1"},
        "global_validation": {
            "require_authentication": True,
            "unauthenticated_client_action": "Return401",
        },
        "http_settings": {"require_https": True},
        "login": {"token_store": {"enabled": False}},
        "identity_providers": {
            "azure_active_directory": _entra_id(application, principal_ids, tenant_id)
            if application and principal_ids
            else {"enabled": False}
        },
    }


def _entra_id(
    application: FunctionApplication, principal_ids: Sequence[pulumi.Input[str]], tenant_id: str
) -> Any:
    return {
        "enabled": True,
        "registration": {
            "client_id": application.client_id,
            "open_id_issuer": f"https://login.microsoftonline.com/{tenant_id}/v2.0",
        },
        "validation": {
            # A token of version 2 names the application by its client id.
            "allowed_audiences": [application.audience, application.client_id],
            "default_authorization_policy": {
                "allowed_principals": {"identities": list(principal_ids)}
            },
        },
    }
