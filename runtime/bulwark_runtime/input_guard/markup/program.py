"""JavaScript that is the whole text: what of it nobody writes but to have it run."""

import re
from dataclasses import dataclass

import tree_sitter

_BRACKETS = {")": "(", "]": "[", "}": "{"}
_CLOSING = {opening: closing for closing, opening in _BRACKETS.items()}
_PIECE = re.compile(
    r"""'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+"|`(?:[^`\\]|\\.)*+`|//[^\n]*+|[()\[\]{}]""",
    re.DOTALL,
)
_LED = re.compile(r"\s*+(?:\*/|-->|;)")
_OPERATOR = re.compile(r"\s*+[,*/|&^%?=<>.]")
_ENDED = re.compile(r"\A\s*+(?:\*/|-->)")
_CUT = re.compile(r"(?://|<!--|/\*)[^\w\n]{0,4}\Z")
_GOES_ON = re.compile(r"[)\]}]*+\s*+(?:[;,|&+\-*/^%=?]|\Z)")


def opened(text: str) -> tuple[str, bool]:
    """The text with what it closes opened before it, and what it opens closed; whether it did.

    A value that is written into a script ends the call, list or block that it stands in, and may
    cut off the rest: `1);f();//`.
    """
    is_cut = _CUT.search(text) is not None
    is_led = _LED.match(text) is not None
    text = _CUT.sub("", _ENDED.sub("", text))
    missing: list[str] = []
    waiting: list[str] = []
    is_broken_out = False
    for found in _PIECE.finditer(text):
        piece = found[0]
        if piece in _CLOSING:
            waiting.append(piece)
        elif piece in _BRACKETS:
            if waiting and waiting[-1] == _BRACKETS[piece]:
                waiting.pop()
            else:
                missing.append("f(" if piece == ")" else _BRACKETS[piece])
                is_broken_out = is_broken_out or _GOES_ON.match(text, found.end()) is not None
    before = "".join(reversed(missing)) + ("0" if _OPERATOR.match(text) else "")
    after = "".join(_CLOSING[piece] for piece in reversed(waiting))
    if text.endswith(tuple(_CLOSING)):
        after = f"0{after}"
    return f"{before}{text}{after}", is_broken_out or is_cut or is_led


@dataclass(slots=True)
class _Part:
    """What is known of a part of a script from all that is inside it."""

    root: tree_sitter.Node
    """What the first name of `a.b().c` stands for, behind brackets and calls."""

    is_telling: bool = False
    """It has something of the page's in it, or an address."""

    is_told: bool = False
    """It has something in it that no prose has in brackets."""

    makes_functions: bool = False
    """It names `constructor`, by which every value leads to a function that runs text."""


def does_harm(root: tree_sitter.Node, *, is_broken_out: bool) -> bool:
    """Whether a script has a part that is there to run, and is not prose or some program's line.

    Every node is looked at once, after those inside it.
    """
    order = [root]
    for node in order:
        order.extend(node.children)
    parts: dict[int, _Part] = {}
    for node in reversed(order):
        parts[node.id] = _part(node, parts)
        if _is_harmful(node, parts, is_broken_out=is_broken_out):
            return True
    return False


def _part(node: tree_sitter.Node, parts: dict[int, _Part]) -> _Part:
    inner = node.child_by_field_name("object") or node.child_by_field_name("function")
    if inner is None and node.type == "new_expression":
        inner = node.child_by_field_name("constructor")
    part = _Part(node if inner is None else parts[inner.id].root)
    for child in node.children:
        inside = parts[child.id]
        part.is_telling = part.is_telling or inside.is_telling
        part.is_told = part.is_told or inside.is_told
        part.makes_functions = part.makes_functions or inside.makes_functions
    part.is_told = part.is_told or node.type in _TOLD
    if node.type in _NAMED:
        text = _text(node)
        part.makes_functions = text == "constructor"
        part.is_telling = text in _ONLY_OF_PAGE or _ADDRESS.match(text) is not None
    elif node.type == "template_string":
        part.is_telling = part.is_telling or _ADDRESS.match(_text(node)) is not None
    elif node.type in _MEMBERS:
        part.is_telling = part.is_telling or _text(part.root) in _PAGE
    return part


