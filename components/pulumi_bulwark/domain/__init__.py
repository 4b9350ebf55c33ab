"""Domain names with their certificates. A building block that all public endpoints share."""

from .spec import DomainSpec

__all__ = ["DomainSpec"]
