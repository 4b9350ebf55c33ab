"""Who answers: an address, a function app, or the document's own examples."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from ..openapi import Document, Operation
from ..openapi.examples import Answer, answers, is_json
from ..openapi.nodes import node_of
from .answers import SAFE_HEADERS
from .azure_operations import condition, grouped
from .azure_xml import choose, element, expression, holding, plain, quoted

_USER_TOKEN = "X-Forwarded-Authorization"  # noqa: S105 the name of a header
"""Where a function finds the user's token: Authorization has API Management's own by then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionApp:
    """A function app that lets API Management in, and nobody else."""

    url: str
    """Where it is, https, with the prefix of its routes: an operation's path comes after it."""
    audience: str
    """Application id URI that it asks tokens for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backends:
    """What is known of those who answer."""

    functions: Mapping[str, FunctionApp] = field(default_factory=dict)
    """The function apps of the environment, by the names that the document has for them."""
    audience: str | None = None
    """Application id URI that function apps of others ask tokens for."""
    client_id: str = ""
    """Client id of the identity that function apps know API Management by."""
    named_values: Mapping[str, str] = field(default_factory=dict)
    """The named value of each header that http backends get."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go: the same for all operations that it is the same for."""

    kind: Literal["http", "function", "mock"]
    base: str = ""
    template: str = ""
    """The path there, where it is not the operation's own."""
    audience: str = ""


def answering(document: Document, backends: Backends) -> Iterator[Element]:
    """A branch for each target. An operation has one, so there is no other branch."""
    groups = grouped(document.operations, lambda o: target(o, backends))
    branches: list[tuple[str, list[Element]]] = []
    for found, operations in groups.items():
        if found.kind == "mock":
            branches += [
                (condition([operation]), [_mock(document, operation)]) for operation in operations
            ]
        else:
            branches.append((condition(operations), list(_sent(found, backends))))
    if branches:
        yield choose(*branches)


def target(operation: Operation, backends: Backends) -> Target:
    backend = operation.backend
    if backend.kind == "lambda":
        app = function_app(backend.function or "", backends)
        return Target("function", app.url, audience=app.audience)
    if backend.kind == "mock":
        return Target("mock")
    url = backend.url or ""
    if url.endswith(operation.path):
        return Target("http", url.removesuffix(operation.path) or url)
    parts = urlsplit(url)
    return Target("http", f"https://{parts.netloc}", template=parts.path or "/")


def function_app(name: str, backends: Backends) -> FunctionApp:
    """A function app of the environment, or one of another's by its name."""
    found = backends.functions.get(name)
    url = f"https://{name}.azurewebsites.net/api"
    return found or FunctionApp(url=url, audience=backends.audience or "")


def _sent(found: Target, backends: Backends) -> Iterator[Element]:
    yield element("set-backend-service", {"base-url": plain(found.base)})
    if found.template:
        yield element(
            "rewrite-uri", {"template": plain(found.template), "copy-unmatched-params": "true"}
        )
    if found.kind == "function":
        yield _header(
            _USER_TOKEN,
            expression('context.Request.Headers.GetValueOrDefault("Authorization", "")'),
        )
        yield element(
            "authentication-managed-identity",
            {"resource": plain(found.audience), "client-id": plain(backends.client_id)},
        )
        return
    for name, value in backends.named_values.items():
        yield _header(name, f"{{{{{value}}}}}")


def _header(name: str, value: str) -> Element:
    return element(
        "set-header", {"name": name, "exists-action": "override"}, holding("value", value)
    )


# Answers from the document's own examples.


def _mock(document: Document, operation: Operation) -> Element:
    """The first success, or what the header `Prefer: code=404` asks for, if it is among them."""
    first, *others = answers(document.body, node_of(document, operation))
    asked = 'context.Request.Headers.GetValueOrDefault("Prefer", "")'
    if not others:
        return _answer(first)
    branches = [(f"{asked} == {quoted(f'code={one.status}')}", [_answer(one)]) for one in others]
    return choose(*branches, otherwise=[_answer(first)])


def _answer(answer: Answer) -> Element:
    kind = {"Content-Type": answer.media_type} if answer.media_type else {}
    headers = {
        name.lower(): (name, value)
        for several in (SAFE_HEADERS, answer.headers, kind)
        for name, value in several.items()
    }
    parts = [
        element("set-status", {"code": answer.status, "reason": "Example"}),
        *(_header(name, literal(value)) for name, value in headers.values()),
    ]
    if answer.media_type:
        parts.append(holding("set-body", body(answer.media_type, answer.text)))
    return element("return-response", None, *parts)


_IN_JSON = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "{{": "{\\u007b"}
"""What XML and named values would take for theirs. In JSON they are in strings only, where there is
another way to write them."""


def body(media_type: str, text: str) -> str:
    """Text that gives back an example, whatever is in it."""
    if is_json(media_type):
        for mark, other in _IN_JSON.items():
            text = text.replace(mark, other)
        return text
    return literal(text)


def literal(text: str) -> str:
    """Any text as a policy holds it."""
    if text.startswith("@") or "{{" in text or not text.isprintable() or set(text) & {*"<>&"}:
        coded = b64encode(text.encode()).decode()
        return expression(f'Encoding.UTF8.GetString(Convert.FromBase64String("{coded}"))')
    return text


# What is asked of backends that Azure does not have.


def problems(document: Document, known: Backends) -> Iterator[tuple[str, str]]:
    """What API Management cannot call, with the pointer where."""
    for operation in document.operations:
        backend = operation.backend
        if backend.vpc_link:
            yield (
                operation.pointer,
                (
                    "has a vpcLink, which only API Gateway has; give the backend a public name, or "
                    "connect API Management with its network and leave vpcLink out."
                ),
            )
        if backend.kind == "lambda" and ":" in (backend.function or ""):
            yield (
                operation.pointer,
                "names a function by an ARN or with a version; name a function app instead.",
            )
        elif (
            backend.kind == "lambda"
            and backend.function not in known.functions
            and known.audience is None
        ):
            yield (
                operation.pointer,
                (
                    "is answered by a function app, which must let in API Management alone. Set "
                    "bulwark:foundation.functionApplication to the application that it asks "
                    "tokens for."
                ),
            )
        if "+}" in operation.path:
            yield (
                operation.pointer,
                (
                    "has a parameter for the rest of the path, which an import does not know; "
                    "write out the paths."
                ),
            )
