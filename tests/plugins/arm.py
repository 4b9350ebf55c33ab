"""A small fake of Azure Resource Manager: what a subscription has registered, and who may do what.

It shows that the SDK is used as it wants to be, and what we make of the answers; what Azure itself
would answer is in its documentation.
"""

import io
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
        self.operations = {}
        """What tells how something goes on that takes time, by path."""
        self.posts = {}
        """What answers to a request with a body, by path: it gives status, headers and body."""

    def has(self, providers, permissions):
        """What the subscription answers: registration states, and the roles of who asks."""
        self._answer(
            "providers?api-version=2021-04-01",
            [{"namespace": n, "registrationState": state} for n, state in providers.items()],
        )
        self._answer(
            "providers/Microsoft.Authorization/permissions?api-version=2022-04-01", permissions
        )

    def rules(self, role, policy):
        """The rules by which a role is activated, by the GUIDs of both."""
        at = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"
        filter_ = quote(f"roleDefinitionId eq '{at}/roleDefinitions/{role}'")
        self._answer(
            "providers/Microsoft.Authorization/roleManagementPolicyAssignments"
            f"?api-version=2020-10-01&$filter={filter_}",
            [{"properties": {"policyId": f"{at}/roleManagementPolicies/{policy}"}}],
        )

    def tagged(self, name, value, *vaults):
        """The vaults, by name, that carry a tag."""
        found = [{"name": vault, "type": "Microsoft.KeyVault/vaults"} for vault in vaults]
        filter_ = quote(f"tagName eq '{name}' and tagValue eq '{value}'")
        self._answer(f"resources?api-version=2021-04-01&$filter={filter_}", found)

    def _answer(self, path, value):
        self.answers[f"/subscriptions/{SUBSCRIPTION}/{path}"] = {"value": value}

    @property
    def at(self):
        return f"https://127.0.0.1:{self.server.server_address[1]}"

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
            if operation := fake.operations.get(self.path):
                known = operation()
            body = json.dumps(known or {"error": {"code": "NotFound", "message": "no"}}).encode()
            self.server.answer = (200 if known else 404, {"Content-Type": "application/json"}, body)
            super().respond()

        def do_POST(self):  # noqa: N802 http.server's name
            length = int(self.headers.get("Content-Length") or 0)
            asked = json.loads(self.rfile.read(length) or "null")
            path, _, _ = self.path.partition("?")
            known = fake.posts.get(path, lambda _: (404, {}, {"error": {"code": "NotFound"}}))
            status, headers, body = known(asked)
            headers = {"Content-Type": "application/json", **headers}
            self.server.answer = (status, headers, json.dumps(body).encode())
            # It was read already, for the answer; the next request comes on the same connection.
            connection, self.rfile = self.rfile, io.BytesIO(b"x" * length)
            super().respond()
            self.rfile = connection

        do_GET = respond  # noqa: N815 http.server's name

    server.RequestHandlerClass = Handler
    options = {**azure_sdk.client_options(), "connection_verify": str(root), "retry_total": 0}
    monkeypatch.setattr(azure_sdk, "client_options", lambda: options)
    monkeypatch.setattr(azure_sdk, "credential", lambda: fake.credential)
    monkeypatch.setattr(azure_sdk, "MANAGEMENT", f"https://127.0.0.1:{server.server_address[1]}")
    return fake
