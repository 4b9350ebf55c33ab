"""The words of the tables in `services`.

A name in a template is a property of the resource: an input, an output that an earlier call gave,
or `id`, as in a Pulumi program. A property that is not there is left out, and so is a structure
that would hold nothing but such properties. Lists and objects below it need no template: their
members are found in the service model by name, whatever its case, a mapping becomes a list of pairs
where the service wants its tags like that, and `Row.names` has the exceptions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is always the same."""

    value: Any


@dataclass(frozen=True, slots=True)
class Among:
    """In a read-back: the answer is a list with this property's value, maybe beside others."""

    what: Any


@dataclass(frozen=True, slots=True)
class Default:
    """A property, and what the provider sends when it is not given."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class IdIn:
    """What follows the last slash in a property that is an ARN."""

    name: str


Template: TypeAlias = (
    "str | Fixed | Default | IdIn | Among | Mapping[str, Template] | list[Template]"
)
"""A property, a fixed value, a structure, or a list of one."""

GIVEN: Final = object()


@dataclass(frozen=True, slots=True)
class If:
    """Whether a property has this value, or any."""

    name: str
    value: Any = GIVEN

    def holds(self, properties: Mapping[str, Any]) -> bool:
        found = properties.get(self.name)
        return found is not None if self.value is GIVEN else found == self.value


class Unless(If):
    """The opposite: what is not given is not the value."""

    __slots__ = ()

    def holds(self, properties: Mapping[str, Any]) -> bool:
        return not super().holds(properties)


@dataclass(frozen=True)
class Step:
    api: str
    """`service.Operation`, as in botocore's model."""
    params: Mapping[str, Template] = field(default_factory=dict)

    @property
    def service(self) -> str:
        return self.api.partition(".")[0]

    @property
    def operation(self) -> str:
        return self.api.partition(".")[2]


@dataclass(frozen=True)
class Call(Step):
    """What makes a resource, or a part of it."""

    gives: Mapping[str, str] = field(default_factory=dict)
    """Outputs, and where in the answer they are (JMESPath)."""
    when: If | None = None
    region_of: str = ""
    """A property with the ARN of what is called, where that is not in the resource's own region."""
    lacking: str = ""
    """What moto does instead of this call. The call is checked all the same."""


@dataclass(frozen=True)
class Read(Step):
    """What shows that the resource is there, as it was asked for."""

    same: Mapping[str, Template] = field(default_factory=dict)
    """Places in the answer (JMESPath) that must hold what was sent for a property."""
    when: If | None = None
    lacking: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    calls: tuple[Call, ...]
    reads: tuple[Read, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Nested inputs that the service calls otherwise; a dot where it wraps them once more."""
    provider_only: tuple[str, ...] = ()
    """Inputs that no call carries: they say what the provider does later, or in another way."""
    secrets: tuple[str, ...] = ()
    """Inputs with secrets in them. The graph does not have their values: others are sent."""
    auto_name: str = "name"
    """The input that Pulumi fills when the program does not."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Inputs that cannot be read back, and why: `rules[].Part` for a part, in the service's words.
    Where a `Read` has the place nevertheless, the answer must be wrong, or the reason is stale."""

    @property
    def sends(self) -> set[str]:
        """The properties that its calls carry."""
        return {name for call in self.calls for name in names_in(call.params)}

    @property
    def knows(self) -> set[str]:
        """The inputs that it accounts for."""
        asked = {call.when.name for call in self.calls if call.when}
        return self.sends | asked | {*self.provider_only, "region"}


def names_in(template: Template) -> Iterator[str]:
    """The properties that a template names."""
    match template:
        case str():
            yield template
        case Default(name) | IdIn(name) | Among(name):
            yield name
        case Mapping():
            for part in template.values():
                yield from names_in(part)
        case list():
            for part in template:
                yield from names_in(part)


def pascal(*names: str) -> dict[str, Template]:
    """Parameters that differ from the inputs in the case of their first letter."""
    return {name[0].upper() + name[1:]: name for name in names}
