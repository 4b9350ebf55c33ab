"""YAML or JSON as plain values, and nothing else: no tag, no surprise, no bomb.

libyaml and `json` parse. What YAML's events mean is decided here and not by PyYAML's loader, which
follows YAML 1.1 (`no` is false, `12:30` is 750, `2024-01-01` is a date), lets the last of two equal
keys win and has no bounds. OpenAPI asks for the JSON rules of YAML 1.2.
"""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from .report import Pointer, Report

LARGEST_BYTES = 6 * 1024 * 1024
"""API Gateway imports no larger document."""

MOST_NODES = 400_000
"""Values, those of aliases counted wherever they are used. A document of the largest size has
fewer, unless it is made of aliases of aliases."""

DEEPEST = 64
"""Levels. A schema takes two for each property in a property."""

_LONGEST_NUMBER = 40
"""Characters. Python refuses to read an integer of more than 4300 digits; no API has one."""

_TAGS = {None, *(f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))}

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"(true|True|TRUE)|false|False|FALSE")
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")


class Unreadable(Exception):  # noqa: N818 it never leaves this module
    def __init__(self, text: str, at: Pointer = ()) -> None:
        super().__init__(text)
        self.text, self.at = text, at


def read(path: Path, report: Report) -> Any:
    """The document's value. What cannot be read is reported, and the value is then None."""
    try:
        return _parsed(_text(path))
    except Unreadable as problem:
        report.error(problem.at, problem.text)
    return None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or 'no such file'}") from None
    except ValueError:
        raise Unreadable("cannot be read: this is no name of a file") from None
    if len(content) > LARGEST_BYTES:
        raise Unreadable(f"is larger than {LARGEST_BYTES} bytes, the most that clouds import")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 text: byte {error.start} is not") from None


def _parsed(text: str) -> Any:
    if text.lstrip()[:1] == "{":
        # Not every JSON text is YAML to libyaml: tabs and surrogate pairs are not.
        try:
            value = _json(text)
        except json.JSONDecodeError as error:
            raise Unreadable(f"line {error.lineno}: is not JSON: {error.msg}") from None
        except RecursionError:
            raise Unreadable(_TOO_DEEP) from None
        _bounded(value)
        return value
    return _Builder().value(text)


_TOO_DEEP = f"is nested more than {DEEPEST} levels deep"
_TOO_MANY = f"has more than {MOST_NODES} values, aliases counted wherever they are used"


def _json(text: str) -> Any:
    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise Unreadable(f"has the key {_shown(twice)} twice in one object")
        return result

    def refuse(_: str) -> Any:
        raise Unreadable(_NOT_FINITE)

    return json.loads(
        text,
        object_pairs_hook=mapping,
        parse_constant=refuse,
        parse_int=_integer,
        parse_float=_number,
    )


_NOT_FINITE = "has a number that JSON has not: NaN, or one that is not finite"


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise Unreadable(f"has a number of more than {_LONGEST_NUMBER} characters")
    return int(text)


def _number(text: str) -> float:
    if len(text) > _LONGEST_NUMBER:
        raise Unreadable(f"has a number of more than {_LONGEST_NUMBER} characters")
    value = float(text)
    if not math.isfinite(value):
        raise Unreadable(_NOT_FINITE)
    return value


def _shown(name: str) -> str:
    """A key, which is no free text, short enough for a line."""
    return json.dumps(name if len(name) <= 60 else f"{name[:60]}…")  # noqa: PLR2004 readable


