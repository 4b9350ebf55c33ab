"""Policy documents of AWS as rules read them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain
from typing import Any, Final

from .rule import Verdict
from .subject import NotReadableError, Subject


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
    not_principals: tuple[str, ...]
    """Whom it says NotPrincipal of; it speaks of everybody else, nameless callers too."""
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
        everybody = "*" in self.principals or bool(self.not_principals)
        return self.effect == "Allow" and everybody and not self._is_held

    @property
    def _is_held(self) -> bool:
        """Whether a condition names who calls, or from where; others, such as TLS, leave all."""
        return any(
            key.startswith(_WHO)
            and operator.removeprefix(_ONE_OF_SEVERAL) in _NAMING
            and not _EVERYWHERE & set(values)
            for operator, key, values in self.conditions()
        )

    @property
    def whom(self) -> str:
        """Everybody it speaks of, in a line."""
        if self.not_principals:
            return f"all but {', '.join(self.not_principals)}"
        return ", ".join((*self.principals, *self.services, *self.federated))

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

_NAMING: Final = {
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "ArnEquals",
    "ArnLike",
    "IpAddress",
}
"""Operators that name what is let in. With IfExists they let in as well whoever sends nothing, and
so do those that begin with ForAllValues."""

_ONE_OF_SEVERAL: Final = "ForAnyValue:"

_EVERYWHERE: Final = {"*", "0.0.0.0/0", "::/0"}


def statements(subject: Subject, path: str) -> list[Statement]:
    """The statements of the document in an input; none where there is no document.

    Raises a NotKnownError if the document is not known, a NotReadableError if it is none.
    """
    text = subject.get(path)
    if text is None:
        return []
    try:
        document = json.loads(text) if isinstance(text, str) else text
        found = document.get("Statement", [])
        return [
            _statement(item, f"{path}.Statement[{number}]")
            for number, item in enumerate(found if isinstance(found, list) else [found])
        ]
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise NotReadableError(subject.urn, path, "policy document") from None


def admitted(found: Iterable[Statement], urn: str = "") -> Iterator[Verdict]:
    """For rules that want nobody outside: a verdict on each statement that allows something."""
    for statement in found:
        if statement.effect == "Allow":
            yield Verdict(not statement.anybody, statement.place, statement.whom, urn=urn)


def _statement(item: Mapping[str, Any], place: str) -> Statement:
    whom = _by_kind(item.get("Principal"))
    return Statement(
        effect=item.get("Effect", ""),
        actions=_listed(item.get("Action")),
        not_actions=_listed(item.get("NotAction")),
        resources=_listed(item.get("Resource")),
        services=_listed(whom.get("Service")),
        principals=_listed(whom.get("AWS")),
        not_principals=tuple(chain(*map(_listed, _by_kind(item.get("NotPrincipal")).values()))),
        federated=_listed(whom.get("Federated")),
        condition=dict(item.get("Condition") or {}),
        place=place,
    )


def _by_kind(principal: Any) -> Mapping[str, Any]:
    """Principals by what they are: `*` alone means all that AWS knows."""
    return {"AWS": principal} if isinstance(principal, str) else principal or {}


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
