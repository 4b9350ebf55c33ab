"""Where a value stands, as links back to the root: a place is spelt out only for what is found.

Most values have nothing to report, so a walk makes one link for each and never a list of steps.
"""

from typing import TypeAlias

Step: TypeAlias = str | int
Place: TypeAlias = tuple[Step, ...]

Trail: TypeAlias = "tuple[Trail | None, Step, Step]"
"""What it is in, the request's own step to it, and what is said of that step: a name that the
document does not declare is the caller's text, and said to be `*`."""


def trail(*steps: Step) -> Trail:
    """A trail of steps that may be told."""
    found: Trail | None = None
    for step in steps:
        found = (found, step, step)
    assert found is not None
    return found


def own(end: Trail) -> Place:
    """The place, in the request's own names."""
    return _steps(end, 1)


def said(end: Trail) -> Place:
    """The place, in the document's names."""
    return _steps(end, 2)


def _steps(end: Trail, which: int) -> Place:
    steps: list[Step] = []
    link: Trail | None = end
    while link is not None:
        steps.append(link[which])  # type: ignore[arg-type]
        link = link[0]
    return tuple(reversed(steps))
