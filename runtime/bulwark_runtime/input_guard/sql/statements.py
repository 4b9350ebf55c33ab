"""Statements that may follow a semicolon: enough of each verb's grammar to know it from prose."""

from collections.abc import Callable, Mapping

from .expression import expression
from .tokens import Kind, Tokens
from .words import OBJECTS, RESERVED

Read = Callable[[Tokens, int], bool]


def is_statement(tokens: Tokens, index: int) -> bool:
    """Whether a statement begins at a token."""
    if index >= len(tokens):
        return False
    read = VERBS.get(tokens[index].text)
    return read is not None and read(tokens, index + 1)


def _text(tokens: Tokens, index: int) -> str:
    return tokens[index].text if index < len(tokens) else ""


def _texts(tokens: Tokens, index: int, most: int) -> list[str]:
    return [token.text for token in tokens[index : index + most]]


def _is_name(tokens: Tokens, index: int) -> bool:
    if index >= len(tokens):
        return False
    token = tokens[index]
    return token.kind in (Kind.WORD, Kind.VARIABLE) and token.text not in RESERVED


def _after_name(tokens: Tokens, index: int) -> int:
    """The index after a name that may have dots in it; the same where there is none."""
    if not _is_name(tokens, index):
        return index
    index += 1
    while _text(tokens, index) == "." and index + 1 < len(tokens):
        index += 2
    return index


def _ends(tokens: Tokens, index: int) -> bool:
    return index >= len(tokens) or tokens[index].kind is Kind.COMMENT or tokens[index].text == ";"


def _select(tokens: Tokens, index: int) -> bool:
    found = expression(tokens, index - 1)
    if found.calls or found.stars or found.selects > 1:
        return found.is_complete or found.froms > 0
    is_something = found.names + found.literals > found.froms
    return found.is_complete and found.is_whole and is_something


def _object(tokens: Tokens, index: int) -> bool:
    """DROP TABLE [IF EXISTS] name."""
    while _text(tokens, index) in _MODIFIERS:
        index += 1
    if _text(tokens, index) not in OBJECTS:
        # No database takes it, and attackers try it all the same.
        return index + 2 == len(tokens) and tokens[-1].kind is Kind.COMMENT
    index += 1
    while _text(tokens, index) in ("if", "not", "exists", "concurrently"):
        index += 1
    after = _after_name(tokens, index)
    return after > index and (
        _ends(tokens, after) or _text(tokens, after) in _AFTER_OBJECT or after > index + 1
    )


_MODIFIERS = frozenset({"or", "replace", "temporary", "temp", "unique", "global", "public"})
_AFTER_OBJECT = frozenset(
    {
        "(",
        ",",
        "add",
        "change",
        "drop",
        "as",
        "cascade",
        "identified",
        "with",
        "modify",
        "rename",
        "set",
    }
    | {"returns", "restrict"}
)


def _merge(tokens: Tokens, index: int) -> bool:
    """MERGE INTO name [[AS] name] USING."""
    return _text(tokens, index) == "into" and "using" in _texts(tokens, index + 2, 4)


def _rename(tokens: Tokens, index: int) -> bool:
    after = _after_name(tokens, index + 1)
    return _text(tokens, index) == "table" and after > index + 1 and _text(tokens, after) == "to"


def _truncate(tokens: Tokens, index: int) -> bool:
    index += _text(tokens, index) == "table"
    after = _after_name(tokens, index)
    return after > index and _ends(tokens, after)


def _delete(tokens: Tokens, index: int) -> bool:
    if _text(tokens, index) != "from":
        return False
    after = _after_name(tokens, index + 1)
    if _text(tokens, after) == "where":
        return expression(tokens, after + 1).comparisons > 0
    return after > index + 1 and _ends(tokens, after)


def _insert(tokens: Tokens, index: int) -> bool:
    if _text(tokens, index) not in ("into", "ignore"):
        # MySQL takes it without INTO.
        return _is_name(tokens, index) and _is_list_of_values(tokens, index + 1)
    after = _after_name(tokens, index + 1)
    return after > index + 1 and _text(tokens, after) in ("(", "values", "select", "set", "default")


def _is_list_of_values(tokens: Tokens, index: int) -> bool:
    """`(a, b) VALUES (`: a list of names and the word."""
    words = _texts(tokens, index, _LISTED)
    if words[:1] != ["("] or ")" not in words:
        return False
    return words[words.index(")") + 1 :][:2] == ["values", "("]


_LISTED = 64
"""Tokens of a list of columns that are looked at."""


def _update(tokens: Tokens, index: int) -> bool:
    after = _after_name(tokens, index)
    if after == index or _text(tokens, after) != "set":
        return False
    column = _after_name(tokens, after + 1)
    return column > after + 1 and _text(tokens, column) == "="


