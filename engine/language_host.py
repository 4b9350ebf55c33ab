"""Runs Python programs, component plugins and policy packs for the Pulumi engine.

An installed CLI brings its own host, `pulumi-language-python`. That host's Go module cannot be
fetched, so where the CLI is built from its module this one stands in for it. The program itself
runs in Pulumi's own executor script, which build.py takes from the CLI's Go module.
"""
# ruff: noqa: ARG002, N802 gRPC names the methods and their parameters

import argparse
import json
import queue
import threading
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2 as messages
from pulumi.runtime.proto import language_pb2_grpc, plugin_pb2

from children import Children, end
from plugin_process import serve
from python_environment import PythonEnvironment, UnusableError

# The executor's status for "the user has been told why already".
_TOLD = 32


class PythonHost(language_pb2_grpc.LanguageRuntimeServicer):
    def __init__(self, engine: str, executor: str, children: Children) -> None:
        self._engine = engine
        self._executor = executor
        self._children = children

    def GetPluginInfo(self, request: Empty, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi"))

    def GetRequiredPackages(
        self, request: Any, context: Any
    ) -> messages.GetRequiredPackagesResponse:
        # The SDK names its provider and version at the first resource, which is early enough.
        return messages.GetRequiredPackagesResponse()

    def InstallDependencies(
        self, request: Any, context: grpc.ServicerContext
    ) -> Iterator[messages.InstallDependenciesResponse]:
        python = _environment(request.info, context).python
        # The engine asks for each plugin that it starts, the user only for a program.
        if not request.is_plugin:
            text = f"nothing was installed: this host does not; use {python} -m pip install\n"
            yield messages.InstallDependenciesResponse(stderr=text.encode())

    def Run(self, request: Any, context: grpc.ServicerContext) -> messages.RunResponse:
        try:
            environment = PythonEnvironment.of(request.info)
        except UnusableError as error:
            return messages.RunResponse(error=str(error))
        config = {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        child = self._children.start(
            [environment.python, "-u", self._executor, *_arguments(request, self._engine)],
            request.pwd,
            {**environment.variables, **config},
        )
        context.add_callback(lambda: end(child))
        return _outcome(self._children.wait(child))

    def RunPlugin(
        self, request: Any, context: grpc.ServicerContext
    ) -> Iterator[messages.RunPluginResponse]:
        environment = _environment(request.info, context)
        child = self._children.start(
            [environment.python, "-u", *_plugin(request)],
            request.pwd or request.info.program_directory,
            {**environment.variables, **dict(pair.split("=", 1) for pair in request.env)},
            captured=True,
        )
        context.add_callback(lambda: end(child))
        assert child.stdout
        assert child.stderr
        for stream, chunk in _chunks(stdout=child.stdout, stderr=child.stderr):
            output: dict[str, Any] = {stream: chunk}
            yield messages.RunPluginResponse(**output)
        yield messages.RunPluginResponse(exitcode=self._children.wait(child))

    def Cancel(self, request: Empty, context: Any) -> Empty:
        self._children.end()
        return Empty()


def _environment(info: Any, context: grpc.ServicerContext) -> PythonEnvironment:
    try:
        return PythonEnvironment.of(info)
    except UnusableError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))


def _arguments(request: Any, engine: str) -> list[str]:
    """The executor's command line."""
    options = {
        "monitor": request.monitor_address,
        "engine": engine,
        "project": request.project,
        "root_directory": request.info.root_directory,
        "stack": request.stack,
        "organization": request.organization,
        "pwd": request.pwd,
        "dry_run": str(request.dryRun).lower(),
        "parallel": str(request.parallel),
    }
    flags = [f"--{name}={value}" for name, value in options.items() if value]
    program = Path(request.info.program_directory, request.info.entry_point)
    return [*flags, str(program), *request.args]


def _outcome(status: int) -> messages.RunResponse:
    if status == _TOLD:
        return messages.RunResponse(bail=True)
    if status < 0:
        return messages.RunResponse(error=f"Program was ended by signal {-status}")
    if status:
        return messages.RunResponse(error=f"Program exited with non-zero exit code: {status}")
    return messages.RunResponse()


def _plugin(request: Any) -> Sequence[str]:
    folder = Path(request.info.program_directory)
    if request.kind == "analyzer":
        engine_address, *_ = request.args
        return ["-m", "pulumi.policy", engine_address, str(folder)]
    return [str(folder / request.info.entry_point), *request.args]


def _chunks(**streams: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """What arrives on any of the streams, as it arrives, until all are closed."""
    arrived: queue.Queue[tuple[str, bytes]] = queue.Queue()

    def read(name: str, stream: Any) -> None:
        while chunk := stream.read1():
            arrived.put((name, chunk))
        arrived.put((name, b""))

    for name, stream in streams.items():
        threading.Thread(target=read, args=[name, stream], daemon=True).start()
    still_open = len(streams)
    while still_open:
        name, chunk = arrived.get()
        if chunk:
            yield name, chunk
        else:
            still_open -= 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executor", required=True, help="Pulumi's script that runs a program")
    parser.add_argument("engine", nargs="?", default="", help="address of the engine")
    # The engine adds flags for logging and tracing, which we have no use for.
    arguments, _ = parser.parse_known_args()
    children = Children()
    host = PythonHost(arguments.engine, arguments.executor, children)
    serve(
        lambda server: language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server),
        end=children.end,
    )


if __name__ == "__main__":
    main()
