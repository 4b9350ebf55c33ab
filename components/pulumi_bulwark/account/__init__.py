"""What can exist only once in an account, and who owns it."""

from .spec import AccountSpec

__all__ = ["AccountSpec"]
