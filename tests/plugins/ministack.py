"""ministack: an emulator of AWS that runs functions and checks codes, which moto does not.

Its lies: it asks no role and no policy, knows nothing of keys, and starts a function as a plain
process. It shows how things are wired, and never that somebody is let in or kept out.
"""

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / ".venvs" / "ministack" / "bin" / "ministack"
ACCOUNT = "123456789012"
PATIENCE_SECONDS = 30  # it is there in less than one


@contextmanager
def ministack(folder, **settings):
    """Where one of our own listens, on the loopback alone."""
    if not PROGRAM.exists():
        pytest.skip("no .venvs/ministack: see tools/ministack/requirements.txt")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "AWS_ACCESS_KEY_ID": "emulated",  # of its root user, and the one that our clients have
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "HOME": str(folder),
        "TMPDIR": str(folder),
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [PROGRAM],
            env={"PATH": os.defpath, **own, **settings},
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(port, process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port, process, log):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"ministack did not come up:\n{log.read_text()}")
