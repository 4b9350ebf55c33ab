"""What can be wrong with a document."""

from collections.abc import Iterable, Sequence


class DocumentError(ValueError):
    """A document that no guard can be made of; `problems` has all of it, each with its place."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


def pointer(path: Iterable[object]) -> str:
    """A JSON pointer."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
