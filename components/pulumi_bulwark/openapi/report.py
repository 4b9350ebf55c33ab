"""What is wrong with a document and what is unwise in it, each with its JSON pointer."""

from collections.abc import Collection
from dataclasses import dataclass, field

from ..errors import ConfigError
from ..spec import nearest

Pointer = tuple[str, ...]
"""A place in the document: the names and numbers on the way to it (RFC 6901)."""

_MOST = 200
"""Problems, and findings. A document that is broken throughout must not fill the screen, nor take
its time."""

_LONGEST_SHOWN = 1000
"""Characters of a pointer. Its end says most, so its middle is left out."""

_LONGEST_HINTED = 100
"""Characters of a name that may be a misspelt one: to compare longer ones takes too long."""


@dataclass(slots=True)
class Report:
    """Collects the problems of one document, so that all come at once."""

    file: str
    """The document's name, as messages show it."""
    _errors: dict[str, None] = field(default_factory=dict)
    _wrong: set[Pointer] = field(default_factory=set)
    _findings: dict[str, None] = field(default_factory=dict)
    _moved: dict[Pointer, Pointer] = field(default_factory=dict)

    def error(self, at: Pointer, text: str) -> None:
        """Something that keeps the document from being deployed."""
        origin = self._origin(at)
        self._wrong.add(origin)
        self._errors[f"{self.file}#{written(origin)}: {text}"] = None
        if len(self._errors) > _MOST:
            self._errors.popitem()
            self._errors[f"{self.file}: more than {_MOST} problems; the rest is not shown"] = None
            self.check()

    def finding(self, at: Pointer, text: str) -> None:
        """Something that is allowed and unwise."""
        if len(self._findings) < _MOST:
            self._findings[f"{self.file}#{self.written(at)}: {text}"] = None
        else:
            self._findings[f"{self.file}: more than {_MOST} findings; the rest is not shown"] = None

    def moved(self, at: Pointer, origin: Pointer) -> None:
        """What is at `at` from here on is at `origin` in the document as it was written."""
        if at != origin:
            self._moved[at] = self._origin(origin)

    def written(self, at: Pointer) -> str:
        """The pointer as text, to where it was written."""
        return written(self._origin(at))

    def is_wrong(self, at: Pointer) -> bool:
        """Whether there was an error at this place, so that another would be noise."""
        return self._origin(at) in self._wrong

    @property
    def findings(self) -> tuple[str, ...]:
        return tuple(self._findings)

    def check(self) -> None:
        """Raise what was found, if anything was."""
        if self._errors:
            raise ConfigError(self._errors)

    def _origin(self, at: Pointer) -> Pointer:
        for length in range(len(at), 0, -1):
            if origin := self._moved.get(at[:length]):
                return (*origin, *at[length:])
        return at


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


def hint(name: str, known: Collection[str]) -> str:
    """What a name that does not exist could have meant."""
    if not known:
        return "The document defines none."
    names = [other for other in known if len(other) <= _LONGEST_HINTED][:_MOST]
    return nearest(name, names) if names and len(name) <= _LONGEST_HINTED else ""
