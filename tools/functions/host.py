"""A small host for Microsoft's worker library: it runs a function app as the real one would.

    python host.py APP_FOLDER

It listens to loopback, and tells its address on standard error. HTTP functions are where their
routes say; `POST /-/invoke/FUNCTION` calls any other, with what its trigger brings:

    {"data": {"json": DOCUMENT} or {"string": TEXT}, "metadata": {NAME: VALUE}}

What it does not do is in docs/functions-on-azure.md: who may call, schedules, queues and their
retries are the real host's, and are not here.
"""

import asyncio
import importlib
import json
import logging
import os
import re
import sys
import tempfile
import threading
import types
import uuid
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import azure_functions_runtime.handle_event as worker
from azure_functions_runtime.utils.threadpool import start_threadpool_executor
from grpc_tools import protoc

HERE = Path(__file__).parent
INVOKE = "/-/invoke/"
PATIENCE_SECONDS = 300
FAILED, NOT_FOUND, UNAUTHORIZED = 500, 404, 401


class Worker:
    """The library, as the real host has it: functions are indexed once, and called by their id."""

    def __init__(self, folder: Path) -> None:
        self._protos = messages()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        start_threadpool_executor()
        request = self._protos.WorkerInitRequest(function_app_directory=str(folder))
        self._ask("worker_init_request", request)
        found = self._ask("functions_metadata_request", self._protos.FunctionsMetadataRequest())
        self.functions = [Function(each) for each in found.function_metadata_results]

    def call(self, function: "Function", data: Any, metadata: Mapping[str, Any]) -> Any:
        request = self._protos.InvocationRequest(
            invocation_id=str(uuid.uuid4()), function_id=function.id
        )
        given = request.input_data.add(name=function.trigger["name"])
        given.data.CopyFrom(data)
        for name, value in metadata.items():
            request.trigger_metadata[name].CopyFrom(self._told(value))
        return self._ask("invocation_request", request)

    def brought(
        self, *, json: Any = None, string: str | None = None, strings: Sequence[str] = ()
    ) -> Any:
        """What a trigger brings: a document, the text of a message, or those of several."""
        if strings:
            several = self._protos.CollectionString(string=strings)
            return self._protos.TypedData(collection_string=several)
        if string is None:
            return self._protos.TypedData(json=dumps(json))
        return self._protos.TypedData(bytes=string.encode())

    def _told(self, value: Any) -> Any:
        """What the host tells beside that."""
        if isinstance(value, str):
            return self._protos.TypedData(string=value)
        return self._protos.TypedData(json=dumps(value))

    def http(self, request: "Request", params: Mapping[str, str]) -> Any:
        body = self._protos.TypedData(bytes=request.body)
        return self._protos.TypedData(
            http=self._protos.RpcHttp(
                method=request.method,
                url=request.url,
                headers=request.headers,
                query=dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True)),
                params=params,
                body=body,
            )
        )

    def _ask(self, what: str, message: Any) -> Any:
        request = types.SimpleNamespace(
            request=self._protos.StreamingMessage(**{what: message}),
            properties={"protos": self._protos, "host": "127.0.0.1"},
        )
        asked = asyncio.run_coroutine_threadsafe(getattr(worker, what)(request), self._loop)
        answer = asked.result(PATIENCE_SECONDS)
        if answer.result.status != self._protos.StatusResult.Success:
            raise FailedError(answer.result.exception)
        return answer


class FailedError(Exception):
    """The app raised: as it was loaded, or as a function was called."""

    def __init__(self, exception: Any) -> None:
        super().__init__(exception.message)
        self.stack = exception.stack_trace


class Function:
    """One function of the app, as the worker has told of it."""

    def __init__(self, metadata: Any) -> None:
        self.id, self.name = metadata.function_id, metadata.name
        self.bindings = [json.loads(binding) for binding in metadata.raw_bindings]
        self.trigger = next(b for b in self.bindings if b["type"].lower().endswith("trigger"))

    def answers(self, method: str, path: str, prefix: str) -> Mapping[str, str] | None:
        """The parameters in the path, if it is a request for this function."""
        if self.trigger["type"].lower() != "httptrigger":
            return None
        methods = [each.upper() for each in self.trigger.get("methods") or ()]
        route = "/".join(filter(None, [prefix, self.trigger.get("route") or self.name]))
        match = re.fullmatch(pattern(route), path.strip("/"))
        return match.groupdict("") if match and (not methods or method in methods) else None


