"""What the preview changes in the Pulumi SDK while a program runs.

Some of it has no public name. A test shows that each name is still there, and `pyproject.toml`
says which versions of the SDK were seen.
"""

import asyncio
import contextlib
import functools
import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
from pulumi import _types, log
from pulumi.output import UNKNOWN, Output
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import resource as pulumi_resource
from pulumi.runtime import rpc, settings
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import alias_pb2, source_pb2

from . import sdk_files, sdk_outputs
from .wire import waiting

_TOOLKIT = Path(__file__).parents[1]


@contextlib.contextmanager
def adjusted(root: Path) -> Iterator[None]:
    """Everything below, while the program of the project at `root` runs."""
    with _quick(root), _opaque_secrets(), _outputs_that_wait():
        yield


# --- speed, each measured in benchmarks/ ---


@contextlib.contextmanager
def _quick(root: Path) -> Iterator[None]:
    """Leave out what costs most and is not looked at here.

    Cyclic garbage collection walks every output of every resource again and again. The SDK
    formats a stack trace for each resource and a debug message for each step, makes of outputs a
    URN for when there is no engine, wraps each alias in outputs twice (azure-native has dozens
    for every resource), makes tasks of every text in a document, four futures and a task of every
    output of a resource, and has the event loop call back for outputs that were there from the
    start.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        with (
            sdk_files.when_used(),
            mock.patch.object(pulumi_resource, "_get_stack_trace", partial(_stack_trace, root)),
            mock.patch.object(log, "debug", _silent),
            mock.patch.object(pulumi.resource, "collapse_alias_to_urn", _silent),
            mock.patch.object(pulumi_resource, "prepare_aliases", _aliases),
            mock.patch.object(pulumi_resource, "create_urn", _no_urn),
            mock.patch.object(rpc, "transfer_properties", sdk_outputs.outputs_to_come),
            mock.patch.object(_types, "unwrap_type", sdk_outputs.unwrapped),
            mock.patch.object(Output, "from_input", staticmethod(sdk_outputs.from_input)),
            mock.patch.object(Output, "_track", sdk_outputs.track),
            mock.patch.object(pulumi.output, "contains_unknowns", sdk_outputs.contains_unknowns),
        ):
            yield
    finally:
        if collecting:
            gc.enable()


def _silent(*_: Any, **__: Any) -> None:
    """Says nothing, and makes nothing for engines that do not take aliases as they are."""


class _NoUrn:
    async def future(self) -> None:
        """What the SDK would say if it had no monitor to ask."""


def _no_urn(*_: Any) -> _NoUrn:
    return _NoUrn()


async def _aliases(
    _: Any,
    options: pulumi.ResourceOptions | None,
    __: bool,  # noqa: FBT001 the SDK's signature
) -> list[alias_pb2.Alias]:
    found = []
    for alias in (options and options.aliases) or ():
        settled = alias if isinstance(alias, str | pulumi.Alias) else await _future(alias)
        if isinstance(settled, pulumi.Alias) and _is_of_type(settled):
            found.append(_of_type(settled.type_))
        elif isinstance(settled, str):
            found.append(alias_pb2.Alias(urn=settled))
        elif settled is not None:
            found.append(alias_pb2.Alias(spec=await pulumi_resource.create_alias_spec(settled)))
    return found


@functools.cache
def _of_type(token: str) -> alias_pb2.Alias:
    """The alias of what had another type, as generated SDKs have them; for whom it is copied."""
    return alias_pb2.Alias(spec=alias_pb2.Alias.Spec(type=token))


def _is_of_type(alias: pulumi.Alias) -> bool:
    """Whether nothing but the type was another."""
    return (
        alias.name is alias.parent is alias.stack is alias.project is ...
        and type(alias.type_) is str
    )


async def _future(value: pulumi.Input[Any]) -> Any:
    return await Output.from_input(value).future()


def _stack_trace(root: Path) -> source_pb2.StackTrace:
    """Where in the project's own files a resource is made: the line that calls its class."""
    frame = sys._getframe(1)  # noqa: SLF001 the only way to look up the stack without its cost
    resource = frame.f_locals.get("res")
    while frame and (
        not in_project(frame.f_code.co_filename, root) or frame.f_locals.get("self") is resource
    ):
        frame = frame.f_back
    if frame is None:
        return source_pb2.StackTrace()
    path = in_project(frame.f_code.co_filename, root)
    position = source_pb2.SourcePosition(uri=f"project:///{path}", line=frame.f_lineno)
    return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=position)])


