"""Azurite, Microsoft's emulator of storage: tables, blobs and queues, over TLS and with tokens.

Its lies: it looks at a token's audience, issuer and times, and at no signature and no role; it has
no immutability, no undelete and no versions of blobs. It shows that the SDK is used as it wants to
be and who wins a race, and never that somebody is let in or kept out.
"""

import base64
import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ACCOUNT = "devstoreaccount1"
PATIENCE_SECONDS = 30  # it is there in less than one
_LISTENS = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at (\S+)")


def token(audience, *, seconds=3600):
    """What Entra ID would give a managed identity for an audience, but for its signature."""
    now = int(time.time())
    issuer = "https://sts.windows.net/00000000-0000-0000-0000-000000000001/"
    claims = {"aud": audience, "iss": issuer, "iat": now, "nbf": now - 60, "exp": now + seconds}
    parts = ({"alg": "RS256", "typ": "JWT"}, claims, "no signature")
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
    return b".".join(part.rstrip(b"=") for part in encoded).decode()


class Credential:
    """A managed identity: a token for whatever is asked."""

    def get_token(self, *scopes, **_):
        from azure.core.credentials import AccessToken

        (scope,) = scopes
        return AccessToken(token(scope.removesuffix("/.default")), int(time.time()) + 3600)


@dataclass(frozen=True)
class Azurite:
    blobs: str
    """Address of the account's blobs; what `https://NAME.blob.core.windows.net` is in Azure."""
    queues: str
    tables: str
    trust: Path
    """The authority of its certificate, for `connection_verify` and `REQUESTS_CA_BUNDLE`."""
    account: str = ACCOUNT

    @property
    def options(self):
        """What a client of the SDK has to be told beside the address."""
        return {"credential": Credential(), "connection_verify": str(self.trust)}


@pytest.fixture(scope="session")
def azurite(node_tool, node_program, authority, tmp_path_factory):
    """One for all tests of a worker, in memory: give what you make a name of your own."""
    root, certify = authority
    certificate = str(certify("storage.example.com"))
    folder = tmp_path_factory.mktemp("azurite")
    # With no port named, the system gives free ones, and the log says which.
    doors = [
        argument
        for door in ("blob", "queue", "table")
        for argument in (f"--{door}Host", "127.0.0.1", f"--{door}Port", "0")
    ]
    program = node_tool("azurite") / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
    command = [
        node_program, program, "--inMemoryPersistence", "--skipApiVersionCheck",
        "--disableTelemetry", "--oauth", "basic", "--cert", certificate, "--key", certificate,
        *doors,
    ]  # fmt: skip
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        at = _listening(process, folder / "log")
        yield Azurite(*(f"{at[door]}/{ACCOUNT}" for door in ("Blob", "Queue", "Table")), root)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listening(process, log):
    """The address of each door, once all are open."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = dict(_LISTENS.findall(log.read_text()))
        if len(found) == 3:
            return found
        time.sleep(0.05)
    pytest.fail(f"azurite did not come up:\n{log.read_text()}")
