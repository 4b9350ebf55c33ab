"""What can exist only once in an account, and who owns it."""

from .spec import AccountSpec, PasswordPolicySpec

__all__ = ["AccountSpec", "PasswordPolicySpec"]
