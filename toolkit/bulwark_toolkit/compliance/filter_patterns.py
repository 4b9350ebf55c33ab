"""Filter patterns of CloudWatch Logs for JSON, and whether one finds all that another finds.

Two patterns are compared by what they find, not by how they are written. The wanted one is taken
apart into its alternatives: a list of conditions that hold together, such as "the event is
DeleteTrail". The given one covers it if it is true of each alternative, whatever else an event
says. So order, spaces, parentheses, quotes and more alternatives make no difference; a missing
alternative or one more condition does. What is not certain does not count: a pattern that covers
for a reason that is not seen here is said not to (it would have to say, for example, that a field
is one thing or is not it).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from typing import Final, Literal, TypeAlias

LONGEST: Final = 1024
"""Characters that CloudWatch Logs takes."""

_DEEPEST: Final = 40
"""Parentheses in parentheses: nobody writes so many, and a parser must not run out of stack."""


class PatternError(ValueError):
    """No filter pattern for JSON."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One field of an event, and what is asked of it."""

    field: str
    """Its path, such as `userIdentity.type`."""
    operator: str
    """A comparison, or `IS NULL`, `IS TRUE`, `IS FALSE`, `EXISTS`, `NOT EXISTS`."""
    value: str = ""
    """With `*` for any characters; between two `%` a regular expression."""

    @property
    def is_regex(self) -> bool:
        return len(self.value) > 1 and self.value[0] == self.value[-1] == "%"


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions of which all must hold (and), or one (or)."""

    by: Literal["and", "or"]
    parts: "tuple[Expression, ...]"


Expression: TypeAlias = "Condition | Joined"

_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<mark>&&|\|\||[(){}]|!=|<=|>=|=|<|>)
    |(?P<field>\$[\w.\-:\[\]'"*]+)
    |(?P<text>"(?:[^"\\]|\\.)*")
    |(?P<regex>%[^%]*%)
    |(?P<word>[^\s(){}&|=<>!"%$]+)
    )""",
    re.VERBOSE,
)
_COMPARISONS: Final = {"=", "!=", "<", ">", "<=", ">="}
_STATES: Final = {("IS", "NULL"), ("IS", "TRUE"), ("IS", "FALSE"), ("NOT", "EXISTS")}

# CloudWatch has no groups in its regular expressions, so none can repeat what repeats.
_SAFE_REGEX: Final = re.compile(r"[^()]*")


@cache
def parse(text: str) -> Expression:
    """The expression of a pattern. Raises a PatternError for what is no pattern for JSON."""
    if len(text) > LONGEST:
        raise PatternError(f"has {len(text)} characters, and CloudWatch takes {LONGEST}")
    return _Parser(list(_tokens(text))).whole()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or not found.lastgroup:
            raise PatternError(f"cannot be read from character {at} on")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


class _Parser:
    """`(` before `&&` before `||`: CloudWatch's order."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0

    def whole(self) -> Expression:
        self._take("{")
        found = self._any()
        self._take("}")
        if self._at < len(self._tokens):
            raise PatternError("goes on after its last brace")
        return found

    def _any(self) -> Expression:
        return self._list("or", "||", self._all)

    def _all(self) -> Expression:
        return self._list("and", "&&", self._one)

    def _list(self, by: Literal["and", "or"], mark: str, part) -> Expression:  # noqa: ANN001
        parts = [part()]
        while self._next() == mark:
            self._at += 1
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(by, tuple(parts))

    def _one(self) -> Expression:
        if self._next() == "(":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise PatternError(f"has more than {_DEEPEST} parentheses in each other")
            self._take("(")
            found = self._any()
            self._take(")")
            self._depth -= 1
            return found
        return self._condition()

    def _condition(self) -> Condition:
        field = ".".join(re.findall(r"[\w:*-]+", self._of("field")))
        operator = self._next()
        if operator in _COMPARISONS:
            self._at += 1
            return Condition(field, operator, self._value())
        words = (self._of("word").upper(), self._of("word").upper())
        if words not in _STATES:
            raise PatternError("has a word that is no comparison")
        return Condition(field, " ".join(words))

    def _value(self) -> str:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if kind not in ("text", "regex", "word"):
            raise PatternError("compares with nothing")
        self._at += 1
        return re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "text" else text

    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, mark: str) -> None:
        if self._next() != mark:
            raise PatternError(f"misses {mark}")
        self._at += 1

    def _of(self, kind: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != kind:
            raise PatternError(f"misses a {kind}")
        self._at += 1
        return self._tokens[self._at - 1][1]


@cache
def covers(given: str, wanted: str) -> bool:
    """Whether a pattern finds every event that the wanted one finds."""
    try:
        expression = parse(given)
    except PatternError:
        return False
    return all(_is_true(expression, facts) for facts in alternatives(parse(wanted)))


def alternatives(expression: Expression) -> list[tuple[Condition, ...]]:
    """The conditions that hold together, for each way in which a pattern can be true."""
    if isinstance(expression, Condition):
        return [(expression,)]
    parts = [alternatives(part) for part in expression.parts]
    if expression.by == "or":
        return [facts for part in parts for facts in part]
    return [tuple(fact for facts in some for fact in facts) for some in product(*parts)]


def _is_true(expression: Expression, facts: tuple[Condition, ...]) -> bool:
    """Whether an expression is true of every event of which these facts are."""
    if isinstance(expression, Condition):
        return any(_follows(expression, fact) for fact in facts)
    found = (_is_true(part, facts) for part in expression.parts)
    return all(found) if expression.by == "and" else any(found)


def _follows(condition: Condition, fact: Condition) -> bool:
    """Whether a condition holds wherever a fact about the same field does."""
    if condition.field != fact.field:
        return False
    if condition == fact:
        return True
    match fact.operator, condition.operator:
        case "=", "=":
            return _matches(fact.value, condition)
        case "!=", "!=":
            # What is not any of many is none of a few of them.
            return not condition.is_regex and _matches(condition.value, fact)
        case "=", "!=":
            return "*" not in fact.value and not _matches(fact.value, condition)
    return False


def _matches(value: str, condition: Condition) -> bool:
    """Whether all that a value stands for is what the condition's value stands for.

    A `*` in the value is read as a letter that only a `*` of the condition matches.
    """
    if condition.is_regex:
        pattern = condition.value[1:-1]
        if "*" in value or not _SAFE_REGEX.fullmatch(pattern):
            return False
        try:
            return re.search(pattern, value) is not None
        except re.error:
            return False
    if "*" not in condition.value:  # nearly all, and much faster
        return value == condition.value
    return fnmatchcase(value, re.sub(r"([\[?])", r"[\1]", condition.value))
