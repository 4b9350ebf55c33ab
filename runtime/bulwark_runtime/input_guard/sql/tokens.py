"""SQL's tokens, in the union of what the common databases read.

A lexer of our own, because no maintained one fits: they refuse text that ends inside a string, or
take milliseconds (docs/adr/0019 has the figures). Every part is possessive, and what is cut short
runs to the end, so that each character is looked at once.
"""

import re
from enum import Enum, auto
from typing import NamedTuple

from ..effort import READING, spend


class Kind(Enum):
    NUMBER = auto()
    STRING = auto()
    WORD = auto()
    VARIABLE = auto()
    OPERATOR = auto()
    MARK = auto()
    COMMENT = auto()
    OTHER = auto()


class Token(NamedTuple):
    kind: Kind
    text: str
    """Words in small letters."""

    start: int
    end: int


class Tokens(list[Token]):
    """The tokens of a text; `steps` counts those that were looked at, again and again."""

    steps = 0


_PARTS = r"""
    (?P<SPACE>\s++)
    |(?P<WORD>(?![nNbBxXeEqQ]')[^\W\d][\w$]*+|`[^`]*+`?|\[[^\[\]\s]++\])
    |(?P<EMPTY>[{}]|[0-9]+\.[eE](?=[^\w+.-])|/\*!\d{0,6}|\*/(?!\*)|/\*\*/
        |/\*(?:[^*!]|\*(?!/))(?:[^*]|\*(?!/))*+\*/|(?:--|\#)[^\w\n]*+\n(?=\s*+[^\s]))
    |(?P<NUMBER>0[xX][0-9a-fA-F]++|[0-9]++(?:\.[0-9]*+)?(?:[eE][+-]?[0-9]++)?|\.[0-9]++)
    |(?P<MARK>[(),;]|\.(?![0-9]))
    |(?P<STRING>[qQ]'(?:\[[^\]]*+\]|\{[^}]*+\}|\([^)]*+\)|<[^>]*+>)'
        |[nNbBxXeEqQ]?'(?:[^'ESCAPE]|''|ESCAPED)*+(?:'|ESCAPE?\Z)
        |"(?:[^"ESCAPE]|""|ESCAPED)*+(?:"|ESCAPE?\Z)|\$\$(?:[^$]|\$(?!\$))*+(?:\$\$)?)
    |(?P<ARROW>->>|->|@>|<@|\?[|&]|\#>>|\#>|\#-(?=\s*')|@@(?=\s)|@\?|\?(?=\s*'))
    |(?P<COMMENT>--[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+)
    |(?P<VARIABLE>@@?+[\w$]*+)
    |(?P<OPERATOR>\|\||&&|<=>|<>|!=|!<|!>|>=|<=|:=|::|==|<<|>>|[-+*/%=<>!~^|&])
    |(?P<OTHER>.)
    """


def _compiled(escape: str, escaped: str) -> re.Pattern[str]:
    parts = _PARTS.replace("ESCAPED", escaped).replace(
        "ESCAPE?", f"(?:{escape})?" if escape else ""
    )
    return re.compile(parts.replace("ESCAPE", escape), re.VERBOSE | re.DOTALL)


_DIALECTS = {True: _compiled(r"\\", r"\\."), False: _compiled("", "''")}
"""By whether a backslash holds back a quote: in MySQL it does, in the standard it does not."""

_KINDS = {kind.name: kind for kind in Kind} | {"ARROW": Kind.OPERATOR}
"""By the name of a pattern's part. SPACE and EMPTY are no tokens."""

_LONGEST = 16_384
"""Characters of one text that are read as SQL: what comes later does not become syntax in the
statement unless something before it did."""


def tokens(text: str, start: int = 0, *, backslashes: bool = True) -> Tokens:
    """The tokens from a place on; comments that close are space, as they are to a database."""
    spend(READING + min(len(text) - start, _LONGEST))
    found = Tokens()
    kinds, add, word = _KINDS, found.append, Kind.WORD
    for match in _DIALECTS[backslashes].finditer(text, start, start + _LONGEST):
        kind = kinds.get(match.lastgroup)  # type: ignore[arg-type]
        if kind is not None:
            said = match[0].lower() if kind is word else match[0]
            add(Token(kind, said, match.start(), match.end()))
    return found
