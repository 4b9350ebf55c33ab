"""A small document that is right, and ways to make it wrong."""

import copy
import json

import pytest

from pulumi_bulwark import openapi
from pulumi_bulwark.errors import ConfigError

DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "security": [{"oauth": ["shop/read"]}],
    "paths": {
        "/orders/{orderId}": {
            "parameters": [
                {
                    "name": "orderId",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "format": "uuid"},
                }
            ],
            "get": {"operationId": "getOrder", "responses": {"200": {"description": "It."}}},
            "put": {
                "operationId": "putOrder",
                "security": [{"oauth": ["shop/write"]}],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/O"}}}
                },
                "responses": {"200": {"description": "It."}},
            },
        }
    },
    "components": {
        "schemas": {
            "O": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"note": {"type": "string", "maxLength": 9}},
            }
        },
        "securitySchemes": {
            "oauth": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://login.example.com/token",
                        "scopes": {"shop/read": "See orders", "shop/write": "Change orders"},
                    }
                },
            }
        },
    },
}

GET = "/paths/~1orders~1{orderId}/get"
PUT = "/paths/~1orders~1{orderId}/put"
ORDER = "/components/schemas/O"
NOTE = "/components/schemas/O/properties/note"
SCOPES = "/components/securitySchemes/oauth/flows/clientCredentials/scopes"


def edited(document, changes):
    """A copy with other values at some JSON pointers; `...` takes one away."""
    document = copy.deepcopy(document)
    for pointer, value in changes.items():
        *way, last = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
        inside = document
        for name in way:
            inside = inside[int(name)] if isinstance(inside, list) else inside.setdefault(name, {})
        key = int(last) if isinstance(inside, list) else last
        if value is ...:
            del inside[key]
        else:
            inside[key] = value
    return document


@pytest.fixture
def load(tmp_path):
    """The document with some changes, loaded."""

    def load(changes=(), document=DOCUMENT):
        file = tmp_path / "shop.json"
        file.write_text(json.dumps(edited(document, dict(changes))))
        return openapi.load(file, shown="shop.json")

    return load


@pytest.fixture
def problems(load):
    """What is wrong with the document after some changes: pointers with their texts."""

    def problems(changes, **options):
        with pytest.raises(ConfigError) as error:
            load(changes, **options)
        assert all(line.startswith("shop.json#") for line in error.value.problems)
        return [line.removeprefix("shop.json#") for line in error.value.problems]

    return problems


@pytest.fixture
def places(problems):
    """Only where something is wrong."""

    def places(changes, **options):
        return [line.partition(": ")[0] for line in problems(changes, **options)]

    return places


@pytest.fixture
def findings(load):
    """What is unwise in the document after some changes."""

    def findings(changes, **options):
        return [line.removeprefix("shop.json#") for line in load(changes, **options).findings]

    return findings


@pytest.fixture
def read(tmp_path):
    """What a text is as a document, or the problem with it."""

    def read(text, name="shop.yaml"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return openapi.load(file, shown="shop.yaml")

    return read
