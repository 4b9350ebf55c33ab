"""What is checked before the first resource: the subscription, and what Azure would refuse."""

from collections.abc import Iterator

from .. import openapi
from ..api import azure_problems
from ..api.azure_backends import Backends
from ..customer_identity import azure as customer_identity
from ..edge import azure as edge
from ..forms import is_mail
from ..function import azure as function
from ..incident_response import azure as incident_response
from ..waf import azure as waf
from .spec import StackConfig

PENDING = ("threat detection", "security testing")
"""What an environment on AWS has without being asked, and one on Azure has not yet."""


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
    yield from incident_response.problems(spec.incident_response)
    if document:
        yield from _of_front_door(spec, document)


def _of_front_door(spec: StackConfig, document: openapi.Document) -> Iterator[str]:
    yield from _of_tenant(spec)
    if any(operation.scopes for operation in document.operations) or spec.customer_identity.clients:
        yield from customer_identity.problems(spec.customer_identity, document.scopes)
    if not (spec.api.api_management.publisher_email or is_mail(spec.tags.owner)):
        yield (
            "bulwark:api.apiManagement.publisherEmail: missing. Azure writes to somebody about the "
            "service, and the owner in the tags is no address."
        )
    if spec.edge.enabled:
        yield from edge.problems(spec.edge, document)
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
    )


def of_functions(spec: StackConfig, *, called: bool) -> Iterator[str]:
    """What the foundation lacks for functions, for whatever makes some."""
    network = spec.foundation.network
    yield from function.lacking(
        has_subnet=network is None or network.functions_subnet_id is not None,
        has_application=spec.foundation.function_application is not None,
        called=called,
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
