"""What is checked before the first resource: the subscription, and what Azure would refuse."""

from collections.abc import Iterator

import pulumi

from .. import openapi
from ..access import azure as access
from ..api import azure_problems
from ..api.azure_backends import Backends
from ..credentials import azure as credentials
from ..credentials.azure import AzureCredentialsArgs
from ..customer_identity import azure as customer_identity
from ..edge import azure as edge
from ..forms import is_mail
from ..function import azure as function
from ..incident_response import azure as incident_response
from ..input_guard import azure as input_guard
from ..input_guard.azure import AzureInputGuardArgs
from ..log_group.azure import AzureLogStore
from ..patching import azure as patching
from ..place import AzurePlace
from ..secret import azure_rotator as rotation
from ..vault.azure import AzureKey
from ..waf import azure as waf
from .spec import StackConfig


def problems(
    spec: StackConfig, document: openapi.Document | None, subscription_id: str, location: str
) -> Iterator[str]:
    """What Azure would refuse of the settings, a line each."""
    if not location:
        yield (
            "azure-native:location: missing. The Azure region of the environment, such as "
            "germanywestcentral."
        )
    if spec.account.id not in (None, subscription_id):
        yield (
            f"bulwark:account.id: this stack belongs to subscription {spec.account.id}, but the "
            f"credentials are those of {subscription_id}. Sign in to the stack's own subscription."
        )
    yield from _of_functions(spec, firewall=document is not None and spec.edge.enabled)
    yield from access.problems(spec.access)
    if spec.credentials.enabled:
        nothing = _no_store(spec, location)
        yield from credentials.problems(vault_to_be(spec, nothing, _NO_KEY))
    if spec.patching.systems:
        yield from patching.problems(spec.patching, pulumi.get_stack())
    yield from incident_response.problems(spec.incident_response, spec.secrets.rotating())
    if document:
        yield from _of_front_door(spec, document, location)


def _of_functions(spec: StackConfig, *, firewall: bool) -> Iterator[str]:
    """Why the function apps that the settings do not describe one by one cannot be made."""
    network, owner = spec.foundation.network, answered_by(spec)
    apps = [
        *([rotation.APP] if spec.secrets.rotating() or spec.credentials.enabled else []),
        *incident_response.apps(
            spec.incident_response, firewall=firewall, baseline=owner is not None
        ),
    ]
    for app in apps:
        yield from function.unready(
            app,
            has_subnet=network is None or network.functions_subnet_id is not None,
            has_application=spec.foundation.function_application is not None,
        )


def answered_by(spec: StackConfig) -> str | None:
    """Who answers what happens in the subscription, if it is not this stack."""
    return spec.account.baseline if spec.account.manage == "none" else None


def _of_front_door(spec: StackConfig, document: openapi.Document, location: str) -> Iterator[str]:
    yield from _of_tenant(spec)
    if any(operation.scopes for operation in document.operations) or spec.customer_identity.clients:
        yield from customer_identity.problems(spec.customer_identity, document.scopes)
    if not (spec.api.api_management.publisher_email or is_mail(spec.tags.owner)):
        yield (
            "bulwark:api.apiManagement.publisherEmail: missing. Azure writes to somebody about the "
            "service, and the owner in the tags is no address."
        )
    if spec.edge.enabled:
        yield from _of_names(spec)
        yield from edge.problems(spec.edge, document)
        if spec.edge.cached_paths and spec.api.cors.origins:
            yield (
                "bulwark:edge.cachedPaths: on Azure a kept answer is the same whichever page asks, "
                "and what bulwark:api.cors.origins allows is said to each page by itself. Leave "
                "one of the two out."
            )
        yield from waf.problems(spec.waf, spec.edge.geo.allow, spec.edge.geo.deny)
    elif spec.waf.rules:
        yield (
            "bulwark:waf.rules: on Azure the firewall stands at the edge alone, and there is none. "
            "Turn bulwark:edge.enabled on, or remove the rules."
        )
    yield from azure_problems.problems(
        spec.api,
        document,
        edge=spec.edge.enabled,
        secrets=spec.secrets.named,
        backends=Backends(audience=function_audience(spec)),
        guard=True,
    )
    nothing = _no_store(spec, location)
    if guard := guard_to_be(spec, document, nothing, _NO_KEY):
        yield from input_guard.problems(guard)


def guard_to_be(
    spec: StackConfig, document: openapi.Document, store: AzureLogStore, key: AzureKey
) -> AzureInputGuardArgs | None:
    """The guard of these settings; None if nobody would ask it."""
    asked = spec.input_guard.service or spec.input_guard.callers
    if not (asked or any(operation.guarded for operation in document.operations)):
        return None
    return AzureInputGuardArgs(
        spec=spec.input_guard,
        document=document,
        store=store,
        key=key,
        application=spec.foundation.function_application,
        deletion_protection=spec.protection.deletion,
    )


_NO_KEY = AzureKey(name="", vault_uri="", resource_id="")


def _no_store(spec: StackConfig, location: str) -> AzureLogStore:
    """Where logs would go, before there is anything to hold them."""
    network = spec.foundation.network
    return AzureLogStore(
        place=AzurePlace(
            subscription_id="",
            tenant_id="",
            location=location,
            resource_group_name="",
            subnet_id=network.subnet_id if network else None,
            # Without a network the environment makes one.
            functions_subnet_id=network.functions_subnet_id if network else "",
        ),
        workspace_id="",
        archive_id="",
        retention_days=spec.audit_log.retention_days,
        deletion_protection=spec.protection.deletion,
    )


def vault_to_be(spec: StackConfig, store: AzureLogStore, key: AzureKey) -> AzureCredentialsArgs:
    """The credential vault of these settings."""
    return AzureCredentialsArgs(
        spec=spec.credentials,
        store=store,
        key=key,
        application=spec.foundation.function_application,
        deletion_protection=spec.protection.deletion,
    )


def _of_names(spec: StackConfig) -> Iterator[str]:
    own = spec.api.api_management.domain
    if own and spec.edge.domain and own.name == spec.edge.domain.name:
        yield (
            "bulwark:api.apiManagement.domain.name: is bulwark:edge.domain.name, which leads to "
            "the edge, so that the edge would call itself. Take another name, such as "
            "origin.example.com."
        )


def function_audience(spec: StackConfig) -> str | None:
    """Whose tokens function apps ask for."""
    application = spec.foundation.function_application
    return application.audience if application else None


def _of_tenant(spec: StackConfig) -> Iterator[str]:
    """Whether the provider that makes applications signs in where they belong."""
    provider = spec.customer_identity.provider
    if provider is None or not provider.applications:
        return
    import pulumi_azuread

    # The SDK makes its settings as they are asked for, where no type checker sees them.
    signed_in_to = pulumi_azuread.config.tenant_id  # pyright: ignore[reportAttributeAccessIssue]
    if signed_in_to != provider.tenant_id:
        yield (
            "azuread:tenantId: must be the tenantId of bulwark:customerIdentity.provider, where "
            "the applications are made, and not the subscription's."
        )
