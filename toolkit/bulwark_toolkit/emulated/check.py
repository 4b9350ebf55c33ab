"""Parameters against the service model: also what botocore itself does not look at.

Botocore's clients refuse unknown and missing parameters, wrong types and too small values; they
look at no enum, no pattern and no upper bound.
"""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sized
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from bulwark_toolkit.preview import Archive, Asset, Reference, Secret, Unknown


def check(value: Any, shape: Shape | None, path: str = "") -> Iterator[str]:
    """`path: what is wrong; got what kind of thing`, for each thing that is wrong."""
    if shape is None:  # an operation without parameters
        yield from (f"{path}.{name}: is not a parameter; got {kind(value[name])}" for name in value)
        return
    wanted, fits = _KINDS[shape.type_name]
    if not fits(value):
        yield f"{path}: must be {wanted}; got {kind(value)}"
        return
    for wrong in _bounds(value, shape):
        yield f"{path}: {wrong}; got {kind(value)}"
    match shape:
        case StructureShape():
            yield from _members(value, shape, path)
        case ListShape():
            for number, item in enumerate(value):
                yield from check(item, shape.member, f"{path}[{number}]")
        case MapShape():
            for key, item in value.items():
                yield from check(key, shape.key, f"{path}.{key}")
                yield from check(item, shape.value, f"{path}.{key}")


def _members(value: Mapping[str, Any], shape: StructureShape, path: str) -> Iterator[str]:
    for name in shape.required_members:
        # The client makes a token itself.
        if name not in value and "idempotencyToken" not in shape.members[name].metadata:
            yield f"{path}.{name}: is required; got nothing"
    for name, item in value.items():
        if name in shape.members:
            yield from check(item, shape.members[name], f"{path}.{name}")
        else:
            known = {member.lower(): member for member in shape.members}
            near = get_close_matches(name.lower(), known, n=1)
            hint = f" (did you mean {known[near[0]]}?)" if near else ""
            yield f"{path}.{name}: is not a parameter{hint}; got {kind(item)}"


def _bounds(value: Any, shape: Shape) -> Iterator[str]:
    limits = shape.metadata
    size = len(value) if isinstance(value, Sized) else value
    unit = _UNITS.get(shape.type_name, "")
    if "min" in limits and size < limits["min"]:
        yield f"must be at least {limits['min']}{unit}"
    if "max" in limits and size > limits["max"]:
        yield f"must be at most {limits['max']}{unit}"
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"must be one of {', '.join(shape.enum)}"
    pattern = compiled(_WIDER.get(shape.name, limits["pattern"])) if "pattern" in limits else None
    if pattern and isinstance(value, str) and not pattern.fullmatch(value):
        yield f"must match {limits['pattern']}"


@cache
def compiled(pattern: str) -> re.Pattern[str] | None:
    r"""A pattern of the model as one of Python's; None where Python has no such pattern.

    Models are written for Java. `\p{L}` and the like are the only words in use that Python lacks;
    the nearest that it has are wider, so that a check with them refuses nothing that AWS takes.
    """
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # `[[` may mean a set of its own one day
            return re.compile(pattern)
    except re.error:
        return None


def kind(value: Any) -> str:
    """What a value is, without the value: it may be a secret in the wrong place."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "a boolean"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"a string of {len(value)} characters"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"an object with {', '.join(map(str, value)) or 'nothing in it'}"
    return _MARKERS.get(type(value), type(value).__name__)


_MARKERS: Final = {
    Secret: "a secret",
    Unknown: "a value that is not known",
    Asset: "a file",
    Archive: "an archive",
    Reference: "a resource",
}


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is(*types: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, types)


_KINDS: Final[Mapping[str, tuple[str, Callable[[Any], bool]]]] = {
    "blob": ("text or bytes", _is(str, bytes)),
    "boolean": ("a boolean", _is(bool)),
    "double": ("a number", _is_number),
    "float": ("a number", _is_number),
    "integer": ("a whole number", _is_whole),
    "list": ("a list", _is(list)),
    "long": ("a whole number", _is_whole),
    "map": ("an object", _is(dict)),
    "string": ("a string", _is(str)),
    "structure": ("an object", _is(dict)),
    "timestamp": ("a time", _is(str, int)),
}
_CLASSES: Final = {
    **dict.fromkeys((r"\p{L}", r"\p{N}"), r"\w"),
    **dict.fromkeys((r"\p{M}", r"\p{S}", r"\p{P}"), r"\S"),
    r"\p{Z}": r"\s",
}
"""Classes of characters, as Java calls them and as Python does."""
_WIDER: Final[Mapping[str, str]] = {
    # Of Cognito. The model has the pattern of a prefix, and forgets that a host name has dots.
    "DomainType": r"^[a-z0-9](?:[a-z0-9.\-]{0,61}[a-z0-9])?$",
}
"""What AWS takes, by shape, where the model's own pattern would refuse it."""
_UNITS: Final = {"string": " characters", "blob": " bytes", "list": " items", "map": " entries"}
