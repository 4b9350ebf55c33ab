"""How a plugin of the Pulumi engine lives: it prints its port, serves, and ends with the engine."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc

# The engine runs many resources at a time, and a resource may wait for others.
_THREADS = 64
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def serve(register: Callable[[grpc.Server], None], end: Callable[[], None] = lambda: None) -> None:
    """Serve what `register` adds until the engine asks to stop or is gone; then call `end`.

    The engine asks with SIGINT. When it is killed it cannot ask, but then the pipe that it holds
    on our standard input closes.
    """
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=_UNLIMITED)
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    over = threading.Event()
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, lambda *_: over.set())
    threading.Thread(target=_wait_for_the_pipe, args=[over], daemon=True).start()
    print(port, flush=True)  # noqa: T201 the protocol: the engine reads the port here
    over.wait()
    end()
    sys.stdout.flush()
    # Calls may be under way, and nobody is left to wait for them.
    os._exit(0)


def _wait_for_the_pipe(over: threading.Event) -> None:
    sys.stdin.buffer.read()
    over.set()
