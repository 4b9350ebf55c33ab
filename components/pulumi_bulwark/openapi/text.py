"""YAML or JSON as plain values, and nothing else: no tag, no surprise, no bomb.

libyaml and `json` parse. What YAML's events mean is decided here and not by PyYAML's loader, which
follows YAML 1.1 (`no` is false, `12:30` is 750, `2024-01-01` is a date), lets the last of two equal
keys win and has no bounds. OpenAPI asks for the JSON rules of YAML 1.2.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
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

_LONGEST_KEY = 60
"""Characters of a key that a message shows."""

_TAGS = {None, *(f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))}

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"(true|True|TRUE)|false|False|FALSE")
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")

_TOO_DEEP = f"is nested more than {DEEPEST} levels deep"
_TOO_MANY = f"has more than {MOST_NODES} values, aliases counted wherever they are used"
_TOO_LONG = f"has a number of more than {_LONGEST_NUMBER} characters"
_NOT_FINITE = "has a number that JSON does not have: NaN, or one that is not finite"


class UnreadableError(Exception):
    """Why a text cannot be read. It never leaves this module."""

    def __init__(self, text: str, at: Pointer = ()) -> None:
        super().__init__(text)
        self.text, self.at = text, at


def read(path: Path, report: Report) -> str:
    """The document's text. What cannot be read is reported, and the text is then empty."""
    try:
        return _content(path)
    except UnreadableError as problem:
        report.error(problem.at, problem.text)
    return ""


def value(text: str, report: Report, *, is_json: bool) -> Any:
    """The document's value. What cannot be read is reported, and the value is then None."""
    try:
        # Most JSON is YAML, but tabs and surrogate pairs are not to libyaml.
        return _json(text) if is_json else _Builder().value(text)
    except UnreadableError as problem:
        report.error(problem.at, problem.text)
    return None


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or 'no such file'}") from None
    except ValueError:
        raise UnreadableError("cannot be read: this is no name of a file") from None
    if len(content) > LARGEST_BYTES:
        raise UnreadableError(f"is larger than {LARGEST_BYTES} bytes, the most that is imported")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8 text: byte {error.start} is not") from None


