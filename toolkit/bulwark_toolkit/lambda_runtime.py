"""Runs a packaged function in Lambda's own runtime, on this machine.

The runtime client is the one that Lambda uses; AWS's emulator stands in for the service. What it
does not do: it limits no memory, asks no role, and takes one call at a time. A timeout is real.
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PATIENCE_SECONDS = 10
_TIMED_OUT = "Task timed out"
_LONGEST_SECONDS = 920
"""What Lambda lets a function take, and a little more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What Lambda's runtime is made of here."""

    emulator: Path
    """AWS's runtime interface emulator, aws-lambda-rie."""
    python: Path
    """A Python that has awslambdaric, and boto3 as Lambda's have it."""


class FunctionError(Exception):
    """The function raised, or took too long; what Lambda tells who called it."""

    def __init__(self, kind: str, message: str, answer: Any = None) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.answer = answer


@dataclass(frozen=True)
class Invoke:
    """Calls a running function and gives back its answer, or raises a FunctionError."""

    address: str
    log: Path
    """What the function and its runtime have written."""
    pid: int
    """The emulator, whose children the function's processes are."""
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, event: Any) -> Any:
        request = urllib.request.Request(  # noqa: S310 an address of our own
            f"{self.address}/2015-03-31/functions/function/invocations",
            data=json.dumps(event).encode(),
        )
        # Two calls at once end the emulator.
        with self._one_at_a_time:
            return _answer(_sent(request))

    def logged(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def running(
    package: Path,
    handler: str,
    parts: Parts,
    *,
    environment: Mapping[str, str] | None = None,
    timeout_seconds: int = 10,
    memory_mb: int = 512,
) -> Iterator[Invoke]:
    """A function from its zip, until the block ends. Its first call starts it cold."""
    with tempfile.TemporaryDirectory(prefix="function-") as folder:
        task, log = Path(folder, "task"), Path(folder, "log")
        with zipfile.ZipFile(package) as file:
            file.extractall(task)
        variables = _variables(task, timeout_seconds, memory_mb) | dict(environment or {})
        calls, runtime = _free_ports()
        command = [
            str(parts.emulator),
            # Else it listens to the whole network.
            *("--runtime-interface-emulator-address", calls),
            *("--runtime-api-address", runtime),
            *(str(parts.python), "-m", "awslambdaric", handler),
        ]
        with log.open("wb") as written:
            process = subprocess.Popen(  # noqa: S603 our own arguments
                command,
                cwd=task,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_for(calls, process, log)
            yield Invoke(f"http://{calls}", log, process.pid)
        finally:
            _end(process)


def _variables(task: Path, timeout_seconds: int, memory_mb: int) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout_seconds),
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "LAMBDA_TASK_ROOT": str(task),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        # Lambda's folder is read-only: nothing compiled is there at the next start.
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(task),
        "TZ": "UTC",
    }


def _free_ports() -> tuple[str, str]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        first, second = (f"127.0.0.1:{each.getsockname()[1]}" for each in (one, other))
        return first, second


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    host, _, port = address.partition(":")
    ends = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise RuntimeError(f"the emulator of Lambda did not start:\n{log.read_text()}")


def _sent(request: urllib.request.Request) -> str:
    try:
        with urllib.request.urlopen(request, timeout=_LONGEST_SECONDS) as response:  # noqa: S310
            return response.read().decode()
    except urllib.error.HTTPError as error:  # of a function that does not start
        with error:
            return error.read().decode()


def _answer(text: str) -> Any:
    # Of one that starts the emulator says 200 whatever happens, and of a timeout in plain words.
    if text.startswith(_TIMED_OUT) or f" {_TIMED_OUT}" in text.partition("\n")[0]:
        raise FunctionError("Timeout", text.strip())
    answer = json.loads(text) if text else None
    if isinstance(answer, dict) and {"errorType", "errorMessage"} <= set(answer):
        raise FunctionError(answer["errorType"], answer["errorMessage"], answer)
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    """The emulator and what it started: a session of their own."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sent)
            process.wait(timeout=2)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
