"""Policy documents of AWS as rules read them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

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
    federated: tuple[str, ...]
    """Identity providers: their ARN, or the name of one that AWS knows."""
    condition: Mapping[str, Mapping[str, Any]]
    place: str
    """Where it is, such as `policy.Statement[0]`."""

    def conditions(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Operator, key in small letters, and values of each condition."""
        for operator, keys in self.condition.items():
            for key, values in keys.items():
                yield operator, key.lower(), _listed(values)

    def covers(self, action: str) -> bool:
        """Whether it speaks of an action, whatever its conditions."""
        if self.not_actions:
            return not _any_matches(action, self.not_actions)
        return _any_matches(action, self.actions)

    @property
    def anybody(self) -> bool:
        """Whether it allows something to everybody, under no condition on who they are."""
        held = any(
            key.startswith(_WHO)
            and operator.startswith(_POSITIVE)
            and not _EVERYWHERE & set(values)
            for operator, key, values in self.conditions()
        )
        return self.effect == "Allow" and "*" in self.principals and not held

    def admits(self, service: str, action: str, sent: Mapping[str, str | None]) -> bool:
        """Whether it allows a service an action, when the service sends these condition keys.

        The service's name may have wildcards of its own, where partitions differ. None is a key
        that the service never sends. What is not in `sent` is taken to hold.
        """
        return (
            self.effect == "Allow"
            and any(matches(name, service) for name in self.services)
            and self.covers(action)
            and all(_holds(*condition, sent) for condition in self.conditions())
        )


_WHO: Final = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorg",
    "aws:source",
    "aws:userid",
    "kms:calleraccount",
    "s3:dataaccesspoint",
)
"""Condition keys, or how they begin, that hold everybody to somebody."""

_POSITIVE: Final = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "IpAddress")
"""Operators, or how they begin, that name what is let in."""

_EVERYWHERE: Final = {"*", "0.0.0.0/0", "::/0"}


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
        federated=_listed(whom.get("Federated")),
        condition=item.get("Condition", {}),
        place=place,
    )


def matches(text: str, pattern: str) -> bool:
    """Whether a text is one that a pattern of IAM stands for: `*` and `?` are its wildcards."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _any_matches(action: str, patterns: tuple[str, ...]) -> bool:
    return any(matches(action.lower(), pattern.lower()) for pattern in patterns)


def _holds(
    operator: str, key: str, values: tuple[str, ...], sent: Mapping[str, str | None]
) -> bool:
    if key not in sent:
        return True
    value = sent[key]
    if value is None:
        return operator.endswith("IfExists") or (operator == "Null" and "true" in values)
    if operator == "Null":
        return "false" in values
    return any(matches(value, pattern) for pattern in values) is ("Not" not in operator)


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