def _bounded(value: Any) -> None:
    """Refuse what is too deep or too much, and text that is no Unicode."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    nodes = 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if depth > DEEPEST:
            raise Unreadable(_TOO_DEEP)
        if nodes > MOST_NODES:
            raise Unreadable(_TOO_MANY)
        if isinstance(node, dict):
            for name in node:
                _unicode(name)
            waiting += [(inner, depth + 1) for inner in node.values()]
        elif isinstance(node, list):
            waiting += [(inner, depth + 1) for inner in node]
        elif isinstance(node, str):
            _unicode(node)


def _unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable("has half of a surrogate pair, which is no character") from None


class _Open:
    """A mapping or a list that is being read."""

    __slots__ = ("add", "anchor", "at", "depth", "key", "nodes", "value")

    def __init__(self, value: dict[str, Any] | list[Any], anchor: str | None) -> None:
        self.value, self.anchor = value, anchor
        self.key: str | None = None
        self.nodes, self.depth = 1, 1


class _Builder:
    """Makes plain values of libyaml's events, and counts."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        """The value of each anchor, with its number of values and its depth."""
        self._root: Any = None
        self._documents = 0

    def value(self, text: str) -> Any:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(text, Loader=loader):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"line {mark.line + 1}: " if mark else ""
            raise Unreadable(f"{where}is not YAML: {_plain(error.problem)}") from None
        except yaml.YAMLError:
            raise Unreadable("is not YAML: it has a character that YAML does not allow") from None
        return self._root

    def _take(self, event: yaml.Event) -> None:
        if take := _TAKE.get(type(event)):
            take(self, event)

    def document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self._problem(event, "begins a second document; only one is read")

    def begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._check_tag(event)
        self._want_value(event)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Open(value, event.anchor))
        if len(self._open) > DEEPEST:
            raise self._problem(event, _TOO_DEEP)
        if event.anchor:
            # Until it is complete, an alias of it would be a circle.
            self._anchors.pop(event.anchor, None)

    def end(self, event: yaml.Event) -> None:
        done = self._open.pop()
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.nodes, done.depth)
        self._put(event, done.value, done.nodes, done.depth)

    def scalar(self, event: yaml.ScalarEvent) -> None:
        self._check_tag(event)
        if self._is_key():
            self._name(event, event.value)
            return
        plain = event.implicit[0] and event.tag is None
        try:
            value = _resolved(event.value) if plain else event.value
        except Unreadable as problem:
            raise self._problem(event, problem.text) from None
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)
        self._put(event, value, 1, 0)

    def alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor
        if name not in self._anchors:
            raise self._problem(event, "is an alias of nothing, or of what it is in itself")
        value, nodes, depth = self._anchors[name]
        if self._is_key():
            if not isinstance(value, str):
                raise self._problem(event, "has a key that is not text")
            self._name(event, value)
            return
        self._put(event, value, nodes, depth)

    def _is_key(self) -> bool:
        return (
            bool(self._open)
            and isinstance(self._open[-1].value, dict)
            and self._open[-1].key is None
        )

    def _want_value(self, event: yaml.Event) -> None:
        if self._is_key():
            raise self._problem(event, "has a key that is not text")

    def _name(self, event: yaml.Event, name: str) -> None:
        # The text as it is written: `200:` and `on:` are names here, as in JSON.
        inside = self._open[-1]
        if name == "<<":
            raise self._problem(event, "merges with <<, which YAML 1.2 has not; use $ref")
        if name in inside.value:
            raise self._problem(event, f"has the key {_shown(name)} a second time")
        inside.key = name

    def _put(self, event: yaml.Event, value: Any, nodes: int, depth: int) -> None:
        if not self._open:
            self._root = value
            return
        inside = self._open[-1]
        inside.nodes += nodes
        inside.depth = max(inside.depth, depth + 1)
        if inside.nodes > MOST_NODES:
            raise self._problem(event, _TOO_MANY)
        if len(self._open) + depth > DEEPEST:
            raise self._problem(event, _TOO_DEEP)
        if isinstance(inside.value, list):
            inside.value.append(value)
        else:
            assert inside.key is not None
            inside.value[inside.key] = value
            inside.key = None

    def _check_tag(self, event: Any) -> None:
        if event.tag not in _TAGS:
            raise self._problem(event, "has a tag; only plain values are read")

    def _problem(self, event: yaml.Event, text: str) -> Unreadable:
        at = [
            opened.key or str(len(opened.value))
            for opened in self._open
            if opened.key or isinstance(opened.value, list)
        ]
        return Unreadable(f"line {event.start_mark.line + 1}: {text}", tuple(at))


_TAKE: dict[type, Callable[[_Builder, Any], None]] = {
    yaml.DocumentStartEvent: _Builder.document,
    yaml.MappingStartEvent: _Builder.begin,
    yaml.SequenceStartEvent: _Builder.begin,
    yaml.MappingEndEvent: _Builder.end,
    yaml.SequenceEndEvent: _Builder.end,
    yaml.ScalarEvent: _Builder.scalar,
    yaml.AliasEvent: _Builder.alias,
}


def _plain(problem: str | None) -> str:
    """libyaml's own words, which quote nothing but the name of an alias or a tag's handle."""
    return problem or "it cannot be parsed"


def _resolved(text: str) -> Any:
    if _NULL.fullmatch(text):
        return None
    if match := _BOOL.fullmatch(text):
        return match[1] is not None
    if _INT.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _number(text)
    return text
