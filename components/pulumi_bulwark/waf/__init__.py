"""What is let through to the service: AWS WAF and Azure Front Door WAF."""

from .conditions import ConditionSpec, TextMatchSpec
from .spec import ManagedGroupSpec, RateSpec, RuleSpec, WafSpec, without_an_end

__all__ = [
    "ConditionSpec",
    "ManagedGroupSpec",
    "RateSpec",
    "RuleSpec",
    "TextMatchSpec",
    "WafSpec",
    "without_an_end",
]
