"""From the inputs of a resource to the parameters of a call."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from .language import Default, Fixed, IdIn, Template, Text, names_in

MISSING: Final = object()


def build(
    template: Template,
    shape: Shape | None,
    properties: Mapping[str, Any],
    names: Mapping[str, str],
    sent: dict[str, Any],
) -> Any:
    """The value of a template, or MISSING. `sent` is told what each property became."""
    match template:
        case Default(name, value) if properties.get(name) is None:
            return value
        case Fixed(value):
            return value
    wanted = list(names_in(template))
    if wanted and all(properties.get(name) is None for name in wanted):
        return MISSING
    match template:
        case str(name) | Default(name):
            sent[name] = fit(properties[name], shape, names)
            return sent[name]
        case IdIn(name):
            sent[name] = properties[name]
            return properties[name].rpartition("/")[2]
        case Text(text):
            sent |= {name: properties[name] for name in wanted if properties.get(name) is not None}
            return text.format_map(_written(properties))
        case list():
            return [build(part, _item(shape), properties, names, sent) for part in template]
        case Mapping():
            parts = {
                key: build(part, _member(shape, key), properties, names, sent)
                for key, part in template.items()
            }
            return {key: part for key, part in parts.items() if part is not MISSING}
    raise TypeError(f"not for a call: {template}")


def _written(value: Any) -> Any:
    """The properties as a text has them: switches in small letters, no word for what is missing."""
    match value:
        case bool():
            return str(value).lower()
        case Mapping():
            return defaultdict(str, {key: _written(item) for key, item in value.items()})
    return value


def fit(value: Any, shape: Shape | None, names: Mapping[str, str]) -> Any:
    """The value in the service's words. What the model does not know stays: the check finds it."""
    match shape, value:
        case ((StructureShape() | MapShape()), [dict() as only]) if not (
            _counts(shape) or _is_parameter(only)
        ):
            # A block that may stand once: some of the provider's are lists all the same.
            return fit(only, shape, names)
        case StructureShape(), _:
            return _fit_structure(value, shape, names)
        case ListShape(), dict() if pair := _pair(shape.member):
            return [dict(zip(pair, item, strict=True)) for item in value.items()]
        case ListShape(), list():
            return [fit(item, shape.member, names) for item in value]
        case StringShape(), int() if not isinstance(value, bool):
            return str(value)
        case MapShape(), dict():
            return {names.get(key, key): _fit_entry(v, shape, names) for key, v in value.items()}
        case MapShape(), [dict(), *_]:
            # Parameters of a document: the provider has them as a list of name and values.
            return {item.get("name", ""): item.get("values") for item in value}
    return value


def _is_parameter(value: Mapping[str, Any]) -> bool:
    return value.keys() == {"name", "values"}


def _fit_entry(value: Any, shape: MapShape, names: Mapping[str, str]) -> Any:
    # One value of a parameter that could have several: the provider makes it a list.
    several = [value] if isinstance(shape.value, ListShape) and isinstance(value, str) else value
    return fit(several, shape.value, names)


def _fit_structure(value: Any, shape: StructureShape, names: Mapping[str, str]) -> Any:
    match value:
        case dict():
            parts = _by_member(value, shape, names)
            fitted = {name: fit(v, shape.members.get(name), names) for name, v in parts.items()}
            return _counted(fitted) if _counts(shape) else fitted
        case list() if _counts(shape):
            return fit({"Items": value}, shape, names)
        case str() if len(shape.members) == 1:
            return dict.fromkeys(shape.members, value)
    return value


def _by_member(
    value: Mapping[str, Any], shape: StructureShape, names: Mapping[str, str]
) -> dict[str, Any]:
    """What each member of the structure is made of, in the words of the inputs."""
    by_name = {member.lower(): member for member in shape.members}
    found: dict[str, Any] = {}
    for key, item in value.items():
        if item is None:
            continue
        outer, _, inner = names.get(key, key).partition(".")
        member = by_name.get(outer.lower(), outer)
        part = {inner: item} if inner else item
        found[member] = _joined(found[member], part) if member in found else part
    return found


def _joined(one: Any, other: Any) -> dict[str, Any]:
    """Two inputs that are one structure to the service."""
    first, second = ({"Items": v} if isinstance(v, list) else v for v in (one, other))
    return first | second


def _counts(shape: Shape) -> bool:
    """Whether it is a list that says how long it is, as CloudFront has them."""
    return isinstance(shape, StructureShape) and {"Items", "Quantity"} <= set(shape.members)


def _counted(made: dict[str, Any]) -> dict[str, Any]:
    return {"Quantity": len(made.get("Items", ()))} | made


def _pair(shape: Shape) -> list[str]:
    """The names of key and value, where a list of such structures is a mapping, as of tags."""
    members = sorted(shape.members) if isinstance(shape, StructureShape) else []
    ends = [member.removeprefix("Tag") for member in members]
    return members if ends in (["Key", "Value"], ["Name", "Value"]) else []


def _member(shape: Shape | None, name: str) -> Shape | None:
    if isinstance(shape, MapShape):
        return shape.value
    return shape.members.get(name) if isinstance(shape, StructureShape) else None


def _item(shape: Shape | None) -> Shape | None:
    return shape.member if isinstance(shape, ListShape) else None
