"""What packaging raises."""

from pulumi_bulwark.errors import BulwarkError


class PackagingError(BulwarkError):
    """A package cannot be made; the message says what to do."""
