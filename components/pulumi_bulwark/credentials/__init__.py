"""Passwords of applications that keep their own users."""

from .spec import CredentialsSpec, LockoutSpec, Operation

__all__ = ["CredentialsSpec", "LockoutSpec", "Operation"]
