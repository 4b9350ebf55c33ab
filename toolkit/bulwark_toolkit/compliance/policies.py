"""Policy documents of AWS as rules read them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .subject import Subject


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, with its words as lists whatever way they were written."""

    effect: str
    actions: tuple[str, ...]
    """Empty where it says NotAction."""
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    services: tuple[str, ...]
    """Service principals."""
    principals: tuple[str, ...]
    """AWS principals; `*` for everybody."""
    condition: Mapping[str, Mapping[str, Any]]
    place: str
    """Where it is, such as `policy.Statement[0]`."""

    def conditions(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Operator, key in small letters, and values of each condition."""
        for operator, keys in self.condition.items():
            for key, values in keys.items():
                yield operator, key.lower(), _listed(values)


def statements(subject: Subject, path: str) -> list[Statement]:
    """The statements of the document in an input; none where there is no document.

    Raises a NotKnownError if the document is not known, and a ValueError if it is none.
    """
    text = subject.get(path)
    if text is None:
        return []
    document = json.loads(text) if isinstance(text, str) else text
    found = document.get("Statement", [])
    return [
        _statement(item, f"{path}.Statement[{number}]")
        for number, item in enumerate(found if isinstance(found, list) else [found])
    ]


def _statement(item: Mapping[str, Any], place: str) -> Statement:
    principal = item.get("Principal", {})
    whom = {"AWS": principal} if isinstance(principal, str) else principal
    return Statement(
        effect=item.get("Effect", ""),
        actions=_listed(item.get("Action")),
        not_actions=_listed(item.get("NotAction")),
        resources=_listed(item.get("Resource")),
        services=_listed(whom.get("Service")),
        principals=_listed(whom.get("AWS")),
        condition=item.get("Condition", {}),
        place=place,
    )


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
