"""SQL: text that changes what a statement does when it is put where the statement has a value.

Text is read as it stands, for places with a number or a name, and from after each kind of quote,
for places with a string. There, words that could change the statement are looked for; what follows
each has to go on as SQL. Right after the value ended (`leads`), where the syntax of the statement
demands something, less is needed to tell an attack from prose than in the middle of a text.
"""

import re

from .expression import Expression, expression, is_bare
from .statements import VERBS, is_statement
from .tokens import Kind, Tokens, tokens
from .words import BINARY, CLAUSES, COMPARING, FUNCTIONS, LITERALS, LOGICAL, SET_OPERATORS

_CATALOGUE = re.compile(
    r"""\b(?:information_schema|pg_catalog|pg_sleep|pg_shadow|sqlite_(?:master|schema|version)
    |sys(?:objects|columns|databases|logins)\b|xp_(?:cmdshell|dirtree|regread|fileexist)
    |master\.\.|master\.(?:dbo|sys)|mysql\.(?:user|db|innodb_table_stats)|msysaccessobjects
    |all_tab(?:les|_columns)|user_tab(?:les|_columns)|v\$version|dbms_(?:pipe|lock|xmlgen|utility)
    |utl_(?:http|inaddr|file))|/\*!(?:\d{5}|(?:x?or|and|union|select)\b)|@@(?:version|hostname|datadir|basedir|servername|global)""",
    re.VERBOSE,
)
"""Names that only a database has. In text they are an attack, or about one."""


def _may_be_catalogue(low: str) -> bool:
    """Whether a name of those is possible at all. Asked of every text, and so without a pattern."""
    return (
        "_" in low
        or "$" in low
        or "@@" in low
        or "/*!" in low
        or "sys" in low
        or "master." in low
        or "mysql." in low
    )


_LOGIC = frozenset({"or", "and", "xor", "where", "having", "case"})
_COMPARED = frozenset(
    {
        "like",
        "rlike",
        "regexp",
        "between",
        "is",
        "in",
        "glob",
        "similar",
        "ilike",
        "match",
        "sounds",
    }
)
_CLAUSE = frozenset({"waitfor", "procedure", "outfile", "dumpfile"})
_WORD = re.compile(r"[a-z_]\w*+")
_CALLED = re.compile(r"\b\w++(?=\s*+\()")
_ORDERED = re.compile(r"\bby\s++[\d(]|\b(?:limit|offset)\s++\d")
_VALUE = r"""[\s(+-]*+(?:\d[\d.]*+|'[^']*+'|"[^"]*+"|\w++(?=[\s)]*+[^\w\s)]))[\s)]*+"""
_VALUE_AND_MARK = re.compile(rf"{_VALUE}[-+*/%^|&=<>!,;]|\s*+[),;|&]")
_VALUE_AND_WORD = re.compile(
    rf"(?:{_VALUE}|\s*+\d[\d.]*+\s*+|\s*+)(?:x?or|and|union|order|group|having|limit|r?like|regexp|in"
    r"|div|mod|between|is|into|procedure|case|collate|exec(?:ute)?|waitfor)\b"
)
"""A value at the start of the text, and something after it that a statement goes on with."""

_CAST = re.compile(r"::[a-z]")

_GRAMMAR = re.compile(
    r"[=<>#;@]|\w\(|\(\s*+(?:select|case)\b|--|/\*|\|\||&&|\b(?:x?or|and|union|having|r?like|in|is)\b"
)
"""What a statement that goes on after a mark has somewhere."""
_GRAMMAR_INSIDE = re.compile(_GRAMMAR.pattern.replace("=<>#;@", "=<>#@"))
"""A semicolon is an end, and what follows it is a statement or prose."""


