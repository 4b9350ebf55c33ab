"""The base of every capability's spec: plain settings, checked when they are made."""

import ast
import functools
import inspect
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

from .clouds import Cloud, Mark
from .errors import ConfigError

Defence = Literal["encryption", "logging", "mfa", "waf", "access", "recovery", "detection"]
"""What a setting holds up. No profile may loosen the first four."""


@dataclass(frozen=True, slots=True)
class Guards:
    """Marks a setting whose default is the hardened value; the report lists what is weaker."""

    defence: Defence
    weaker: Literal["lower", "higher"]
    """Which way from the default is weaker. A switch that is off is lower."""


@dataclass(frozen=True, slots=True)
class Loosened:
    """A setting that is weaker than its default."""

    path: str
    """Where the setting stands below its spec, such as `deletionWindowDays`."""
    defence: Defence
    value: Any
    hardened: Any


class _Explained(type(BaseModel)):
    """Makes a spec that a program builds fail as one in a stack file does: with a ConfigError."""

    if not TYPE_CHECKING:  # a type checker takes the arguments of the spec itself

        def __call__(cls, **settings: Any) -> Any:
            try:
                return super().__call__(**settings)
            except ValidationError as error:
                raise ConfigError(problems(cls, cls.__name__, error)) from None


class Spec(BaseModel, metaclass=_Explained):
    """Immutable settings of one capability. YAML spells the fields in camelCase."""

    elsewhere: ClassVar[Mapping[str, str]] = {}
    """What people look for in this spec and should not, with what to do instead."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        ser_json_inf_nan="strings",
    )

    @classmethod
    def about(cls, name: str) -> str:
        """What the setting of this name is for, on one line: the text below it in its class.

        With `use_attribute_docstrings` pydantic would read the source as each class is made, which
        is half of the time that all specs take to load.
        """
        texts = _texts(cls)  # pyright: ignore[reportArgumentType] it asks for the hash of an instance
        return " ".join(texts.get(name, "").split())

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        found = handler(schema)
        properties = handler.resolve_ref_schema(found)["properties"]
        texts = _texts(cls)  # pyright: ignore[reportArgumentType]
        for name, text in texts.items():
            properties[cls.model_fields[name].alias]["description"] = text
        return found

    @classmethod
    def load(cls, at: str, value: Any) -> Self:
        """Check `value`, found at the config path `at`.

        Raises a ConfigError that lists every problem, in the order of their paths.
        """
        try:
            # Through JSON, because only there is strict strict and a list still a tuple:
            # "365" is not a number, 1 is not a switch.
            return cls.model_validate_json(
                json.dumps(value), strict=True, by_alias=True, by_name=False
            )
        except ValidationError as error:
            raise ConfigError(problems(cls, at, error)) from None

    def loosened(self, at: str = "") -> Iterator[Loosened]:
        """The settings that are weaker than their defaults, here and in nested specs."""
        for name, field in type(self).model_fields.items():
            value, path = getattr(self, name), f"{at}{field.alias}"
            for guard in field.metadata:
                if isinstance(guard, Guards) and _is_weaker(value, field.default, guard):
                    yield Loosened(path, guard.defence, value, field.default)
            for below, spec in nested(value, path).items():
                yield from spec.loosened(f"{below}.")

    def unsupported(self, cloud: Cloud, at: str = "") -> Iterator[str]:
        """What this cloud does not take of the settings, here and in nested specs, a line each."""
        for name, field in type(self).model_fields.items():
            value, path = getattr(self, name), f"{at}{field.alias}"
            if value == field.get_default():
                continue
            marks = [mark for mark in field.metadata if isinstance(mark, Mark)]
            if reasons := [why for mark in marks if (why := mark.refusal(cloud, value))]:
                # What is within goes with it.
                yield from (f"{path}: {why}" for why in reasons)
                continue
            for mark in _marks_of_texts(field.annotation):
                for below, text in _texts_in(value, path):
                    if why := mark.refusal(cloud, text):
                        yield f"{below}: {why}"
            for below, spec in (nested(value, path) | _listed(value, path)).items():
                yield from spec.unsupported(cloud, f"{below}.")

    def must_suit(self, cloud: Cloud, at: str) -> None:
        """Raise a ConfigError with all that this cloud does not take, for who wires it alone."""
        if refused := list(self.unsupported(cloud, f"{at}.")):
            raise ConfigError(refused)


def _listed(value: Any, at: str) -> dict[str, Spec]:
    """The specs that a setting lists, by path."""
    listed = value if isinstance(value, tuple) else ()
    return {f"{at}[{n}]": spec for n, spec in enumerate(listed) if isinstance(spec, Spec)}


def _marks_of_texts(annotation: Any) -> Iterator[Mark]:
    """The marks of what a setting lists, which stand in the middle of its type."""
    for inner in get_args(annotation):
        yield from (mark for mark in getattr(inner, "__metadata__", ()) if isinstance(mark, Mark))
        yield from _marks_of_texts(inner)


def _texts_in(value: Any, at: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield at, value
        case Mapping():
            for name, inner in value.items():
                yield from _texts_in(inner, f"{at}.{name}")
        case Sequence():
            for number, inner in enumerate(value):
                yield from _texts_in(inner, f"{at}[{number}]")


def _is_weaker(value: Any, hardened: Any, guard: Guards) -> bool:
    return value < hardened if guard.weaker == "lower" else value > hardened


def nested(value: Any, at: str) -> dict[str, Spec]:
    """The specs in a setting's value, by path: the value itself, or one for each name."""
    match value:
        case Spec():
            return {at: value}
        case Mapping():
            return {f"{at}.{name}": spec for name, spec in value.items() if isinstance(spec, Spec)}
    return {}


