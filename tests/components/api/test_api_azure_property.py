"""Whatever the document is: who may call an operation on Azure is what the document says."""

import json
import tempfile
from pathlib import Path

from apim import Policy
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_bulwark import openapi
from pulumi_bulwark.api import ApiSpec
from pulumi_bulwark.api.azure_policy import Surroundings, Tokens, build
from pulumi_bulwark.api.azure_xml import faults

TOKENS = Tokens(issuer="https://i", metadata_url="https://i/m", audiences=("api",))
SCOPES = ("payments/read", "payments/write", "admin/all", "plain")

IDS = st.text("abcXYZ019_-.", max_size=8).map(lambda text: f"o{text}")
NEEDED = st.lists(st.sampled_from(SCOPES), unique=True, max_size=3)
"""The scopes that an operation asks for, one of which is enough; none: it is for everybody."""


def identifier(name):
    """What Microsoft's page on imports says an operation's id becomes."""
    kept = "".join(c if c.isascii() and c.isalnum() else " " for c in name.lower())
    return "-".join(kept.split())


OPERATIONS = st.dictionaries(IDS, NEEDED, min_size=1, max_size=10).filter(
    lambda found: len({identifier(name) for name in found}) == len(found)
)


def document(found):
    paths = {
        f"/p{number}": {
            "get": {
                "operationId": name,
                "responses": {"200": {"description": "Fine"}},
                **(
                    {"security": [{"oauth": [scope]} for scope in scopes]}
                    if scopes
                    else {"security": [], "x-bulwark-public": "For everybody"}
                ),
            }
        }
        for number, (name, scopes) in enumerate(found.items())
    }
    flow = {"tokenUrl": "https://i/token", "scopes": dict.fromkeys(SCOPES, "What it allows")}
    return {
        "openapi": "3.0.3",
        "info": {"title": "It", "version": "1"},
        "paths": paths,
        "components": {
            "securitySchemes": {"oauth": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
        },
    }


@settings(max_examples=40, deadline=None)
@given(OPERATIONS)
def test_each_operation_asks_for_a_token_with_its_scopes_unless_it_says_it_is_public(found):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "api.json")
        file.write_text(json.dumps(document(found)))
        loaded = openapi.load(file)
    text = build(ApiSpec(), loaded, Surroundings(tokens=TOKENS))

    assert list(faults(text)) == []
    policy = Policy(text)
    wanted = {
        identifier(name): {scope if "/" in scope else f"api/{scope}" for scope in scopes} or None
        for name, scopes in found.items()
    }
    assert {name: policy.scopes(name) for name in wanted} == wanted
    assert policy.scopes("no-operation-of-the-document") is None
    assert policy.one("no-operation-of-the-document", "return-response") is not None
