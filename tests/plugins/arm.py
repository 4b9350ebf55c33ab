"""A small fake of Azure Resource Manager: what a subscription has registered, and who may do what.

It shows that the SDK is used as it wants to be, and what we make of the answers; what Azure itself
would answer is in its documentation.
"""

import json
import time
from urllib.parse import quote

import pytest

SUBSCRIPTION = "00000000-0000-0000-0000-00000000000a"


class FakeCredential:
    """Whoever is signed in."""

    def __init__(self):
        self.asked = []

    def get_token(self, *scopes, **_):
        from azure.core.credentials import AccessToken

        self.asked.extend(scopes)
        return AccessToken("token", int(time.time()) + 3600)


class Arm:
    def __init__(self, server, credential):
        self.server, self.credential = server, credential
        self.answers = {}

    def has(self, providers, permissions):
        """What the subscription answers: registration states, and the roles of who asks."""
        self._answer(
            "providers?api-version=2021-04-01",
            [{"namespace": n, "registrationState": state} for n, state in providers.items()],
        )
        self._answer(
            "providers/Microsoft.Authorization/permissions?api-version=2022-04-01", permissions
        )

    def tagged(self, name, value, *vaults):
        """The vaults, by name, that carry a tag."""
        found = [{"name": vault, "type": "Microsoft.KeyVault/vaults"} for vault in vaults]
        filter_ = quote(f"tagName eq '{name}' and tagValue eq '{value}'")
        self._answer(f"resources?api-version=2021-04-01&$filter={filter_}", found)

    def _answer(self, path, value):
        self.answers[f"/subscriptions/{SUBSCRIPTION}/{path}"] = {"value": value}

    @property
    def asked(self):
        return [path for _, path, _, _ in self.server.requests]


@pytest.fixture
def arm(serve, authority, monkeypatch):
    """The fake, and the SDK's own client that talks to it."""
    from bulwark_toolkit.cli import azure_sdk

    root, _ = authority
    server = serve("management.example.com")
    fake = Arm(server, FakeCredential())

    class Handler(server.RequestHandlerClass):
        def respond(self):
            known = fake.answers.get(self.path)
            body = json.dumps(known or {"error": {"code": "NotFound", "message": "no"}}).encode()
            self.server.answer = (200 if known else 404, {"Content-Type": "application/json"}, body)
            super().respond()

        do_GET = respond  # noqa: N815 http.server's name

    server.RequestHandlerClass = Handler
    options = {**azure_sdk.client_options(), "connection_verify": str(root), "retry_total": 0}
    monkeypatch.setattr(azure_sdk, "client_options", lambda: options)
    monkeypatch.setattr(azure_sdk, "credential", lambda: fake.credential)
    monkeypatch.setattr(azure_sdk, "MANAGEMENT", f"https://127.0.0.1:{server.server_address[1]}")
    return fake
