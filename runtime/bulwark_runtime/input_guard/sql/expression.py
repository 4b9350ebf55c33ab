"""How far tokens go on as an expression of SQL, and what is in it.

Values and operators alternate, and brackets nest; with that alone prose ends after two or three
words, while an injection goes on to its end. Each token is looked at once.
"""

import re
from dataclasses import dataclass, field

from ..effort import spend
from .tokens import Kind, Token, Tokens
from .words import (
    BINARY,
    CLAUSES,
    COMPARING,
    LITERALS,
    LOGICAL,
    PREFIXES,
    RESERVED,
    SUFFIXES,
)


@dataclass(slots=True)
class Expression:
    end: int
    """Index of the first token that is no part of it."""

    is_complete: bool = False
    """It goes to the end of the text, or of what the database reads: a comment or a semicolon."""

    is_whole: bool = False
    """It does not stop where a value is missing."""

    is_open: bool = False
    """It ends the text inside a string, which the statement's own quote closes."""

    literals: int = 0
    names: int = 0
    commas: int = 0
    comparisons: int = 0
    constant_comparisons: int = 0
    """Between two literals: `1=1`, `'a'='a'`. Nobody asks a database that."""

    backwards: int = 0
    """A number is compared to a name, as in prose: `2 = two`."""

    same: bool = False
    """Something is compared to itself."""

    operators: int = 0
    calls: list[str] = field(default_factory=list)
    selects: int = 0
    froms: int = 0
    stars: int = 0
    cases: int = 0
    ends_in_comment: bool = False
    is_cut: bool = False
    """It ends in a comment without words, which is there for what the statement has after it."""

    unspoken: int = 0
    """Parts that a condition has and no prose: TRUE, a NOT before it, operators on bits."""

    closers: int = 0
    """Brackets that are closed and were not opened in it."""


_A_STEP = 4
"""Characters that take as long as a token that is looked at again."""

_VALUES = (Kind.NUMBER, Kind.STRING, Kind.VARIABLE)