def _json(text: str) -> Any:
    try:
        value = json.loads(
            text,
            object_pairs_hook=_each_key_once,
            parse_constant=_not_finite,
            parse_int=_integer,
            parse_float=_number,
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(f"line {error.lineno}: is not JSON: {error.msg}") from None
    except RecursionError:
        raise UnreadableError(_TOO_DEEP) from None
    _check_bounds(value)
    return value


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise UnreadableError(f"has the key {_shown(name)} a second time in one object")
        result[name] = value
    return result


def _not_finite(_: str) -> Any:
    raise UnreadableError(_NOT_FINITE)


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise UnreadableError(_TOO_LONG)
    return int(text)


def _number(text: str) -> float:
    if len(text) > _LONGEST_NUMBER:
        raise UnreadableError(_TOO_LONG)
    value = float(text)
    if not math.isfinite(value):
        raise UnreadableError(_NOT_FINITE)
    return value


def _shown(name: str) -> str:
    """A key, which is no free text, short enough for a line."""
    return json.dumps(name if len(name) <= _LONGEST_KEY else f"{name[:_LONGEST_KEY]}…")


def _check_bounds(value: Any) -> None:
    """Refuse what is too deep or too much, and text that is not Unicode."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    nodes = 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if nodes > MOST_NODES:
            raise UnreadableError(_TOO_MANY)
        if isinstance(node, str):
            _check_unicode(node)
            continue
        if not isinstance(node, dict | list):
            continue
        if depth == DEEPEST:
            raise UnreadableError(_TOO_DEEP)
        if isinstance(node, dict):
            for name in node:
                _check_unicode(name)
        inner = node.values() if isinstance(node, dict) else node
        waiting += [(part, depth + 1) for part in inner]


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnreadableError("has half of a surrogate pair, which is no character") from None


class _Open:
    """A mapping or a list that is being read."""

    __slots__ = ("anchor", "depth", "key", "nodes", "value")

    def __init__(self, value: dict[str, Any] | list[Any], anchor: str | None) -> None:
        self.value, self.anchor = value, anchor
        self.key: str | None = None
        self.nodes = self.depth = 1

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None


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
                if take := _TAKE.get(type(event)):
                    take(self, event)
        except yaml.MarkedYAMLError as error:
            # The parser's own words, which quote nothing of the text.
            mark = error.problem_mark or error.context_mark
            where = f"line {mark.line + 1}: " if mark else ""
            raise UnreadableError(f"{where}is not YAML: {error.problem}") from None
        except yaml.YAMLError:
            raise UnreadableError("is not YAML: it has a character that YAML has not") from None
        return self._root

    def document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self._problem(event, "begins a second document; only one is read")

    def begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._check_tag(event)
        if self._open and self._open[-1].wants_key:
            raise self._problem(event, "has a key that is not text")
        if len(self._open) == DEEPEST:
            raise self._problem(event, _TOO_DEEP)
        # Until it is complete, an alias of it would be a circle.
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Open(value, event.anchor))

    def end(self, event: yaml.Event) -> None:
        done = self._open.pop()
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.nodes, done.depth)
        self._put(event, done.value, done.nodes, done.depth)

    def scalar(self, event: yaml.ScalarEvent) -> None:
        self._check_tag(event)
        # A key is its text, as in JSON: `200:` and `on:` are names here.
        is_key = bool(self._open) and self._open[-1].wants_key
        value = event.value if is_key else self._resolved(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)
        self._put(event, value, 1, 0)

    def _resolved(self, event: yaml.ScalarEvent) -> Any:
        is_plain = event.implicit[0] and event.tag is None
        try:
            return _resolved(event.value) if is_plain else event.value
        except UnreadableError as problem:
            raise self._problem(event, problem.text) from None

    def alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchors:
            raise self._problem(event, "is an alias of nothing, or of what it is in itself")
        self._put(event, *self._anchors[event.anchor])

    def _put(self, event: yaml.Event, value: Any, nodes: int, depth: int) -> None:
        if not self._open:
            self._root = value
            return
        inside = self._open[-1]
        if inside.wants_key:
            self._name(event, value)
            return
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

    def _name(self, event: yaml.Event, name: Any) -> None:
        inside = self._open[-1]
        if not isinstance(name, str):
            raise self._problem(event, "has a key that is not text")
        if name == "<<":
            raise self._problem(event, "merges with <<, which YAML 1.2 has not; use $ref")
        if name in inside.value:
            raise self._problem(event, f"has the key {_shown(name)} a second time")
        inside.key = name

    def _check_tag(self, event: Any) -> None:
        if event.tag not in _TAGS:
            raise self._problem(event, "has a tag; only plain values are read")

    def _problem(self, event: yaml.Event, text: str) -> UnreadableError:
        at = [_place(opened) for opened in self._open if not opened.wants_key]
        line = event.start_mark.line + 1 if event.start_mark else "?"
        return UnreadableError(f"line {line}: {text}", tuple(at))


def _place(opened: _Open) -> str:
    return opened.key or ("" if isinstance(opened.value, dict) else str(len(opened.value)))


_TAKE: Mapping[type[yaml.Event], Callable[[_Builder, Any], None]] = {
    yaml.DocumentStartEvent: _Builder.document,
    yaml.MappingStartEvent: _Builder.begin,
    yaml.SequenceStartEvent: _Builder.begin,
    yaml.MappingEndEvent: _Builder.end,
    yaml.SequenceEndEvent: _Builder.end,
    yaml.ScalarEvent: _Builder.scalar,
    yaml.AliasEvent: _Builder.alias,
}


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
