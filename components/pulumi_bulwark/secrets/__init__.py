"""Named secrets: AWS Secrets Manager and Azure Key Vault."""

from .spec import SecretSpec, SecretsSpec

__all__ = ["SecretSpec", "SecretsSpec"]
