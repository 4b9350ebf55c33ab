"""API Management's policy language: XML with C# in it.

A policy is built of elements and written once. API Management reads the text raw, and there an
expression may hold quotes and angle brackets that no XML parser takes. Ours never do: an attribute
that holds double quotes stands in single ones, and an expression uses no character that XML would
escape. So the text means the same to API Management, to an XML parser and to whoever reads a
difference, and what is read back is what was written. C# that cannot do without angle brackets
stands in an element, as CDATA, which all three read the same.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

LARGEST = 256 * 1024
"""Bytes of a policy document that API Management takes."""

SECTIONS = ("inbound", "backend", "outbound", "on-error")

BASE = "base"
"""Stands for what the wider scopes say in the same section."""

_EXPRESSION = re.compile(r"@[({]")
_NAMED_VALUE = re.compile(r"\{\{")
_ESCAPED = frozenset("<>&'\r\n\t")
"""What XML would escape in an attribute in single quotes."""
_MARKS = frozenset("<>&")
"""What XML would escape in an element's text."""
_END_OF_CDATA = "]]>"


class PolicyError(ValueError):
    """Text that would be something else in a policy than what was meant."""


def element(name: str, attributes: Mapping[str, str] | None = None, *children: Element) -> Element:
    """An element with what is in it."""
    made = Element(name, dict(attributes or {}))
    made.extend(children)
    return made


def holding(name: str, text: str, attributes: Mapping[str, str] | None = None) -> Element:
    """An element that holds text."""
    made = Element(name, dict(attributes or {}))
    made.text = text
    return made


def each(name: str, texts: Iterable[str]) -> list[Element]:
    """An element for each text."""
    return [holding(name, text) for text in texts]


def plain(text: str) -> str:
    """Text that is meant as it stands. Raises a PolicyError where API Management would run it."""
    if _EXPRESSION.match(text) or _NAMED_VALUE.search(text):
        raise PolicyError("begins like an expression of a policy, or holds a named value's braces")
    return text


def expression(code: str) -> str:
    """C# that is run for each request."""
    if wrong := sorted(_ESCAPED & set(code)):
        raise PolicyError(f"an expression cannot hold {wrong}: XML would escape it")
    return f"@({code})"


def bracketed(code: str) -> str:
    """C# with angle brackets in it, such as those of a type. As an element's text alone."""
    if _END_OF_CDATA in code:
        raise PolicyError("an expression cannot hold the end of CDATA")
    return f"@({code})"


def quoted(text: str) -> str:
    """Text as C# writes it."""
    if not text.isascii() or not text.isprintable() or _ESCAPED & set(text) or set(text) & {*'"\\'}:
        raise PolicyError("has a character that cannot stand in an expression's text")
    return f'"{text}"'


def one_of(value: str, texts: Iterable[str]) -> str:
    """C# that says whether a value is among some texts."""
    words = [quoted(text) for text in sorted(texts)]
    if len(words) == 1:
        return f"{value} == {words[0]}"
    return f"new [] {{{', '.join(words)}}}.Contains({value})"


def choose(*branches: tuple[str, Iterable[Element]], otherwise: Iterable[Element] = ()) -> Element:
    """The first branch whose condition holds: each a piece of C# and what is then done."""
    made = Element("choose")
    for code, then in branches:
        made.append(element("when", {"condition": expression(code)}, *then))
    if last := list(otherwise):
        made.append(element("otherwise", None, *last))
    return made


def written(root: Element) -> str:
    """The document as text: the same elements are the same bytes, one element a line."""
    out = io.StringIO()
    _write(root, XMLGenerator(out, short_empty_elements=True), 0)
    return out.getvalue()


def _write(node: Element, to: XMLGenerator, depth: int) -> None:
    indent = "  " * depth
    to.ignorableWhitespace(indent)
    to.startElement(node.tag, AttributesImpl(node.attrib))
    if node.text and _is_bracketed(node.text):
        to.ignorableWhitespace(_as_cdata(node.text))  # which is written as it is
    elif node.text:
        to.characters(node.text)
    elif len(node):
        to.ignorableWhitespace("\n")
        for child in node:
            _write(child, to, depth + 1)
        to.ignorableWhitespace(indent)
    to.endElement(node.tag)
    to.ignorableWhitespace("\n")


def _is_bracketed(text: str) -> bool:
    return bool(_EXPRESSION.match(text) and _MARKS & set(text))


def _as_cdata(text: str) -> str:
    return f"<![CDATA[{text}{_END_OF_CDATA}"


# What API Management would refuse.

_ANYWHERE = frozenset({BASE, "choose", "set-variable", "set-header", "return-response"})
_POLICIES: Mapping[str, frozenset[str]] = {
    "inbound": _ANYWHERE
    | {
        "authentication-managed-identity",
        "check-header",
        "cors",
        "ip-filter",
        "quota-by-key",
        "rate-limit-by-key",
        "rewrite-uri",
        "send-request",
        "set-backend-service",
        "set-body",
        "validate-client-certificate",
        "validate-content",
        "validate-jwt",
        "validate-parameters",
    },
    "backend": frozenset({BASE, "forward-request"}),
    "outbound": _ANYWHERE | {"set-status"},
    # No set-body here: an answer is given as a whole.
    "on-error": _ANYWHERE | {"set-status"},
}
"""What we write in each section: a part of what API Management knows, from its policy reference."""

