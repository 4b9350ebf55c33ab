"""What tests of several folders share."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import configuration

pytest_plugins = [
    "rule_cases",
    "vault_cases",
    "bulwark_toolkit.testing",
    "apim",
    "apim_gateway",
    "arm",
    "azure_resources",
    "azurite",
    "deployment_door",
    "azure_fleet",
    "key_vault",
    "node",
    "functions_host",
    "real_lambda",
    "service_bus",
    "tls_backend",
    "managed_identity",  # after what it imports
]

# What is made goes to build/, examples that failed before too.
configuration.set_hypothesis_home_dir(Path(__file__).parents[1] / "build" / "hypothesis")

LONGEST = (
    "test_causes.py",
    "test_hardened.py",
    "test_config.py",
    "test_graph.py",
    "test_preview.py",
)
"""Files that take longest. They begin first, so that no worker ends with one while others wait."""


def pytest_collection_modifyitems(items):
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))


class Browser:
    """Headless Chromium over its debugging pipe: messages are JSON, each ended by a zero byte."""

    def __init__(self, binary, profile):
        there, ours = os.pipe(), os.pipe()

        def descriptors():
            # The protocol wants 3 and 4; both are first moved out of each other's way.
            read, write = os.dup(there[0]), os.dup(ours[1])
            os.dup2(read, 3)
            os.dup2(write, 4)

        command = [
            binary, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command,
            close_fds=False,
            preexec_fn=descriptors,  # noqa: PLW1509 nothing else runs in this process
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(there[0])
        os.close(ours[1])
        self.to, self.of = os.fdopen(there[1], "wb", buffering=0), os.fdopen(ours[0], "rb")
        self.number, self.session, self.events = 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self.events.append(answer)

    def _next(self):
        text = bytearray()
        while (byte := self.of.read(1)) != b"\0":
            assert byte, "the browser has gone"
            text += byte
        return json.loads(text)

    def size(self, width, height, *, dark=False):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, path):
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not self.run("document.readyState === 'complete' && location.protocol === 'file:'"):
            pass

    def run(self, expression):
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key, text=""):
        code = {"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0)
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def point(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def complaints(self):
        """What the page logged or was refused, and every address it asked for but its own."""
        for event in self.events:
            params = event.get("params", {})
            if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded"):
                yield json.dumps(params)
            elif event["method"] == "Network.requestWillBeSent":
                url = params["request"]["url"]
                if not url.startswith(("file:", "data:", "about:")):
                    yield url

    def close(self):
        self.to.close()
        self.process.terminate()
        self.process.wait()
        self.of.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    binary = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
    if binary is None:
        pytest.skip("no chromium here to open the page with")
    opened = Browser(binary, tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()
