"""Reads a graph that was written as JSON: the inverse of `Graph.to_json`."""

import json
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args

from .errors import UsageError
from .graph import FORMAT, Graph, Kind, Mode, Note, Options, Problem, Resource, camel
from .wire import from_json

Read = Callable[[Any, str], Any]
"""A JSON value and the path to it, to what the graph has for it."""


def read_graph(path: Path) -> Graph:
    """The graph that `bulwark preview --format json` wrote to a file.

    Of a secret only that it is one was written, and of a resource passed whole only its URN.
    """
    try:
        return parse_graph(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def parse_graph(text: str) -> Graph:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UsageError(f"is not JSON: {error}") from None
    except RecursionError:
        raise UsageError("is nested too deeply to be a graph") from None
    given = document.pop("format", None) if isinstance(document, dict) else None
    if given != FORMAT:
        what = f"is in format {given!r}" if isinstance(given, str) else "names no format"
        raise UsageError(
            f"{what}, and what is read here is {FORMAT}, "
            "which `bulwark preview --format json` writes"
        )
    return _GRAPH(document, "")


def _a(kind: type, words: str) -> Read:
    def read(value: Any, path: str) -> Any:
        if not isinstance(value, kind):
            raise UsageError(f"{path or 'the file'}: must be {words}")
        return value

    return read


_TEXT: Final = _a(str, "a text")
_FLAG: Final = _a(bool, "true or false")
_LIST: Final = _a(list, "a list")
_MAPPING: Final = _a(dict, "a mapping")


def _one_of(choices: tuple[str, ...], value: Any, path: str) -> Any:
    if value not in choices:
        raise UsageError(f"{path}: must be one of {', '.join(choices)}")
    return value


def _each(read: Read, value: Any, path: str) -> Any:
    items = enumerate(_LIST(value, path))
    return tuple(read(item, f"{path}[{number}]") for number, item in items)


def _values(value: Any, path: str) -> Any:
    try:
        return _MAPPING(from_json(value), path)
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None


def _mapping_of(read: Read, value: Any, path: str) -> Any:
    return {key: read(item, _below(path, key)) for key, item in _values(value, path).items()}


def _record(make: type, required: set[str], value: Any, path: str) -> Any:
    """A dataclass from a mapping, in which empty texts and lists are left out.

    Fields that this version does not know are passed over: the format may gain some.
    """
    given = _MAPPING(value, path)
    if missing := [key for key in sorted(required) if key not in given]:
        raise UsageError(f"{_below(path, missing[0])}: is missing")
    found: dict[str, Any] = {}
    for name, key in _NAMES[make]:
        if key in given:
            found[name] = _READ.get(key, _TEXT)(given[key], _below(path, key))
        elif key in _EMPTY:
            found[name] = ""
    return make(**found)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


_NAMES: Final = {
    make: [(field.name, camel(field.name)) for field in fields(make)]
    for make in (Graph, Resource, Options, Note, Problem)
}
_EMPTY: Final = {"parent", "urn", "text"}
"""Fields without a default that are left out where they are empty."""


def _resource(value: Any, path: str) -> Any:
    required = {"urn", "type", "name", "kind", "inputs", "outputs"}
    found = _record(Resource, required, value, path)
    _one_of(get_args(Kind), found.kind, f"{path}.kind")
    return found


_TEXTS: Final = partial(_each, _TEXT)

_READ: Final[dict[str, Read]] = {
    "mode": partial(_one_of, get_args(Mode)),
    "resources": partial(_each, _resource),
    "notes": partial(_each, partial(_record, Note, {"kind"})),
    "problems": partial(_each, partial(_record, Problem, set())),
    "options": partial(_record, Options, set()),
    "inputs": _values,
    "outputs": _values,
    "dependencies": _TEXTS,
    "propertyDependencies": partial(_mapping_of, _TEXTS),
    "timeouts": partial(_mapping_of, _TEXT),
    **dict.fromkeys(("protect", "retainOnDelete", "deleteBeforeReplace"), _FLAG),
    **dict.fromkeys(
        ("ignoreChanges", "replaceOnChanges", "additionalSecretOutputs", "aliases"), _TEXTS
    ),
}
"""What is no text, by the field's name, which means the same wherever it is."""

_GRAPH: Final = partial(
    _record,
    Graph,
    {"mode", "project", "stack", "resources", "outputs", "notes", "problems"},
)
