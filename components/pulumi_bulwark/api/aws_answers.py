"""What API Gateway answers by itself: its errors, and the question that a browser asks first."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..openapi.examples import JSON
from .answers import PROBLEM, SAFE_HEADERS
from .aws_mock import NEVER
from .spec import CorsSpec

_ERRORS: Mapping[str, tuple[int, str]] = {
    "ACCESS_DENIED": (403, "Forbidden"),
    "API_CONFIGURATION_ERROR": (500, "Internal Server Error"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "Internal Server Error"),
    "AUTHORIZER_FAILURE": (500, "Internal Server Error"),
    "BAD_REQUEST_BODY": (400, "Bad Request"),
    "BAD_REQUEST_PARAMETERS": (400, "Bad Request"),
    "EXPIRED_TOKEN": (401, "Unauthorized"),
    "INTEGRATION_FAILURE": (502, "Bad Gateway"),
    "INTEGRATION_TIMEOUT": (504, "Gateway Timeout"),
    "INVALID_API_KEY": (403, "Forbidden"),
    "INVALID_SIGNATURE": (403, "Forbidden"),
    # What API Gateway says of a path that it does not have.
    "MISSING_AUTHENTICATION_TOKEN": (404, "Not Found"),
    "QUOTA_EXCEEDED": (429, "Too Many Requests"),
    "REQUEST_TOO_LARGE": (413, "Content Too Large"),
    "RESOURCE_NOT_FOUND": (404, "Not Found"),
    "THROTTLED": (429, "Too Many Requests"),
    "UNAUTHORIZED": (401, "Unauthorized"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Unsupported Media Type"),
    "WAF_FILTERED": (403, "Forbidden"),
}
"""Status and title by the type of API Gateway's response."""

_OTHERS = {"DEFAULT_4XX": "Bad Request", "DEFAULT_5XX": "Internal Server Error"}
"""Types without a status of their own: they keep what the error has."""

_MORE_HEADERS: Mapping[str, Mapping[str, str]] = {
    "EXPIRED_TOKEN": {"WWW-Authenticate": "Bearer"},
    "UNAUTHORIZED": {"WWW-Authenticate": "Bearer"},
    "THROTTLED": {"Retry-After": "1"},
}


def quoted(headers: Mapping[str, str], where: str) -> dict[str, str]:
    """Headers with fixed values, as a mapping writes them: `where` is what they are set on."""
    return {f"{where}.header.{name}": f"'{value}'" for name, value in headers.items()}


def gateway_responses(cors: CorsSpec) -> dict[str, Any]:
    """An answer for each error. It says what the client can mend, and nothing of what is inside."""
    named = {kind: _problem(kind, status, title, cors) for kind, (status, title) in _ERRORS.items()}
    return named | {kind: _problem(kind, None, title, cors) for kind, title in _OTHERS.items()}


def _problem(kind: str, status: int | None, title: str, cors: CorsSpec) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "about:blank", "title": title}
    if status is not None:
        said["status"] = status
    # The id that a client cannot choose, so that nobody writes into the answer with it.
    said["requestId"] = "$context.extendedRequestId"
    headers = {
        "Content-Type": PROBLEM,
        **SAFE_HEADERS,
        **_MORE_HEADERS.get(kind, {}),
        **cors_headers(cors),
    }
    answer: dict[str, Any] = {
        "responseParameters": quoted(headers, "gatewayresponse"),
        "responseTemplates": {JSON: json.dumps(said)},
    }
    return answer if status is None else {"statusCode": status, **answer}


# Scripts of other sites.


def cors_headers(cors: CorsSpec) -> dict[str, str]:
    """What lets the first origin's scripts read an answer. `cors_template` lets the others."""
    if not cors.origins:
        return {}
    headers = {"Access-Control-Allow-Origin": cors.origins[0], "Vary": "Origin"}
    if cors.exposed_headers:
        headers["Access-Control-Expose-Headers"] = ",".join(cors.exposed_headers)
    if cors.credentials:
        headers["Access-Control-Allow-Credentials"] = "true"
    return headers


def cors_template(cors: CorsSpec) -> str:
    """VTL that names the asking origin in the answer, if it is among those that may."""
    if len(cors.origins) < 2:  # noqa: PLR2004 - a single one is in the header already
        return ""
    known = " || ".join(f'$origin == "{origin}"' for origin in cors.origins)
    return (
        "#set($origin = \"$!input.params('Origin')$!input.params('origin')\")"
        f"#if({known})"
        "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end"
    )


def preflight(cors: CorsSpec, methods: Sequence[str], headers: Sequence[str]) -> dict[str, Any]:
    """The operation that answers a browser's question whether a script may ask."""
    said = {
        **cors_headers(cors),
        "Access-Control-Allow-Methods": ",".join(methods),
        "Access-Control-Allow-Headers": ",".join(headers),
        "Access-Control-Max-Age": str(cors.max_age_seconds),
        **SAFE_HEADERS,
        "Cache-Control": "no-cache",
    }
    return {
        "security": [],
        "responses": {
            "204": {"description": "What a script may send", "headers": declared(said)},
        },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "passthroughBehavior": NEVER,
            "requestTemplates": {JSON: '{"statusCode": 204}'},
            "responses": {
                "default": {
                    "statusCode": "204",
                    "responseParameters": quoted(said, "method.response"),
                    "responseTemplates": {JSON: cors_template(cors)},
                }
            },
        },
    }


def declared(headers: Mapping[str, str]) -> dict[str, Any]:
    """Headers as a response of the document has them: a mapping sets only those."""
    return {name: {"schema": {"type": "string"}} for name in headers}
