"""What an environment stands on: an Azure resource group. On AWS, the account is enough."""

from .spec import FoundationSpec, NetworkSpec

__all__ = ["FoundationSpec", "NetworkSpec"]
