"""The customers of the service and how they sign in: Amazon Cognito and Entra External ID."""

from .presets import PRESETS, Requirement
from .provider import ProviderSpec
from .spec import ClientSpec, CustomerIdentitySpec, EmailSpec

__all__ = [
    "PRESETS",
    "ClientSpec",
    "CustomerIdentitySpec",
    "EmailSpec",
    "ProviderSpec",
    "Requirement",
]
