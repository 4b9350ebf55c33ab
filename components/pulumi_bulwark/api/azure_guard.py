"""The step in which API Management asks the input guard about a request, before a backend has it.

What is asked and answered is `bulwark_runtime.input_guard.azure_service`'s. The guard sees a
request as it would go on, and API Management puts back what was made safe. Whatever the guard does
not answer as it should is no verdict: the request is refused, unless its operation fails open.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from ..openapi import Document, Operation
from ..openapi.extensions import GUARD
from ..openapi.grammar import walk
from ..openapi.nodes import node_of, resolved
from .azure_errors import refusal
from .azure_operations import condition
from .azure_xml import bracketed, choose, element, expression, holding, one_of, plain, quoted

SECONDS: Final = 10
"""For which API Management waits for the guard: a check takes a millisecond, and the rest is for an
instance that has to start."""

LARGEST_BODY: Final = 1_048_576
"""Bytes of a body that the guard reads: it refuses a larger one."""

_ANSWER, _VERDICT = "guard", "verdict"
"""Variables: what the guard answered, and how it judged."""

_TOKEN = "token"  # noqa: S105 the name of a variable
"""The variable of a token that was checked."""

_STAY: Final = (
    "Cookie",
    "Forwarded",
    "Referer",
    "X-Forwarded-Host",
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Original-URL",
    "X-Rewrite-URL",
)
"""Headers that go on only where an operation takes them: a backend could read another request out
of them, or they are a browser's own business."""

_OURS: Final = (
    "api-key-id",
    "client",
    "deadline-ms",
    "guard-us",
    "operation",
    "received-ms",
    "request-id",
    "scopes",
    "source-ip",
    "subject",
    "verdict",
)
"""What backends behind the guard are told in headers, most of it on AWS alone: a client must not be
able to write it, also where the same backend answers an operation that is not guarded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """The guard that API Management asks."""

    url: str
    """Where questions go, https."""
    audience: str
    """Application id URI that it asks tokens for."""
    client_id: str
    """Client id of the identity that it knows API Management by."""


def guarded(document: Document, guard: Guard | None) -> Iterator[Element]:
    """What a request meets: most of it, one to a guarded operation."""
    asked = [operation for operation in document.operations if operation.guarded]
    if not asked or guard is None:
        return
    taken = _headers(document)
    cleaned = taken if _cleans(document) else []
    verdict = f'(string)context.Variables["{_VERDICT}"]'
    passed = [*_put_back(cleaned), _told("verdict", expression(verdict))]
    then = [
        *_left_behind(taken),
        _question(guard, replaces=["body", "headers"] if cleaned else ["body"]),
        element("set-variable", {"name": _VERDICT, "value": expression(_JUDGED)}),
        choose(
            (f"{verdict} == {quoted('denied')}", [refusal(400)]),
            (one_of(verdict, ["passed", "counted"]), passed),
            otherwise=[_failed(asked)],
        ),
        _told("request-id", expression("context.RequestId.ToString()")),
    ]
    for name in _OURS:
        yield _dropped(f"x-bulwark-{name}")
    yield choose((condition(asked), then))


def _failed(asked: Iterable[Operation]) -> Element:
    """What happens where the guard did not answer."""
    if opened := [operation for operation in asked if operation.fail_open]:
        unchecked = [_told("verdict", "unchecked")]
        return choose((condition(opened), unchecked), otherwise=[refusal(503)])
    return refusal(503)


# What is asked.

_URL = "new Uri(context.Request.OriginalUrl.ToString())"
_OTHER_THAN_TOKEN = (
    'h => !h.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || '
    f"!context.Variables.ContainsKey({quoted(_TOKEN)})"
)
"""A token that was checked is none of the guard's business; anything else in that header is."""

_PARTS: Final[Mapping[str, str]] = {
    "method": "context.Request.Method",
    "path": f"{_URL}.AbsolutePath",
    # A target may hold a mark of a fragment, which .NET leaves out of both, and a backend may not.
    "query": f'{_URL}.Query.TrimStart("?".ToCharArray()) + {_URL}.Fragment',
    "headers": (
        f"new JObject(context.Request.Headers.Where({_OTHER_THAN_TOKEN})"
        ".Select(h => new JProperty(h.Key, new JArray(h.Value))))"
    ),
    # Of bytes, so that a form with a file in it comes as it was sent.
    "bodyBase64": (
        'context.Request.Body == null ? "" : '
        "Convert.ToBase64String(context.Request.Body.As<byte[]>(preserveContent: true))"
    ),
}
"""C# for each part of the request."""


