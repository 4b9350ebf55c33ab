"""What Bulwark raises. Everything a user can fix is a BulwarkError; anything else is a bug."""

from collections.abc import Iterable

from pulumi import RunError


class BulwarkError(RunError):
    """Shown by Pulumi as one message, without a traceback."""


class ConfigError(BulwarkError):
    """One or more settings are wrong; the message lists them all, each once, one a line."""

    def __init__(self, problems: Iterable[str]) -> None:
        # What several parts need is missed by each of them.
        self.problems = list(dict.fromkeys(problems))
        super().__init__("\n".join(self.problems))
