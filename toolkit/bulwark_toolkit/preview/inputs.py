"""Checks what a program asks for against the types that its provider's SDK declares.

Pulumi serialises a dict literal without looking at it: a misspelt nested key, a missing one, or a
string where a number belongs passes in silence until the provider, or nobody, objects.

A type is compiled once, into the kinds of value it takes and a rule for each: {bool: rule}. The
properties of a nested type are compiled when a value for it comes by: some SDKs nest thousands.
"""

import enum
import functools
import inspect
import json
import re
import types
import typing
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import pulumi

# By these private tables, as old as the SDKs' input types, Pulumi itself serialises the inputs; it
# has filled them by the time the inputs are checked.
from pulumi._types import input_type_py_to_pulumi_names, input_type_types, is_input_type

from .values import Archive, Asset, Reference, Secret, Value

_Problem: TypeAlias = tuple[tuple[str | int, ...], str]
"""Where, in keys and indexes from the value that was checked, and what."""

_Kinds: TypeAlias = Mapping[type, "_Rule"]
"""The rule for each type of value that is taken."""

_ANYTHING: _Kinds = {}

# Unknown has no name: it can become any kind, so it is never of a wrong one.
_NAMES: Mapping[type, str] = {
    types.NoneType: "nothing",
    bool: "a boolean",
    int: "a number",
    float: "a fractional number",
    str: "a string",
    list: "a list",
    dict: "an object",
    Asset: "an asset",
    Archive: "an archive",
    Reference: "a resource",
}

_MEMBERS_SHOWN = 12

# Code generation writes a constant into the documentation of its property and of no other, and
# into the body of __init__, where it cannot be read.
_CONSTANT = re.compile(r"^\s*Expected value is '(.*)'\.$", re.MULTILINE)


def check(resource: type[pulumi.Resource], inputs: Mapping[str, Value]) -> list[str]:
    """What the provider SDK's own types do not allow in `inputs`, a line each, sorted by path.

    Names are those of the wire (camelCase). A class that was not generated from a schema has no
    types to check against, so nothing is said of it. A line repeats no text of a value, and where
    it looks into a secret a key that the program chose reads `*`.
    """
    args = _args(resource)
    if args is None:
        return []
    if issubclass(resource, pulumi.ProviderResource):
        inputs = _decoded(args, inputs)
    return [f"{_text(path)}: {what}" for path, what in sorted(set(args.problems(inputs)))]


class _Chosen(str):
    """A key that the program chose, and not the SDK."""

    __slots__ = ()


class _Rule:
    """What a value of a kind must fulfil; by itself, nothing more."""

    def __init__(self, name: str) -> None:
        self.name = name

    def problems(self, value: Value) -> Sequence[_Problem]:  # noqa: ARG002
        return ()

    def excludes(self, value: Value) -> bool:  # noqa: ARG002
        """Whether `value` says by a constant that it is meant for another member of a union."""
        return False


class _Member(_Rule):
    def __init__(self, members: Iterable[Any]) -> None:
        self.members = tuple(dict.fromkeys(members))
        shown = [str(member) for member in self.members[:_MEMBERS_SHOWN]]
        if hidden := len(self.members) - len(shown):
            shown.append(f"{hidden} more")
        super().__init__("one of " * (len(shown) > 1) + ", ".join(shown))

    def problems(self, value: Value) -> Sequence[_Problem]:
        return () if value in self.members else [_mismatch(self.name, "another")]


class _Items(_Rule):
    def __init__(self, item: _Kinds) -> None:
        super().__init__("a list")
        self.item = item

    def problems(self, value: Value) -> Sequence[_Problem]:
        found: list[_Problem] = []
        for index, item in enumerate(value):
            if inside := _problems(self.item, item):
                found += _under(index, inside)
        return found


class _Values(_Rule):
    def __init__(self, item: _Kinds) -> None:
        super().__init__("an object")
        self.item = item

    def problems(self, value: Value) -> Sequence[_Problem]:
        found: list[_Problem] = []
        for key, item in value.items():
            # A key without a value is dropped on the way to the provider.
            if item is not None and (inside := _problems(self.item, item)):
                found += _under(_Chosen(key), inside)
        return found


