"""A small fake of a function app's deployment door, and of the manager that knows where it is.

It shows that the SDK is used as it wants to be, and what we make of the answers; what Azure itself
would answer is in its documentation.
"""

import json

import pytest
from arm import SUBSCRIPTION, FakeCredential

BRING = ("POST", "/api/publish?RemoteBuild=false&Deployer=bulwark")
LOOK = ("GET", "/api/deployments/one")

_NOTHING = {"error": {"code": "NotFound", "message": "no"}}


class Door:
    def __init__(self, server):
        self.server = server
        self.sites = {}
        """What is told of function apps, by their full ids; of every one else under None."""
        self.in_turn = {BRING: [(202, "one")], LOOK: [(200, {"status": 4})]}
        """What the door answers, one after the other; the last for good."""

    @property
    def at(self):
        return f"https://127.0.0.1:{self.server.server_address[1]}"

    def app(self, name="payouts", **properties):
        """A function app whose door this is; its full id."""
        id_ = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Web/sites/{name}"
        self.sites[id_] = self._site(properties)
        return id_

    def any_app(self):
        """Whatever an app is called, this is its door."""
        self.sites[None] = self._site({})

    def _site(self, properties):
        states = [{"hostType": "Repository", "name": self.at.removeprefix("https://")}]
        return {"properties": {"hostNameSslStates": states, **properties}}

    def answer(self, method, path):
        site, _, _ = path.partition("?api-version=")
        if "/providers/Microsoft.Web/sites/" in path:
            found = self.sites.get(site, self.sites.get(None))
            return (200, found) if found else (404, _NOTHING)
        turns = self.in_turn.get((method, path), [(404, _NOTHING)])
        return turns.pop(0) if len(turns) > 1 else turns[0]


@pytest.fixture
def door(serve, authority, monkeypatch):
    """The fake, and the SDK's own client that talks to it."""
    from bulwark_toolkit.cli import azure_sdk

    root, _ = authority
    server = serve("management.example.com")
    fake = Door(server)

    class Handler(server.RequestHandlerClass):
        def respond(self):
            status, body = fake.answer(self.command, self.path)
            headers = {"Content-Type": "application/json"}
            self.server.answer = (status, headers, json.dumps(body).encode())
            super().respond()

        do_GET = do_POST = respond  # noqa: N815 http.server's names

    server.RequestHandlerClass = Handler
    options = {**azure_sdk.client_options(), "connection_verify": str(root), "retry_total": 0}
    monkeypatch.setattr(azure_sdk, "client_options", lambda: options)
    monkeypatch.setattr(azure_sdk, "credential", FakeCredential)
    monkeypatch.setattr(azure_sdk, "MANAGEMENT", fake.at)
    return fake
