"""The API with OAuth 2.0 and rate limits: Amazon API Gateway and Azure API Management."""

from .spec import ApiSpec, CorsSpec, MutualTlsSpec, PartnerSpec, QuotasSpec, ThrottleSpec
from .spec_azure import ApiManagementSpec

__all__ = [
    "ApiManagementSpec",
    "ApiSpec",
    "CorsSpec",
    "MutualTlsSpec",
    "PartnerSpec",
    "QuotasSpec",
    "ThrottleSpec",
]
