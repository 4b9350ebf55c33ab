"""One request under examination: its reasons, and its texts as they may be passed on."""

import math
from collections.abc import Iterable
from itertools import islice
from typing import Any

from . import sanitise
from .characters import refused
from .decode import Refused
from .document import Operation
from .errors import pointer
from .fields import Field
from .limits import Limits
from .request import Mode, Reason
from .scan import rules_broken
from .schemas import Validator
from .settings import Settings
from .trail import Place, Trail, own, said

_MARKUP = frozenset({"injection.html", "injection.script"})

_SCHEMA_RULES = {
    "type": "schema.type",
    "required": "schema.required",
    "additionalProperties": "schema.undeclared",
    "unevaluatedProperties": "schema.undeclared",
    "falseSchema": "schema.undeclared",
    "propertyNames": "schema.undeclared",
}


_INSIDE = (dict, list, float)
"""Kinds of values, beside text, that there is something to look at in."""


class Checking:
    def __init__(self, operation: Operation, limits: Limits) -> None:
        self.operation = operation
        self.limits = limits
        self.reasons: dict[Reason, None] = {}
        """In the order of finding, each once."""

        self.edits: dict[Place, str] = {}
        """Texts to put in another's place, by the request's own names."""

        self.allowed = True
        self._values = 0

    def report(self, place: Place, rule: str, settings: Settings, mode: Mode | None = None) -> None:
        """A rule is broken. What cannot be sanitised is blocked."""
        if rule in settings.exclude or settings.mode is Mode.OFF:
            return
        if mode is None:
            mode = Mode.COUNT if settings.mode is Mode.COUNT else Mode.BLOCK
        is_first = mode is Mode.BLOCK and self.allowed
        if len(self.reasons) < self.limits.reasons or is_first:
            self.reasons[Reason(self.operation.name, pointer(place), rule, mode)] = None
        self.allowed = self.allowed and mode is not Mode.BLOCK

    def walk(  # noqa: C901 one loop over every kind of value: a call for each would be felt
        self, value: Any, field: Field, trail: Trail, depth: int = 0
    ) -> None:
        """Every text in a value, which is of JSON's kinds."""
        if isinstance(value, str):
            self.text(value, field, trail)
        elif isinstance(value, dict):
            self._check_size(depth, len(value))
            known = field.known
            for name, content in value.items():
                inside = known.get(name) or field.property(name)
                if inside.declared:
                    step = (trail, name, name)
                else:
                    step = (trail, name, "*")
                    self.name(name, inside.settings, step)
                if isinstance(content, str):
                    # What its schema pins down is the validator's alone.
                    if not (inside.typed or content.isalnum()):
                        self.text(content, inside, step)
                elif isinstance(content, _INSIDE):
                    self.walk(content, inside, step, depth + 1)
        elif isinstance(value, list):
            self._check_size(depth, len(value))
            items = field.items()
            for index, content in enumerate(value):
                self.walk(content, items, (trail, index, index), depth + 1)
        elif isinstance(value, float) and not math.isfinite(value):
            self.report(said(trail), "decode.number", field.settings)

    def _check_size(self, depth: int, size: int) -> None:
        self._values += size
        if depth >= self.limits.depth:
            raise Refused("limit.depth")
        if self._values > self.limits.values:
            raise Refused("limit.values")

    def text(self, text: str, field: Field, trail: Trail, *, one_line: bool = False) -> None:
        # What its schema pins down is the validator's; letters and digits are no language's syntax.
        settings = field.settings
        if field.typed or text.isalnum() or settings.mode is Mode.OFF:
            return
        if len(text) > self.limits.text:
            self.report(said(trail), "limit.text", settings)
            return
        hidden = refused(text, one_line=one_line)
        broken = rules_broken(text)
        if hidden or broken or settings.rich_text:
            clean = text
            if hidden and settings.mode is Mode.SANITISE and not one_line:
                clean = sanitise.characters(text)
                broken = rules_broken(clean)
                self.report(said(trail), hidden, settings, Mode.SANITISE)
            elif hidden:
                self.report(said(trail), hidden, settings)
            clean = self._guarded(clean, broken, settings, said(trail))
            if clean != text:
                self.edits[own(trail)] = clean

    def _guarded(self, text: str, found: list[str], settings: Settings, place: Place) -> str:
        """The text, or what to pass on in its place, for the rules that it breaks."""
        broken = [rule for rule in found if rule not in settings.exclude]
        can_clean = settings.rich_text or settings.mode is Mode.SANITISE
        clean = text
        if settings.rich_text:
            clean = sanitise.rich(text)
        elif can_clean and _MARKUP.intersection(broken):
            clean = sanitise.plain(text)
            can_clean = not _MARKUP.intersection(rules_broken(clean))
        for rule in broken:
            is_cleaned = can_clean and rule in _MARKUP
            self.report(place, rule, settings, Mode.SANITISE if is_cleaned else None)
        return clean

    def name(self, name: str, settings: Settings, trail: Trail) -> None:
        """A name that the document does not know is the caller's text, which is never rewritten."""
        if name.isalnum() and name.isascii():
            return
        if rule := refused(name, one_line=True):
            self.report(said(trail), rule, settings)
        for rule in rules_broken(name, is_name=True):
            self.report(said(trail), rule, settings)

    def validate(self, value: Any, field: Field, validator: Validator | None, place: Place) -> None:
        if validator is None:
            return
        try:
            if validator.is_valid(value):
                return
            errors = list(islice(validator.iter_errors(value), self.limits.reasons))
        except UnicodeEncodeError:
            # Half of a character, which no UTF-8 can hold.
            self.report(place, "decode.control", field.settings)
            return
        for error in errors:
            inside, said = _declared(field, error.instance_path)
            rule = _SCHEMA_RULES.get(error.kind.name, "schema.value")
            self.report((*place, *said), rule, inside.settings)


def _declared(field: Field, path: Iterable[str | int]) -> tuple[Field, Place]:
    """A place in a value, in the document's names only."""
    said: Place = ()
    for step in path:
        if isinstance(step, int):
            field = field.items()
            said = (*said, step)
        else:
            field = field.property(step)
            said = (*said, step if field.declared else "*")
    return field, said