def expression(tokens: Tokens, start: int) -> Expression:  # noqa: C901, PLR0912, PLR0915
    """The expression that begins at a token. One loop, so that it takes as long as it is."""
    found = Expression(start)
    index, count = start, len(tokens)
    wants_value = True
    last_was_comparison = False
    value_before: Token | None = None
    value: Token | None = None
    select_open = False
    while index < count:
        token = tokens[index]
        kind, text = token.kind, token.text
        if kind is Kind.COMMENT:
            found.is_complete, found.ends_in_comment = True, True
            found.is_cut = is_bare(text)
            found.is_whole = not wants_value
            break
        if text == ";":
            found.is_complete, found.is_whole = True, not wants_value
            break
        if wants_value:
            following = tokens[index + 1].text if index + 1 < count else ""
            if kind in _VALUES or (text in LITERALS and following != "("):
                found.literals += 1
                found.unspoken += text in ("true", "false")
                wants_value = False
            elif text == "(":
                found.closers -= 1
            elif text == ")" and index > start and tokens[index - 1].text == "(":
                found.closers += 1
                wants_value = False
            elif text == "*" and (select_open or (index and tokens[index - 1].text == "(")):
                found.stars += 1
                wants_value = False
            elif text in PREFIXES and not (following == "(" and text == "value"):
                if text == "select":
                    found.selects += 1
                    select_open = True
                elif text == "case":
                    found.cases += 1
                elif text == "from":
                    found.froms += 1
                elif text == "top" and index + 1 < count and tokens[index + 1].kind is Kind.NUMBER:
                    index += 1
                else:
                    found.unspoken += text in ("!", "~")
            elif kind is Kind.WORD and following == "(":
                found.calls.append(text)
                wants_value = True
            elif kind is Kind.WORD and text[0] == "_" and _is_string(tokens, index + 1):
                # `_utf8'a'`: a string that says its character set.
                wants_value = True
            elif kind is Kind.WORD and text not in RESERVED:
                found.names += 1
                wants_value = False
                while index + 2 < count and tokens[index + 1].text == ".":
                    index += 2
                    if index + 1 < count and tokens[index + 1].text == "(":
                        found.calls += (text, tokens[index].text)
                        wants_value = True
                        break
            else:
                break
            if not wants_value:
                value_before, value = value, token
                if last_was_comparison and value_before is not None:
                    if value_before.kind in _VALUES and token.kind in _VALUES:
                        found.constant_comparisons += 1
                    elif value_before.kind is Kind.NUMBER and text not in LITERALS:
                        found.backwards += 1
                    if value_before.text.strip("'\"") == token.text.strip("'\""):
                        found.same = True
                last_was_comparison = False
        elif text in COMPARING:
            found.comparisons += 1
            last_was_comparison = True
            wants_value = True
        elif text in LOGICAL or text in BINARY:
            found.operators += 1
            found.unspoken += text in _ON_BITS
            wants_value = True
            if text == "*" and index + 1 < count and tokens[index + 1].text in ("from", ")"):
                wants_value = False
        elif text == ",":
            found.commas += 1
            wants_value = True
        elif text == ")":
            found.closers += 1
        elif text in SUFFIXES:
            pass
        elif text == "." and _is_method(tokens, index):
            index += 1
            found.calls.append(tokens[index].text)
            wants_value = True
        elif text in CLAUSES:
            if text == "from":
                found.froms += 1
                select_open = False
            wants_value = True
        elif text == "not":
            wants_value = False
        elif (
            kind is Kind.WORD
            and (found.froms or tokens[index - 1].text == ")")
            and (text not in RESERVED and found.selects)
        ):
            # The other name of a table or of a sub-select; at most one.
            if (
                index
                and tokens[index - 1].kind is Kind.WORD
                and tokens[index - 2].kind is Kind.WORD
                and not (tokens[index - 2].text in CLAUSES and _is_alias(tokens, index))
            ):
                break
        elif (kind is Kind.STRING and tokens[index - 1].kind is Kind.STRING) or (
            text[0] == "[" and tokens[index - 1].text == "array"
        ):
            pass
        else:
            break
        index += 1
    found.end = index
    tokens.steps += index - start + 1
    spend(_A_STEP * (index - start))
    if index >= count:
        found.is_complete = True
        found.is_whole = not wants_value
        found.is_open = count > 0 and _is_open(tokens[-1])
    return found


_ON_BITS = frozenset({"^", "|", "&", "<<", ">>", "div", "mod"})
_WORDS = re.compile(r"[^\W\d_]{2}")


def is_bare(comment: str) -> bool:
    """Whether a comment says nothing: `-- -`, `#`, `-- x`. What people write after dashes does."""
    return _WORDS.search(comment) is None


def _is_string(tokens: Tokens, index: int) -> bool:
    return index < len(tokens) and tokens[index].kind is Kind.STRING


def _is_alias(tokens: Tokens, index: int) -> bool:
    """Whether what follows a table's other name may follow it."""
    if index + 1 == len(tokens):
        return False
    following = tokens[index + 1]
    return following.kind is Kind.COMMENT or following.text in _AFTER_ALIAS


_AFTER_ALIAS = frozenset({",", ")", "where", "join", "on", "cross", "inner", "left", "group"})


def _is_method(tokens: Tokens, index: int) -> bool:
    """`(…).name(`: a method of what a call gave."""
    return (
        index + 2 < len(tokens)
        and tokens[index - 1].text == ")"
        and tokens[index + 1].kind is Kind.WORD
        and tokens[index + 2].text == "("
        and tokens[index + 2].start == tokens[index + 1].end
    )


def _is_open(token: Token) -> bool:
    """Whether a string has no end of its own."""
    text = token.text
    return token.kind is Kind.STRING and (len(text) == 1 or text[-1] not in "'\"$")
