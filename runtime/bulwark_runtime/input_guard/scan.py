"""What a text is looked at for, in one place."""

import re
from collections.abc import Callable, Mapping

from .markup import page, script
from .nosql import has_operator, is_operator_name
from .sql.detect import changes_statement
from .variants import variants

Detect = Callable[[str], bool]

_SYNTAX = re.compile(
    r"""[<>'"`;(){}=\\$%&#|*/@+_\[\]-]|:.*\S|\bunion\b|\bselect\b|\bor\b|\band\b""", re.IGNORECASE
)
"""A text without any of these is no language's syntax."""

_DETECTORS: Mapping[str, Detect] = {
    "injection.sql": changes_statement,
    "injection.html": page.runs,
    "injection.script": script.breaks_out,
    "injection.nosql": has_operator,
}


def rules_broken(text: str, *, is_name: bool = False) -> list[str]:
    """The rules of injection that a text breaks, in any of its variants."""
    if text.isascii() and not _SYNTAX.search(text):
        return []
    texts = list(variants(text))
    broken = [rule for rule, detect in _DETECTORS.items() if any(map(detect, texts))]
    if is_name and "injection.nosql" not in broken and any(map(is_operator_name, texts)):
        broken.append("injection.nosql")
    return broken