_STACKED = re.compile(r";(?:\s|/\*[^*]*+\*/)*+([a-z]+)")
_AFTER_UNION = re.compile(r"select|values|\btable\b")
_FETCH = frozenset({"fetch", "only"})
_JOIN = frozenset({"join", "on"})
_APPLIED = re.compile(r"[=<>]|[~!]\s?[\d'\"(]|\d\s?[&|^]\s?\d|\w\(|--|#|/\*|\b(?:true|false)\b")

_CUT = re.compile(r"(?:--|#|/\*)[^\w\n]{0,8}\Z")

_FOLLOWING = (
    COMPARING
    | LOGICAL
    | CLAUSES
    | BINARY
    | SET_OPERATORS
    | {"not", "case", "waitfor", "order", "group"}
)
_VERBS_OF_STATEMENTS = frozenset(
    {"select", "insert", "update", "delete", "drop", "exec", "execute", "declare", "if"}
)
"""What some databases take after a value without a semicolon."""


_QUOTES = ("'", '"', "`", "$$", "*/")
"""What ends a string, a quoted name or a comment that text is put into."""

_EMPTY_OPERATION = re.compile(
    r"""\s*(['"])\s*(?:(?:[-+*/%^&|=<>]{1,3}|div|mod|sounds\s+like)(?:\s*\d{1,9}\s*[-+*/%^&|])?\s*\1\s*\d{0,9}"""
    r"""|(?:like|or|and)\s*\1)\s*""",
    re.IGNORECASE,
)
"""`'-'`, `'*0*'`, `'/'1`: what is left of a string on both sides is reckoned with."""
_SHORT = 16
_LETTER = re.compile(r"[A-Za-z]")
_WORDS = re.compile(r"\w+")
_WHERE_MOST = 1
"""Words of a comment that ends a statement: nobody reads it."""


def changes_statement(text: str) -> bool:
    low = text.lower()
    if _may_be_catalogue(low) and _CATALOGUE.search(low):
        return True
    starts = [0] if _is_worth_reading(low) else []
    starts += [end for end in _ends(text) if _may_go_on(text, low, end)]
    if not starts:
        return len(text) <= _SHORT and _EMPTY_OPERATION.fullmatch(text) is not None
    if _EMPTY_OPERATION.fullmatch(text):
        return True
    dialects = (True, False) if "\\" in text else (True,)
    return any(
        _is_attack(tokens(text, start, backslashes=dialect), in_string=start > 0)
        for dialect in dialects
        for start in starts
    )


def _is_worth_reading(low: str) -> bool:
    """Whether anything that could be found in the text as it stands is there at all."""
    words = set(_WORD.findall(low))
    is_select = "select" in words
    if (
        (
            (not words.isdisjoint(_LOGIC) or "||" in low or "&&" in low)
            and (is_select or not words.isdisjoint(_COMPARED) or _APPLIED.search(low) is not None)
        )
        or not words.isdisjoint(_CLAUSE)
        or (is_select and not words.isdisjoint(SET_OPERATORS))
        or ("union" in low and _AFTER_UNION.search(low, low.find("union")) is not None)
        or words >= _FETCH
        or (words >= _JOIN and "=" in low)
    ):
        return True
    if is_select and "(" in low:
        return True
    if ";" in low and not VERBS.keys().isdisjoint(_STACKED.findall(low)):
        return True
    if "(" in low and not FUNCTIONS.isdisjoint(_CALLED.findall(low)):
        return True
    if ("from" in words and _CUT.search(low)) or ("::" in low and _CAST.search(low)):
        return True
    if _VALUE_AND_WORD.match(low) or _FIRST_WORD.match(low):
        return True
    if _VALUE_AND_MARK.match(low) and _GRAMMAR_INSIDE.search(low):
        return True
    return ("by" in words or "limit" in words) and _ORDERED.search(low) is not None


