"""The processes that a plugin has started: none of them outlives it."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress

# The engine gives a plugin five seconds to end before it kills it.
_PATIENCE_SECONDS = 2


class Children:
    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def start(
        self,
        command: Sequence[str],
        folder: str,
        environment: Mapping[str, str],
        *,
        captured: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a process that shares our output, or whose output is `captured`.

        It leads a group of its own: the interrupt by which the engine ends a plugin goes to the
        plugin's group, and would show the user a KeyboardInterrupt from a program that did nothing
        wrong. `end` takes what the program itself has started along.
        """
        output = subprocess.PIPE if captured else None
        child = subprocess.Popen(  # noqa: S603 the user's own program
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
        )
        with self._lock:
            self._running.add(child)
        return child

    def wait(self, child: subprocess.Popen[bytes]) -> int:
        status = child.wait()
        with self._lock:
            self._running.discard(child)
        return status

    def end(self) -> None:
        with self._lock:
            running = list(self._running)
        for child in running:
            end(child)


def end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        # Its number may be another's by now.
        return
    _signal(child, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        child.wait(_PATIENCE_SECONDS)
    _signal(child, signal.SIGKILL)


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)
