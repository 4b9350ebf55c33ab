"""Known weaknesses in what runs: Amazon Inspector, and Microsoft Defender."""

from .spec import ExceptionSpec, InventorySpec, SecurityTestingSpec

__all__ = ["ExceptionSpec", "InventorySpec", "SecurityTestingSpec"]
