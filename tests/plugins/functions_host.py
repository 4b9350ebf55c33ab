"""Function apps in Microsoft's worker library, behind a host of ours: from a package to answers."""

import contextlib
import fcntl
import functools
import http.client
import json
import os
import platform
import re
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bulwark_toolkit.packaging import Target, build
from pulumi_bulwark.function import Package

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venvs" / "functions" / "bin" / "python"
PATIENCE_SECONDS = 30

HERE = Target(sys.version_info[:2], "x86_64", "azure")
"""The package for this machine's Python, from the same lock as what is deployed."""


class FunctionError(Exception):
    """The function raised; what the host would log."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class FunctionsHost:
    """A function app that runs, from a folder as it is after deployment.

    `environment` is all that it has, beside what the platform sets itself.
    """

    folder: Path
    environment: dict[str, str]
    log: Path = field(init=False)

    def __enter__(self):
        self.log = self.folder.with_name(f"{self.folder.name}.log")
        variables = {
            "BULWARK_FILES": str(self.folder),
            "LANG": "C.UTF-8",
            "PATH": os.defpath,
            "PYTHONDONTWRITEBYTECODE": "1",
            "TZ": "UTC",
            **self.environment,
        }
        host = ROOT / "tools" / "functions" / "host.py"
        with self.log.open("wb") as written:
            self._process = subprocess.Popen(
                [PYTHON, host, self.folder],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self.address = self._address()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def call(self, method, path, headers=None, body=b""):
        """A request to an HTTP function, as who is let in sends it."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, body=content or None, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def event(self, function, payload):
        """An event of Event Grid, in its own schema."""
        return self._invoke(function, {"json": payload})

    def timer(self, function, *, past_due=False):
        schedule = {"AdjustForDST": True}
        return self._invoke(function, {"json": {"IsPastDue": past_due, "Schedule": schedule}})

    def queue(self, function, message, *, dequeue_count=1):
        """A message of a storage queue: text, or a document."""
        told = {"Id": "message", "DequeueCount": dequeue_count}
        return self._invoke(function, {"string": _text(message)}, told)

    def message(self, function, message, **told):
        """A message of Service Bus, with what it says beside, such as SessionId."""
        told = {"MessageId": "message", "DeliveryCount": 1, "UserProperties": {}, **told}
        return self._invoke(function, {"string": _text(message)}, told)

    def batch(self, function, messages, **told):
        """Several messages of Service Bus at once: what each says beside is in a list."""
        several = {"UserPropertiesArray": [{} for _ in messages], **told}
        return self._invoke(function, {"strings": [_text(each) for each in messages]}, several)

    def logged(self):
        return self.log.read_text(errors="replace")

    def _invoke(self, function, data, metadata=None):
        answer = self.call(
            "POST", f"/-/invoke/{function}", body={"data": data, "metadata": metadata or {}}
        )
        if answer.status != 200:
            raise FunctionError(answer.json().get("message") or answer.body.decode())
        return answer.json()

    def _address(self):
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            if found := re.search(r"(?m)^listening on (\S+)$", self.logged()):
                return found[1]
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"the function app did not start:\n{self.logged()}")

    def _end(self):
        for sent in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(self._process.pid, sent)
                self._process.wait(timeout=5)
                return


def _text(message):
    return message if isinstance(message, str) else json.dumps(message)


@pytest.fixture(scope="session")
def azure_package():
    """The zip of a job of ours, or of a folder of the repository, for a function app."""

    @functools.cache
    def make(what):
        package = what if isinstance(what, Package) else Package(what)
        (ROOT / "build").mkdir(exist_ok=True)
        # Tests that run side by side share the cache of wheels.
        with (ROOT / "build" / ".packaging.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return build(package, HERE, ROOT).path

    return make


@pytest.fixture
def functions_host(azure_package, tmp_path):
    """Run a job as a function app: `host = functions_host(job, app, environment, files)`.

    `app` is where it is, such as bulwark_runtime.rotation.azure_app:app. It ends with the test.
    """
    assert PYTHON.exists(), "make .venvs/functions/.installed"
    if platform.machine() not in {"x86_64", "AMD64"}:
        pytest.skip("function apps run on x86_64 alone")
    with ExitStack() as running:

        def start(what, app, environment=None, files=None):
            folder = tmp_path / f"app-{len(list(tmp_path.iterdir()))}"
            with zipfile.ZipFile(azure_package(what)) as file:
                file.extractall(folder)
            for path, text in (files or {}).items():
                place = folder / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8")
            host = FunctionsHost(folder, {"BULWARK_APP": app, **(environment or {})})
            return running.enter_context(host)

        yield start
