"""HTML: what a browser would run if a text were echoed raw into a page.

The text is put where pages have text of others (between tags, in an attribute with either quote or
none, in an address) and parsed by lexbor, as a browser parses. What then runs is looked for in the
tree, so that no spelling of it matters.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ..effort import READING, spend
from .script import is_code

_LOADING = frozenset(
    [
        "applet",
        "base",
        "bgsound",
        "embed",
        "frame",
        "handler",
        "iframe",
        "layer",
        "link",
        "meta",
        "object",
        "portal",
        "vmlframe",
        "webview",
        "xml",
    ]
)
"""Elements that load, redirect or run what their attributes name."""

_OPAQUE = frozenset(
    ["iframe", "noembed", "noframes", "noscript", "style", "template", "textarea", "title", "xmp"]
)
"""What browsers do not parse as HTML in one mode or at one time, and do in another: sanitisers and
pages that move it make it live."""

_ADDRESSES = frozenset(
    [
        "action",
        "attributename",
        "background",
        "by",
        "cite",
        "classid",
        "code",
        "codebase",
        "data",
        "dynsrc",
        "folder",
        "formaction",
        "from",
        "href",
        "icon",
        "longdesc",
        "lowsrc",
        "manifest",
        "ping",
        "poster",
        "profile",
        "src",
        "srcset",
        "style",
        "to",
        "usemap",
        "values",
        "xlink:href",
    ]
)

_HANDLER = re.compile(r"on[a-z]{3,}(?:[^\w:.-].*)?", re.DOTALL)
"""Some browsers end the name at anything that no name has in it."""

_STYLE = re.compile(
    r"expression\s*\(|(?:java|vb)script:|-moz-binding|behaviou?r\s*:|@import", re.IGNORECASE
)
_STYLE_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_STYLE_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")

_IGNORED = re.compile("[\0-\x20]")
"""What browsers skip before and inside the name of a scheme."""

_SCHEME = re.compile(
    r"(?:javascript|vbscript|livescript|mocha|jscript)(?::|&colon;)", re.IGNORECASE
)
_DATA = re.compile(
    r"data:(?:text/html|text/xml|image/svg\+xml|application/xhtml\+xml|application/xml"
    r"|text/javascript)?[^,]*,|data:[\w.+-]*+/[\w.+-]*(?:html|svg|xml|script)",
    re.IGNORECASE,
)

_PAGE_DATA = re.compile(
    r"data:(?:text/html|image/svg\+xml|text/javascript)[^,]{0,128},", re.IGNORECASE
)
"""The same inside another address, a redirection's target for one."""

_DIRECTIVE = re.compile(r"@|:|x-|v-|ng-|data-ng-|hx-on|hx-vals|_$|\(|\[")
"""Attributes that frameworks in the browser run as scripts."""

_FETCHING = re.compile(r"(?:data-)?hx-(?:get|post|put|patch|delete)")
"""Attributes that frameworks put the answer of an address into the page for."""

_COMPUTED = re.compile(r"(?:@|:|v-on:|v-bind:)\[[^\]]{0,256}[(`]")
"""An attribute's name that such a framework calls something for."""

_CONTROLS = frozenset(
    ["button", "fieldset", "form", "input", "output", "select", "textarea", "object", "embed"]
)
"""Elements that ask for input or are found by name: with a name or a target they take the place
of the page's own variables, or send what is typed to somebody else."""

_TARGETS = frozenset({"id", "name", "action", "formaction", "form"})

_ATTRIBUTE = re.compile(
    r"""(?:^|[\s"'/<])(?:on[a-z]{3,}|style|formaction|srcdoc|href|src"""
    r"""|(?:ng|v|x|hx)-[a-z:-]+|@[a-z]+|\([a-z]+\))\s*=""",
    re.IGNORECASE,
)
"""An attribute that text may bring along when it ends the one that it is put into."""

_LINK = re.compile(
    r"(?:java|vb|live)\s{0,4}script\s{0,4}(?::|&colon;|&#58;)(?:\s|//|/\*[^*]{0,64}\*/|%0[aAdD])*+"
    r"[\w$.\[\]'\"+!~-]{0,64}+\s?[(`=]",
    re.IGNORECASE,
)
"""A script as the target of a link, whatever language the link is written in."""