def in_project(filename: str, root: Path) -> str:
    """A file's path in the project; empty for one that is a package's or the toolkit's."""
    return _in_project(filename, str(root))


@functools.cache
def _in_project(filename: str, root: str) -> str:
    path = Path(filename)
    if (
        path.is_relative_to(root)
        and not {"site-packages", "dist-packages"} & set(path.parts)
        and not path.is_relative_to(_TOOLKIT)
    ):
        return path.relative_to(root).as_posix()
    return ""


class Inline(ThreadPoolExecutor):
    """Runs the SDK's calls to the monitor where they are made.

    Nothing is to be waited for in process, and the order of calls is then the same every time.
    Once a callback server runs (transforms, hooks), the event loop must stay free to serve it.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        of_the_sdk = getattr(fn, "__module__", "").startswith("pulumi.runtime")
        if not of_the_sdk or _CallbackServicer._servicers:  # noqa: SLF001 settings hold one a task
            return super().submit(fn, *args, **kwargs)
        # The loop takes one of its own as it is, without a lock and a wake-up.
        future: Any = asyncio.get_running_loop().create_future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 the future carries it to whoever waits
            future.set_exception(error)
        return future


async def settle() -> None:
    """Wait for the outputs all at once.

    The SDK does so one at a time, looking at all that are left each time: with thousands of
    resources that is most of the run. What fails here it reports.
    """
    state: Any = settings.SETTINGS  # its own decorator hides the types of its attributes
    while pending := [task for task in state.outputs if not task.done()]:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
        if any(task.cancelled() or task.exception() for task in done):
            break


# --- encrypted config ---


@contextlib.contextmanager
def _opaque_secrets() -> Iterator[None]:
    """Make the secret getters of `pulumi.Config` give secret unknowns for encrypted keys.

    The plain getters see the protocol's own mark of an unknown, so that what is made of it is
    unknown as well and not the text of nobody's secret.
    """
    with contextlib.ExitStack() as patches:
        for name in [name for name in vars(pulumi.Config) if "secret" in name]:
            opaque = _opaque(getattr(pulumi.Config, name))
            patches.enter_context(mock.patch.object(pulumi.Config, name, opaque))
        yield


def _opaque(getter: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(getter)
    def get(config: pulumi.Config, key: str, *args: Any, **kwargs: Any) -> Any:
        if pulumi_config.get_config(config.full_key(key)) == rpc.UNKNOWN:
            return Output(set(), _settled(UNKNOWN), _settled(False), _settled(True))
        return getter(config, key, *args, **kwargs)

    return get


def _settled(value: Any) -> "asyncio.Future[Any]":
    future = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future


# --- what the unknown outputs of a component wait for ---


@contextlib.contextmanager
def _outputs_that_wait() -> Iterator[None]:
    """Let unknown outputs of components name the resources behind them.

    For inputs the protocol carries these names, for registered outputs it does not.
    """
    register = pulumi.ComponentResource.register_outputs

    def named(component: pulumi.ComponentResource, outputs: Any) -> None:
        register(component, _named(outputs))

    with mock.patch.object(pulumi.ComponentResource, "register_outputs", named):
        yield


def _named(value: Any) -> Any:
    if isinstance(value, Output):
        return Output.from_input(_when_settled(value))
    if isinstance(value, Mapping):
        return {key: _named(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_named(item) for item in value]
    return value


async def _when_settled(output: Output[Any]) -> Any:
    if await output.is_known():
        return output
    urns = [await resource.urn.future() for resource in await output.resources()]
    found = waiting(sorted(urn for urn in urns if urn))
    return Output.secret(found) if await output.is_secret() else found
