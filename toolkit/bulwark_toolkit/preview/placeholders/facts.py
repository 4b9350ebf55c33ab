"""How a placeholder is made: templates over what is known about a resource.

A template is a format string. Small names are the place's fields, the resource's own inputs and
its other outputs; capital ones are made up here: `{HEX:17}`, `{LOWER:10}`, `{UUID}`. They are
hashed from the URN, so that they are the same in every run and differ between resources. Where a
resource has several of a kind, a word tells them apart: `{LOWER:10.root}`, `{UUID:principal}`.
"""

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from bulwark_toolkit.preview.values import Value

Template: TypeAlias = "str | Callable[[Facts], Value] | Mapping[str, Template]"
"""A format string, a function where text is not enough, or an object of them."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Place:
    """Where the resources would be. The defaults are plainly nobody's."""

    account: str = "123456789012"
    region: str = "eu-central-1"
    partition: str = ""
    """By default that of the region."""
    subscription: str = "00000000-0000-0000-0000-000000000000"
    tenant: str = "00000000-0000-0000-0000-000000000000"
    location: str = "westeurope"

    @functools.cached_property
    def facts(self) -> Mapping[str, str]:
        partition = self.partition or _partition(self.region)
        suffix = _DNS_SUFFIXES.get(partition, "amazonaws.com")
        return {**dataclasses.asdict(self), "partition": partition, "SUFFIX": suffix}


# https://docs.aws.amazon.com/sdk-for-go/api/aws/endpoints lists the partitions.
_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
}
_DNS_SUFFIXES: Final = {
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
}
"""Only the partitions whose endpoints do not end in amazonaws.com."""


def _partition(region: str) -> str:
    found = (part for start, part in _PARTITIONS.items() if region.startswith(start))
    return next(found, "aws")


