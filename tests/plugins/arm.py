"""A small fake of Azure Resource Manager: what a subscription has registered, and who may do what.

It shows that the SDK is used as it wants to be, and what we make of the answers; what Azure itself
would answer is in its documentation.
"""

import json
import time
from urllib.parse import quote

import pytest

_NOTHING = {"error": {"code": "NotFound", "message": "no"}}

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
        self.any_site = None
        """What is told of every function app."""
        self.in_turn = {}
        """What is answered to a method and a path, one after the other; the last for good."""

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

    def app(self, name="payouts", *, door=None, **properties):
        """A function app whose deployment door is this same server; its full id."""
        id_ = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Web/sites/{name}"
        host = door or f"127.0.0.1:{self.server.server_address[1]}"
        states = [{"hostType": "Repository", "name": host}]
        self.answers[f"{id_}?api-version=2024-04-01"] = {
            "properties": {"hostNameSslStates": states, **properties}
        }
        return id_

    def _answer(self, path, value):
        self.answers[f"/subscriptions/{SUBSCRIPTION}/{path}"] = {"value": value}

    def next(self, method, path):
        if self.any_site and "/providers/Microsoft.Web/sites/" in path:
            return 200, self.any_site
        turns = self.in_turn.get((method, path), [(404, _NOTHING)])
        return turns.pop(0) if len(turns) > 1 else turns[0]

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
            status, known = (200, known) if known else fake.next(self.command, self.path)
            body = json.dumps(known).encode()
            self.server.answer = (status, {"Content-Type": "application/json"}, body)
            super().respond()

        do_GET = do_POST = respond  # noqa: N815 http.server's names

    server.RequestHandlerClass = Handler
    options = {**azure_sdk.client_options(), "connection_verify": str(root), "retry_total": 0}
    monkeypatch.setattr(azure_sdk, "client_options", lambda: options)
    monkeypatch.setattr(azure_sdk, "credential", lambda: fake.credential)
    monkeypatch.setattr(azure_sdk, "MANAGEMENT", f"https://127.0.0.1:{server.server_address[1]}")
    return fake
