"""All rules, a file for each capability: what is in them is a rule if it is a `Rule`."""

import importlib
import pkgutil
from collections.abc import Iterator

from bulwark_toolkit.compliance.rule import Rule

from . import aws


def _in(package: str, path: list[str]) -> Iterator[Rule]:
    for part in sorted(pkgutil.iter_modules(path), key=lambda part: part.name):
        module = importlib.import_module(f"{package}.{part.name}")
        yield from (thing for thing in vars(module).values() if isinstance(thing, Rule))


RULES: tuple[Rule, ...] = tuple(_in(aws.__name__, list(aws.__path__)))
