"""The API with OAuth 2.0 and rate limits: Amazon API Gateway and Azure API Management."""

from .spec import ApiSpec, CorsSpec, MutualTlsSpec, PartnerSpec, QuotasSpec, ThrottleSpec

__all__ = ["ApiSpec", "CorsSpec", "MutualTlsSpec", "PartnerSpec", "QuotasSpec", "ThrottleSpec"]
