"""API Management's gateway, as far as our own policies need one: it runs them for a request.

What decides who may call is taken as passed: a token is one of `caller`. Every expression is run.
"""

import uuid
from dataclasses import dataclass, field
from xml.etree.ElementTree import fromstring

import csharp
import pytest

_TAKEN = {
    "authentication-managed-identity",
    "base",
    "check-header",
    "cors",
    "ip-filter",
    "quota-by-key",
    "rate-limit-by-key",
    "rewrite-uri",
    "validate-client-certificate",
    "validate-content",
    "validate-parameters",
}
"""What is not run: it refuses, counts or leads elsewhere, and changes nothing of a request."""


class GuardDownError(Exception):
    """What is asked does not answer."""


@dataclass
class Pair:
    Key: str
    Value: list


class Headers:
    def __init__(self, pairs=()):
        self._found = {}
        for name, value in pairs:
            self._found.setdefault(name.lower(), (name, []))[1].append(value)

    def ContainsKey(self, name):  # noqa: N802 .NET's name
        return name.lower() in self._found

    def GetValueOrDefault(self, name, other):  # noqa: N802
        _, values = self._found.get(name.lower(), (name, None))
        return other if values is None else ",".join(values)

    def Where(self, function):  # noqa: N802
        return [pair for pair in (Pair(*one) for one in self._found.values()) if function(pair)]

    def put(self, name, value):
        self._found[name.lower()] = (name, [value])

    def drop(self, name):
        self._found.pop(name.lower(), None)

    @property
    def pairs(self):
        return [(name, value) for name, values in self._found.values() for value in values]


class Variables:
    def __init__(self):
        self.found = {}

    def ContainsKey(self, name):  # noqa: N802
        return name in self.found

    def at(self, name):
        if name not in self.found:
            raise csharp.CSharpError(f"KeyNotFoundException: {name}")
        return self.found[name]


class Body:
    def __init__(self, content):
        self.content = content

    def As(self, kind, preserveContent):  # noqa: N802, N803
        # Without it, the body would be gone for whoever comes next.
        assert preserveContent is True
        match kind:
            case "byte[]":
                return self.content
            case "JObject":
                return csharp.Json(csharp.json.loads(self.content))
        raise csharp.CSharpError(kind)


@dataclass
class Url:
    text: str

    def ToString(self):  # noqa: N802
        return self.text


@dataclass
class Message:
    Headers: Headers
    Body: Body | None
    Method: str = ""
    OriginalUrl: Url | None = None
    IpAddress: str = "198.51.100.7"
    StatusCode: int = 0


@dataclass
class Named:
    Id: str


@dataclass
class Context:
    Request: Message
    Operation: Named
    RequestId: uuid.UUID
    Variables: Variables = field(default_factory=Variables)
    Subscription: None = None


@dataclass
class Answered:
    """What a client gets from the policy itself."""

    status: int
    headers: dict
    body: str


@dataclass
class Forwarded:
    """What a backend gets."""

    headers: dict
    body: bytes
    variables: dict


csharp._METHODS[(uuid.UUID, "ToString")] = str


class Gateway:
    def __init__(self, text, send):
        self._root, self._send = fromstring(text), send  # noqa: S314 our own text

    def call(self, operation, method, url, headers=(), body=b""):
        context = Context(
            Request=Message(
                Headers=Headers(headers),
                Body=Body(body) if body else None,
                Method=method,
                OriginalUrl=Url(url),
            ),
            Operation=Named(operation),
            RequestId=uuid.uuid4(),
        )
        answered = self._met(self._root.find("inbound"), context)
        if answered:
            return answered
        request = context.Request
        return Forwarded(
            headers=dict(request.Headers.pairs),
            body=request.Body.content if request.Body else b"",
            variables=context.Variables.found,
        )

    def _met(self, section, context):
        for node in section:
            if node.tag in _TAKEN:
                continue
            if answered := getattr(self, f"_{node.tag.replace('-', '_')}")(node, context):
                return answered
        return None

    def _choose(self, node, context):
        for branch in node:
            if branch.tag == "otherwise" or self._of(branch.get("condition"), context):
                return self._met(branch, context)
        return None

    def _of(self, text, context):
        """What a text of the policy stands for."""
        if text and text.startswith("@("):
            return csharp.run(text[1:], context=context)
        return text or ""

    def _validate_jwt(self, node, context):
        if name := node.get("output-token-variable-name"):
            context.Variables.found[name] = Token()

    def _set_variable(self, node, context):
        context.Variables.found[node.get("name")] = self._of(node.get("value"), context)

    def _set_backend_service(self, node, context):
        context.Variables.found["backend"] = self._of(node.get("base-url"), context)

    def _set_header(self, node, context):
        _set(context.Request.Headers, node, lambda text: self._of(text, context))

    def _set_body(self, node, context):
        content = self._of(node.text, context)
        context.Request.Body = Body(content if isinstance(content, bytes) else content.encode())

    def _send_request(self, node, context):
        assert node.get("mode") == "new"
        parts = {child.tag: child for child in node}
        headers = Headers()
        for child in node.findall("set-header"):
            _set(headers, child, lambda text: self._of(text, context))
        body = self._of(parts["set-body"].text, context).encode()
        try:
            status, given, content = self._send(
                self._of(parts["set-url"].text, context),
                parts["set-method"].text,
                dict(headers.pairs),
                body,
            )
        except GuardDownError:
            assert node.get("ignore-error") == "true"
            answer = None
        else:
            answer = Message(Headers=Headers(given), Body=Body(content), StatusCode=status)
        context.Variables.found[node.get("response-variable-name")] = answer

    def _return_response(self, node, context):
        headers = Headers()
        for child in node.findall("set-header"):
            _set(headers, child, lambda text: self._of(text, context))
        body = node.find("set-body")
        return Answered(
            status=int(self._of(node.find("set-status").get("code"), context)),
            headers=dict(headers.pairs),
            body="" if body is None else self._of(body.text, context),
        )


class Token:
    """A token that was checked."""

    Subject = "ada"


def _set(headers, node, of):
    name, action = node.get("name"), node.get("exists-action")
    match action:
        case "delete":
            headers.drop(name)
        case "override":
            headers.put(name, of(node.find("value").text))
        case _:
            raise AssertionError(action)


@pytest.fixture
def gateway():
    return Gateway
