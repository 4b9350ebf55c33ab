"""What the `random` provider would make, not at random here."""

from collections.abc import Mapping
from typing import Final

from bulwark_toolkit.preview.values import Secret, Value

from .facts import Facts, Kind, NotKnown, Template, output_names


def kind(cls: type | None, token: str) -> Kind:
    """What is known about `random:index/type:Class`."""
    own = KINDS.get(token.rpartition(":")[2], {})
    return Kind(templates={"ID": "none", **own}, gives=output_names(cls, own))


def _number(facts: Facts, key: str) -> int:
    if not isinstance(facts[key], int):
        raise NotKnown(key)
    return facts[key]


def _text(facts: Facts) -> str:
    """As long as asked for, of what every character set allows by default; no two the same."""
    length = _number(facts, "length")
    return f"placeholder{facts['HEX']:{length}}"[:length]


def _integer(facts: Facts) -> int:
    low, high = _number(facts, "min"), _number(facts, "max")
    return low + int(f"{facts['HEX']:12}", 16) % max(high - low + 1, 1)


def _hex(facts: Facts) -> str:
    return f"{facts['HEX']:{2 * _number(facts, 'byteLength')}}"


def _hidden(facts: Facts) -> Value:
    # Text, not nothing: programs go on to use the value inside `apply`.
    return Secret(_text(facts))


KINDS: Final[Mapping[str, Mapping[str, Template]]] = {
    "RandomId": {"hex": _hex, "dec": lambda facts: str(int(_hex(facts), 16))},
    "RandomInteger": {"ID": "{result}", "result": _integer},
    "RandomPassword": {"result": _hidden},
    "RandomPet": {"ID": "placeholder-{HEX:8}"},
    "RandomString": {"ID": "{result}", "result": _text},
    "RandomUuid": {"ID": "{UUID}", "result": "{UUID}"},
}
