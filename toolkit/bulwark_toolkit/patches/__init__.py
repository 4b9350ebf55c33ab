"""A patch that cannot wait for its window: who lacks it, what is in its way, and the waves."""

from .plan import Plan, make_plan
from .rollout import Rollout, Step
from .waves import Fleet, Wave, fleets

__all__ = ["Fleet", "Plan", "Rollout", "Step", "Wave", "fleets", "make_plan"]