def _is_harmful(node: tree_sitter.Node, parts: dict[int, _Part], *, is_broken_out: bool) -> bool:
    if node.type in ("call_expression", "new_expression"):
        called = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        given = node.child_by_field_name("arguments")
        if called is None or given is None:
            return False
        if called.type == "identifier" and _text(called) == "f":
            return False
        return is_broken_out or _is_telling_call(called, given, parts)
    if node.type == "assignment_expression":
        return _is_telling_assignment(node, parts, is_broken_out=is_broken_out)
    if node.type == "unary_expression":
        return node.children[0].type == "delete" and _is_of_page(node.children[1], parts)
    return node.type in ("with_statement", "do_statement")


def _is_telling_assignment(
    node: tree_sitter.Node, parts: dict[int, _Part], *, is_broken_out: bool
) -> bool:
    target = node.child_by_field_name("left")
    value = node.child_by_field_name("right")
    if target is None or value is None:
        return False
    if target.type in _MEMBERS and (
        is_broken_out or parts[target.id].root.type != "identifier" or _is_of_page(target, parts)
    ):
        return True
    if target.type == "identifier" and _text(target) in _PAGE:
        return value.type != "string" or parts[value.id].is_telling
    return value.type != "string" and parts[value.id].is_telling


def _is_telling_call(
    called: tree_sitter.Node, given: tree_sitter.Node, parts: dict[int, _Part]
) -> bool:
    is_apart = given.start_byte not in (called.end_byte, called.end_byte + len("?."))
    if is_apart and called.type == "identifier":
        return False
    root = parts[called.id].root
    name = _text(root) if root.type == "identifier" else ""
    if root.type in _NEVER_CALLED and called.type in (root.type, "call_expression"):
        return False
    if parts[called.id].makes_functions or parts[given.id].is_telling:
        return True
    if root.type == "import" or name in _PAGE:
        return True
    if called.type == "identifier":
        if name in _RUNNERS:
            return True
        if name in _ASKING:
            return all(child.type != "identifier" for child in given.children)
        return name not in _PRINTING and parts[given.id].is_told
    # A method of anything but a variable's, and a function found by its name as text.
    return root.type != "identifier"


def _is_of_page(node: tree_sitter.Node, parts: dict[int, _Part]) -> bool:
    return node.type in _MEMBERS and _text(parts[node.id].root) in _PAGE


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


_ADDRESS = re.compile(r"""['"`]?(?:https?:|data:|javascript:)?//?[\w\\$]""")
_MEMBERS = frozenset({"member_expression", "subscript_expression"})
_NAMED = frozenset({"identifier", "property_identifier", "string_fragment", "this"})

_PAGE = frozenset(
    {"document", "window", "location", "self", "top", "parent", "opener", "frames"}
    | {"globalThis", "navigator", "history", "localStorage", "sessionStorage", "cookieStore"}
    | {"onerror", "Reflect", "performance", "crypto", "customElements", "indexedDB", "caches"}
    | {"jQuery", "$"}
)
"""What a browser gives to every script."""

_ONLY_OF_PAGE = frozenset(
    {"document", "window", "globalThis", "localStorage", "sessionStorage", "this"}
)

_NEVER_CALLED = frozenset({"template_string", "string", "number"})
"""What two texts side by side look like calls of."""

_RUNNERS = frozenset(
    {"eval", "Function", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"}
    | {"requestAnimationFrame", "requestIdleCallback", "importScripts", "execScript", "fetch"}
    | {"Worker", "SharedWorker", "XMLHttpRequest", "WebSocket", "EventSource", "Image", "atob"}
    | {"postMessage"}
)
_ASKING = frozenset(["alert", "confirm", "prompt", "print", "open", "close", "stop"])
"""Browser's functions whose names are words of prose as well: `alert(s)`."""

_PRINTING = frozenset(
    {"printf", "print", "println", "puts", "echo", "format", "sprintf", "strftime", "gettext"}
    | {"t", "_", "len", "str", "int", "float", "repr", "require", "assert", "log", "fopen"}
    | {"include"}
)
"""Functions that lines of other languages' programs call with text."""

_TOLD = frozenset(
    {"string", "template_string", "call_expression", "new_expression", "regex", "object", "array"}
)
"""Arguments that no prose has in brackets."""
