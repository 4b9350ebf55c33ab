"""Rules of a team's own, from a folder of Python files."""

import importlib.util
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from bulwark_toolkit.preview.errors import UsageError

from .rule import SEVERITIES, Rule

_SEVERITIES = ", ".join(SEVERITIES)


def rules_in(folder: Path, known: Iterable[Rule] = ()) -> tuple[Rule, ...]:
    """The rules of each file, in the order of their names; `_….py` are helpers of the others.

    Raises a UsageError that names the file for one that cannot be read, holds no rule, or has
    the id of another.
    """
    homes = {rule.id: "Bulwark" for rule in known}
    found: list[Rule] = []
    sys.path.insert(0, str(folder.resolve()))
    try:
        for file in sorted(folder.glob("*.py")):
            if not file.name.startswith("_"):
                found += _file(file, homes)
    finally:
        sys.path.remove(str(folder.resolve()))
    if not found:
        raise UsageError(f"--rules {folder}: there is no rule in this folder")
    return tuple(found)


def _file(file: Path, homes: dict[str, str]) -> Iterator[Rule]:
    rules = [thing for thing in vars(_loaded(file)).values() if isinstance(thing, Rule)]
    if not rules:
        raise UsageError(f"{file}: holds no rule; the name of a helper begins with _")
    for rule in rules:
        if rule.severity not in SEVERITIES:
            raise UsageError(f"{file}: {rule.id}: severity: must be one of {_SEVERITIES}")
        if rule.id in homes:
            raise UsageError(f"{file}: {rule.id}: {homes[rule.id]} has a rule with this id")
        homes[rule.id] = file.name
        yield rule


def _loaded(file: Path) -> object:
    spec = importlib.util.spec_from_file_location(f"bulwark_rules_{file.stem}", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 whatever a team's file raises is for its author
        raise UsageError(f"{file}: raised {type(error).__name__}: {error}") from None
    return module
