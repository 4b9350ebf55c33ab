"""The document against OpenAPI's own schema, by openapi-spec-validator, told in our words.

Its messages quote values, and say of half of the mistakes that they are "not valid under any of the
given schemas".
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..spec import nearest
from .report import Pointer, Report
from .version import is_of_31

_NAMES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}


def check(document: Mapping[str, Any], report: Report) -> None:
    """Report what OpenAPI 3.0's schema refuses."""
    # Here, since it takes a third of a second to import, and only a stack with an API needs it.
    from openapi_spec_validator.schemas import openapi_v30_schema_validator

    try:
        for error in openapi_v30_schema_validator.iter_errors(document):
            _report(error, report)
    except RecursionError:
        report.error((), "is nested too deeply for its validator")


def _report(error: Any, report: Report) -> None:
    at = tuple(str(part) for part in error.absolute_path)
    match error.validator:
        case "oneOf" | "anyOf" if error.context:
            for inner in _best(error.context, error.instance):
                _report(inner, report)
        case "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            for name in missing:
                report.error((*at, name), "is missing")
        case "additionalProperties":
            for name in _unknown(error):
                report.error((*at, name), _not_known(name, error))
        case keyword:
            report.error(at, _SAY.get(keyword, _wrong)(error.validator_value, error))


def _best(errors: Iterable[Any], instance: Any) -> list[Any]:
    """The errors of the alternative that was meant."""
    branches: dict[int, list[Any]] = {}
    for error in errors:
        branches.setdefault(error.schema_path[0], []).append(error)
    is_reference = isinstance(instance, Mapping) and "$ref" in instance

    def unlikely(branch: list[Any]) -> tuple[bool, bool, int]:
        reference = any(e.validator == "required" and "$ref" in e.validator_value for e in branch)
        # Another value of `type` or `in` means another alternative.
        other = any(e.validator in ("enum", "type") and len(e.relative_path) <= 1 for e in branch)
        return reference and not is_reference, other, len(branch)

    return min(branches.values(), key=unlikely)


def _unknown(error: Any) -> Iterator[str]:
    import re

    known = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    for name in error.instance:
        if name not in known and not any(re.search(pattern, name) for pattern in patterns):
            yield name


def _not_known(name: str, error: Any) -> str:
    known = error.schema.get("properties", {})
    if "maxLength" in known and is_of_31(name):
        return "is of OpenAPI 3.1, and the document says 3.0"
    if known:
        return f"is not known here. {nearest(name, known)}"
    if "^\\/" in error.schema.get("patternProperties", {}):
        return "must begin with a slash"
    return "is not known here"


def _wrong(_: Any, error: Any) -> str:
    return f"is refused by OpenAPI's schema ({error.validator})"


def _type(wanted: Any, _: Any) -> str:
    names = wanted if isinstance(wanted, list) else [wanted]
    return f"must be {' or '.join(_NAMES[name] for name in names)}"


def _not(unwanted: Any, _: Any) -> str:
    together = unwanted.get("required", ()) if isinstance(unwanted, Mapping) else ()
    if len(together) > 1:
        return f"must not have both {' and '.join(together)}"
    return f"must not have {together[0]} here" if together else "has what must not be here"


_SAY = {
    "type": _type,
    "not": _not,
    "enum": lambda allowed, _: f"must be {' or '.join(str(value).lower() for value in allowed)}",
    "minimum": lambda bound, _: f"must be at least {bound}",
    "minProperties": lambda bound, _: f"must have at least {bound} entry",
    "maxProperties": lambda bound, _: f"must have at most {bound} entry",
    "minItems": lambda bound, _: f"must have at least {bound} entry",
    "uniqueItems": lambda *_: "has an entry twice",
    "pattern": lambda pattern, _: f"must match {pattern}",
    "oneOf": lambda *_: "fits more than one of the alternatives",
}
