"""Text for a page: escaped, measured, shortened, and put into words."""

import html
import re
import unicodedata
from collections.abc import Iterator

_ACRONYMS = """
    ACL AFD API ARN AWS CA CDN DB DNS EC2 ECS EKS HTTP HTTPS IAM ID IP JWT KMS MFA OIDC REST SAML
    SES SNS SQL SQS SSH SSL SSO TLS TTL URI URL VPC VPN WAF
"""
_WRITTEN = {word.capitalize(): word for word in _ACRONYMS.split()}

_CLOUDS = ("Aws", "AzureNative", "Azure", "Gcp")


_NO_CHARACTERS = "\ufffe\uffff"
"""Unicode keeps them free, and XML forbids them."""


def safe(text: object) -> str:
    """Escaped for HTML and SVG, attributes too; what no page may hold becomes visible."""
    return html.escape("".join(_visible(str(text))))


def _visible(text: str) -> Iterator[str]:
    for character in text:
        # Controls end a well-formed SVG, and invisible direction marks can make a name lie.
        hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        if (hidden and character not in "\n\t") or character in _NO_CHARACTERS:
            yield "\ufffd"
        else:
            yield character


_WIDTHS = {
    330: " .,;:|!'ijlIJ·-/\\()[]ftr`",
    560: '_csz"LFEPTYZk*?',
    640: "abdeghnopquvxy0123456789$ABCKRSVX",
    790: "DGHNOQUw",
    1000: "mMW@%…",
}
_EM = {character: size / 1000 for size, characters in _WIDTHS.items() for character in characters}
_EM |= dict.fromkeys("-/()[]ftrIJ", 0.41) | dict.fromkeys("+=<>~#&×→", 0.84)
"""Of DejaVu Sans, the widest of the usual system fonts."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels the text takes at most, in any of the fonts of the page."""
    return (
        sum(_EM.get(c, 0.68 if c.isascii() else 1.05) for c in text)
        * size
        * (1.12 if bold else 1.0)
    )


def shorten(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of its start as fits with an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    while text and width(text + "…", size, bold=bold) > room:
        text = text[:-1]
    return text.rstrip(" -_.,") + "…"


def words(class_name: str) -> str:
    """`WebAcl` as a person says it: `Web ACL`; the cloud's name at its front is left out."""
    for cloud in _CLOUDS:
        if class_name.startswith(cloud) and class_name[len(cloud) :][:1].isupper():
            class_name = class_name.removeprefix(cloud)
            break
    parts: list[str] = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", class_name)
    said = [_WRITTEN.get(part.capitalize()) or part.lower() for part in parts or [class_name]]
    text = " ".join(said)
    return text[:1].upper() + text[1:]


def class_of(token: str) -> str:
    return token.rpartition(":")[2]


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def short_name(name: str, above: str) -> str:
    """The name without the one of the component above it."""
    rest = name.removeprefix(f"{above}-")
    return rest or name