_PARTS: Mapping[str, frozenset[str]] = {
    "allowed-headers": frozenset({"header"}),
    "allowed-methods": frozenset({"method"}),
    "allowed-origins": frozenset({"origin"}),
    "audiences": frozenset({"audience"}),
    "check-header": frozenset({"value"}),
    "choose": frozenset({"when", "otherwise"}),
    "claim": frozenset({"value"}),
    "cors": frozenset({"allowed-origins", "allowed-methods", "allowed-headers", "expose-headers"}),
    "expose-headers": frozenset({"header"}),
    "identities": frozenset({"identity"}),
    "ip-filter": frozenset({"address", "address-range"}),
    "issuers": frozenset({"issuer"}),
    "required-claims": frozenset({"claim"}),
    "return-response": frozenset({"set-status", "set-header", "set-body"}),
    "send-request": frozenset(
        {
            "authentication-managed-identity",
            "set-body",
            "set-header",
            "set-method",
            "set-url",
        }
    ),
    "set-header": frozenset({"value"}),
    "validate-client-certificate": frozenset({"identities"}),
    "validate-content": frozenset({"content"}),
    "validate-jwt": frozenset({"openid-config", "audiences", "issuers", "required-claims"}),
    "validate-parameters": frozenset({"headers"}),
}
"""What may be in a policy that is not a policy itself."""

_NEEDED: Mapping[str, frozenset[str]] = {
    "authentication-managed-identity": frozenset({"resource", "client-id"}),
    "check-header": frozenset({"name", "failed-check-httpcode", "failed-check-error-message"}),
    "claim": frozenset({"name", "match"}),
    "forward-request": frozenset({"timeout-ms"}),
    "openid-config": frozenset({"url"}),
    "quota-by-key": frozenset({"calls", "renewal-period", "counter-key"}),
    "rate-limit-by-key": frozenset({"calls", "renewal-period", "counter-key"}),
    "rewrite-uri": frozenset({"template"}),
    "send-request": frozenset({"mode", "response-variable-name", "timeout", "ignore-error"}),
    "set-backend-service": frozenset({"base-url"}),
    "set-header": frozenset({"name", "exists-action"}),
    "set-status": frozenset({"code", "reason"}),
    "set-variable": frozenset({"name", "value"}),
    "validate-content": frozenset(
        {"unspecified-content-type-action", "max-size", "size-exceeded-action"}
    ),
    "validate-jwt": frozenset({"header-name", "failed-validation-httpcode", "require-scheme"}),
    "when": frozenset({"condition"}),
}
"""Attributes without which a policy is refused, or does less than it seems to."""


def faults(text: str) -> Iterator[str]:
    """What is wrong with a policy document as text."""
    if (size := len(text.encode())) > LARGEST:
        yield f"is {size:,} bytes long, and API Management takes {LARGEST:,}"
    try:
        root = fromstring(text)  # noqa: S314 our own text
    except ParseError as error:
        yield f"is no XML: {error}"
        return
    if [child.tag for child in root] != list(SECTIONS):
        yield f"must have the sections {', '.join(SECTIONS)}, in this order"
        return
    for section in root:
        yield from _of_section(section)
    for node in root.iter():
        yield from _of_element(node)
        if _is_bracketed(node.text or "") and _as_cdata(node.text or "") not in text:
            yield f"{node.tag}: an expression with angle brackets must be CDATA"


def _of_section(section: Element) -> Iterator[str]:
    if section.tag == "backend":
        if len(section) != 1:
            yield "backend: must hold one policy, which says once how a request goes on"
    elif [child.tag for child in section][:1] != [BASE]:
        yield f"{section.tag}: must begin with base, or it leaves out what wider scopes ask"
    yield from _unknown(section, _POLICIES[section.tag], section.tag)


def _unknown(node: Element, policies: frozenset[str], section: str) -> Iterator[str]:
    for child in node:
        if node.tag in ("when", "otherwise", *SECTIONS):
            known = policies
        else:
            known = _PARTS.get(node.tag, frozenset())
        if child.tag not in known:
            yield f"{section}: {child.tag} cannot be in {node.tag}"
        else:
            yield from _unknown(child, policies, section)


def _of_element(node: Element) -> Iterator[str]:
    if missing := sorted(_NEEDED.get(node.tag, frozenset()) - node.attrib.keys()):
        yield f"{node.tag}: lacks {', '.join(missing)}"
    if node.tag == "choose":
        tags = [child.tag for child in node]
        if tags[:1] != ["when"] or "otherwise" in tags[:-1]:
            yield "choose: must have a when, and an otherwise only at its end"
    for text in node.attrib.values():
        if _EXPRESSION.match(text) and _ESCAPED & set(text):
            yield f"{node.tag}: an expression holds a character that XML escapes"
    for text in (node.text or "", *node.attrib.values()):
        if _EXPRESSION.match(text):
            yield from (f"{node.tag}: an expression {fault}" for fault in _of_expression(text))


_OPENING = {"(": ")", "{": "}", "[": "]"}


def _of_expression(text: str) -> Iterator[str]:
    """Whether brackets and quotes of an expression end where it does."""
    code, awaited, quote = text[1:], list[str](), False
    for at, mark in enumerate(code):
        if mark == '"':
            quote = not quote
        elif quote:
            continue
        elif mark in _OPENING:
            awaited.append(_OPENING[mark])
        elif mark in _OPENING.values():
            if not awaited or awaited.pop() != mark:
                yield "has a bracket that opens or closes nothing"
                return
            if not awaited and at < len(code) - 1:
                yield "ends before its text does"
                return
    if awaited or quote:
        yield "does not end"
