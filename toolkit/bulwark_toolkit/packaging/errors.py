"""What packaging raises."""

from ..preview import UsageError


class PackagingError(UsageError):
    """A package cannot be made; the message says what to do."""
