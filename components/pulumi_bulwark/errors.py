"""What Bulwark raises. Everything a user can fix is a BulwarkError; anything else is a bug."""

from collections.abc import Iterable

from pulumi import RunError


class BulwarkError(RunError):
    """Shown by Pulumi as one message, without a traceback."""


class ConfigError(BulwarkError):
    """One or more settings are wrong; the message lists them all, one a line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))