_GAP = r"(?:\s|/\*[^*]*+\*/)++"
_FIRST_WORD = re.compile(
    rf"\s*+(?:(?:select|exec|execute|declare|truncate|grant|revoke)\b|delete{_GAP}from\b"
    rf"|insert{_GAP}(?:into|ignore)\b|merge{_GAP}into\b|with\b(?=.*select)|if\b(?=.*[=<>])"
    rf"|update\b(?=.*\bset\b)|drop\b(?=.*(?:--|#|;))"
    rf"|(?:alter|create|drop){_GAP}(?:or|temp|table|user|database|view|func|proc|index|trig))",
    re.DOTALL,
)

_FIRST = re.compile(r"[\s)]*+([A-Za-z]*)")


def _may_go_on(text: str, low: str, end: int) -> bool:
    """Whether what follows a quote may follow a string in a statement: prose has a word there."""
    found = _FIRST.match(text, end)
    word = found[1].lower() if found else ""
    if word and _is_quoted_word(text, end, end + len(word)):
        return False
    if word in _VERBS_OF_STATEMENTS:
        return _GRAMMAR.search(low, end) is not None
    return word in _FOLLOWING if word else _GRAMMAR.search(low, end) is not None


def _is_quoted_word(text: str, start: int, end: int) -> bool:
    """A word of prose in quotes, and no quote after it: `please, "or" means either`."""
    quote = text[start - 1]
    if text[end : end + 1] != quote or text.find(quote, end + 1) >= 0:
        return False
    return text[max(start - 2, 0)].isspace() or not text[end + 1 : end + 2].isalnum()


def _ends(text: str) -> list[int]:
    """Where a string that the text is put into may end.

    After the first of each quote, and after the first that is not doubled, which stands for
    itself.
    """
    ends = []
    for quote in _QUOTES:
        first = text.find(quote)
        if first >= 0 and not text.startswith("*/*", first):
            ends.append(first + len(quote))
            single = first
            while text.startswith(quote * 2, single):
                single = text.find(quote, single + 2)
            if single > first:
                ends.append(single + len(quote))
    return ends


_MOST_STEPS = 1_000
_STEPS_A_TOKEN = 8
"""Tokens that may be read more than once, so that the time of a text grows as its length does."""


def _is_attack(found: Tokens, *, in_string: bool) -> bool:
    if not found:
        return False
    start = _skip_closers(found, 0)
    if in_string and _is_cut(found, start):
        return True
    leads = _leads(found, start, in_string=in_string)
    index = 0
    while index < len(found):
        if found.steps > _MOST_STEPS + _STEPS_A_TOKEN * len(found):
            # Prose ends after a few tokens; this is SQL over and over, or wants to be dear.
            return True
        is_lead = index in leads
        if not is_lead and found[index].text not in _STARTING:
            index += 1
            continue
        if is_lead and in_string and _is_ended(found, index):
            return True
        verdict, end = _at(found, index, is_lead=is_lead, in_string=in_string)
        if verdict:
            return True
        index = max(index + 1, end)
    return False


def _skip_closers(found: Tokens, index: int) -> int:
    while index < len(found) and found[index].text == ")":
        index += 1
    return index


def _leads(found: Tokens, start: int, *, in_string: bool) -> set[int]:
    """Where the statement goes on after the value that the text takes the place of."""
    leads = {start}
    if not in_string:
        value = start
        while value < len(found) and found[value].text in ("-", "+", "("):
            value += 1
        if value < len(found) and found[value].kind in (Kind.NUMBER, Kind.STRING):
            while _next(found, value) == "-" and _is_number(found, value + 2):
                value += 2
            leads.add(_skip_closers(found, value + 1))
        elif value < len(found) and found[value].kind is Kind.WORD:
            after = _skip_closers(found, value + 1)
            if _next(found, value) in LOGICAL and (
                found[value].text in LITERALS or _is_constant_equality(found, value + 2)
            ):
                leads.add(after)
            if (after < len(found) and found[after].kind is not Kind.WORD) or after > value + 1:
                leads.add(after)
    return leads


def _is_number(found: Tokens, index: int) -> bool:
    return index < len(found) and found[index].kind is Kind.NUMBER


