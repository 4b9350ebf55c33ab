"""Rotation of secrets: what Secrets Manager calls to replace a value."""

from .generated import Generated
from .pepper import Pepper
from .steps import Kind, Rotation, RotationError, Secret

__all__ = ["Generated", "Kind", "Pepper", "Rotation", "RotationError", "Secret"]
