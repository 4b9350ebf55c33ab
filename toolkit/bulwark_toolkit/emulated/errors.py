"""What is wrong, all of it at once."""

from collections.abc import Iterable


class DeployError(Exception):
    """Each problem is a line: resource, type, operation and parameter, and what is wrong there."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
