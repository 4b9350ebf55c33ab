"""What API Gateway would refuse of a document, found before anything is made.

Numbers marked (D) are from AWS's "Quotas for configuring and running a REST API" and its "important
notes", (B) from botocore's service model; [m] is from memory and was not verified.
"""

import json
import re
from collections.abc import Iterator

from ..errors import ConfigError
from ..openapi import Document, Operation
from ..openapi.examples import answers, has_example
from ..openapi.nodes import each, node_of
from ..openapi.report import written
from ..place import AwsPlace
from .aws_body import Body, build
from .spec import ApiSpec

_AT = "bulwark:api"

_LARGEST_BODY = 6_000_000
"""Bytes of a definition that is imported: 6 MB (B)."""

_LARGEST_TEMPLATE = 300_000
"""Bytes of a mapping template: 300 KB (D)."""

_LARGEST_MODEL = 400_000
"""Bytes of a model: 400 KB [m]."""

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch"})

_PART = re.compile(r"[A-Za-z0-9._:,-]+|\{.+\}")
"""A part of a path: API Gateway's alphabet, or a parameter (D)."""

_HEALTH_CHECKS = (("ping",), ("sping",))
"""First parts of a path that API Gateway answers itself at a custom domain name (D)."""

_NO_POOL = "arn:aws-us-gov:cognito-idp:us-gov-west-1:000000000000:userpool/us-gov-west-1_000000000"
"""As long as an ARN of a user pool can be: the real one may not be known yet."""


def check(spec: ApiSpec, document: Document, place: AwsPlace) -> None:
    """Raise a ConfigError that lists all that API Gateway would refuse, with JSON pointers."""
    if found := list(problems(spec, document, place)):
        raise ConfigError(found)


def problems(spec: ApiSpec, document: Document, place: AwsPlace) -> Iterator[str]:
    """All that API Gateway would refuse, a line each."""
    file = spec.openapi or str(document.source)
    for where, text in _problems(spec, document, place):
        yield f"{file}#{where}: {text}"
    yield from _partners(spec, document)
    yield from _beyond_quotas(spec)


def _beyond_quotas(spec: ApiSpec) -> Iterator[str]:
    quotas = spec.quotas
    for name, asked, limit in (
        ("throttle.perSecond", spec.throttle.per_second, quotas.requests_per_second),
        ("throttle.burst", spec.throttle.burst, quotas.burst),
        ("backendTimeoutMs", spec.backend_timeout_ms, quotas.integration_timeout_ms),
        ("partners", len(spec.partners), quotas.usage_plans),
    ):
        if asked > limit:
            yield (
                f"{_AT}.{name}: asks for {asked:g}, and the quota is {limit:,}. Ask for less, or "
                f"say in {_AT}.quotas what AWS has granted."
            )


_Problem = tuple[str, str]


def _problems(spec: ApiSpec, document: Document, place: AwsPlace) -> Iterator[_Problem]:
    before = list(_operations(spec, document))
    yield from before
    yield from _paths(spec, document)
    if not before:  # what is wrong in an operation may keep its body from being made
        yield from _sizes(build(spec, document, place, _NO_POOL), document)


def _operations(spec: ApiSpec, document: Document) -> Iterator[_Problem]:
    for operation in document.operations:
        for found in (_method(operation), _limit(spec, operation), _example(document, operation)):
            if found:
                yield operation.pointer, found
    if not document.operations:
        yield "/paths", "has no operation, and API Gateway deploys no API without one; add some."


def _method(operation: Operation) -> str | None:
    if operation.method in _METHODS:
        return None
    return f"API Gateway has no method {operation.method.upper()}; remove the operation."


def _limit(spec: ApiSpec, operation: Operation) -> str | None:
    limit, quotas = operation.rate_limit, spec.quotas
    if limit is None:
        return None
    if operation.path == "/":
        return (
            "has a limit of its own, and a stage has no name for the methods of the root. Move it "
            "to a path, or let the limit of the stage hold."
        )
    if limit.per_second > quotas.requests_per_second or limit.burst > quotas.burst:
        return (
            f"x-bulwark-rate-limit is {limit.per_second:g} a second and {limit.burst:,} at once, "
            f"and the account has {quotas.requests_per_second:,} and {quotas.burst:,}. Ask for "
            f"less, or say in {_AT}.quotas what AWS has granted."
        )
    return None


def _example(document: Document, operation: Operation) -> str | None:
    if operation.backend.kind != "mock":
        return None
    root, node = document.body, node_of(document, operation)
    default = answers(root, node)[0].status
    for status, response in each(root, node.get("responses")):
        if status in (default, "2XX", "default") and not has_example(root, response):
            return (
                f"has a mock backend, and its response {status} has no example to answer with. Add "
                "one to the response or to its schema."
            )
    return None


def _paths(spec: ApiSpec, document: Document) -> Iterator[_Problem]:
    nodes: set[tuple[str, ...]] = {()}
    for path in dict.fromkeys(operation.path for operation in document.operations):
        parts = tuple(filter(None, path.split("/")))
        nodes |= {parts[:depth] for depth in range(1, len(parts) + 1)}
        where = written(("paths", path))
        if not all(map(_PART.fullmatch, parts)):
            yield (
                where,
                (
                    "a part of a path is one parameter, or letters, digits and . _ - : , in API "
                    "Gateway; leave the others out."
                ),
            )
        if spec.domain and parts[:1] in _HEALTH_CHECKS:
            yield where, "API Gateway answers /ping and /sping itself at a domain; rename it."
    if len(nodes) > spec.quotas.resources:
        yield (
            "/paths",
            (
                f"has {len(nodes):,} nodes, and the quota is {spec.quotas.resources:,} an API. "
                f"Have it raised and say so in {_AT}.quotas.resources, or split the document."
            ),
        )


def _sizes(body: Body, document: Document) -> Iterator[_Problem]:
    content = body.content
    for name, schema in content.get("components", {}).get("schemas", {}).items():
        if (size := _bytes(schema)) > _LARGEST_MODEL:
            yield (
                written(("components", "schemas", name)),
                f"is {size:,} bytes long, and a model {_LARGEST_MODEL:,} at most; split it.",
            )
    for operation in document.operations:
        made = content["paths"][operation.path][operation.method]
        integration = made["x-amazon-apigateway-integration"]
        templates = [
            template
            for answer in integration.get("responses", {}).values()
            for template in answer["responseTemplates"].values()
        ]
        if (size := max(map(_length, templates), default=0)) > _LARGEST_TEMPLATE:
            yield (
                operation.pointer,
                (
                    f"has an example of {size:,} bytes, and a mock answers with "
                    f"{_LARGEST_TEMPLATE:,} at most; shorten it."
                ),
            )
    if (size := _bytes(content)) > _LARGEST_BODY:
        yield (
            "",
            (
                f"is {size:,} bytes long as API Gateway gets it, and it takes {_LARGEST_BODY:,}; "
                "split it, or shorten its examples and descriptions."
            ),
        )


def _partners(spec: ApiSpec, document: Document) -> Iterator[str]:
    if spec.partners and not any(operation.api_key for operation in document.operations):
        yield (
            f"{_AT}.partners: no operation of {document.source} asks for an API key, so no quota "
            "would hold for anybody. Add a scheme of type apiKey, in header x-api-key, to the "
            "security of those that should."
        )


def _bytes(value: object) -> int:
    return _length(json.dumps(value, separators=(",", ":")))


def _length(text: str) -> int:
    return len(text.encode())