def _is_constant_equality(found: Tokens, index: int) -> bool:
    """`1=1`, which says nothing but to a database."""
    return (
        index + 2 < len(found)
        and found[index + 1].text == "="
        and {found[index].kind, found[index + 2].kind} <= {Kind.NUMBER, Kind.STRING}
    )


def _is_cut(found: Tokens, index: int) -> bool:
    """A string is ended, and the rest of the statement turned into a comment."""
    if index < len(found) and found[index].text == ";":
        if index + 1 == len(found):
            return True
        index += 1
    if index + 1 != len(found) or found[index].kind is not Kind.COMMENT:
        return False
    comment = found[index].text
    if comment.startswith("/*"):
        return len(_WORDS.findall(comment)) <= _WHERE_MOST
    if comment.startswith("#"):
        return _LETTER.search(comment) is None and not comment[1:].strip().isdigit()
    return is_bare(comment)


def _at(found: Tokens, index: int, *, is_lead: bool, in_string: bool) -> tuple[bool, int]:
    """Whether an attack starts at a token; and where to look on."""
    text = found[index].text
    if text in LOGICAL:
        return _logical(found, index, is_lead=is_lead, in_string=in_string)
    if text in SET_OPERATORS:
        return _union(found, index, is_lead=is_lead and (in_string or index > 0)), index + 1
    if text == ";":
        is_sure = is_lead or _is_sure_statement(found, index + 1)
        return is_sure and is_statement(found, index + 1), index + 1
    if text == "(" and _next(found, index) == "select":
        return _subselect(expression(found, index + 1)), index + 1
    if text in _CLAUSES_BY_PLACE:
        # A text that begins with the word may be prose, with a value before it hardly.
        is_lead = is_lead and (in_string or index > 0)
        return _CLAUSES_BY_PLACE[text](found, index, is_lead=is_lead), index + 1
    if text in _CLAUSES_ANYWHERE:
        return _CLAUSES_ANYWHERE[text](found, index), index + 1
    if is_lead:
        if _is_leading(found, index, in_string=in_string):
            return True, index
    elif found[index].kind is Kind.WORD and _next(found, index) == "(" and text in FUNCTIONS:
        return _known_call(found, index), index + 1
    return False, index + 1


def _next(found: Tokens, index: int) -> str:
    return found[index + 1].text if index + 1 < len(found) else ""


def _logical(found: Tokens, index: int, *, is_lead: bool, in_string: bool) -> tuple[bool, int]:
    """OR, AND: a comparison or a call after it that does not end as prose does."""
    reading = expression(found, index + 1)
    if reading.selects and (reading.froms or reading.calls or reading.literals):
        return True, reading.end
    is_condition = _is_condition_at_lead if is_lead else _is_condition
    return is_condition(reading, in_string=in_string), reading.end


def _is_condition(reading: Expression, *, in_string: bool) -> bool:  # noqa: ARG001
    """In the middle of a text: nothing may follow it, and nobody compares a thing to itself."""
    if any(call in FUNCTIONS for call in reading.calls) or reading.same:
        return reading.is_complete
    return reading.is_cut and reading.comparisons > 0 and reading.literals > 0


def _is_condition_at_lead(reading: Expression, *, in_string: bool) -> bool:
    """Right after the value, where the grammar of a statement is all that may follow."""
    is_known = any(call in FUNCTIONS for call in reading.calls)
    if is_known or reading.constant_comparisons or reading.same:
        return True
    if reading.comparisons > reading.backwards and (in_string or reading.literals):
        return reading.is_whole or (in_string and reading.literals > 0)
    if _is_constant(reading) and (
        reading.is_cut or (reading.is_complete and (in_string or reading.unspoken > 0))
    ):
        return True
    return bool(reading.calls) and reading.is_complete and (in_string or reading.literals > 0)


def _is_constant(reading: Expression) -> bool:
    return reading.literals > 0 and not reading.names and reading.is_whole


