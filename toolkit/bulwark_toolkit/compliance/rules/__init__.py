"""All rules, a file for each capability: what is a `Rule` there is one, alone or in a tuple."""

import importlib
import pkgutil
from collections.abc import Iterator

from bulwark_toolkit.compliance.rule import Rule

from . import aws, azure


def _in(package: str, path: list[str]) -> Iterator[Rule]:
    for part in sorted(pkgutil.iter_modules(path), key=lambda part: part.name):
        module = importlib.import_module(f"{package}.{part.name}")
        for thing in vars(module).values():
            several = thing if isinstance(thing, tuple) else (thing,)
            yield from (one for one in several if isinstance(one, Rule))


RULES: tuple[Rule, ...] = tuple(
    rule for cloud in (aws, azure) for rule in _in(cloud.__name__, list(cloud.__path__))
)
"""Rules for AWS and for Azure."""
