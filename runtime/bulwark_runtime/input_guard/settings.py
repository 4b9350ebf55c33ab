"""`x-bulwark-guard`: what is done, declared at the document, a path, an operation or a schema."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from .errors import pointer
from .request import Mode
from .rules import RULES

EXTENSION = "x-bulwark-guard"


@dataclass(frozen=True, slots=True)
class Settings:
    mode: Mode = Mode.BLOCK

    exclude: frozenset[str] = frozenset()
    """Rules that do not apply here."""

    rich_text: bool = False
    """The text is HTML that is meant to be shown as such: it is always sanitised."""

    fail_open: bool = False
    """Whether a door lets a request pass when the guard itself fails. The guard only says so."""


def inherit(outer: Settings, value: object, at: Iterable[object], problems: list[str]) -> Settings:
    """Settings of something inside: its own words over those around it; exclusions add up."""
    if value is None:
        return outer
    read = _Reader(pointer(at), problems)
    given = {"mode": value} if isinstance(value, str) else value
    if not isinstance(given, Mapping):
        return read.refuse(outer, "must be a mode, or an object of settings")
    for name, content in given.items():
        take = _SETTINGS.get(name)
        if take is None:
            near = get_close_matches(str(name), _SETTINGS, n=1) or [", ".join(_SETTINGS)]
            read.problems.append(f"{read.at}/{name}: is not known; did you mean {near[0]}?")
        else:
            outer = take(read, outer, content)
    return outer


@dataclass(frozen=True, slots=True)
class _Reader:
    at: str
    problems: list[str]

    def refuse(self, settings: Settings, problem: str, name: str = "") -> Settings:
        self.problems.append(f"{self.at}{name}: {problem}")
        return settings


def _mode(read: _Reader, settings: Settings, content: object) -> Settings:
    if content not in list(Mode):
        return read.refuse(settings, f"must be one of {', '.join(Mode)}", "/mode")
    return replace(settings, mode=Mode(str(content)))


def _exclude(read: _Reader, settings: Settings, content: object) -> Settings:
    names = content if isinstance(content, list) else [content]
    for name in names:
        if name == "limit.effort":
            return read.refuse(settings, "limit.effort holds in every mode", "/exclude")
        if not isinstance(name, str) or name not in RULES:
            near = get_close_matches(str(name), RULES, n=1) or [", ".join(RULES)]
            return read.refuse(settings, f"must list rules; did you mean {near[0]}?", "/exclude")
    return replace(settings, exclude=settings.exclude.union(names))


def _switch(attribute: str, name: str) -> Callable[[_Reader, Settings, object], Settings]:
    def take(read: _Reader, settings: Settings, content: object) -> Settings:
        if not isinstance(content, bool):
            return read.refuse(settings, "must be true or false", f"/{name}")
        return replace(settings, **{attribute: content})

    return take


_SETTINGS: Mapping[str, Callable[[_Reader, Settings, Any], Settings]] = {
    "mode": _mode,
    "exclude": _exclude,
    "richText": _switch("rich_text", "richText"),
    "failOpen": _switch("fail_open", "failOpen"),
}
