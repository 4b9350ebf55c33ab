"""The whole API as one OpenAPI 3.0 document that API Gateway imports.

What stands beside a body is removed by the next import, so everything is in it. It is written anew
from the checked document, and not by taking things out of it: nothing that API Gateway would warn
of, or that was meant for Bulwark alone, gets in by not being thought of. What it cannot act on is
left out: schemas of answers, examples, servers, tags, links.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..openapi import Backend, Document, Operation
from ..openapi.examples import JSON, Answer, answers, is_json
from ..openapi.nodes import Node, resolved
from ..place import AwsPlace
from .aws_answers import (
    SAFE_HEADERS,
    cors_headers,
    cors_template,
    declared,
    gateway_responses,
    preflight,
    quoted,
)
from .aws_mock import NEVER, literal, request_template
from .aws_models import Models
from .spec import ApiSpec

AUTHORISER = "customer_identity"
API_KEY = "api_key"
ACCESS_MODES = {"strict": "STRICT", "basic": "BASIC"}

_VALIDATOR = "all"
_ANY_TYPE = "$default"
"""API Gateway's word for every content type that has no model of its own."""

_TYPES = frozenset({"string", "integer", "number", "boolean"})
_NOT_PARAMETERS = frozenset({"accept", "authorization", "content-type"})
"""Headers that OpenAPI says are none: they are described elsewhere."""