class _Object(_Rule):
    """An `…Args` class. It is looked into when a value for it comes by."""

    def __init__(self, args: type) -> None:
        super().__init__("an object")
        self._args = args

    @functools.cached_property
    def properties(self) -> Mapping[str, _Kinds]:
        # A type that is missing from the table is one that Pulumi could not make out.
        declared = input_type_types(self._args)
        names = input_type_py_to_pulumi_names(self._args).values()
        kinds = {name: _kinds(declared.get(name, Any)) for name in names}
        return kinds | {name: {str: _Member([text])} for name, text in self.constants.items()}

    @functools.cached_property
    def required(self) -> Sequence[str]:
        # Not by the property's type: what __init__ has a default for may be left out.
        parameters = inspect.getfullargspec(self._args.__init__)
        required = set(parameters.kwonlyargs) - set(parameters.kwonlydefaults or ())
        names = input_type_py_to_pulumi_names(self._args)
        return [pulumi_name for name, pulumi_name in names.items() if name in required]

    @functools.cached_property
    def constants(self) -> Mapping[str, str]:
        """The texts that tell this class from the other members of a union."""
        found = {}
        for name, pulumi_name in input_type_py_to_pulumi_names(self._args).items():
            documentation = getattr(self._args, name).fget.__doc__ or ""
            if text := _CONSTANT.search(documentation):
                found[pulumi_name] = text[1]
        return found

    def problems(self, value: Value) -> Sequence[_Problem]:
        found: list[_Problem] = []
        properties = self.properties
        for key, item in value.items():
            if item is None:
                continue
            kinds = properties.get(key)
            if kinds is None:
                found.append(((_Chosen(key),), f"no such property{_suggestion(key, properties)}"))
            elif inside := _problems(kinds, item):
                found += _under(key, inside)
        found += [((name,), "missing") for name in self.required if value.get(name) is None]
        return found

    def excludes(self, value: Value) -> bool:
        return any(
            type(value.get(name)) is str and value[name] != text
            for name, text in self.constants.items()
        )


class _OneOf(_Rule):
    """Several members of a union that take the same kind of value."""

    def __init__(self, members: Sequence[_Rule]) -> None:
        super().__init__(" or ".join(dict.fromkeys(member.name for member in members)))
        self.members = members

    def problems(self, value: Value) -> Sequence[_Problem]:
        meant = [member for member in self.members if not member.excludes(value)]
        if not meant:
            return self._not_meant(value)
        return min((member.problems(value) for member in meant), key=len)

    def _not_meant(self, value: Value) -> Sequence[_Problem]:
        allowed: dict[str, list[str]] = {}
        for member in self.members:
            if isinstance(member, _Object):
                for name, text in member.constants.items():
                    allowed.setdefault(name, []).append(text)
        return [
            problem
            for name, texts in allowed.items()
            if value.get(name) is not None
            for problem in _under(name, _problems({str: _Member(texts)}, value[name]))
        ]


def _problems(kinds: _Kinds, value: Value) -> Sequence[_Problem]:
    rule = kinds.get(type(value))
    if rule is not None:
        return rule.problems(value)
    if isinstance(value, Secret):
        return () if value.value is None else _hidden(_problems(kinds, value.value))
    if kinds and type(value) in _NAMES:
        expected = " or ".join(dict.fromkeys(rule.name for rule in kinds.values()))
        return [_mismatch(expected, _NAMES[type(value)])]
    return ()


def _mismatch(expected: str, got: str) -> _Problem:
    return (), f"expected {expected}{';' if ',' in expected else ','} got {got}"


def _under(step: str | int, problems: Sequence[_Problem]) -> list[_Problem]:
    return [((step, *path), what) for path, what in problems]


def _hidden(problems: Sequence[_Problem]) -> list[_Problem]:
    return [
        (tuple(_Chosen("*") if isinstance(step, _Chosen) else step for step in path), what)
        for path, what in problems
    ]


def _text(path: tuple[str | int, ...]) -> str:
    text = ""
    for step in path:
        if isinstance(step, str) and step.isidentifier():
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step)}]"
    return text