def pattern(route: str) -> str:
    """A route as a regular expression: {name}, {name?} and {*rest}."""
    parts = re.split(r"({[^{}]+})", route.strip("/"))
    return "".join(map(_part, parts)).replace("/(?:", "(?:/")


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = re.sub(r"[^\w]", "", part.partition(":")[0])
    if part.startswith("{*"):
        return f"(?:(?P<{name}>.*))?"
    return f"(?:(?P<{name}>[^/]+))?" if part.endswith("?}") else f"(?P<{name}>[^/]+)"


class Request:
    """A request over HTTP, as the host hands it on."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self.method = handler.command
        self.path = urlsplit(handler.path).path
        self.url = f"http://{handler.headers.get('Host', 'localhost')}{handler.path}"
        self.headers = dict(handler.headers.items())
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))


class Host:
    def __init__(self, folder: Path) -> None:
        settings = json.loads((folder / "host.json").read_text(encoding="utf-8"))
        self._prefix = settings.get("extensions", {}).get("http", {}).get("routePrefix", "api")
        self._worker = Worker(folder)

    def answer(self, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
        if request.path.startswith(INVOKE):
            return self._invoked(request.path.removeprefix(INVOKE), json.loads(request.body))
        for function, params in self._found(request):
            if function.trigger.get("authLevel", "function").lower() != "anonymous":
                return UNAUTHORIZED, [], b""  # a key is wanted, and there are none here
            try:
                answer = self._worker.call(function, self._worker.http(request, params), {})
            except FailedError as error:
                logging.exception(error.stack)
                return FAILED, [], b""
            return over_http(answer.return_value)
        return NOT_FOUND, [], b""

    def _found(self, request: Request) -> Iterator[tuple[Function, Mapping[str, str]]]:
        """Who answers, the most exact route first."""
        found = [
            (function, params)
            for function in self._worker.functions
            if (params := function.answers(request.method, request.path, self._prefix)) is not None
        ]
        yield from sorted(found, key=lambda each: ("{*" in str(each[0].trigger), len(each[1])))

    def _invoked(self, name: str, given: Any) -> tuple[int, list[tuple[str, str]], bytes]:
        function = next((each for each in self._worker.functions if each.name == name), None)
        if function is None:
            names = [each.name for each in self._worker.functions]
            return NOT_FOUND, [], json.dumps({"known": names}).encode()
        data = self._worker.brought(**given["data"])
        try:
            answer = self._worker.call(function, data, given.get("metadata", {}))
        except FailedError as error:
            said = {"message": str(error), "stack": error.stack}
            return FAILED, [], json.dumps(said).encode()
        outputs = {each.name: plain(each.data) for each in answer.output_data}
        told = {"returned": plain(answer.return_value), "outputs": outputs}
        return 200, [("Content-Type", "application/json")], json.dumps(told).encode()


def over_http(returned: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    if returned.WhichOneof("data") != "http":  # a function that returned nothing
        return 204, [], b""
    http = returned.http
    headers = list(http.headers.items())
    headers += [("Set-Cookie", f"{cookie.name}={cookie.value}") for cookie in http.cookies]
    body = plain(http.body)
    content = body.encode() if isinstance(body, str) else (body or b"")
    return int(http.status_code or 200), headers, content


def plain(data: Any) -> Any:
    kind = data.WhichOneof("data")
    return None if kind is None else getattr(data, kind)


def messages() -> Any:
    """The classes of the messages, made of their description."""
    folder = tempfile.mkdtemp(prefix="function-rpc-")
    # The package brings google's own messages, which are in ours.
    include = Path(importlib.import_module("grpc_tools").__file__ or "").parent / "_proto"
    arguments = ["protoc", f"-I{HERE}", f"-I{include}", f"--python_out={folder}"]
    if protoc.main([*arguments, str(HERE / "function_rpc.proto")]):
        sys.exit("the messages between host and worker could not be made")
    sys.path.insert(0, folder)
    return importlib.import_module("function_rpc_pb2")


def handler_of(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def respond(self) -> None:
            status, headers, body = host.answer(Request(self))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = respond  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """What is logged is the app's."""

    return Handler


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    os.chdir(folder)
    # As the platform has it: the app's own packages are found first.
    sys.path[:0] = [str(folder / ".python_packages" / "lib" / "site-packages"), str(folder)]
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("azure").setLevel(logging.WARNING)
    host = Host(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(host))
    sys.stderr.write(f"listening on 127.0.0.1:{server.server_port}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
