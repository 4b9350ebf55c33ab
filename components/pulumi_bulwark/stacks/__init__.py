"""Whole environments: the capabilities wired together, in reading order."""

from .spec import StackConfig

__all__ = ["StackConfig"]
