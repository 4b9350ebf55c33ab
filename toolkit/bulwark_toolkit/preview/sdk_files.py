"""Loads of a provider's SDK the files that a program uses, and no others.

A generated module such as `pulumi_aws.ec2` imports each of its 180 files, and the types of all
their inputs, once any of its names is used. For a stack that uses twenty modules that takes as long
as to run it.
"""

import contextlib
import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any, Final

_NAME: Final = re.compile(r"pulumi_\w+\.\w+")
"""A module below the package of an SDK; the package itself does more than import its files."""

_GENERATED: Final = re.compile(
    r"""
    \#\ coding=utf-8\n
    \#\ \*\*\*\ WARNING:\ this\ file\ was\ generated\ by\ .+\n
    (?: \#.*\n | \n
      | import\ \w+(\ as\ \w+)?\n
      | from\ \.\.\ import\ _utilities\n
      | from\ \.\ import\ outputs\n
      | from\ \.\w+\ import\ \*\n
    )*
    """,
    re.VERBOSE,
)
_FILE: Final = re.compile(r"^from \.(?:(\w+) import \*| import (outputs))$", re.MULTILINE)

_OF_A_FILE: Final = re.compile(r"^(?:Awaitable)?(.+?)(?:ArgsDict|Args|Result|_output)?$")
"""Code generation calls a file by what it declares, in snake_case, without these."""


@contextlib.contextmanager
def when_used() -> Iterator[None]:
    """What is imported of an SDK for the first time here is imported file by file."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def is_generated(source: str) -> bool:
    """Whether a module imports its files, and does nothing else."""
    return _GENERATED.fullmatch(source) is not None


class _Finder:
    """Finds what Python would find, and has the modules of an SDK loaded our way."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not _NAME.fullmatch(name):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.submodule_search_locations and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        source = self.get_source(module.__name__) or ""
        if not is_generated(source):
            super().exec_module(module)
            return
        module.__class__ = _Module
        vars(module)["_files"] = {
            file.replace("_", ""): file for found in _FILE.findall(source) for file in found if file
        }


class _Module(ModuleType):
    """Imports a file when one of its names is asked for."""

    _files: dict[str, str]
    """Names of the files, by the form that snake_case and CamelCase share."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        for file in self._likely(name):
            module = importlib.import_module(f"{self.__name__}.{file}")
            if name in vars(self):
                return vars(self)[name]
            if name == file:  # it is being imported
                return module
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        """Take over the names of a file that was imported, by whomever, as `import *` does."""
        super().__setattr__(name, value)
        if isinstance(value, ModuleType) and name in self._files.values() and name != "outputs":
            vars(self).update({public: getattr(value, public) for public in value.__all__})

    def __dir__(self) -> list[str]:
        with contextlib.suppress(AttributeError):
            _ = self.__all__  # no file has it, so all are imported
        return sorted(vars(self))

    def _likely(self, name: str) -> Iterator[str]:
        """Every file, the likeliest first: the one that is called so, then what all share."""
        names = [name, *_OF_A_FILE.findall(name), "inputs", "enums"]
        called = [self._files.get(name.replace("_", "").lower()) for name in names]
        return iter(dict.fromkeys(filter(None, [*called, *self._files.values()])))