_ALWAYS_SENT = ("Authorization", "Content-Type")
_OF_MOCKS = ("Prefer",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """The document for API Gateway, and what was not put into it."""

    content: Mapping[str, Any]
    """The document. The user pool's ARN in it is as it was given: it may be an Output."""
    unchecked: Mapping[str, Sequence[str]]
    """What API Gateway does not check of a request, with the pointers where."""


def build(
    spec: ApiSpec,
    document: Document,
    place: AwsPlace,
    user_pool_arn: Any,
    guard: str | None = None,
) -> Body:
    """The body for a document that was checked.

    `guard` names the function that is called in place of the backends of guarded operations.
    """
    models = Models(document.body)
    paths: dict[str, Any] = {}
    for operation in document.operations:
        at_path = paths.setdefault(operation.path, {})
        called = replace(operation, backend=answered_by(operation, guard))
        at_path[operation.method] = _operation(spec, document, called, place, models)
    if spec.cors.origins:
        for path, at_path in paths.items():
            _add_preflight(spec, document, path, at_path)
    info = document.body.get("info", {})
    content: dict[str, Any] = {
        "openapi": "3.0.1",
        "info": {key: info[key] for key in ("title", "description", "version") if key in info},
        "paths": paths,
        "components": _components(document, models, user_pool_arn),
        "x-amazon-apigateway-request-validators": {
            _VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "x-amazon-apigateway-request-validator": _VALIDATOR,
        "x-amazon-apigateway-gateway-responses": gateway_responses(spec.cors),
        "x-amazon-apigateway-policy": policy(spec),
        "x-amazon-apigateway-api-key-source": "HEADER",
        "x-amazon-apigateway-security-policy": spec.tls_policy,
        "x-amazon-apigateway-endpoint-access-mode": ACCESS_MODES[spec.access_mode],
        "x-amazon-apigateway-endpoint-configuration": {
            "disableExecuteApiEndpoint": spec.domain is not None
        },
    }
    if spec.binary_types:
        content["x-amazon-apigateway-binary-media-types"] = sorted(spec.binary_types)
    if spec.minimum_compression_bytes is not None:
        key = "x-amazon-apigateway-minimum-compression-size"
        content[key] = spec.minimum_compression_bytes
    return Body(content=content, unchecked=dict(models.unchecked))


def policy(spec: ApiSpec) -> dict[str, Any]:
    """Who reaches the API at all. Without an allow here, a good token alone would not do."""
    everyone = {"Principal": "*", "Action": "execute-api:Invoke"}
    resource = f"execute-api:/{spec.stage}/*"
    statements: list[dict[str, Any]] = [
        {"Sid": "WhoeverIsAuthorised", "Effect": "Allow", **everyone, "Resource": resource},
        {
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            **everyone,
            "Resource": "execute-api:/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    if spec.allowed_ranges:
        statements.append(
            {
                "Sid": "OnlyFromTheseAddresses",
                "Effect": "Deny",
                **everyone,
                "Resource": "execute-api:/*",
                "Condition": {"NotIpAddress": {"aws:SourceIp": list(spec.allowed_ranges)}},
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def _components(document: Document, models: Models, user_pool_arn: Any) -> dict[str, Any]:
    schemes: dict[str, Any] = {}
    if any(operation.scopes for operation in document.operations):
        schemes[AUTHORISER] = {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": {
                "type": "cognito_user_pools",
                "providerARNs": [user_pool_arn],
            },
        }
    if any(operation.api_key for operation in document.operations):
        schemes[API_KEY] = {"type": "apiKey", "name": "x-api-key", "in": "header"}
    parts = {"schemas": models.schemas, "securitySchemes": schemes}
    return {name: part for name, part in parts.items() if part}


# An operation.


def answered_by(operation: Operation, guard: str | None) -> Backend:
    """What the API hands an operation's requests to: its backend, or the guard before that."""
    return Backend("lambda", function=guard) if guard and operation.guarded else operation.backend


def _operation(
    spec: ApiSpec, document: Document, operation: Operation, place: AwsPlace, models: Models
) -> dict[str, Any]:
    root, node = document.body, node_of(document, operation)
    made: dict[str, Any] = {"operationId": operation.operation_id}
    made |= {key: node[key] for key in ("summary", "description") if key in node}
    made["security"] = _security(operation)
    if parameters := list(_parameters(document, operation)):
        made["parameters"] = parameters
    if body := _request_body(spec, document, operation, models):
        made["requestBody"] = body
    if operation.backend.kind == "mock":
        found = answers(root, node)
        made["responses"] = {one.status: _described(root, node, one, spec) for one in found}
        made["x-amazon-apigateway-integration"] = _mock(spec, found, _media_types(root, node))
    else:
        made["responses"] = _descriptions(root, node)
        made["x-amazon-apigateway-integration"] = _proxy(spec, operation, place)
    return made


def node_of(document: Document, operation: Operation) -> Node:
    """The operation as the document has it."""
    at_path = resolved(document.body, document.body["paths"][operation.path])
    return at_path[operation.method]


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    """On each operation: API Gateway does not read the document's own default."""
    needed: dict[str, list[str]] = {}
    if operation.scopes:
        needed[AUTHORISER] = [scope.token for scope in operation.scopes]
    if operation.api_key:
        needed[API_KEY] = []
    return [needed] if needed else []


def in_path(path: str) -> list[str]:
    """The names of the parameters in a path."""
    return [part.strip("{+}") for part in path.split("/") if part.startswith("{")]


def _parameters(document: Document, operation: Operation) -> Iterator[dict[str, Any]]:
    """What API Gateway looks at: whether a parameter that is required is there."""
    root = document.body
    at_path = resolved(root, root["paths"][operation.path])
    listed = [*at_path.get("parameters", ()), *node_of(document, operation).get("parameters", ())]
    nodes = {(node["in"], node["name"]): node for node in (resolved(root, one) for one in listed)}
    for name in in_path(operation.path):
        node = nodes.get(("path", name), {})
        yield _of_path(name, _type_of(root, node))
    for (place, name), node in nodes.items():
        if place == "query" or (place == "header" and name.lower() not in _NOT_PARAMETERS):
            required = node.get("required", False)
            yield {"name": name, "in": place, "required": required, "schema": _type_of(root, node)}


def _of_path(name: str, schema: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _type_of(root: Node, node: Node) -> dict[str, str]:
    found = (resolved(root, node.get("schema")) or {}).get("type")
    return {"type": found if found in _TYPES else "string"}


def _content(root: Node, node: Node) -> Mapping[str, Any]:
    return (resolved(root, node.get("requestBody")) or {}).get("content") or {}


def _media_types(root: Node, node: Node) -> list[str]:
    return list(_content(root, node)) or [JSON]


def _request_body(
    spec: ApiSpec, document: Document, operation: Operation, models: Models
) -> dict[str, Any] | None:
    root, node = document.body, node_of(document, operation)
    content = _content(root, node)
    checked = {
        kind: models.of_body(
            media["schema"],
            f"{operation.pointer}/requestBody/content/{kind.replace('/', '~1')}/schema",
            operation.operation_id,
            kind,
        )
        for kind, media in content.items()
        if is_json(kind) and media.get("schema")
    }
    if not checked:
        return None
    if spec.checks_every_body and len(checked) == len(content):
        checked[_ANY_TYPE] = next(iter(checked.values()))
    return {
        "required": resolved(root, node["requestBody"]).get("required", False),
        "content": {kind: {"schema": reference} for kind, reference in checked.items()},
    }


def _descriptions(root: Node, node: Node) -> dict[str, Any]:
    """The statuses of an operation, for those who read the imported document."""
    described = {
        str(status): {"description": resolved(root, response).get("description", "")}
        for status, response in (node.get("responses") or {}).items()
        if str(status).isdigit()
    }
    return described or {"200": {"description": "OK"}}


# Backends.


def _proxy(spec: ApiSpec, operation: Operation, place: AwsPlace) -> dict[str, Any]:
    backend = operation.backend
    common = {"passthroughBehavior": NEVER, "timeoutInMillis": spec.backend_timeout_ms}
    if backend.kind == "lambda":
        arn = place.function_arn(backend.function or "")
        functions = f"arn:{place.partition}:apigateway:{place.region}:lambda:path/2015-03-31"
        uri = f"{functions}/functions/{arn}/invocations"
        return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, **common}
    url = backend.url or ""
    made: dict[str, Any] = {
        "type": "http_proxy",
        "httpMethod": operation.method.upper(),
        "uri": url,
        "tlsConfig": {"insecureSkipVerification": False},
        **common,
    }
    # Headers, query and body pass as they are; only a path has to be put together again.
    if names := [name for name in in_path(operation.path) if f"{{{name}" in url]:
        made["requestParameters"] = {
            f"integration.request.path.{name}": f"method.request.path.{name}" for name in names
        }
    if backend.vpc_link:
        made |= {"connectionType": "VPC_LINK", "connectionId": backend.vpc_link}
    return made


def _mock(spec: ApiSpec, found: Sequence[Answer], media_types: Sequence[str]) -> dict[str, Any]:
    template = request_template(found)
    return {
        "type": "mock",
        "passthroughBehavior": NEVER,
        "requestTemplates": dict.fromkeys(media_types, template),
        "responses": {
            "default" if number == 0 else one.status: _mapped(spec, one)
            for number, one in enumerate(found)
        },
    }


def _mapped(spec: ApiSpec, answer: Answer) -> dict[str, Any]:
    body = literal(answer.media_type, answer.text) if answer.media_type else ""
    return {
        "statusCode": answer.status,
        "responseParameters": quoted(_headers(spec, answer), "method.response"),
        "responseTemplates": {answer.media_type or JSON: cors_template(spec.cors) + body},
    }


def _headers(spec: ApiSpec, answer: Answer) -> dict[str, str]:
    kind = {"Content-Type": answer.media_type} if answer.media_type else {}
    merged = {
        name.lower(): (name, value)
        for headers in (SAFE_HEADERS, answer.headers, kind, cors_headers(spec.cors))
        for name, value in headers.items()
    }
    return dict(merged.values())


def _described(root: Node, node: Node, answer: Answer, spec: ApiSpec) -> dict[str, Any]:
    described = _descriptions(root, node).get(answer.status, {"description": ""})
    return {**described, "headers": declared(_headers(spec, answer))}


# Scripts of other sites.


def headers_of_scripts(spec: ApiSpec, document: Document) -> list[str]:
    """The headers that a script of another site may send, each once."""
    mocked = any(operation.backend.kind == "mock" for operation in document.operations)
    sent = (*_ALWAYS_SENT, *document.request_headers, *spec.cors.headers)
    names = {name.lower(): name for name in (*sent, *(_OF_MOCKS if mocked else ()))}
    return sorted(names.values())


def _add_preflight(spec: ApiSpec, document: Document, path: str, at_path: dict[str, Any]) -> None:
    if "options" in at_path:
        return
    methods = sorted(method.upper() for method in at_path)
    made = preflight(spec.cors, methods, headers_of_scripts(spec, document))
    if names := in_path(path):
        made["parameters"] = [_of_path(name, {"type": "string"}) for name in names]
    at_path["options"] = made