def _question(guard: Guard, *, replaces: Iterable[str]) -> Element:
    said = {
        "operationId": "context.Operation.Id",
        "reference": "context.RequestId.ToString()",
        "replaces": f"new JArray({', '.join(map(quoted, replaces))})",
        "request": _object(_PARTS),
    }
    return element(
        "send-request",
        {
            "mode": "new",
            "response-variable-name": _ANSWER,
            "timeout": str(SECONDS),
            # A guard that is down has no answer, and what then holds is said below.
            "ignore-error": "true",
        },
        holding("set-url", plain(guard.url)),
        holding("set-method", "POST"),
        _header("Content-Type", "application/json"),
        holding("set-body", bracketed(f"{_object(said)}.ToString()")),
        element(
            "authentication-managed-identity",
            {
                "resource": plain(guard.audience),
                "client-id": plain(guard.client_id),
                "ignore-error": "true",
            },
        ),
    )


def _object(members: Mapping[str, str]) -> str:
    properties = (f"new JProperty({quoted(name)}, {code})" for name, code in members.items())
    return f"new JObject({', '.join(properties)})"


# What is done with the answer.

_RESPONSE = f'((IResponse)context.Variables["{_ANSWER}"])'
_JUDGED = (
    f'!context.Variables.ContainsKey("{_ANSWER}") ? "failed" : '
    f'context.Variables["{_ANSWER}"] == null ? "failed" : '
    f'{_RESPONSE}.StatusCode != 200 ? "failed" : '
    f'{_RESPONSE}.Headers.GetValueOrDefault("X-Bulwark-Verdict", "failed")'
)
_CHANGED = f'{_RESPONSE}.Headers.GetValueOrDefault("X-Bulwark-Changed", "")'
_REQUEST = f'{_RESPONSE}.Body.As<JObject>(preserveContent: true)["request"]'


def _put_back(headers: Iterable[str]) -> Iterator[Element]:
    """What was made safe, in its place."""
    body = f'Convert.FromBase64String((string){_REQUEST}["bodyBase64"])'
    yield choose((f'{_CHANGED}.Contains("body")', [holding("set-body", bracketed(body))]))
    for name in headers:
        clean = quoted(f"X-Bulwark-Header-{name}")
        value = f'Uri.UnescapeDataString({_RESPONSE}.Headers.GetValueOrDefault({clean}, ""))'
        yield choose(
            (f"{_RESPONSE}.Headers.ContainsKey({clean})", [_header(name, expression(value))])
        )


def _left_behind(headers: Iterable[str]) -> Iterator[Element]:
    """Headers that do not go on."""
    taken = {name.lower() for name in headers}
    for name in _STAY:
        if name.lower() not in taken:
            yield _dropped(name)


def _dropped(name: str) -> Element:
    return element("set-header", {"name": name, "exists-action": "delete"})


def _told(name: str, value: str) -> Element:
    """What a backend is told."""
    return _header(f"x-bulwark-{name}", value)


def _header(name: str, value: str) -> Element:
    return element(
        "set-header", {"name": name, "exists-action": "override"}, holding("value", value)
    )


def _headers(document: Document) -> list[str]:
    """The headers that guarded operations take, each once."""
    found: dict[str, str] = {}
    for operation in document.operations:
        if not operation.guarded:
            continue
        at_path = resolved(document.body, document.body["paths"][operation.path])
        for holder in (at_path, node_of(document, operation)):
            for parameter in holder.get("parameters", ()):
                node = resolved(document.body, parameter)
                if node.get("in") == "header":
                    found.setdefault(node["name"].lower(), node["name"])
    return sorted(found.values())


def _cleans(document: Document) -> bool:
    """Whether the document lets anything be made safe; a form's body is always written anew."""
    said = [node.value.get(GUARD) for node in walk(document.body)]
    return any(_is_cleaning(one) for one in said)


def _is_cleaning(said: object) -> bool:
    if isinstance(said, Mapping):
        return said.get("mode") == "sanitise" or bool(said.get("richText"))
    return said == "sanitise"
