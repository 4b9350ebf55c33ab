"""What each function takes: JSON schemas, and their check without an echo of values."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import fastjsonschema

from .results import Operation

Schema = Mapping[str, Any]


def _text(longest: int, about: str, *, least: int = 1) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": longest, "description": about}


_USER = {"user": _text(256, "The application's own id of the user: at most 256 bytes.")}
_PASSWORD = {"password": _text(1024, "The password, as typed.")}
_NEW = {"new_password": _text(1024, "The password to be, as typed.")}
_PLACE = {
    "source": _text(64, "Where the user's request comes from: an IP address."),
    "device": _text(256, "What verify gave this device the last time: its cookie."),
}
_NAMES = {
    "names": {
        "type": "array",
        "maxItems": 16,
        "items": _text(256, "A word that the password must not contain."),
        "description": "The user's name, e-mail address and the like.",
    }
}
_REQUEST = {
    "request": _text(
        128, "A random key of this request, the same one when it is repeated.", least=16
    )
}
_TOKEN = {"token": _text(64, "What begin_reset gave.")}
_HASH = {"hash": _text(60, "A bcrypt hash: $2a$, $2b$ or $2y$.")}


def _event(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": dict(required) | dict(optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


SCHEMAS: Mapping[Operation, Schema] = {
    "register": _event(_USER | _PASSWORD, _NAMES | _REQUEST),
    "verify": _event(_USER | _PASSWORD, _PLACE),
    "change": _event(_USER | _PASSWORD | _NEW, _NAMES | _PLACE | _REQUEST),
    "begin_reset": _event(_USER),
    "finish_reset": _event(_USER | _TOKEN | _NEW, _NAMES | _REQUEST),
    "disable": _event(_USER),
    "enable": _event(_USER),
    "delete": _event(_USER),
    "import_hash": _event(_USER | _HASH),
}


def problem(operation: Operation, event: object) -> str | None:
    """What is wrong with an event: where, and what is asked there. Never what was got."""
    try:
        _check(operation)(event)
    except fastjsonschema.JsonSchemaValueException as wrong:
        # The last parts of a path may come from the event: only what the schema knows is repeated.
        path = ".".join(str(part) for part in wrong.path[1:] if part in _KNOWN) or "the event"
        rule = wrong.rule_definition if wrong.rule != "additionalProperties" else "only the known"
        return f"{path}: {wrong.rule} {rule}"
    return None


@cache
def _check(operation: Operation) -> Callable[[object], object]:
    return fastjsonschema.compile(dict(SCHEMAS[operation]), use_default=False)


_KNOWN = frozenset(name for schema in SCHEMAS.values() for name in schema["properties"])
