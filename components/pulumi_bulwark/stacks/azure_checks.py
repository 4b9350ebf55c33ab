"""What is checked before the first resource: the subscription, and what Azure would refuse."""

from collections.abc import Iterator

from .. import openapi
from ..api import azure_problems
from ..customer_identity import azure as customer_identity
from ..monitoring.spec import is_mail
from .spec import StackConfig

PENDING = ("alarms", "threat detection", "security testing")
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
    if document:
        yield from _of_front_door(spec, document)


def _of_front_door(spec: StackConfig, document: openapi.Document) -> Iterator[str]:
    if any(operation.scopes for operation in document.operations) or spec.customer_identity.clients:
        yield from customer_identity.problems(spec.customer_identity, document.scopes)
    if not (spec.api.api_management.publisher_email or is_mail(spec.tags.owner)):
        yield (
            "bulwark:api.apiManagement.publisherEmail: missing. Azure writes to somebody about the "
            "service, and the owner in the tags is no address."
        )
    yield from azure_problems.problems(
        spec.api, document, edge=spec.edge.enabled, secrets=spec.secrets.named
    )
