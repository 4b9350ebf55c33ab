"""What API Management answers by itself: errors that say what a client can mend, and no more."""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element

from .answers import PROBLEM, SAFE_HEADERS
from .azure_xml import choose, element, expression, holding, quoted

TITLES: Final[Mapping[int, str]] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_OTHER = "Internal Server Error"

_STATUS = "status"
_TITLE = "title"


def refusal(status: int) -> Element:
    """An answer that ends a request."""
    title = TITLES[status]
    return _problem(str(status), title, str(status), quoted(title), _more(status))


def on_error() -> Iterator[Element]:
    """An answer for every error: its status, and nothing of what is inside."""
    # A backend that cannot be reached is no error of the client's, and none of ours.
    status = (
        'context.LastError.Reason == "Timeout" ? 504 : '
        'context.LastError.Source == "forward-request" ? 502 : '
        "context.Response.StatusCode"
    )
    found = f'(int)context.Variables["{_STATUS}"]'
    titles = " : ".join(f"{found} == {code} ? {quoted(text)}" for code, text in TITLES.items())
    yield _variable(_STATUS, status)
    yield _variable(_TITLE, f"{titles} : {quoted(_OTHER)}")

    title = f'(string)context.Variables["{_TITLE}"]'

    def answer(headers: list[Element]) -> Element:
        return _problem(expression(found), expression(title), found, title, headers)

    branches = [(f"{found} == {code}", [answer(_more(code))]) for code in (401, 429)]
    yield choose(*branches, otherwise=[answer([])])


def _more(status: int) -> list[Element]:
    """What an answer of this status must say beside."""
    match status:
        case 401:
            return [_header("WWW-Authenticate", "Bearer")]
        case 429:
            # When a client may ask again, as the limit said.
            again = 'context.Response.Headers.GetValueOrDefault("Retry-After", "1")'
            return [_header("Retry-After", expression(again))]
    return []


def _variable(name: str, code: str) -> Element:
    return element("set-variable", {"name": name, "value": expression(code)})


def _header(name: str, value: str) -> Element:
    how = {"name": name, "exists-action": "override"}
    return element("set-header", how, holding("value", value))


def _problem(code: str, reason: str, status: str, title: str, headers: list[Element]) -> Element:
    """RFC 9457. The id is one that a client cannot choose, so that nobody writes with it.

    `code` and `reason` are of the answer, as attributes; `status` and `title` are C#.
    """
    said = {
        "type": quoted("about:blank"),
        "title": title,
        "status": status,
        "requestId": "context.RequestId.ToString()",
    }
    members = ", ".join(f"new JProperty({quoted(k)}, {v})" for k, v in said.items())
    return element(
        "return-response",
        None,
        element("set-status", {"code": code, "reason": reason}),
        *(_header(name, value) for name, value in SAFE_HEADERS.items()),
        _header("Content-Type", PROBLEM),
        *headers,
        holding("set-body", expression(f"new JObject({members}).ToString()")),
    )
