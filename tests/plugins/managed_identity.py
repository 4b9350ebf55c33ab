"""How a function app signs in: the address and the word that App Service gives its process."""

import json
import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from tls_backend import Answering, Server


class Identity:
    """The tokens of one managed identity, without a signature."""

    client_id = "00000000-0000-0000-0000-0000000000c1"
    token = "token-of-the-app"

    def __init__(self, server):
        self.server, self.asked = server, []
        """What tokens were asked for."""

    @property
    def environment(self):
        """What a process has to sign in with."""
        return {
            "AZURE_CLIENT_ID": self.client_id,
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{self.server.server_address[1]}/msi/token",
            "IDENTITY_HEADER": "word",
        }

    def answer(self, target, headers):
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        if headers.get("X-IDENTITY-HEADER") != "word" or query.get("client_id") != self.client_id:
            return 400, {"statusCode": 400, "message": "no such identity"}
        self.asked.append(query["resource"])
        ends = int(time.time()) + 3600
        about = {"resource": query["resource"], "expires_on": str(ends), "token_type": "Bearer"}
        return 200, {"access_token": self.token, **about}


@pytest.fixture
def managed_identity():
    """The identity of an app, which gets tokens for whatever it asks."""
    server = Server()
    identity = Identity(server)

    class Handler(Answering):
        def do_GET(self):  # noqa: N802 http.server's name
            status, answer = identity.answer(self.path, self.headers)
            body = json.dumps(answer).encode()
            self.server.answer = (status, {"Content-Type": "application/json"}, body)
            self.respond()

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield identity
    server.shutdown()
    server.server_close()
    thread.join(5)
