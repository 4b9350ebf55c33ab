"""A small fake of a key vault: secrets with versions, behind the challenge that the SDK answers.

It shows that the SDK is used as it wants to be, and what we make of the answers. What Key Vault
itself refuses is in its documentation; a test that wants a refusal says which.
"""

import json
import re
import uuid

import pytest


class Vault:
    def __init__(self, server):
        self.server = server
        self.secrets = {}
        """Versions by name, the oldest first."""
        self.refuses = None
        """Status, code and inner code with which it refuses whatever is asked."""
        self.now = 1_700_000_000

    @property
    def url(self):
        return f"https://127.0.0.1:{self.server.server_address[1]}"

    def value(self, name):
        return self.secrets[name][-1]["value"]

    def answer(self, method, path, authorised, body):
        if not authorised:
            challenge = 'Bearer authorization="https://login.example.com/t", resource="https://v"'
            return 401, {"WWW-Authenticate": challenge}, {}
        if self.refuses:
            status, code, inner = self.refuses
            error = {"code": code, "message": "no", "innererror": {"code": inner}}
            return status, {}, {"error": error}
        name, versions = re.match(r"/secrets/([^/?]+)(/versions)?", path).groups()
        if method == "PUT":
            return 200, {}, self._set(name, json.loads(body)["value"])
        assert versions
        return 200, {}, {"value": [self._shown(name, v) for v in self.secrets.get(name, [])]}

    def _set(self, name, value):
        self.now += 60
        version = {"id": uuid.uuid4().hex, "value": value, "at": self.now, "enabled": True}
        self.secrets.setdefault(name, []).append(version)
        return {"value": value, **self._shown(name, version)}

    def _shown(self, name, version):
        attributes = {
            "enabled": version["enabled"],
            "created": version["at"],
            "updated": version["at"],
        }
        return {"id": f"{self.url}/secrets/{name}/{version['id']}", "attributes": attributes}


@pytest.fixture
def key_vault(arm, serve, monkeypatch):
    """The fake, and the SDK's own client that talks to it with the credentials of `arm`."""
    from bulwark_toolkit.cli import azure_sdk

    server = serve("vault.example.com")
    vault = Vault(server)

    class Handler(server.RequestHandlerClass):
        def respond(self):
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            self.server.requests.append((self.command, self.path, dict(self.headers), body))
            authorised = "Authorization" in self.headers
            status, headers, answer = vault.answer(self.command, self.path, authorised, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = respond  # noqa: N815 http.server's names

    server.RequestHandlerClass = Handler
    # The name of the challenge would have to be one of Azure's own.
    options = {**azure_sdk.client_options(), "verify_challenge_resource": False}
    monkeypatch.setattr(azure_sdk, "client_options", lambda: options)
    monkeypatch.setattr(azure_sdk, "VAULTS", vault.url)
    return vault
