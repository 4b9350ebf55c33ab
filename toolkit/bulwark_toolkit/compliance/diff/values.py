"""Two values compared path by path: lists by what names their items, documents as documents."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from bulwark_toolkit.preview.values import Secret, Value
from bulwark_toolkit.preview.wire import to_json


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""What one of the two sides does not have."""

SAME_DOCUMENT: Final = "the same document, written differently"
CHANGED: Final = "has changed"
REORDERED: Final = "in another order"
TO_SECRET: Final = "is a secret now"  # noqa: S105
FROM_SECRET: Final = "is no secret any more"  # noqa: S105

_NAMES: Final = (
    *("Sid", "sid", "id", "ruleId", "originId", "name", "key", "ruleName", "policyName"),
    *("attributeName", "parameterName", "headerName", "header", "priority", "number"),
)
"""What names an item of a list, the best first; nothing else has to be alike."""

_WORDS: Final = ("Action", "NotAction", "Resource", "NotResource")
"""In a policy's statement, what may be one text or a list in any order."""


@dataclass(frozen=True, slots=True)
class Change:
    path: str
    old: Value
    """What was there, or ABSENT."""
    new: Value
    note: str = ""
    """What is to be said of it where the values do not say it."""

    @property
    def top(self) -> str:
        """The whole input that it is in."""
        return self.path.partition(".")[0].partition("[")[0]


def changes(old: Value, new: Value, path: str = "") -> Iterator[Change]:
    """What differs, in the order of the paths."""
    if isinstance(old, Secret) or isinstance(new, Secret):
        yield from _secrets(old, new, path)
        return
    match old, new:
        case dict(), dict():
            for key in sorted({*old, *new}):
                yield from changes(old.get(key, ABSENT), new.get(key, ABSENT), below(path, key))
        case list(), list():
            yield from _lists(old, new, path)
        case str(), str() if old != new:
            yield from _texts(old, new, path)
        case _ if _key(old) != _key(new):
            yield Change(path, old, new)


def below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def document(text: Value) -> Any:
    """The JSON object or list that a text is, made comparable; None for any other value."""
    if not isinstance(text, str) or not text.lstrip().startswith(("{", "[")):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _policy(found) if isinstance(found, dict) and "Statement" in found else found


def _secrets(old: Value, new: Value, path: str) -> Iterator[Change]:
    """Of two nobody can tell. What is one now was the same in the clear: it is not repeated."""
    both = isinstance(old, Secret) and isinstance(new, Secret)
    if old is ABSENT or new is ABSENT:
        yield Change(path, old, new)
    elif not both:
        note = TO_SECRET if isinstance(new, Secret) else FROM_SECRET
        yield Change(path, Secret(), Secret(), note)


def _texts(old: str, new: str, path: str) -> Iterator[Change]:
    before, after = document(old), document(new)
    if before is None or after is None:
        yield Change(path, old, new)
        return
    found = list(changes(before, after, path))
    yield from found or [Change(path, old, new, SAME_DOCUMENT)]


def _lists(old: list[Value], new: list[Value], path: str) -> Iterator[Change]:
    if name := _named_by(old, new):
        before, after = ({item[name]: item for item in items} for items in (old, new))
        for key in [*before, *(key for key in after if key not in before)]:
            at = f"{path}[{key}]" if isinstance(key, int) is False else f"{path}[{name}={key}]"
            yield from changes(before.get(key, ABSENT), after.get(key, ABSENT), at)
        if [k for k in before if k in after] != [k for k in after if k in before]:
            yield Change(path, list(before), list(after), REORDERED)
        return
    keys = [[_key(item) for item in items] for items in (old, new)]
    if keys[0] != keys[1] and sorted(keys[0]) == sorted(keys[1]):
        yield Change(path, old, new, REORDERED)
        return
    yield from _aligned(old, new, SequenceMatcher(None, *keys, autojunk=False), path)


def _named_by(old: Sequence[Value], new: Sequence[Value]) -> str:
    """The property that names each item of both lists; empty if there is none."""
    if not old or not new or not all(isinstance(item, dict) for item in (*old, *new)):
        return ""
    for name in _NAMES:
        found = [[item.get(name) for item in items] for items in (old, new)]
        if all(_are_names(names) for names in found):
            return name
    return ""


def _are_names(names: Sequence[Value]) -> bool:
    plain = all(isinstance(name, str | int) and name != "" for name in names)
    return plain and len(set(names)) == len(names)


def _aligned(
    old: list[Value], new: list[Value], matcher: "SequenceMatcher[str]", path: str
) -> Iterator[Change]:
    """Items that are alike belong together; between them, those at the same place."""
    hide = any(isinstance(item, Secret) for item in (*old, *new))
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for offset in range(max(a_end - a, b_end - b)):
            before = old[a + offset] if a + offset < a_end else ABSENT
            after = new[b + offset] if b + offset < b_end else ABSENT
            place = a + offset if after is ABSENT else b + offset
            compare = _hidden if hide else changes
            yield from compare(before, after, f"{path}[{place}]")


def _hidden(old: Value, new: Value, path: str) -> Iterator[Change]:
    """Items of a list with secrets, of which any may have been one of the others."""
    if isinstance(old, Secret) or isinstance(new, Secret):
        yield from _secrets(old, new, path)
    elif ABSENT in (old, new):
        before, after = (item if item is ABSENT else Secret() for item in (old, new))
        yield Change(path, before, after)
    else:
        yield Change(path, Secret(), Secret(), CHANGED)


def _key(value: Value) -> str:
    """Two values are alike if these are; a secret is like any other."""
    return repr(value) if value is ABSENT else json.dumps(to_json(value), sort_keys=True)


def _policy(policy: Mapping[str, Any]) -> dict[str, Any]:
    """An AWS policy with its words as sorted lists, since neither form nor order means anything."""
    found = policy["Statement"]
    items = found if isinstance(found, list) else [found]
    return {**policy, "Statement": [_statement(i) if isinstance(i, dict) else i for i in items]}


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _sorted(key, value) for key, value in statement.items()}


def _sorted(key: str, value: Any) -> Any:
    if key in _WORDS:
        return _listed(value)
    if key in ("Principal", "NotPrincipal") and isinstance(value, dict):
        return {kind: _listed(names) for kind, names in value.items()}
    if key == "Condition" and isinstance(value, dict):
        return {
            operator: {k: _listed(v) for k, v in keys.items()} if isinstance(keys, dict) else keys
            for operator, keys in value.items()
        }
    return value


def _listed(value: Any) -> list[Any]:
    return sorted(value, key=_key) if isinstance(value, list) else [value]
