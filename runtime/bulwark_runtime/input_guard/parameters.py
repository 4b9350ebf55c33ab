"""Parameters: text in a path, a query, a header or a cookie, as the value that it stands for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .decode import Refused, json_value, percent
from .fields import Field
from .schemas import Validator


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    """path, query, header or cookie."""

    required: bool
    style: str
    explode: bool
    is_json: bool
    """Whether its text is JSON: declared by `content`."""

    field: Field
    validator: Validator | None


_STYLES: Mapping[str, str] = {
    "path": "simple",
    "query": "form",
    "header": "simple",
    "cookie": "form",
}

_SEPARATORS: Mapping[str, str] = {"spaceDelimited": " ", "pipeDelimited": "|"}

_NUMBERS = {"integer": int, "number": float}

_LONGEST_NUMBER = 40
"""Digits that a number may have: parameters are not for larger ones."""


def style(declared: Mapping[str, Any]) -> tuple[str, bool]:
    kind = declared.get("style", _STYLES[declared["in"]])
    return kind, declared.get("explode", kind in ("form", "cookie"))


def split(text: str, separator: str = "&") -> list[tuple[str, str]]:
    """Names and values as they were sent, still encoded."""
    return [
        (name, value)
        for part in text.split(separator)
        if part
        for name, _, value in (part.partition("="),)
    ]


def form(text: str) -> str:
    """A value of a query or a form."""
    return percent(text.replace("+", " "))


def value(parameter: Parameter, texts: Sequence[str]) -> Any:
    """What decoded texts stand for; more than one for a parameter that takes one is refused."""
    if parameter.is_json:
        return json_value(_single(texts))
    types = parameter.field.types()
    if "array" in types:
        parts = (
            texts
            if parameter.explode and parameter.place in ("query", "cookie")
            else _split(parameter, _single(texts))
        )
        items = parameter.field.items()
        return [coerced(part, items) for part in parts]
    if "object" in types and "string" not in types:
        return _object(parameter, _single(texts))
    return coerced(_single(texts), parameter.field)


def deep(parameter: Parameter, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`filter[name]=value` of a parameter whose style is deepObject."""
    found: dict[str, Any] = {}
    for name, text in pairs:
        key = name[len(parameter.name) + 1 : -1]
        if key in found:
            raise Refused("decode.duplicate")
        found[key] = coerced(text, parameter.field.property(key))
    return found


def coerced(text: str, field: Field) -> Any:
    """Text as the type that is declared; as text where it is not of that type."""
    types = field.types()
    if len(text) <= _LONGEST_NUMBER:
        for name, read in _NUMBERS.items():
            if name in types and _is_number(text):
                try:
                    return read(text)
                except ValueError:
                    continue
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    if "null" in types and "string" not in types and text in ("", "null"):
        return None
    return text


def _is_number(text: str) -> bool:
    """Python reads more as a number than JSON does: digits of other alphabets, `1_000`, `inf`."""
    return text.isascii() and text.strip("0123456789+-.eE") == "" and text[-1:].isdigit()


def _single(texts: Sequence[str]) -> str:
    if len(texts) != 1:
        raise Refused("decode.duplicate")
    return texts[0]


def _split(parameter: Parameter, text: str) -> list[str]:
    return text.split(_SEPARATORS.get(parameter.style, ",")) if text else []


def _object(parameter: Parameter, text: str) -> dict[str, Any]:
    parts = text.split(",")
    if parameter.explode:
        pairs = [(name, content) for name, _, content in (part.partition("=") for part in parts)]
    else:
        pairs = list(zip(parts[::2], parts[1::2], strict=False))
    found = {name: coerced(content, parameter.field.property(name)) for name, content in pairs}
    if len(found) != len(pairs):
        raise Refused("decode.duplicate")
    return found
