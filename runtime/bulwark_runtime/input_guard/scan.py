"""What a text is looked at for, in one place."""

import re
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache

from .characters import refused
from .effort import Effort, spend
from .markup import page, script
from .nosql import has_operator, is_operator_name
from .sql.detect import changes_statement
from .variants import narrow, variants

Detect = Callable[[str], bool]

_MARK = re.compile(r"""[<>"`;(){}=\\$%*|_\[\]]""")
"""What each of the languages needs, but for a few forms of SQL."""

_HALF = re.compile(r"[-&/@'+#:]")
_PAIR = re.compile(r"--|&[#a-zA-Z]|/\*|@@|'\s*[-+#/&,^%]|\+\w+\+|#\s*$|:.*[a-z]")
_WORD = re.compile(r"[a-z]+")
_KEYWORDS = frozenset(
    [
        "and",
        "between",
        "by",
        "case",
        "collate",
        "declare",
        "div",
        "drop",
        "exec",
        "execute",
        "grant",
        "having",
        "in",
        "into",
        "is",
        "like",
        "limit",
        "mod",
        "offset",
        "or",
        "order",
        "procedure",
        "regexp",
        "revoke",
        "rlike",
        "select",
        "truncate",
        "union",
        "waitfor",
        "xor",
    ]
)
"""What those forms need."""

_BASE64 = re.compile(
    r"(?:data:(?:application/(?:pdf|octet-stream)|image/(?:png|jpeg|gif|webp));base64,)?"
    r"[A-Za-z0-9+/_-]{24,}+={0,2}"
)
"""A document, or what could be nothing else: its alphabet has no quote, bracket or space."""

_CODED = re.compile(r"[%+&\\]")
"""What a text in another spelling has."""

_DETECTORS: Mapping[str, Detect] = {
    "injection.sql": changes_statement,
    "injection.html": page.runs,
    "injection.script": script.breaks_out,
    "injection.nosql": has_operator,
}


@lru_cache(maxsize=1024)
def is_known_clean(text: str) -> bool:
    """For short texts that come again and again."""
    # What it takes is not the request's: it would depend on which requests came before.
    with Effort(sys.maxsize):
        return refused(text, one_line=True) is None and not rules_broken(text)


def rules_broken(text: str, *, is_name: bool = False) -> list[str]:
    """The rules of injection that a text breaks, in any of its variants."""
    is_ascii = text.isascii()
    is_words = not is_name and text.replace(" ", "").isalnum()
    if is_words and (is_ascii or narrow(text) is text):
        # What goes on with words alone begins with one of the language.
        if _KEYWORDS.isdisjoint(text.lower().split()):
            return []
    elif not _MARK.search(text) and not (_HALF.search(text) and _PAIR.search(text)):
        is_prose = _KEYWORDS.isdisjoint(_WORD.findall(text.lower()))
        if is_prose and not is_name and (is_ascii or narrow(text) is text):
            return []
    elif is_ascii and _BASE64.fullmatch(text):
        return []
    texts = [text]
    if not is_ascii or _CODED.search(text):
        spend(len(text))
        texts = list(variants(text))
    broken = [rule for rule, detect in _DETECTORS.items() if any(map(detect, texts))]
    if is_name and "injection.nosql" not in broken and any(map(is_operator_name, texts)):
        broken.append("injection.nosql")
    return broken