def problems(spec: type[Spec], at: str, error: ValidationError) -> list[str]:
    """Every error as a line that says where, what is wrong and what the setting is for."""
    found = sorted(error.errors(), key=lambda e: [str(part) for part in e["loc"]])
    return [line for e in found for line in _lines(spec, at, e)]


class RefusedError(ValueError):
    """Several settings below one are wrong, each with its path from there and why."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def _lines(spec: type[Spec], at: str, error: Mapping[str, Any]) -> Iterator[str]:
    match error.get("ctx"):
        case {"error": RefusedError(lines=lines)}:
            path = _path(at, error["loc"])
            yield from (f"{path}.{line}" for line in lines)
        case _:
            yield _problem(spec, at, error)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a name that does not exist."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}."


def _problem(spec: type[Spec], at: str, error: Mapping[str, Any]) -> str:
    # pydantic ends the path of a wrong name in a mapping with this mark.
    loc = [part for part in error["loc"] if part != "[key]"]
    path = _path(at, loc)
    owner, about = _resolve(spec, loc)
    about = f" {about}" if about else ""
    match error["type"]:
        case "extra_forbidden":
            name = str(loc[-1])
            if owner and name in owner.elsewhere:
                return f"{path}: {owner.elsewhere[name]}"
            hint = nearest(name, _aliases(owner)) if owner else ""
            return f"{path}: no such setting. {hint}".rstrip()
        case "missing":
            return f"{path}: missing.{about}"
        case "value_error":
            return f"{path}: {error['ctx']['error']}.{about}"
    return f"{path}: {error['msg']}; got {_shown(error['input'])}.{about}"


def _path(at: str, loc: Sequence[str | int]) -> str:
    return (at + "".join(map(_step, loc))).replace(":.", ":")


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    # A name of the stack file's own, which may hold what would make two lines of one.
    return "." + "".join(c if c.isprintable() else "?" for c in part)


def _shown(value: Any) -> str:
    # Text may be a secret in the wrong place, so only numbers and switches are echoed.
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return "other text" if value else "empty text"
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
    return f"a {type(value).__name__}"


def _resolve(spec: type[Spec], loc: Sequence[str | int]) -> tuple[type[Spec] | None, str]:
    """The spec that holds the last part of `loc`, and what the setting on the way there is for."""
    owner: type[Spec] | None = spec
    about = ""
    for depth, part in enumerate(loc):
        name = _name(owner, str(part)) if owner else None
        if owner and name:
            about = owner.about(name)
            inner = _spec_in(owner.model_fields[name].annotation)
            owner = inner if depth < len(loc) - 1 else owner
    return owner, about


def _name(spec: type[Spec], written: str) -> str | None:
    """The name of the setting that a stack file, or a program, calls `written`."""
    by_alias = {field.alias: name for name, field in spec.model_fields.items()}
    return by_alias.get(written) or (written if written in spec.model_fields else None)


@functools.cache
def _texts(spec: type[Spec]) -> Mapping[str, str]:
    """The text below each setting in the source of its class."""
    found: dict[str, str] = {}
    for base in reversed(spec.__mro__[: spec.__mro__.index(Spec)]):
        body = _classes(base.__module__).get(base.__name__, ())
        for above, below in pairwise(body):
            match above, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ) if name in spec.model_fields:
                    found[name] = inspect.cleandoc(text)
    return found


@functools.cache
def _classes(module: str) -> Mapping[str, Sequence[ast.stmt]]:
    """What is in each class of a module; nothing where its source is not to be had."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (OSError, TypeError):
        return {}
    nodes = ast.walk(ast.parse(source))
    return {node.name: node.body for node in nodes if isinstance(node, ast.ClassDef)}


def _spec_in(annotation: Any) -> type[Spec] | None:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return annotation
    return next(filter(None, map(_spec_in, get_args(annotation))), None)


def _aliases(spec: type[Spec]) -> list[str]:
    return [field.alias or name for name, field in spec.model_fields.items()]