_DECLARATION = re.compile(
    r"<!(?:ENTITY|DOCTYPE\s[^>]{0,256}(?:SYSTEM|\[))|<!--\s?#\s?[a-z]{3,12}\s|<\?import\s",
    re.IGNORECASE,
)
"""XML that brings entities along, and what servers include."""

_LONGEST = 131_072
_DEEPEST = 3
"""Markup in attributes in markup."""

_TAGS_A_CHARACTER = 1_000
_NODES_A_CHARACTER = 16
"""What is looked at in a tree while a character is parsed."""


def runs(text: str) -> bool:
    """Whether a browser would run something in some place that pages put text into."""
    return (
        ("<" in text and (_has_live(text) or _DECLARATION.search(text) is not None))
        or ("=" in text and _ATTRIBUTE.search(text) is not None and _ends_attribute(text))
        or (":" in text and _is_link_text(text, text.lower()))
        or ("{{" in text and _is_template(text))
    )


def _is_link_text(text: str, low: str) -> bool:
    if "script" in low and _LINK.search(text) is not None:
        return True
    return (_STARTS.match(low) is not None and is_live_address(text)) or (
        "data:" in low and _PAGE_DATA.search(low) is not None and is_live_address(text)
    )


_STARTS = re.compile(r"[\0-\x20]*+(?:[jvlmd][\0-\x20]*+)[a-z\0-\x20]{3,40}(?::|&colon;)")


_VEIL = re.compile(
    r"<!--|-->|<!\[CDATA\[|\]\]>|</?(?:template|plaintext|suspense)\b[^<>]{0,256}>", re.IGNORECASE
)
"""What hides markup from one reader and not from the next: XML, shadow trees, frameworks."""


_SCRIPT = re.compile(r"<script(?:[\s/>]|\Z)", re.IGNORECASE)
"""Wherever it stands: where a filter takes something out around it, it is what is left."""

_SLASHED = re.compile(r"[/`](on[a-z]{3,32}|href|src|srcdoc|formaction)\s*+=", re.IGNORECASE)
"""After a value without quotes a slash belongs to it; a laxer parser starts an attribute there."""

_PLACED = re.compile(
    r"<(/?)(?=(?:t[dhr]|tbody|thead|tfoot|caption|col|colgroup|frameset)\b)", re.IGNORECASE
)
"""Elements that a parser keeps in a table or a set of frames only, which the page may have open."""


def _has_live(text: str, depth: int = 0) -> bool:
    """Between tags; what is cut short is completed by what the page has after it."""
    if _SCRIPT.search(text):
        return True
    texts = [text]
    last = text[text.rfind("<") :]
    if ">" not in last or ("=" in last and text[-1] != ">"):
        texts.append(f"{text}>")
    lax = _PLACED.sub(r"<\1x-", _SLASHED.sub(r" \1=", text))
    if lax != text:
        texts.append(f"{lax}>")
    if _VEIL.search(text):
        texts.append(_VEIL.sub("", text))
    texts += [f"{text}{quote}>" for quote in ('"', "'") if text.count(quote) % 2]
    return any(_is_live(each, depth) for each in texts)


def _ends_attribute(text: str) -> bool:
    contexts = []
    if '"' in text:
        contexts.append(f"""<a title="{text}"'>""")
        contexts.append(f'<a title="{text} x=">')
    if "'" in text:
        contexts.append(f"""<a title='{text}'">""")
    if "<" not in text:
        contexts.append(f"<a title={text}>")
        contexts.append(f"<a {text}>")
    return any(_is_live(context, 0, attribute=True) for context in contexts)


