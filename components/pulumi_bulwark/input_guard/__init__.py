"""Requests checked and sanitised before an application sees them."""

from .spec import InputGuardSpec

__all__ = ["InputGuardSpec"]