def _union(found: Tokens, index: int, *, is_lead: bool) -> bool:
    index += 1
    while index < len(found) and found[index].text in ("all", "distinct", "(", "distinctrow"):
        index += 1
    if index >= len(found):
        return False
    if found[index].text in ("values", "table"):
        reading = expression(found, index + 1)
        return is_lead and reading.is_complete and reading.is_whole
    if found[index].text != "select":
        return False
    reading = expression(found, index)
    is_telling = reading.literals or reading.stars or reading.calls or reading.selects > 1
    if is_telling and (is_lead or _is_item(found, index + 1)):
        return True
    if is_lead and index + 1 == len(found):
        return True
    if reading.commas and reading.names > 1 and (reading.is_complete or reading.froms):
        return True
    return reading.names > 0 and reading.is_complete and (is_lead or reading.froms > 0)


def _is_item(found: Tokens, index: int) -> bool:
    """Whether what is selected is no word of prose, or is one of a list."""
    while index < len(found) and found[index].text in ("all", "distinct", "top", "("):
        index += 1
    if index >= len(found):
        return False
    is_word = found[index].kind is Kind.WORD and found[index].text not in LITERALS
    return not is_word or _next(found, index) in (",", "from", "(", ".")


def _subselect(reading: Expression) -> bool:
    if reading.calls or reading.stars or reading.selects > 1:
        return (
            reading.froms > 0
            or reading.cases > 0
            or any(call in FUNCTIONS for call in reading.calls)
        )
    if reading.cases and reading.comparisons:
        return True
    return reading.froms > 0 and (reading.literals > 0 or reading.comparisons > 0)


def _known_call(found: Tokens, index: int) -> bool:
    """A database's function in the middle of a text."""
    if found[index].text not in _TELLING:
        return found[index].text in _CHOOSING and expression(found, index).constant_comparisons > 0
    reading = expression(found, index)
    return reading.literals > 0 and found[index + 1].start == found[index].end


_CHOOSING = frozenset({"if", "iif", "ifnull", "decode", "make_set", "elt"})

_TELLING = frozenset(
    [
        "benchmark",
        "pg_sleep",
        "extractvalue",
        "updatexml",
        "load_file",
        "xp_cmdshell",
        "dbms_pipe",
        "utl_http",
        "utl_inaddr",
        "xp_dirtree",
        "name_const",
        "gtid_subset",
        "json_keys",
        "openrowset",
        "group_concat",
        "sleep",
        "receive_message",
        "pg_read_file",
        "lo_import",
        "randomblob",
        "load_extension",
    ]
)
"""Functions that no prose names with a bracket and a value."""


def _is_leading(found: Tokens, index: int, *, in_string: bool) -> bool:
    """Whether the statement goes on right after its value."""
    token = found[index]
    text = token.text
    if text in COMPARING or text in BINARY or text == ",":
        if token.kind is Kind.OPERATOR and index == 0 and not in_string:
            return _is_telling(expression(found, index + 1))
        reading = expression(found, index + 1)
        if _is_telling(reading) or (in_string and _is_closed_off(reading)):
            return True
        if in_string and text in COMPARING:
            is_compared = _is_constant(reading) or (reading.is_whole and reading.comparisons > 0)
            return reading.is_complete and is_compared and _is_sure(text, reading)
        return (
            in_string
            and reading.is_complete
            and (reading.comparisons > 0 or bool(reading.calls))
            and reading.is_whole
        )
    if token.kind is Kind.WORD and _next(found, index) == "(" and text in FUNCTIONS:
        reading = expression(found, index)
        if reading.is_complete and reading.literals > 0:
            return True
    if is_statement(found, index):
        return _is_sure_statement(found, index)
    return False


_ENDING = frozenset({",", "where", "returning", "on", "limit", "offset", "from", "set"})
"""What may follow a string in a list of values or at the end of a statement."""