def _is_live(page: str, depth: int, *, attribute: bool = False) -> bool:
    page = page[:_LONGEST]
    tags = page.count("<")
    # For each tag the parser may look at all that are open, and they may all be.
    spend(READING + len(page) + tags * tags // _TAGS_A_CHARACTER)
    root = LexborHTMLParser(page).root
    if root is None:
        return False
    for node in root.traverse(include_text=True):
        tag = node.tag or ""
        name = tag.rpartition(":")[2]
        if name == "script" or (name in _LOADING and node.attributes):
            return True
        if node.attributes and _is_named(name, node.attributes):
            return True
        if name == "style" and _is_live_sheet(_text(node, tags)):
            return True
        if tag[:1] != "-" and any(
            _runs_in(name, value, depth, is_broken_out=attribute)
            for name, value in _attributes(node)
        ):
            return True
        if tag in _OPAQUE and depth < _DEEPEST and _is_live_inside(node, depth, tags):
            return True
    return False


def _is_live_sheet(style: str) -> bool:
    return "url(" in style or _is_live_style(style)


def _text(node: LexborNode, tags: int) -> str:
    text = node.text()
    # All others may be inside, and elements that are in each other are read once for each.
    spend(len(text) + tags // _NODES_A_CHARACTER)
    return text


def _is_named(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether scripts of the page find the element by a name where they look for their own."""
    if tag in _CONTROLS and not _TARGETS.isdisjoint(attributes):
        return True
    return "id" in attributes and "name" in attributes


def _attributes(node: LexborNode) -> Iterator[tuple[str, str]]:
    for name, value in node.attributes.items():
        yield name.lower(), value or ""


def _is_live_inside(node: LexborNode, depth: int, tags: int) -> bool:
    inside = _text(node, tags)
    return "<" in inside and _has_live(inside, depth + 1)


def _runs_in(name: str, value: str, depth: int, *, is_broken_out: bool) -> bool:
    """Whether an attribute runs something."""
    if _HANDLER.fullmatch(name):
        return bool(value.strip()) and (not is_broken_out or _is_scripted(value))
    if name == "srcdoc" or (value and _FETCHING.fullmatch(name)) or _COMPUTED.match(name):
        return True
    if _DIRECTIVE.match(name) and (is_code(value) or is_code(f"({value})")):
        return True
    if name == "style":
        return _is_live_style(value)
    if name in _ADDRESSES and (is_script_address(value) or is_live_address(value)):
        return True
    return "<" in value and depth < _DEEPEST and _has_live(value, depth + 1)


_SCRIPTED = re.compile(r"[(=`\[]|\b(?:throw|import|delete)\b")


def _is_scripted(value: str) -> bool:
    return _SCRIPTED.search(value) is not None


def _is_live_style(value: str) -> bool:
    plain = _STYLE_ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), value)
    plain = _STYLE_COMMENT.sub("", plain).replace("\\", "")
    return _STYLE.search(_IGNORED.sub("", plain)) is not None


def is_script_address(address: str) -> bool:
    """An address in an attribute, which nobody takes for prose."""
    plain = _IGNORED.sub("", address[:_LONGEST])
    found = _SCHEME.match(plain)
    return found is not None and found.end() < len(plain)


def is_live_address(text: str) -> bool:
    """An address that runs a script when a browser follows it."""
    address = _IGNORED.sub("", text[:_LONGEST])
    if found := _SCHEME.match(address):
        code = unquote(address[found.end() :])
        return _is_link(text, code)
    found = _DATA.match(address) or _PAGE_DATA.search(address)
    if found:
        return _is_live_data(found[0], address[found.end() :])
    return False


def _is_link(text: str, code: str) -> bool:
    """`JavaScript: the good parts` is a book."""
    rest = unquote(text.partition(":")[2])
    return is_code(code) or is_code(rest) or is_code(rest.replace("//", "\n", 1)) or "<" in code


def _is_live_data(head: str, content: str) -> bool:
    if "base64" in head:
        try:
            content = b64decode(content + "==", validate=False).decode("latin-1")
        except ValueError:
            return False
    content = unquote(content)
    return "script" in head or ("<" in content and _has_live(content))


def _is_template(text: str) -> bool:
    """An expression for a template engine in the browser, which runs what it finds in braces."""
    return any(is_code(part.partition("}}")[0]) for part in text.split("{{")[1:])
