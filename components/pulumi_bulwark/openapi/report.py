"""What is wrong with a document and what is unwise in it, each with its JSON pointer."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import ConfigError

Pointer = tuple[str, ...]
"""A place in the document: the names and numbers on the way to it (RFC 6901)."""

_MOST_SHOWN = 200
"""Lines. A document that is broken throughout must not fill the screen and the log."""

_LONGEST_SHOWN = 400
"""Characters of a pointer. Its end says most, so its middle is left out."""


@dataclass(slots=True)
class Report:
    """Collects the problems of one document, so that all come at once."""

    file: str
    """The document's name, as messages show it."""
    _errors: dict[Pointer, list[str]] = field(default_factory=dict)
    _findings: dict[str, None] = field(default_factory=dict)
    _moved: dict[Pointer, Pointer] = field(default_factory=dict)

    def error(self, at: Pointer, text: str) -> None:
        """Something that keeps the document from being deployed. Said once for a place."""
        said = self._errors.setdefault(self._origin(at), [])
        if text not in said:
            said.append(text)

    def finding(self, at: Pointer, text: str) -> None:
        """Something that is allowed and unwise."""
        self._findings[self._line(self._origin(at), text)] = None

    def written(self, at: Pointer) -> str:
        """The pointer as text, as it is in the document that was written."""
        return written(self._origin(at))

    def moved(self, at: Pointer, origin: Pointer) -> None:
        """What is at `at` from here on is at `origin` in the document as it was written."""
        if at != origin:
            self._moved[at] = self._origin(origin)

    def _origin(self, at: Pointer) -> Pointer:
        for length in range(len(at), 0, -1):
            if origin := self._moved.get(at[:length]):
                return (*origin, *at[length:])
        return at

    def is_wrong(self, at: Pointer) -> bool:
        """Whether this place, or one that it is in, has an error: more of them would be noise."""
        origin = self._origin(at)
        return any(origin[:length] in self._errors for length in range(len(origin) + 1))

    @property
    def findings(self) -> tuple[str, ...]:
        return tuple(self._findings)

    def check(self) -> None:
        """Raise what was found, if anything was."""
        lines = list(self._lines())
        if len(lines) > _MOST_SHOWN:
            rest = len(lines) - _MOST_SHOWN
            lines[_MOST_SHOWN:] = [f"{self.file}: {rest} more problems, not shown"]
        if lines:
            raise ConfigError(lines)

    def _lines(self) -> Iterator[str]:
        for at, texts in self._errors.items():
            for text in texts:
                yield self._line(at, text)

    def _line(self, at: Pointer, text: str) -> str:
        return f"{self.file}#{written(at)}: {text}"


def written(at: Pointer) -> str:
    """The pointer as text, on one line whatever a name in it holds.

    >>> written(("paths", "/payments", "post"))
    '/paths/~1payments/post'
    """
    text = "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in at)
    text = "".join(c if c.isprintable() else "?" for c in text)
    if len(text) <= _LONGEST_SHOWN:
        return text
    half = _LONGEST_SHOWN // 2
    return f"{text[:half]}…{text[-half:]}"
