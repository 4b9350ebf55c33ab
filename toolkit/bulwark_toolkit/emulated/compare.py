"""What was sent against what came back."""

import json
from collections.abc import Iterator
from typing import Any

from .language import Among


def compare(sent: Any, got: Any, path: str) -> dict[str, str]:
    """Where the answer does not hold what was sent, and what it holds instead.

    An object may hold more. Lists come in any order; policies as text or as objects.
    """
    if isinstance(sent, Among):
        found = any(not compare(sent.what, item, path) for item in got or [])
        return {} if found else {path: f"{_shown(sent.what)} is not among {_shown(got)}"}
    return dict(_differences(_opened(sent), _opened(got), path))


def _differences(sent: Any, got: Any, path: str) -> Iterator[tuple[str, str]]:
    match sent, got:
        case dict(), dict():
            for key, item in sent.items():
                yield from compare(item, got.get(key), f"{path}.{key}").items()
        case list(), list() if len(sent) == len(got):
            for item, other in _pairs(sent, got):
                yield from compare(item, other, f"{path}[]").items()
        case _ if sent != got:
            yield path, f"{path} was sent as {_shown(sent)} and came back as {_shown(got)}"


def _pairs(sent: list[Any], got: list[Any]) -> Iterator[tuple[Any, Any]]:
    """What is left of both, in order, once each item has its equal."""
    left, alone = list(got), []
    for item in sent:
        same = [n for n, other in enumerate(left) if not compare(item, other, "")]
        if same:
            del left[same[0]]
        else:
            alone.append(item)
    return zip(alone, left, strict=True)


def places(value: Any, path: str) -> Iterator[str]:
    """Every path in a value, as `compare` writes them."""
    yield path
    match value:
        case dict():
            for key, item in value.items():
                yield from places(item, f"{path}.{key}")
        case list():
            for item in value:
                yield from places(item, f"{path}[]")


def is_in(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))


def _opened(value: Any) -> Any:
    """The document in a text, if there is one; the text in bytes."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _ROOM else f"{text[: _ROOM - 1]}…"


_ROOM = 120
