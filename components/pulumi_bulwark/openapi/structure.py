"""The document against OpenAPI's own schema, by openapi-spec-validator, told in our words.

Its messages quote values, and say of half of the mistakes that they are "not valid under any of the
given schemas".
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .report import Report, hint
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
    try:
        for error in _validator().iter_errors(document):
            _report(error, report)
    except RecursionError:
        report.error((), "is nested too deeply for its validator")


def _validator() -> Any:
    # Here, since only a stack with an API needs it.
    from jsonschema import validators

    schema = _schema()
    own = {"uniqueItems": _unique}
    return validators.extend(validators.validator_for(schema), own)(schema)


def _schema() -> dict[str, Any]:
    """OpenAPI's own schema, as openapi-spec-validator ships it.

    Its file alone: the package imports an HTTP client where there is one, for a fifth of a second.
    """
    package = find_spec("openapi_spec_validator")
    assert package
    assert package.origin
    path = Path(package.origin).parent / "resources" / "schemas" / "v3.0" / "schema.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _unique(_: Any, wanted: bool, instance: Any, __: Any) -> Iterator[Any]:  # noqa: FBT001 jsonschema's signature
    """Whether entries differ. The own one of jsonschema compares each object with each."""
    from jsonschema import ValidationError

    if wanted and isinstance(instance, list):
        texts = {json.dumps(item, sort_keys=True) for item in instance}
        if len(texts) < len(instance):
            yield ValidationError("has an entry twice")


def _report(error: Any, report: Report) -> None:
    at = tuple(str(part) for part in error.absolute_path)
    match error.validator:
        case "oneOf" | "anyOf" if error.context:
            branches = _branches(error.context)
            if kind := _of_no_kind(branches):
                name, values = kind
                report.error((*at, name), _enum(values))
                return
            for inner in _meant(branches, error.instance):
                _report(inner, report)
        case "required":
            for name in error.validator_value:
                if name not in error.instance:
                    report.error((*at, name), "is missing")
        case "additionalProperties":
            for name in _unknown(error):
                if not report.is_wrong((*at, name)):
                    report.error((*at, name), _not_known(name, error))
        case keyword:
            say = _SAY.get(keyword)
            default = f"is refused by OpenAPI's schema ({keyword})"
            report.error(at, say(error.validator_value) if say else default)


def _branches(errors: Iterable[Any]) -> list[list[Any]]:
    """The errors of each alternative."""
    branches: dict[int, list[Any]] = {}
    for error in errors:
        branches.setdefault(error.schema_path[0], []).append(error)
    return list(branches.values())


def _of_no_kind(branches: list[list[Any]]) -> tuple[str, list[Any]] | None:
    """The name that tells alternatives apart, such as `type`, and its values; if it has none."""
    allowed: dict[str, list[Any]] = {}
    for branch in branches:
        kinds = [e for e in branch if e.validator == "enum" and len(e.relative_path) == 1]
        if not kinds:
            return None
        allowed.setdefault(kinds[0].relative_path[0], []).extend(kinds[0].validator_value)
    return next(iter(allowed.items())) if len(allowed) == 1 else None


def _meant(branches: list[list[Any]], instance: Any) -> list[Any]:
    """The errors of the alternative that was meant."""
    is_reference = isinstance(instance, Mapping) and "$ref" in instance

    def unlikely(branch: list[Any]) -> tuple[bool, bool, int]:
        reference = any(e.validator == "required" and "$ref" in e.validator_value for e in branch)
        other = any(e.validator in ("enum", "type") and len(e.relative_path) <= 1 for e in branch)
        return reference and not is_reference, other, len(branch)

    return min(branches, key=unlikely)


def _unknown(error: Any) -> Iterator[str]:
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
        return f"is not known here. {hint(name, known)}".rstrip()
    if "^\\/" in error.schema.get("patternProperties", {}):
        return "must begin with a slash"
    return "is not known here"


def _type(wanted: Any) -> str:
    names = wanted if isinstance(wanted, list) else [wanted]
    return f"must be {' or '.join(_NAMES[name] for name in names)}"


def _enum(allowed: Iterable[Any]) -> str:
    return f"must be {' or '.join(json.dumps(value) for value in allowed)}"


def _not(unwanted: Mapping[str, Any]) -> str:
    together = unwanted.get("required", ())
    if len(together) > 1:
        return f"must not have both {' and '.join(together)}"
    return f"must not have {together[0]} here" if together else "has what must not be here"


_SAY: Mapping[str, Callable[[Any], str]] = {
    "type": _type,
    "not": _not,
    "enum": _enum,
    "minimum": lambda bound: f"must be at least {bound}",
    "minProperties": lambda least: f"must have at least {least} entry",
    "maxProperties": lambda most: f"must have at most {most} entry",
    "minItems": lambda least: f"must have at least {least} entry",
    "uniqueItems": lambda _: "has an entry twice",
    "pattern": lambda pattern: f"must match {pattern}",
    "oneOf": lambda _: "fits more than one of its alternatives",
}