def _suggestion(key: str, known: Iterable[str]) -> str:
    # Imported for the few that err; by the form that snake_case and camelCase share.
    import difflib

    forms = {name.replace("_", "").lower(): name for name in known}
    near = difflib.get_close_matches(key.replace("_", "").lower(), forms, n=1)
    return f"; did you mean {forms[near[0]]}?" if near else ""


def _decoded(args: _Object, inputs: Mapping[str, Value]) -> Mapping[str, Value]:
    """The inputs of a provider, which Pulumi sends as JSON unless they are strings by type."""

    def decoded(kinds: _Kinds, value: Value) -> Value:
        if isinstance(value, Secret):
            return Secret(decoded(kinds, value.value))
        if isinstance(value, str) and kinds and str not in kinds:
            try:
                return json.loads(value)
            except ValueError:
                return value
        return value

    return {
        name: decoded(args.properties.get(name, _ANYTHING), value) for name, value in inputs.items()
    }


@functools.cache
def _args(resource: type[pulumi.Resource]) -> _Object | None:
    """The `…Args` class of a resource, by the overload of its constructor that takes one."""
    for cls in resource.__mro__:
        # Only generated classes have it, and only they send exactly what their Args declare.
        if "_internal_init" not in vars(cls):
            continue
        for overload in typing.get_overloads(cls.__init__):
            rule = _kinds(overload.__annotations__.get("args", Any)).get(dict)
            if isinstance(rule, _Object):
                return rule
    return None


@functools.cache
def _kinds(declared: Any) -> _Kinds:
    origin = typing.get_origin(declared) or declared
    arguments = typing.get_args(declared)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is typing.Literal:
        return _members(arguments)
    if origin in (list, Sequence):
        return {list: _Items(_kinds(arguments[0]) if arguments else _ANYTHING)}
    if origin in (dict, Mapping):
        return {dict: _Values(_kinds(arguments[1]) if arguments else _ANYTHING)}
    return _class(declared) if inspect.isclass(declared) else _ANYTHING


def _union(declared: Sequence[Any]) -> _Kinds:
    by_kind: dict[type, list[_Rule]] = {}
    for member in declared:
        if _is_plumbing(member):
            continue
        kinds = _kinds(member)
        if not kinds:
            return _ANYTHING
        for kind, rule in kinds.items():
            by_kind.setdefault(kind, []).append(rule)
    return {kind: _either(rules) for kind, rules in by_kind.items()}


def _is_plumbing(declared: Any) -> bool:
    """Whether a union has this member only for how values are passed in Python."""
    origin = typing.get_origin(declared) or declared
    # A TypedDict stands beside the Args class whose keys it spells in Python.
    return origin in (types.NoneType, pulumi.Output, Awaitable) or typing.is_typeddict(declared)


def _either(rules: Sequence[_Rule]) -> _Rule:
    # A rule that takes all of its kind opens an enumeration: str | SomeEnum.
    takes_all = [rule for rule in rules if type(rule) is _Rule]
    if takes_all or len(rules) == 1:
        return (takes_all or rules)[0]
    return _OneOf(rules)


def _class(declared: type) -> _Kinds:
    if declared in _SCALARS:
        return _SCALARS[declared]
    if issubclass(declared, enum.Enum):
        return _members([member.value for member in declared])
    if is_input_type(declared):
        return {dict: _Object(declared)}
    for base, kinds in _SPECIAL.items():
        if issubclass(declared, base):
            return kinds
    return _ANYTHING


def _members(members: Sequence[Any]) -> _Kinds:
    kinds = {type(member) for member in members}
    # 1.0 is 1 on the wire.
    return dict.fromkeys(kinds | {int} if float in kinds else kinds, _Member(members))


def _plain(name: str, *kinds: type) -> _Kinds:
    return dict.fromkeys(kinds, _Rule(name))


_SCALARS: Mapping[type, _Kinds] = {
    bool: _plain("a boolean", bool),
    int: _plain("a whole number", int),
    float: _plain("a number", int, float),
    # The engine hands a resource to a provider as its id.
    str: _plain("a string", str, Reference),
}

_SPECIAL: Mapping[type, _Kinds] = {
    pulumi.Asset: _plain("an asset", Asset),
    pulumi.Archive: _plain("an archive", Archive),
    pulumi.Resource: _plain("a resource", Reference),
}
