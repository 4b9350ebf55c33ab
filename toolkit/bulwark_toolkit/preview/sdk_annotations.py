"""Loads a generated file of an SDK as if it said `from __future__ import annotations`.

Such a file annotates thousands of properties, and to make `typing`'s objects for all of them takes
longer than all else in it. Pulumi asks for those of the types that a program uses, and resolves
texts as it does `'BucketVersioningArgs'`. Python 3.14 defers annotations by itself.

The file's code is the compiled one that is there already. It is the names by which it makes types
(`Optional`, `pulumi.Input`) that write down what they were asked for while the file is loaded.
"""

import builtins
import contextlib
import typing
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

import pulumi


@contextlib.contextmanager
def as_text(module: ModuleType) -> Iterator[None]:
    """While the code of `module` runs, its annotations become text."""
    names = vars(module)
    ours: dict[str, Any] = {**vars(builtins), "__import__": _import}
    names["__builtins__"] = ours
    try:
        yield
    finally:
        # Functions keep the built-in names that they were made with.
        ours["__import__"] = builtins.__import__
        names["__builtins__"] = vars(builtins)
        real = [(name, _REAL[id(value)]) for name, value in names.items() if id(value) in _REAL]
        names.update(real)


_PLAIN: Final = {kind: kind.__name__ for kind in (str, int, float, bool)} | {Any: "Any"}
"""Parts that have a name in every generated file, beside what is quoted there."""


class _Form:
    """Writes `Optional[str]` down, for `Optional`.

    What has a part without such a name is made as ever, with texts for its other parts, as
    `typing` takes them.
    """

    __slots__ = ("_name", "real")

    def __init__(self, name: str, real: Any) -> None:
        self._name = name
        self.real = real

    def __getitem__(self, parts: Any) -> Any:
        texts = [
            part if isinstance(part, str) else _PLAIN.get(part, "")
            for part in (parts if type(parts) is tuple else (parts,))
        ]
        if not all(texts):
            return self.real[parts]
        return f"{self._name}[{', '.join(texts)}]"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class _Shallow(type(typing.TypedDict("_", {}))):
    """Makes of typed dicts, which are there for type checkers alone, what tells them apart."""

    def __new__(cls, name: str, _: Any, body: dict[str, Any], *, total: bool = True) -> Any:
        return type.__new__(cls, name, (dict,), body | {"__total__": total})


class _TypedDict:
    """As `typing.TypedDict` does, names the base of a class that is written with it."""

    def __mro_entries__(self, _: Any) -> tuple[type]:
        return (_BASE,)


_BASE: Final = _Shallow("_BASE", (), {})


def _with(module: ModuleType, **replaced: Any) -> ModuleType:
    changed = ModuleType(module.__name__)
    vars(changed).update(vars(module), **replaced)
    return changed


_FORMS: Final = {
    name: _Form(name, getattr(typing, name))
    for name in ("Mapping", "NotRequired", "Optional", "Sequence", "Union")
    if hasattr(typing, name)
}
_INPUTS: Final = {
    name: _Form(f"pulumi.{name}", getattr(pulumi, name))
    for name in ("Input", "InputType", "Output")
}
_TYPED_DICT: Final = _TypedDict()
_TYPING: Final = _with(typing, **_FORMS, TypedDict=_TYPED_DICT)
_PULUMI: Final = _with(pulumi, **_INPUTS)

_REAL: Final[dict[int, Any]] = {
    id(_PULUMI): pulumi,
    id(_TYPED_DICT): typing.TypedDict,
    **{id(form): form.real for form in (*_FORMS.values(), *_INPUTS.values())},
}


def _import(
    name: str, names: Any = None, local: Any = None, wanted: Any = (), level: int = 0
) -> Any:
    if level == 0 and name == "typing" and wanted:
        return _TYPING
    found = builtins.__import__(name, names, local, wanted, level)
    return _PULUMI if found is pulumi and not wanted else found
