"""Known weaknesses in what runs: Amazon Inspector, and Microsoft Defender."""

from .spec import ExceptionSpec, SecurityTestingSpec

__all__ = ["ExceptionSpec", "SecurityTestingSpec"]
