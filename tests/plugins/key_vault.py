"""A small fake of a key vault: secrets with versions, behind the challenge that the SDK answers.

It shows that the SDK is used as it wants to be, and what we make of the answers. What Key Vault
itself refuses is in its documentation; a test that wants a refusal says which.
"""

import json
import re
import time
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest

PAGE = 25
"""Versions in an answer: Key Vault's own number."""

DISABLED = 403, "Forbidden", "SecretDisabled"
NOT_FOUND = 404, "SecretNotFound", None
DELETED = 409, "Conflict", "ObjectIsDeletedButRecoverable"


class RefusedError(Exception):
    """Status, code and inner code of a refusal."""


class Vault:
    def __init__(self, server):
        self.server = server
        self.secrets = {}
        """Versions by name, the oldest first."""
        self.deleted = {}
        """The same of what can be recovered, and whose names are taken."""
        self.refuses = None
        """Status, code and inner code with which it refuses whatever is asked."""
        self.refuses_of = {}
        """The same for what is asked of one secret, by its name."""
        self.now, self.tick = 1_700_000_000, 60
        """Its clock, and the seconds that each new version takes."""

    @property
    def url(self):
        return f"https://127.0.0.1:{self.server.server_address[1]}"

    @property
    def resource(self):
        """What tokens are asked for. The SDK wants the domain of the vault: of an address, its
        end."""
        return self.url.replace("https://127.", "https://")

    def value(self, name):
        return self.secrets[name][-1]["value"]

    def values(self, name, *, usable=None):
        return [v["value"] for v in self.secrets.get(name, []) if usable in (None, v["enabled"])]

    def asked(self, method=None):
        """The paths that were asked for with a token."""
        return [
            path
            for done, path, headers, _ in self.server.requests
            if method in (None, done) and "Authorization" in headers
        ]

    def answer(self, method, target, authorised, body):
        """Status, headers and body."""
        if not authorised:
            authority = "https://login.example.com/t"
            challenge = f'Bearer authorization="{authority}", resource="{self.resource}"'
            return 401, {"WWW-Authenticate": challenge}, {}
        asked = json.loads(body or "{}")
        try:
            return 200, {}, self._answer(method, urlsplit(target), asked)
        except RefusedError as refused:
            status, code, inner = refused.args
            # Worse than Key Vault's: whoever passes it on, passes the value on.
            message = f"no: {asked.get('value')}"
            error = {"code": code, "message": message, "innererror": inner and {"code": inner}}
            return status, {}, {"error": error}

    def _answer(self, method, url, body):
        if self.refuses:
            raise RefusedError(*self.refuses)
        kind, name, version = re.match(r"/(\w+)/([^/]+)/?(\w*)", url.path).groups()
        if name in self.refuses_of:
            raise RefusedError(*self.refuses_of[name])
        match method, kind, version:
            case "GET", "secrets", "versions":
                return self._page(name, url)
            case "GET", "secrets", _:
                return self._read(name, version)
            case "PUT", "secrets", "":
                return self._set(name, body)
            case "PATCH", "secrets", _:
                return self._change(self._version(name, version), name, body)
            case "DELETE", "secrets", "":
                return self._delete(name)
            case "GET", "deletedsecrets", "" if name in self.deleted:
                return self._shown(name, self.deleted[name][-1])
            case "POST", "deletedsecrets", "recover" if name in self.deleted:
                self.secrets[name] = self.deleted.pop(name)
                return self._shown(name, self.secrets[name][-1])
        raise RefusedError(*NOT_FOUND)

    def _page(self, name, url):
        begin = int(parse_qs(url.query).get("$skiptoken", ["0"])[0])
        found = self.secrets.get(name, [])
        page = {"value": [self._shown(name, v) for v in found[begin : begin + PAGE]]}
        if begin + PAGE < len(found):
            rest = f"api-version=7.6&$skiptoken={begin + PAGE}"
            page["nextLink"] = f"{self.url}/secrets/{name}/versions?{rest}"
        return page

    def _read(self, name, version):
        found = self._version(name, version)
        if not found["enabled"]:
            raise RefusedError(*DISABLED)
        return {"value": found["value"], **self._shown(name, found)}

    def _version(self, name, version):
        """Without one, the newest: another is not looked for where that is off."""
        for found in reversed(self.secrets.get(name, [])):
            if version in ("", found["id"]):
                return found
        raise RefusedError(*NOT_FOUND)

    def _set(self, name, body):
        if name in self.deleted:
            raise RefusedError(*DELETED)
        self.now += self.tick
        version = {
            "id": uuid.uuid4().hex,
            "value": body["value"],
            "at": self.now,
            "enabled": True,
            "exp": None,
            "tags": {},
            "type": body.get("contentType"),
        }
        self.secrets.setdefault(name, []).append(version)
        return {"value": body["value"], **self._change(version, name, body)}

    def _change(self, version, name, body):
        asked = body.get("attributes") or {}
        for attribute in ("enabled", "exp"):
            if asked.get(attribute) is not None:
                version[attribute] = asked[attribute]
        if body.get("tags") is not None:
            version["tags"] = body["tags"]
        return self._shown(name, version)

    def _delete(self, name):
        if name not in self.secrets:
            raise RefusedError(*NOT_FOUND)
        self.deleted[name] = self.secrets.pop(name)
        about = {"recoveryId": f"{self.url}/deletedsecrets/{name}", "deletedDate": self.now}
        return {**self._shown(name, self.deleted[name][-1]), **about}

    def _shown(self, name, version):
        attributes = {
            "enabled": version["enabled"],
            "created": version["at"],
            "updated": version["at"],
            **({"exp": version["exp"]} if version["exp"] else {}),
        }
        return {
            "id": f"{self.url}/secrets/{name}/{version['id']}",
            "attributes": attributes,
            "tags": version["tags"],
            "contentType": version["type"],
        }


class AnyToken:
    """Whoever asks."""

    def get_token(self, *_, **__):
        from azure.core.credentials import AccessToken

        return AccessToken("token", int(time.time()) + 3600)


@pytest.fixture
def vault(serve):
    """The fake, over TLS."""
    server = serve("vault.example.com")
    fake = Vault(server)

    class Handler(server.RequestHandlerClass):
        # Else each answer waits for the client's confirmation of its head.
        wbufsize, disable_nagle_algorithm = -1, True

        def respond(self):
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            self.server.requests.append((self.command, self.path, dict(self.headers), body))
            authorised = "Authorization" in self.headers
            status, headers, answer = fake.answer(self.command, self.path, authorised, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = respond  # noqa: N815 http.server's names

    server.RequestHandlerClass = Handler
    return fake


@pytest.fixture
def vault_client(vault, authority):
    """The SDK's own client of the fake."""
    from azure.keyvault.secrets import SecretClient

    root, _ = authority
    with SecretClient(vault.url, AnyToken(), connection_verify=str(root), retry_total=0) as client:
        yield client


@pytest.fixture
def key_vault(arm, vault, monkeypatch):
    """The fake, and the commands' client that talks to it with the credentials of `arm`."""
    from bulwark_toolkit.cli import azure_sdk

    monkeypatch.setattr(azure_sdk, "VAULTS", vault.url)
    return vault
