"""YAML as Pulumi reads it: yes, no and dates are text, and no key comes twice."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from .errors import UsageError

# YAML 1.1 has more switches (yes, no, on, off) and reads 2026-11-25 as a date.
_BOOL, _DATE = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"


def read(file: Path) -> Any:
    """The content of a file; None when it is empty. Raises a UsageError that says where."""
    try:
        content = yaml.load(file.read_text("utf-8"), _Loader)  # noqa: S506 a safe loader
        json.dumps(content)  # what is in itself, or no JSON, is no config either
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file.name}: cannot be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise UsageError(f"{file.name}{where}: not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{file.name}: not YAML: {' '.join(str(error).split())}") from None
    except (RecursionError, ValueError):
        raise UsageError(f"{file.name}: is nested too deeply, or in itself") from None
    except TypeError:
        raise UsageError(f"{file.name}: holds a set, bytes or the like; write text") from None
    return content


def lines(file: Path) -> dict[tuple[str, ...], int]:
    """The line of each key and list item of a file that can be read, by the way to it."""
    found: dict[tuple[str, ...], int] = {}
    _number(yaml.compose(file.read_text("utf-8"), _Loader), (), found)
    return found


def _number(node: Any, way: tuple[str, ...], found: dict[tuple[str, ...], int]) -> None:
    match node:
        case yaml.MappingNode():
            pairs = [(str(key.value), key, value) for key, value in node.value]
        case yaml.SequenceNode():
            pairs = [(str(number), item, item) for number, item in enumerate(node.value)]
        case _:
            return
    for name, key, value in pairs:
        found[(*way, name)] = key.start_mark.line + 1
        _number(value, (*way, name), found)


class _Loader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 PyYAML's signature
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{name} is there twice", problem_mark=key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_BOOL, _DATE)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF")