class NotKnown(Exception):  # noqa: N818 - an answer, not an error
    """What a template asks for is not known, so neither is what it would make."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """What is known about all resources of one type."""

    templates: Mapping[str, Template]
    """How to make each output, and `ID`; capital names only help to make others."""
    gives: tuple[str, ...]
    """The outputs to give where the program gave no input of that name."""
    completes: tuple[str, ...] = ()
    """Objects to which the cloud adds members of its own, whatever the program put in."""


class Facts(dict[str, Any]):
    """The values that templates may use, made when first asked for."""

    def __init__(
        self, kind: Kind, place: Place, name: str, inputs: Mapping[str, Value], urn: str
    ) -> None:
        super().__init__(place.facts)
        self.templates = kind.templates
        self.inputs = inputs
        self.urn = urn
        self.no_text: set[str] = set()
        """Inputs that are given but have no text: unknown, secret, or not a plain value."""
        self["LOGICAL"] = name
        for key, value in inputs.items():
            if isinstance(value, (str, int, float)):
                self[key] = value
            elif value is not None:
                self.pop(key, None)  # an unknown region must not fall back to the place's
                self.no_text.add(key)

    def __missing__(self, key: str) -> Value:
        if key in self.no_text:
            raise NotKnown(key)
        if key in self.templates:
            value = render(self.templates[key], self)
        elif key in _ALPHABETS:
            value = _Made(self.urn, _ALPHABETS[key])
        elif key == "UUID":
            value = _MadeUuid(self.urn, _HEX)
        else:
            raise NotKnown(key)
        self[key] = value
        return value

    def given(self, key: str, default: Value) -> Value:
        """The input if there is one, else what the cloud takes instead."""
        if key in self.no_text:
            raise NotKnown(key)
        return self.get(key, default)


def render(template: Template, facts: Facts) -> Value:
    if isinstance(template, str):
        return template.format_map(facts)
    if callable(template):
        return template(facts)
    return {key: render(member, facts) for key, member in template.items()}


def fill(
    kind: Kind, place: Place, name: str, inputs: Mapping[str, Value], urn: str
) -> tuple[str, dict[str, Value]]:
    """The id, empty when it is not known, and the outputs that can be known."""
    facts = Facts(kind, place, name, inputs, urn)
    outputs: dict[str, Value] = {}
    for key in kind.gives:
        if inputs.get(key) is None:
            try:
                outputs[key] = facts[key]
            except NotKnown:
                continue
    for key in kind.completes:
        try:
            outputs[key] = render(kind.templates[key], facts)
        except NotKnown:
            continue
    try:
        return str(facts["ID"]), outputs
    except NotKnown:
        return "", outputs


# Templates of which there are several kinds.


def default(key: str, template: Template) -> Template:
    """An input, or what the cloud takes when it is not given."""
    return lambda facts: facts.given(key, None) or render(template, facts)


def unknowable(_: Facts) -> Value:
    raise NotKnown


def choose(key: str, cases: Mapping[Value, Template], otherwise: Template = unknowable) -> Template:
    """The template for the value of an input."""
    return lambda facts: render(cases.get(facts.given(key, None), otherwise), facts)


def if_given(key: str, template: Template, otherwise: Template = unknowable) -> Template:
    """For what depends on whether the program gives an input, whatever its value."""
    return lambda facts: render(otherwise if facts.inputs.get(key) is None else template, facts)


def same(key: str) -> Template:
    """The value itself, whatever its type: a format string would make text of it."""
    return lambda facts: facts[key]


def members(key: str, **extra: Template) -> Template:
    """The object that the program gave, and the members that the cloud adds to it."""

    def complete(facts: Facts) -> Value:
        given = facts.inputs.get(key) or {}
        if not isinstance(given, Mapping):
            raise NotKnown(key)
        return {**render(extra, facts), **given}

    return complete


def auto_name(
    key: str, limit: int = 255, *, separator: str = "-", digits: int = 7, end: Template = ""
) -> Template:
    """The name that Pulumi would make: the logical name and random digits, here not random.

    Too long a name is the provider's error, not ours; here the logical name is cut.
    """
    suffix = f"{separator}{{HEX:{digits}.{key}}}"
    room = limit - len(separator) - digits

    def named(facts: Facts) -> str:
        if prefix := facts.given(f"{key}Prefix", ""):
            return f"{prefix}{facts['HEX']:26}"
        return facts["LOGICAL"][:room] + render(suffix, facts) + render(end, facts)

    return named


def lower(template: Template) -> Template:
    return lambda facts: render(template, facts).lower()


# What is made up.

_HEX: Final = "0123456789abcdef"
_ALPHABETS: Final = {
    "HEX": _HEX,
    "DIGITS": "0123456789",
    "LOWER": "abcdefghijklmnopqrstuvwxyz0123456789",
    "UPPER": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "ALNUM": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "LETTERS": "abcdefghijklmnopqrstuvwxyz",
}
_HASHED: Final = 12
"""Hexadecimal digits of a long id that carry the hash; zeros before them say: not a real one."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Made:
    urn: str
    alphabet: str

    def __format__(self, spec: str) -> str:
        length, _, purpose = spec.partition(".")
        return self.text(int(length), purpose)

    def text(self, length: int, purpose: str) -> str:
        if self.alphabet is _HEX:
            digits = _digest(self.urn, purpose, _HASHED // 2).hex()
            return digits.zfill(length)[-length:]
        digest = _digest(self.urn, purpose, length)
        return "".join([self.alphabet[byte % len(self.alphabet)] for byte in digest])


@dataclasses.dataclass(frozen=True, slots=True)
class _MadeUuid(_Made):
    def __format__(self, spec: str) -> str:
        # Version 4, variant 1: what a strict parser wants to see.
        return f"00000000-0000-4000-8000-{self.text(_HASHED, spec)}"


def _digest(urn: str, purpose: str, size: int) -> bytes:
    return hashlib.blake2b(f"{purpose}\n{urn}".encode(), digest_size=size).digest()


def output_names(cls: type | None, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that the class has as outputs; without a class, all but the helpers."""
    if cls is None:
        return tuple(name for name in names if not name.isupper())
    # Far cheaper than resource_types, which resolves every annotation.
    from pulumi._types import resource_pulumi_to_py_names

    has = resource_pulumi_to_py_names(cls)
    return tuple(name for name in names if name in has)


def input_names(cls: type | None) -> frozenset[str]:
    """Python names of the inputs of a generated class; empty for one written by hand."""
    code = getattr(getattr(cls, "_internal_init", None), "__code__", None)
    return frozenset(code.co_varnames[: code.co_argcount]) if code else frozenset()