def _execute(tokens: Tokens, index: int) -> bool:
    first = _text(tokens, index)
    after = _after_name(tokens, index)
    if first.startswith(("xp_", "sp_", "@", "master", "(", "'", '"')) or first in _EXECUTED:
        return True
    return after > index + 1 or "xp_" in "".join(t.text for t in tokens[index : index + 6])


_EXECUTED = frozenset({"immediate", "dbms_lock", "as"})


def _declare(tokens: Tokens, index: int) -> bool:
    return index < len(tokens) and (
        tokens[index].kind is Kind.VARIABLE or _text(tokens, index + 1) in _DECLARED
    )


_DECLARED = frozenset({"int", "integer", "number", "varchar", "varchar2", "nvarchar", "cursor"})


def _wait(tokens: Tokens, index: int) -> bool:
    return _text(tokens, index) in ("delay", "time") and (
        index + 1 >= len(tokens) or tokens[index + 1].kind in (Kind.STRING, Kind.VARIABLE)
    )


def _alone(tokens: Tokens, index: int) -> bool:
    return _ends(tokens, index) or _text(tokens, index) == "with"


def _call(tokens: Tokens, index: int) -> bool:
    after = _after_name(tokens, index)
    return after > index and _text(tokens, after) == "("


def _condition(tokens: Tokens, index: int) -> bool:
    found = expression(tokens, index)
    return found.comparisons > 0 and (found.selects > 0 or found.literals > 0)


def _set(tokens: Tokens, index: int) -> bool:
    index += _text(tokens, index) in ("global", "session", "local", "persist")
    after = _after_name(tokens, index)
    return after > index and _text(tokens, after) in ("=", ":=")


def _grant(tokens: Tokens, index: int) -> bool:
    words = _texts(tokens, index, 8)
    return "to" in words and ("on" in words or "all" in words or "dba" in words)


def _revoke(tokens: Tokens, index: int) -> bool:
    words = _texts(tokens, index, 8)
    return "from" in words and ("on" in words or "all" in words)


def _pragma(tokens: Tokens, index: int) -> bool:
    return _set(tokens, index) or _call(tokens, index)


def _notify(tokens: Tokens, index: int) -> bool:
    after = _after_name(tokens, index)
    return after > index and (_ends(tokens, after) or _text(tokens, after) == ",")


def _prepare(tokens: Tokens, index: int) -> bool:
    return _is_name(tokens, index) and (
        _text(tokens, index + 1) == "from" or _string_next(tokens, index)
    )


def _after_begin(tokens: Tokens, index: int) -> bool:
    index += _text(tokens, index) in ("transaction", "work")
    if _ends(tokens, index):
        return index < len(tokens)
    return is_statement(tokens, index) or _called(tokens, index)


def _called(tokens: Tokens, index: int) -> bool:
    after = _after_name(tokens, index)
    return after > index + 1 and _text(tokens, after) in ("(", ";")


def _string_next(tokens: Tokens, index: int) -> bool:
    return any(token.kind is Kind.STRING for token in tokens[index : index + 6])


def _do(tokens: Tokens, index: int) -> bool:
    return _text(tokens, index).startswith("$$") or (
        _is_name(tokens, index) and _text(tokens, index + 1) == "(" and _do_ends(tokens, index)
    )


def _do_ends(tokens: Tokens, index: int) -> bool:
    found = expression(tokens, index)
    return found.is_complete and found.literals > 0


VERBS: Mapping[str, Read] = {
    "select": _select,
    "drop": _object,
    "alter": _object,
    "create": _object,
    "truncate": _truncate,
    "delete": _delete,
    "insert": _insert,
    "replace": _insert,
    "merge": _merge,
    "rename": _rename,
    "notify": _notify,
    "update": _update,
    "exec": _execute,
    "execute": _execute,
    "declare": _declare,
    "waitfor": _wait,
    "shutdown": _alone,
    "commit": _alone,
    "rollback": _alone,
    "reconfigure": _alone,
    "vacuum": _alone,
    "call": _call,
    "if": _condition,
    "while": _condition,
    "set": _set,
    "pragma": _pragma,
    "grant": _grant,
    "revoke": _revoke,
    "begin": _after_begin,
    "copy": _string_next,
    "load": _string_next,
    "attach": _string_next,
    "backup": _string_next,
    "restore": _string_next,
    "prepare": _prepare,
    "do": _do,
    "with": lambda tokens, index: "select" in [t.text for t in tokens[index : index + 8]],
    "handler": lambda tokens, index: _text(tokens, index + 1) == "open",
    "lock": lambda tokens, index: _text(tokens, index) in ("table", "tables"),
    "use": lambda tokens, index: _is_name(tokens, index) and _ends(tokens, index + 1),
}
