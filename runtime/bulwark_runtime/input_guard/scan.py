"""What a text is looked at for, in one place."""

from collections.abc import Callable, Iterator, Mapping

Detect = Callable[[str], bool]

_DETECTORS: Mapping[str, Detect] = {}


def rules_broken(text: str, *, is_name: bool = False) -> Iterator[str]:
    """The rules of injection that a text breaks."""
    for rule, detect in _DETECTORS.items():
        if detect(text):
            yield rule
