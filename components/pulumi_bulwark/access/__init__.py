"""Who may do what: pipelines without stored keys, auditors, and the way in when all else fails."""

from .spec import AccessSpec, BreakGlassSpec, PipelineSpec, StateSpec

__all__ = ["AccessSpec", "BreakGlassSpec", "PipelineSpec", "StateSpec"]
