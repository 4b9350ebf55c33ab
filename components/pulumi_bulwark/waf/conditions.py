"""What a request is like, as data that every cloud's WAF can read."""

import re
import warnings
from collections.abc import Iterator
from ipaddress import ip_interface
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..clouds import Differs, Limited
from ..forms import NAME, Country, Form
from ..spec import Spec

DEEPEST = 3
"""How often `all`, `any` and `not` may stand inside each other: what pulumi-aws has room for."""

_LONGEST_TEXT = 200
"""Bytes of a text that AWS WAF searches for."""

_LONGEST_REGEX = 512 - len("(?i)")
"""Characters: AWS WAF takes 512, and what makes capitals not count is among them."""

Transform = Literal[
    "base64-decode",
    "compress-white-space",
    "html-decode",
    "js-decode",
    "lower-case",
    "normalize-path",
    "remove-nulls",
    "trim",
    "url-decode",
]
"""What is undone in a part of the request before it is compared."""

Method = Literal["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]


# AWS's own list: ISO 3166 with XK, which it uses for Kosovo. A test compares the two.
def _range(text: str) -> str:
    """The range as the cloud gives it back: else it would differ for ever."""
    try:
        address = ip_interface(text)
    except ValueError:
        raise ValueError(
            "is no range of addresses, such as 192.0.2.0/24 or 2001:db8::/32"
        ) from None
    network = address.network
    if network.prefixlen == 0:
        raise ValueError("is every address there is, which AWS WAF refuses; leave it out")
    if address.ip != network.network_address:
        raise ValueError(f"has bits set beyond its prefix; the range is {network}")
    return str(network)


def _searchable(text: str) -> str:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise ValueError("has half a character in it, which no request can have") from None
    if not 0 < size <= _LONGEST_TEXT:
        raise ValueError(f"must be 1 to {_LONGEST_TEXT} bytes, the most that AWS WAF searches for")
    return text


# What Python's engine has and WAF's has not. PCRE without these is what AWS documents, and the
# provider asks RE2 as well, which has none of them either.
_NOT_IN_WAF = (
    (r"\(\?<?[=!]", "look-around, (?= and the like"),
    (r"\\[1-9]|\(\?P=|\\g", "a reference back, such as \\1"),
    (r"\(\?\(", "a condition, (?(1)"),
    (r"\(\?>|[*+?}]\+", "atomic groups and possessive quantifiers"),
    (r"\(\?#", "a comment, (?#"),
    (r"\(\?[a-zA-Z]*[auxLU]", "a flag other than i, m and s"),
    (r"\\[CGKRXZ]", "an escape of PCRE's own, such as \\K"),
)


def _pattern(regex: str) -> str:
    if not 0 < len(regex) <= _LONGEST_REGEX:
        raise ValueError(f"must be 1 to {_LONGEST_REGEX} characters, the most that AWS WAF takes")
    # What is escaped, or in a class of characters, means itself.
    bare = re.sub(r"\[\^?\]?[^]]*\]", "x", re.sub(r"\\[^A-Za-z0-9]", "x", regex))
    for unknown, name in _NOT_IN_WAF:
        if re.search(unknown, bare):
            raise ValueError(f"has {name}, which WAF engines do not know")
    if re.search(r"\{(\d*,)?\d{4,}|\{1*[1-9]\d{3,}", bare):
        raise ValueError("repeats more than 999 times, which WAF engines refuse")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # `[[:alpha:]]` is for other engines
            re.compile(regex)
    except (re.error, OverflowError, RecursionError):
        raise ValueError("is no regular expression that can be compiled") from None
    return regex


def _something(items: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    # Not `min_length`, which counts only the items that are right, and so complains twice.
    if items == ():
        raise ValueError("is empty; name something, or leave it out")
    return items


_NOT_EMPTY = AfterValidator(_something)


def _not_on_azure(because: str) -> Limited:
    return Limited("azure", because=because)


Range = Annotated[str, Field(max_length=50), AfterValidator(_range)]
Text = Annotated[str, AfterValidator(_searchable)]
Regex = Annotated[str, AfterValidator(_pattern)]
HeaderName = Annotated[
    str,
    Form(
        "[A-Za-z0-9_-]{1,40}",
        "the name of a header, at most 40 letters, digits, hyphens and underscores",
    ),
    AfterValidator(lambda name: name.lower()),
]
"""AWS WAF takes 64 characters, pulumi-aws 40 and small letters; headers have no case."""
ArgumentName = Annotated[
    str,
    Form(
        "[A-Za-z0-9_-]{1,30}",
        "the name of a query argument, at most 30 letters, digits, hyphens and underscores",
    ),
    AfterValidator(lambda name: name.lower()),
]
CookieName = Annotated[
    str,
    Form(
        "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}",
        "the name of a cookie, at most 60 characters of RFC 6265's alphabet",
    ),
]
"""A token of RFC 6265, as long as AWS WAF takes it."""
ListName = Annotated[str, Field(max_length=40), NAME]
Label = Annotated[
    str,
    Field(max_length=1024),
    Form(
        "[0-9A-Za-z_:-]+", "a label of AWS WAF, such as awswaf:managed:aws:bot-control:bot:verified"
    ),
]
Ja3 = Annotated[
    str, Form("[0-9a-f]{32}", "a JA3 fingerprint: 32 hexadecimal digits in small letters")
]
Ja4 = Annotated[
    str,
    Form(
        "[a-z0-9]{10}_[0-9a-f]{12}_[0-9a-f]{12}",
        "a JA4 fingerprint, such as t13d1516h2_8daaf6152771_02713d6af862",
    ),
]


class TextMatchSpec(Spec):
    equals: Text | None = None
    """The whole text, up to 200 bytes. Capitals do not count, except in an allow rule."""

    starts_with: Text | None = None
    """What the text begins with, up to 200 bytes. Capitals as in `equals`."""

    ends_with: Text | None = None
    """What the text ends with, up to 200 bytes. Capitals as in `equals`."""

    contains: Text | None = None
    """What is somewhere in the text, up to 200 bytes. Capitals as in `equals`."""

    regex: Regex | None = None
    """A regular expression that is found somewhere in the text, up to 508 characters, without
    look-around and references back. Capitals as in `equals`."""

    longer_than_bytes: Annotated[int, Field(ge=0, le=65_536)] | None = None
    """The text is longer than this, as it was sent: 0 to 65536 bytes, the most of a body that
    AWS WAF sees."""

    shorter_than_bytes: Annotated[int, Field(ge=1, le=65_536)] | None = None
    """The text is shorter than this, as it was sent: 1 to 65536 bytes."""

    transforms: Annotated[
        tuple[Transform, ...] | None,
        Differs(
            "azure",
            how="Front Door undoes url-decode, lower-case, trim and remove-nulls, and the others "
            "are refused. Not set, no `../` in a path and no escape of JSON in a body is undone.",
        ),
    ] = Field(default=None, max_length=10)
    """What is undone, in this order, before the text is compared: at most 10, AWS WAF's limit.
    Not set undoes the usual ways to hide a text in this part of a request, and nothing in an
    allow rule, so that only what is exactly right is let through. Each is paid in capacity."""

    @model_validator(mode="after")
    def _compares_in_one_way(self) -> Self:
        _exactly_one(self, _COMPARISONS)
        size = self.longer_than_bytes is not None or self.shorter_than_bytes is not None
        if size and self.transforms:
            raise ValueError("a size is of the text as it was sent; remove transforms")
        return self


_COMPARISONS = tuple(name for name in TextMatchSpec.model_fields if name != "transforms")


class HeaderMatchSpec(TextMatchSpec):
    name: HeaderName
    """The header's name: up to 40 letters, digits, hyphens and underscores, what pulumi-aws
    takes. Capitals do not count."""


class QueryMatchSpec(TextMatchSpec):
    argument: Annotated[
        ArgumentName | None,
        _not_on_azure("Front Door sees the query string as a whole. Compare that."),
    ] = None
    """The argument's name: up to 30 letters, digits, hyphens and underscores, AWS WAF's limit.
    Not set is the whole query string."""


class BodyMatchSpec(TextMatchSpec):
    """The body, as far as the WAF sees it. One that is larger counts as hostile."""


class CookieMatchSpec(TextMatchSpec):
    name: CookieName
    """The cookie's name: up to 60 characters, AWS WAF's limit."""


class ConditionSpec(Spec):
    ip: Annotated[tuple[Range, ...] | None, _NOT_EMPTY] = Field(default=None, max_length=1000)
    """The address that the client connects from is in one of these ranges, at most 1000, IPv4 or
    IPv6. A list that changes at run time is an `ipList`."""

    ip_list: Annotated[
        ListName | None,
        _not_on_azure("Front Door has no sets of addresses to share. Write them as `ip`."),
    ] = None
    """The address that the client connects from is in this list: one of `lists`, or of the two
    that are always there, blocked and allowed."""

    country: Annotated[tuple[Country, ...] | None, _NOT_EMPTY] = Field(default=None, max_length=249)
    """The address is in one of these countries, by their codes in ISO 3166, such as DE."""

    header: HeaderMatchSpec | None = None
    """A header is like this. A request whose headers are too large to be seen (8 KB, or 200
    headers) counts as hostile."""

    query: QueryMatchSpec | None = None
    """The query string, or one argument of it, is like this."""

    body: BodyMatchSpec | None = None
    """The body is like this."""

    cookie: CookieMatchSpec | None = None
    """A cookie is like this. Cookies that are too large to be seen count as hostile."""

    method: Annotated[tuple[Method, ...] | None, _NOT_EMPTY] = Field(default=None, max_length=9)
    """The method is one of these, in capitals."""

    path: TextMatchSpec | None = None
    """The path, which begins with a slash and ends before the question mark, is like this."""

    ja3: Annotated[
        tuple[Ja3, ...] | None,
        _NOT_EMPTY,
        _not_on_azure("Front Door sees no JA3. Remove it."),
    ] = Field(default=None, max_length=20)
    """The JA3 fingerprint of the client's TLS is one of these, at most 20: 32 hex digits each.
    Only the edge sees it."""

    ja4: Annotated[tuple[Ja4, ...] | None, _NOT_EMPTY] = Field(default=None, max_length=20)
    """The JA4 fingerprint of the client's TLS is one of these, at most 20. Only the edge sees
    it."""

    label: Annotated[
        Label | None, _not_on_azure("Front Door's rules put no labels on requests. Remove it.")
    ] = None
    """A managed rule has put this label on the request, such as
    awswaf:managed:aws:core-rule-set:NoUserAgent_Header. Such a rule runs after the managed
    ones."""

    all: Annotated[tuple["ConditionSpec", ...] | None, _NOT_EMPTY] = Field(
        default=None, max_length=20
    )
    """Every one of these is so, at most 20."""

    any: Annotated[tuple["ConditionSpec", ...] | None, _NOT_EMPTY] = Field(
        default=None, max_length=20
    )
    """At least one of these is so, at most 20."""

    not_: "ConditionSpec | None" = Field(default=None, alias="not")
    """This is not so."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        _exactly_one(self, tuple(type(self).model_fields))
        if self.depth() > DEEPEST:
            raise ValueError(
                f"all, any and not stand inside each other more than {DEEPEST} deep, for which "
                "pulumi-aws has no room. Write it flatter, or as two rules"
            )
        return self

    def inner(self) -> tuple["ConditionSpec", ...]:
        """The conditions that this one combines."""
        return (*(self.all or ()), *(self.any or ()), *((self.not_,) if self.not_ else ()))

    def depth(self) -> int:
        inner = self.inner()
        return 1 + max(condition.depth() for condition in inner) if inner else 0

    def leaves(self) -> Iterator["ConditionSpec"]:
        """Every condition that looks at the request itself."""
        inner = self.inner()
        for condition in inner:
            yield from condition.leaves()
        if not inner:
            yield self

    @property
    def says(self) -> str:
        """The field that is set."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)


def _exactly_one(spec: Spec, fields: tuple[str, ...]) -> None:
    aliases = [type(spec).model_fields[name].alias or name for name in fields]
    set_ = [a for a, name in zip(aliases, fields, strict=True) if getattr(spec, name) is not None]
    if not set_:
        raise ValueError(f"must have one of {', '.join(aliases)}")
    if len(set_) > 1:
        raise ValueError(f"has {' and '.join(set_)}; each is a condition of its own, below `all`")
