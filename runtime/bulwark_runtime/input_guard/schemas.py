"""An OpenAPI document's schemas, compiled: 3.0's own dialect is brought to JSON Schema 2020-12."""

import re
from collections.abc import Iterable, Mapping
from string import ascii_uppercase
from typing import Any, Protocol
from urllib.parse import quote

import jsonschema_rs

from .errors import pointer

DOCUMENT = "urn:bulwark:document"

_BACKTRACKS = 10_000
"""Steps of a pattern that needs look-around or back-references; past it the value is invalid. Every
other pattern runs on an engine whose time is linear."""

_INTEGERS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}

_BASE64 = re.compile(r"[A-Za-z0-9+/]*+={0,2}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


_DIGITS = {ord(letter): str(int(letter, 36)) for letter in ascii_uppercase}


def _is_base64(text: str) -> bool:
    return len(text) % 4 == 0 and _BASE64.fullmatch(text) is not None


def _is_iban(text: str) -> bool:
    compact = text.replace(" ", "")
    if _IBAN.fullmatch(compact) is None:
        return False
    account, start = compact[4:], compact[:4].translate(_DIGITS)
    if not account.isdecimal():
        account = account.translate(_DIGITS)
    return int(account + start) % 97 == 1


FORMATS = {
    "byte": _is_base64,
    "iban": _is_iban,
    "bic": lambda text: _BIC.fullmatch(text) is not None,
}
"""Formats that OpenAPI and finance know and JSON Schema does not; they are enforced too."""


class Validator(Protocol):
    def is_valid(self, instance: Any) -> bool: ...

    def iter_errors(self, instance: Any) -> "Iterable[jsonschema_rs.ValidationError]": ...


class Schemas:
    """Validators of the schemas in one document, which may refer to each other."""

    def __init__(self, document: Mapping[str, Any], problems: list[str]) -> None:
        is_old = str(document.get("openapi", "")).startswith("3.0")
        self._registry = jsonschema_rs.Registry(
            [(DOCUMENT, _modern(document) if is_old else dict(document))],
            draft=jsonschema_rs.Draft202012,
        )
        self._problems = problems

    def compile(self, at: tuple[str, ...]) -> Validator | None:
        """The validator of the schema at a place in the document; None if there is no such."""
        reference = {"$ref": f"{DOCUMENT}#{quote(pointer(at), safe='/~')}"}
        linear = jsonschema_rs.RegexOptions()
        bounded = jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACKS)
        try:
            return self._validator(reference, linear)
        except jsonschema_rs.ValidationError:
            try:
                return self._validator(reference, bounded)
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
                self._problems.append(f"{pointer(at)}: {str(error).splitlines()[0]}")
        except jsonschema_rs.ReferencingError as error:
            self._problems.append(f"{pointer(at)}: {error}")
        return None

    def _validator(self, schema: dict[str, Any], patterns: Any) -> Validator:
        return jsonschema_rs.Draft202012Validator(
            schema,
            registry=self._registry,
            validate_formats=True,
            formats=FORMATS,
            pattern_options=patterns,
        )


def _modern(value: Any) -> Any:
    """3.0's `nullable`, boolean exclusive bounds and integer formats, as 2020-12 writes them."""
    if isinstance(value, list):
        return [_modern(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    schema = {name: _modern(content) for name, content in value.items()}
    if isinstance(schema.get("type"), str):
        _exclusive(schema, "exclusiveMinimum", "minimum")
        _exclusive(schema, "exclusiveMaximum", "maximum")
        _integer(schema)
        _nullable(schema)
    return schema


def _exclusive(schema: dict[str, Any], switch: str, bound: str) -> None:
    if isinstance(schema.get(switch), bool) and schema.pop(switch) and bound in schema:
        schema[switch] = schema.pop(bound)


def _integer(schema: dict[str, Any]) -> None:
    lowest, highest = _INTEGERS.get(str(schema.get("format")), (None, None))
    if schema["type"] == "integer" and lowest is not None:
        if "exclusiveMinimum" not in schema:
            schema.setdefault("minimum", lowest)
        if "exclusiveMaximum" not in schema:
            schema.setdefault("maximum", highest)


def _nullable(schema: dict[str, Any]) -> None:
    if schema.pop("nullable", False) is True:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
