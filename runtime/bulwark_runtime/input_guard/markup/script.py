"""JavaScript: what text does that ends the string it is put into, and becomes code.

The text is put into a script and parsed by tree-sitter's grammar. Prose with an apostrophe ends
the string too, but what follows is not JavaScript; an attack has to be, or it would not run.
"""

import re
from collections.abc import Iterator
from functools import cache

import tree_sitter
import tree_sitter_javascript

from ..effort import READING, spend
from .program import does_harm, opened

_LONGEST = 4_096
"""Characters after the quote that are parsed. An attack may be longer, but needs no more to start;
past it the end is cut at a line or a semicolon."""

_CODE = re.compile(r"[(=`]|\+\+|--|\|\||&&|\b(?:throw|import|return|delete)\b|\?\.")
"""Something that calls, assigns or decides: without it nothing runs."""

_GOES_ON = re.compile(r"\s*+(?:[^\w\s'\"]|in\b|instanceof\b|$)")
"""What may follow a string in a script: no word, as in prose."""

_QUOTED = re.compile(
    r"""'[^'\n]*+'|"[^"\n]*+"|`[^`]*+`|//[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?"""
)
_QUOTE = re.compile(r"['\"`]|//|/\*")
_PROSE = re.compile(
    r"(?:^|[\s;,.])(?!(?:async|await|case|class|const|delete|do|else|export|extends|for|function|get"
    r"|if|import|in|instanceof|let|new|of|return|set|static|switch|throw|typeof|var|void|while|with"
    r"|yield)\b)[^\W\d]\w*+[ ]++(?!(?:in|instanceof|of|as|from|extends)\b)[^\W\d]"
)
"""Two words side by side, of which the first is none of JavaScript's."""

_RUNS = frozenset(
    {
        "assignment_expression",
        "augmented_assignment_expression",
        "await_expression",
        "call_expression",
        "new_expression",
        "return_statement",
        "throw_statement",
        "update_expression",
        "while_statement",
    }
)
_DECIDING = frozenset({"||", "&&", "==", "===", "!=", "!==", "<", ">", "<=", ">="})

_CLOSERS = re.compile(r"[\s)\]};]{0,64}+(?![\s)\]};])")
"""No page has a string in more of them."""

_INSIDE = {")": "f(", "]": "[", "}": "{a:"}
"""What must have been open in an expression for the text to close it."""

_HELD_BACK = re.compile(r"\\+(?=['\"`])")


_DEAR = 4
"""How much more a character of a script costs than one of markup: a parser that finds no grammar
looks for one everywhere."""


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))


def _parsed(script: str) -> tree_sitter.Node:
    spend(READING + _DEAR * len(script))
    return _parser().parse(script.encode("utf-8", "replace")).root_node


def breaks_out(text: str) -> bool:
    """Whether the text ends a string it is put into, and goes on with code."""
    for quote in ("'", '"', "`"):
        rest = _after(text, quote)
        if rest and _GOES_ON.match(rest) and _CODE.search(rest) and not _is_prose(rest):
            rest = _plain(rest)
            tags = quote != "`" or rest.endswith(("`", "//"))
            if any(_runs(script, tags=tags) for script in _scripts(quote, rest)):
                return True
    return ("${" in text and _CODE.search(text) is not None and _is_template(text)) or is_program(
        text
    )


def is_code(text: str) -> bool:
    """Whether the text is a script that does something."""
    if not _CODE.search(text) or _is_prose(text):
        return False
    return _runs(" " * _OURS + text[:_LONGEST])


def _is_prose(text: str) -> bool:
    """Whether words stand side by side outside strings and comments.

    No script, and dear to parse, since a parser that finds no grammar looks for one
    everywhere.
    """
    bare = _QUOTED.sub("''", text[:_LONGEST])
    return _PROSE.search(_QUOTE.split(bare.replace("''", ""), maxsplit=1)[0]) is not None


_CALL = re.compile(r"[\w$)\]'\"]\(|\?\.\(|\w\s?`|new\s")
_SET = re.compile(r"\b(?:document|window|location|self|top|globalThis|onerror)\b[^=]{0,64}=(?!=)")


def _acts(text: str) -> bool:
    """Whether anything in the text may call, set or delete something."""
    if ("(" in text or "`" in text) and _CALL.search(text):
        return True
    return ("=" in text and _SET.search(text) is not None) or "delete " in text


def is_program(text: str) -> bool:
    """Whether the whole text is a script, for pages that write a value into one without quotes.

    A call alone is prose as well, `fee(s)`: it has to be one of a browser's functions, or given
    what no prose has in brackets, or the text has to end the statement that it stands in.
    """
    if not _acts(text) or _is_prose(text):
        return False
    script, is_broken_out = opened(text[:_LONGEST])
    root = _parsed(script)
    return not root.has_error and does_harm(root, is_broken_out=is_broken_out)


def _nodes(root: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)


def _after(text: str, quote: str) -> str | None:
    """What follows the first quote.

    A backslash before it does not count as holding it back: where quotes are escaped and
    backslashes are not, two of them make one that stands for itself. Two or three backticks are
    Markdown's.
    """
    _, found, rest = text.partition(quote)
    if not found or (quote == "`" and rest.startswith("``")):
        return None
    return rest


def _plain(rest: str) -> str:
    """Without what escaping would have made of a second quote, and with its end cut off."""
    if "\\" in rest:
        rest = _HELD_BACK.sub("", rest)
    last = rest.rfind("/*")
    if last >= 0 and rest.find("*/", last) < 0:
        # What the page has after the text has an end of it, or the rest is dropped.
        rest = rest[:last]
    return rest.replace("<!--", "//")


def _scripts(quote: str, rest: str) -> Iterator[str]:
    rest = rest[:_LONGEST]
    closers = _CLOSERS.match(rest)
    closed = closers[0] if closers else ""
    inside = "".join(_INSIDE.get(c, "") for c in reversed(closed))
    for end in (quote, ""):
        yield f"x={inside}{quote}{quote}{rest}{end}"
    if inside:
        for end in (quote, ""):
            yield opened(f"x={inside}{quote}{quote}{rest}{end}")[0]
            yield opened(f"{quote}{quote}{rest}{end}")[0]


def _is_template(text: str) -> bool:
    text = text[:_LONGEST]
    return any(_runs(f"x=`{inside}`") for inside in {text, text.replace("`", "")})


def _runs(script: str, *, tags: bool = True) -> bool:
    """Whether a script parses, and does something beside what we wrote around the text.

    `tags`: whether a template after a name counts as a call; in Markdown's prose it does not.
    """
    root = _parsed(script)
    return not root.has_error and any(_does(node, tags=tags) for node in _nodes(root))


def _does(node: tree_sitter.Node, *, tags: bool) -> bool:
    if node.type == "binary_expression":
        return any(child.type in _DECIDING for child in node.children)
    if node.type == "unary_expression":
        return node.children[0].type == "delete"
    if node.type not in _RUNS or (node.type in _WRAPPERS and node.start_byte < _OURS):
        return False
    given = node.child_by_field_name("arguments")
    return tags or given is None or given.type != "template_string"


_WRAPPERS = frozenset({"assignment_expression", "call_expression"})
_OURS = 3
"""Bytes that a script of ours starts with: `x=f`. What begins there is ours too."""
