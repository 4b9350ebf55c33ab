"""Conditions in the words of Front Door, which has an `and` within a rule and nothing else.

A rule of Front Door stops at the first of its conditions that does not hold. So a condition is
taken apart into ways to hold, each a rule of its own with all its tests: `any` gives more ways,
`all` each way of the one with each of the other, and `not` swaps the two (De Morgan).

As on AWS, a text is decoded first and capitals do not count, unless the rule lets through.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, prod
from typing import Any

from .conditions import ConditionSpec, CookieMatchSpec, HeaderMatchSpec, TextMatchSpec

Test = dict[str, Any]
"""A match condition, as Front Door calls it."""

Way = tuple[Test, ...]
"""Tests that must all hold: the conditions of one rule."""

MOST_RULES = 100
"""Custom rules of a policy."""

MOST_TESTS = 10
"""Match conditions of a rule."""

MOST_ADDRESSES = 600
"""Ranges of addresses in one match condition."""

_MOST_TEXTS = 10
"""Texts in one match condition."""

_LONGEST_TEXT = 256
"""Characters of a text that is compared."""

_TRANSFORMS: Mapping[str, str] = {
    "lower-case": "Lowercase",
    "remove-nulls": "RemoveNulls",
    "trim": "Trim",
    "url-decode": "UrlDecode",
}

# In each part of a request, the usual ways to write a text otherwise, as far as Azure undoes them.
_HIDDEN: Mapping[str, tuple[str, ...]] = {
    "header": (),
    "cookie": ("url-decode",),
    "query": ("url-decode",),
    "path": ("url-decode",),
    "body": (),
}

_VARIABLES: Mapping[str, str] = {
    "header": "RequestHeader",
    "cookie": "Cookies",
    "query": "QueryString",
    "path": "RequestUri",
    "body": "RequestBody",
}

_OPERATORS: Mapping[str, str] = {
    "equals": "Equal",
    "starts_with": "BeginsWith",
    "ends_with": "EndsWith",
    "contains": "Contains",
}

# Front Door compares the whole URI, and says in some places that it has the host in front, in
# others that it has not. These find the path in both, and never look beyond the question mark.
_HOST = "^([a-z]+://[^/?]*)?"
_PATHS: Mapping[str, str] = {
    "equals": _HOST + "{}([?].*)?$",
    "starts_with": _HOST + "{}",
    "ends_with": _HOST + "{}{}([?].*)?$",
    "contains": _HOST + "{}{}",
}
_BEFORE = "/[^?]*"
"""What can be before a text in a path."""


@dataclass(frozen=True, slots=True)
class Translation:
    """From conditions to tests, for one rule."""

    lets_through: bool
    """Whether the rule allows: then only what is exactly right may match."""

    def ways(self, condition: ConditionSpec, *, negated: bool = False) -> Iterator[Way]:
        """Each way in which the condition holds or, `negated`, does not.

        Ask `count_ways` first: there can be more than a policy has rules.
        """
        if condition.not_:
            yield from self.ways(condition.not_, negated=not negated)
        elif inner := condition.inner():
            each = [list(self.ways(one, negated=negated)) for one in inner]
            if _is_any(condition, negated=negated):
                yield from (way for ways in each for way in ways)
            else:
                yield from (sum(chosen, ()) for chosen in product(*each))
        else:
            tests = list(self._tests(condition))
            if negated:
                yield tuple({**test, "negate_condition": True} for test in tests)
            else:
                yield from ((test,) for test in tests)

    def _tests(self, leaf: ConditionSpec) -> Iterator[Test]:
        """Tests of which one must hold: Front Door takes so many values in each, and no more."""
        match leaf.says:
            case "ip":
                yield from map(from_addresses, _in_parts(leaf.ip or (), MOST_ADDRESSES))
            case "country":
                yield from_countries(leaf.country or ())
            case "method":
                yield _test("RequestMethod", "Equal", leaf.method or ())
            case "ja4":
                # Front Door speaks TLS with every client, so each has a fingerprint.
                parts = _in_parts(leaf.ja4 or (), _MOST_TEXTS)
                yield from (_test("JA4", "Equal", part) for part in parts)
            case part:
                yield self._of_text(part, getattr(leaf, part))

    def _of_text(self, part: str, match: TextMatchSpec) -> Test:
        for operator, size in _sizes(match):
            return _test(_VARIABLES[part], operator, [str(size)], selector=_selector(match))
        transforms = self._transforms(part, match)
        operator, text = _compared(part, match, ignore_case=not self.lets_through)
        if "lower-case" in transforms and match.regex is None:
            text = "".join(letter.lower() if letter.isascii() else letter for letter in text)
        return _test(_VARIABLES[part], operator, [text], transforms, selector=_selector(match))

    def _transforms(self, part: str, match: TextMatchSpec) -> tuple[str, ...]:
        if match.transforms is not None:
            return match.transforms
        if self.lets_through:
            return ()
        # A regular expression could be about capitals: it is told itself that they do not count.
        return _HIDDEN[part] if match.regex is not None else (*_HIDDEN[part], "lower-case")


def from_addresses(ranges: Sequence[str]) -> Test:
    """Whether the address that connects is in one of the ranges.

    `RemoteAddr` would be what X-Forwarded-For says, and whoever calls writes that.
    """
    return _test("SocketAddr", "IPMatch", ranges)


def from_countries(countries: Sequence[str], *, negated: bool = False) -> Test:
    """Whether the address that connects is in one of the countries."""
    return _test("SocketAddr", "GeoMatch", countries, negated=negated)


def any_request() -> Test:
    """What every request is like: a limit of requests must be about some."""
    return _test("RequestUri", "Contains", ["/"])


def larger_than(size_bytes: int) -> tuple[Test, Test]:
    """Two tests of which one holds for a larger body: what arrives, and what is announced."""
    announced = f"^0*({_above(size_bytes)})$"
    return (
        _test("RequestBody", "GreaterThan", [str(size_bytes)]),
        _test("RequestHeader", "RegEx", [announced], selector="content-length"),
    )


def count_ways(condition: ConditionSpec, *, negated: bool = False) -> int:
    """How many ways there are, without making them."""
    if condition.not_:
        return count_ways(condition.not_, negated=not negated)
    if inner := condition.inner():
        each = [count_ways(one, negated=negated) for one in inner]
        return sum(each) if _is_any(condition, negated=negated) else prod(each)
    if negated:
        return 1
    return max(
        ceil(len(condition.ip or (1,)) / MOST_ADDRESSES),
        ceil(len(condition.ja4 or (1,)) / _MOST_TEXTS),
    )


def problems(condition: ConditionSpec, at: str, *, lets_through: bool) -> Iterator[str]:
    """What Front Door cannot compare, below a condition, a line each.

    What no rule of Front Door can be about is marked in the spec.
    """
    for name in ("all", "any"):
        for number, inner in enumerate(getattr(condition, name) or ()):
            yield from problems(inner, f"{at}.{name}[{number}]", lets_through=lets_through)
    if condition.not_:
        yield from problems(condition.not_, f"{at}.not", lets_through=lets_through)
    part = condition.says
    if part in _VARIABLES:
        for text in _wrong_text(part, getattr(condition, part), lets_through=lets_through):
            yield f"{at}.{part}{text}"


def _wrong_text(part: str, match: TextMatchSpec, *, lets_through: bool) -> Iterator[str]:
    for number, transform in enumerate(match.transforms or ()):
        if transform not in _TRANSFORMS:
            known = ", ".join(sorted(_TRANSFORMS))
            yield (
                f".transforms[{number}]: Front Door does not undo {transform}; it undoes {known}. "
                "Take it out."
            )
    if any(_sizes(match)):
        if part == "path":
            yield (
                ": Front Door knows the length of the whole address only, with its query. Compare "
                "the query's, or the text of the path."
            )
        return
    if part == "path" and match.regex is not None:
        yield (
            ".regex: Front Door would search the whole address, with its query. Take equals, "
            "startsWith, endsWith or contains."
        )
        return
    _, text = _compared(part, match, ignore_case=not lets_through)
    if len(text) > _LONGEST_TEXT:
        yield (
            f": comes to {len(text)} characters as Front Door gets it, and it takes "
            f"{_LONGEST_TEXT}. Take a shorter text."
        )


def _compared(part: str, match: TextMatchSpec, *, ignore_case: bool) -> tuple[str, str]:
    """The operator, and the text it compares with."""
    if match.regex is not None:
        return "RegEx", f"(?i){match.regex}" if ignore_case else match.regex
    name, text = next((n, t) for n in _OPERATORS if (t := getattr(match, n)) is not None)
    if part == "path":
        return "RegEx", _in_path(name, text)
    return _OPERATORS[name], text


def _in_path(name: str, text: str) -> str:
    if name in ("equals", "starts_with"):
        return _PATHS[name].format(re.escape(text))
    # Only a text with a slash in front can be where the path begins.
    before = f"({_BEFORE})?" if text.startswith("/") else _BEFORE
    return _PATHS[name].format(before, re.escape(text))


def _sizes(match: TextMatchSpec) -> list[tuple[str, int]]:
    sizes = (("GreaterThan", match.longer_than_bytes), ("LessThan", match.shorter_than_bytes))
    return [(operator, size) for operator, size in sizes if size is not None]


def _selector(match: TextMatchSpec) -> str | None:
    return match.name if isinstance(match, (HeaderMatchSpec, CookieMatchSpec)) else None


def _is_any(condition: ConditionSpec, *, negated: bool) -> bool:
    return (condition.any is not None) != negated


def _test(
    variable: str,
    operator: str,
    values: Sequence[str],
    transforms: Sequence[str] = (),
    *,
    selector: str | None = None,
    negated: bool = False,
) -> Test:
    return {
        "match_variable": variable,
        "operator": operator,
        "match_value": list(values),
        "negate_condition": negated,
        "transforms": [_TRANSFORMS[name] for name in transforms],
        **({"selector": selector} if selector else {}),
    }


def _in_parts(values: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    return (values[at : at + most] for at in range(0, len(values), most))


def _above(number: int) -> str:
    """A regular expression for the numbers above one, written without zeros in front."""
    digits = str(number)
    longer = f"[1-9][0-9]{{{len(digits)},}}"
    same = [
        f"{digits[:at]}[{int(digit) + 1}-9][0-9]{{{len(digits) - at - 1}}}"
        for at, digit in enumerate(digits)
        if digit != "9"
    ]
    return "|".join([longer, *same])
