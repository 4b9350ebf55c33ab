"""What is weak in what runs: Amazon Inspector, Microsoft Defender vulnerability management"""

from .spec import ExceptionSpec, SecurityTestingSpec

__all__ = ["ExceptionSpec", "SecurityTestingSpec"]