def _is_ended(found: Tokens, index: int) -> bool:
    """The rest of the list or of the statement is there, and what stood after it is cut off."""
    if found[index].text not in _ENDING:
        return False
    reading = expression(found, index + 1)
    if not _is_cut_off(found, reading):
        return False
    if found[index].text == ",":
        return reading.closers > 0
    return reading.names + reading.literals > 0


def _is_cut_off(found: Tokens, reading: Expression) -> bool:
    """A comment without words is the end, also after a semicolon: `; --`."""
    if not reading.is_whole or reading.is_cut:
        return reading.is_whole
    last = found[-1]
    return (
        reading.end + 2 == len(found)
        and found[reading.end].text == ";"
        and last.kind is Kind.COMMENT
        and is_bare(last.text)
    )


def _is_closed_off(reading: Expression) -> bool:
    """What a string is reckoned with: a query before the next string, a value before the end."""
    if reading.is_open:
        return reading.selects > 0
    return reading.is_cut and _is_constant(reading)


def _is_sure(text: str, reading: Expression) -> bool:
    return text not in ("is", "in") or reading.ends_in_comment or reading.is_open


def _is_telling(reading: Expression) -> bool:
    if reading.selects and (reading.froms or reading.calls):
        return True
    is_known = any(call in FUNCTIONS for call in reading.calls) or reading.cases > 0
    return is_known and reading.is_complete and reading.literals > 0


def _is_sure_statement(found: Tokens, index: int) -> bool:
    """Where no value ended just before it, a verb may be one of English."""
    if index >= len(found):
        return False
    text = found[index].text
    if text in ("select", "with"):
        reading = expression(found, index)
        return reading.is_complete and (reading.froms > 0 or bool(reading.calls))
    if text in _SURE_VERBS or found[-1].kind is Kind.COMMENT:
        return True
    if text in _BY_THEIR_WORDS and _BY_THEIR_WORDS[text](found, index):
        return True
    rest = [token.text for token in found[index : index + _STATEMENT]]
    return (
        (index > 0 and ";" in rest[1:])
        or "where" in rest
        or any("_" in word or "@" in word for word in rest)
    )


def _is_sure_drop(found: Tokens, index: int) -> bool:
    words = {token.text for token in found[index + 2 : index + 9]}
    return not words.isdisjoint(("exists", "cascade", "restrict"))


def _is_sure_create(found: Tokens, index: int) -> bool:
    return "(" in (token.text for token in found[index + 3 : index + 8])


def _is_sure_grant(found: Tokens, index: int) -> bool:
    return "privileges" in (token.text for token in found[index + 2 : index + 3])


def _is_sure_truncate(found: Tokens, index: int) -> bool:
    return _next(found, index) == "table"


_SURE_VERBS = frozenset({"insert", "exec", "execute", "waitfor", "update", "copy", "alter"})
"""Verbs whose grammar no prose follows; a table that is dropped may be one for tennis."""

_BY_THEIR_WORDS = {
    "drop": _is_sure_drop,
    "create": _is_sure_create,
    "grant": _is_sure_grant,
    "truncate": _is_sure_truncate,
}

_STATEMENT = 12
"""Tokens of a statement that are looked at to be sure."""


def _ordered(found: Tokens, index: int, *, is_lead: bool) -> bool:
    if _next(found, index) != "by":
        return False
    reading = expression(found, index + 2)
    is_numbered = reading.literals > 0 and not reading.names
    if is_lead:
        is_end = reading.is_cut or (reading.is_complete and reading.is_whole)
        return is_end and (is_numbered or bool(reading.calls))
    return is_numbered and (reading.is_cut or _is_attached(found, reading.end))


def _is_attached(found: Tokens, index: int) -> bool:
    """Whether a comment begins right where a value ends, as nobody writes a dash."""
    return 0 < index < len(found) and (
        found[index].kind is Kind.COMMENT and found[index].start == found[index - 1].end
    )


