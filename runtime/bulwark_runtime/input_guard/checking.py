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
from .rewrite import Place
from .scan import rules_broken
from .schemas import Validator
from .settings import Settings

_MARKUP = frozenset({"injection.html", "injection.script"})

_SCHEMA_RULES = {
    "type": "schema.type",
    "required": "schema.required",
    "additionalProperties": "schema.undeclared",
    "unevaluatedProperties": "schema.undeclared",
    "falseSchema": "schema.undeclared",
    "propertyNames": "schema.undeclared",
}


class Checking:
    def __init__(self, operation: Operation, limits: Limits) -> None:
        self.operation = operation
        self.limits = limits
        self.reasons: dict[Reason, None] = {}
        """In the order of finding, each once."""

        self.edits: dict[Place, str] = {}
        """Texts to put in another's place."""

        self._values = 0

    def report(self, place: Place, rule: str, settings: Settings, mode: Mode | None = None) -> None:
        """A rule is broken. What cannot be sanitised is blocked."""
        if rule in settings.exclude or settings.mode is Mode.OFF:
            return
        if mode is None:
            mode = Mode.COUNT if settings.mode is Mode.COUNT else Mode.BLOCK
        if len(self.reasons) < self.limits.reasons or mode is Mode.BLOCK:
            self.reasons[Reason(self.operation.name, pointer(place), rule, mode)] = None

    @property
    def allowed(self) -> bool:
        return all(reason.mode is not Mode.BLOCK for reason in self.reasons)

    def walk(  # noqa: C901 one loop over every kind of value: a call for each would be felt
        self, value: Any, field: Field, place: Place, depth: int = 0, at: Place | None = None
    ) -> None:
        """Every text in a value. `place` has the document's names, `at` the request's own."""
        if at is None:
            at = place
        if isinstance(value, str):
            self.text(value, field, place, at)
        elif isinstance(value, dict):
            self._check_size(depth, len(value))
            for name, content in value.items():
                inside = field.property(name)
                if inside.typed and inside.declared and isinstance(content, str):
                    continue  # the validator's alone
                within = (*at, name)
                if inside.declared and at is place:
                    said = within
                elif inside.declared:
                    said = (*place, name)
                else:
                    said = (*place, "*")
                    self.name(name, inside.settings, said)
                self.walk(content, inside, said, depth + 1, within)
        elif isinstance(value, list):
            self._check_size(depth, len(value))
            items = field.items()
            for index, content in enumerate(value):
                within = (*at, index)
                said = within if at is place else (*place, index)
                self.walk(content, items, said, depth + 1, within)
        elif isinstance(value, float) and not math.isfinite(value):
            self.report(place, "decode.number", field.settings)

    def _check_size(self, depth: int, size: int) -> None:
        self._values += size
        if depth >= self.limits.depth:
            raise Refused("limit.depth")
        if self._values > self.limits.values:
            raise Refused("limit.values")

    def text(
        self, text: str, field: Field, place: Place, at: Place, *, one_line: bool = False
    ) -> None:
        # What its schema pins down is the validator's; letters and digits are no language's syntax.
        if field.typed or text.isalnum():
            return
        settings = field.settings
        if settings.mode is Mode.OFF:
            return
        if len(text) > self.limits.text:
            self.report(place, "limit.text", settings)
            return
        clean = text
        if rule := refused(text, one_line=one_line):
            if settings.mode is not Mode.SANITISE or one_line:
                self.report(place, rule, settings)
            else:
                clean = sanitise.characters(text)
                self.report(place, rule, settings, Mode.SANITISE)
        clean = self._guarded(clean, settings, place)
        if clean != text:
            self.edits[at] = clean

    def _guarded(self, text: str, settings: Settings, place: Place) -> str:
        """The text, or what to pass on in its place."""
        found = rules_broken(text)
        if not found and not settings.rich_text:
            return text
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

    def name(self, name: str, settings: Settings, place: Place) -> None:
        """A name that the document does not know is the caller's text, which is never rewritten."""
        if name.isalnum() and name.isascii():
            return
        if rule := refused(name, one_line=True):
            self.report(place, rule, settings)
        for rule in rules_broken(name, is_name=True):
            self.report(place, rule, settings)

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
