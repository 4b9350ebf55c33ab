"""The base of every capability's spec: plain settings, checked when they are made."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

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
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        ser_json_inf_nan="strings",
    )

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
    return [_problem(spec, at, e) for e in found]


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a name that does not exist."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}."


def _problem(spec: type[Spec], at: str, error: Mapping[str, Any]) -> str:
    # pydantic ends the path of a wrong name in a mapping with this mark.
    loc = [part for part in error["loc"] if part != "[key]"]
    path = (at + "".join(map(_step, loc))).replace(":.", ":")
    owner, field = _resolve(spec, loc)
    about = f" {' '.join(field.description.split())}" if field and field.description else ""
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


def _resolve(
    spec: type[Spec], loc: Sequence[str | int]
) -> tuple[type[Spec] | None, FieldInfo | None]:
    """The spec that holds the last part of `loc`, and the innermost field on the way there."""
    owner: type[Spec] | None = spec
    field: FieldInfo | None = None
    for depth, part in enumerate(loc):
        found = _field(owner, str(part)) if owner else None
        if found:
            field = found
            inner = _spec_in(found.annotation)
            owner = inner if depth < len(loc) - 1 else owner
    return owner, field


def _field(spec: type[Spec], name: str) -> FieldInfo | None:
    """The field that a stack file, or a program, calls `name`."""
    by_alias = {field.alias: field for field in spec.model_fields.values()}
    return by_alias.get(name) or spec.model_fields.get(name)


def _spec_in(annotation: Any) -> type[Spec] | None:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return annotation
    return next(filter(None, map(_spec_in, get_args(annotation))), None)


def _aliases(spec: type[Spec]) -> list[str]:
    return [field.alias or name for name, field in spec.model_fields.items()]