def _having(found: Tokens, index: int, *, is_lead: bool) -> bool:
    reading = expression(found, index + 1)
    if reading.constant_comparisons or reading.selects:
        return True
    return is_lead and reading.is_complete and (reading.comparisons > 0 or _is_constant(reading))


def _limited(found: Tokens, index: int, *, is_lead: bool) -> bool:
    reading = expression(found, index + 1)
    return is_lead and reading.is_complete and _is_constant(reading)


def _filtered(found: Tokens, index: int) -> bool:
    reading = expression(found, index + 1)
    return reading.constant_comparisons > 0 or (
        reading.selects > 0 and reading.comparisons > 0 and reading.is_complete
    )


def _joined(found: Tokens, index: int) -> bool:
    """JOIN … ON 1=1, and what MySQL does ON DUPLICATE KEY."""
    if _next(found, index) == "duplicate":
        return [t.text for t in found[index + 2 : index + 4]] == ["key", "update"]
    if all(token.text != "join" for token in found[max(index - _STATEMENT, 0) : index]):
        return False
    return expression(found, index + 1).constant_comparisons > 0


def _cast(found: Tokens, index: int) -> bool:
    """`name::int`: PostgreSQL says the value in the error."""
    before, after = found[index - 1] if index else None, _next(found, index)
    if before is None or before.end != found[index].start or not after:
        return False
    is_type = after in _CASTS or (before.text == ")" and after in _CASTS_OF_CALLS)
    return is_type and found[index + 1].start == found[index].end


_CASTS = frozenset({"int", "int4", "int8", "integer", "bigint", "numeric", "regclass", "jsonb"})
"""Types that no other language has after two colons."""

_CASTS_OF_CALLS = frozenset(
    {"text", "varchar", "double", "float", "bool", "boolean", "json", "date", "money", "uuid"}
)
"""Types that others have as well, but not of what a call gave."""


def _fetched(found: Tokens, index: int) -> bool:
    """FETCH NEXT 1 ROWS ONLY."""
    words = [token.text for token in found[index + 1 : index + 5]]
    return words[:1] in (["next"], ["first"]) and "only" in words[2:]


def _listed(found: Tokens, index: int) -> bool:
    """What is selected or counted, FROM a table, where a name of a column is expected."""
    if index > _LISTED_MOST:
        return False
    reading = expression(found, 0)
    if not reading.froms or reading.selects or not _is_cut_off(found, reading):
        return False
    tables = (token.text for token in found[index + 1 : reading.end] if token.kind is Kind.WORD)
    return (
        bool(reading.stars or reading.calls or reading.comparisons)
        or reading.closers > 0
        or any("_" in table for table in tables)
    )


_LISTED_MOST = 12
"""Tokens before the FROM."""


def _written(found: Tokens, index: int) -> bool:
    if index and found[index - 1].kind is Kind.NUMBER and index + 2 >= len(found):
        return found[-1].kind is Kind.VARIABLE
    return _next(found, index) in ("outfile", "dumpfile") and any(
        token.kind is Kind.STRING for token in found[index : index + 4]
    )


def _analysed(found: Tokens, index: int) -> bool:
    return _next(found, index) == "analyse" and len(found) > index + 2


_CLAUSES_BY_PLACE = {"order": _ordered, "group": _ordered, "having": _having, "limit": _limited}
"""Clauses that prose has the words of, so that it counts where they stand."""

_CLAUSES_ANYWHERE = {
    "where": _filtered,
    "on": _joined,
    "fetch": _fetched,
    "::": _cast,
    "from": _listed,
    "case": _filtered,
    "into": _written,
    "procedure": _analysed,
    "waitfor": is_statement,
}

_STARTING = (
    LOGICAL
    | SET_OPERATORS
    | _CLAUSES_BY_PLACE.keys()
    | _CLAUSES_ANYWHERE.keys()
    | FUNCTIONS
    | _TELLING
    | {";", "("}
)
"""What an attack can start with in the middle of a text: most of prose's words are passed over."""
