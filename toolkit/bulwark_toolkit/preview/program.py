"""Runs a Pulumi program in process, in front of the monitor that stands in for the engine."""

import asyncio
import contextlib
import contextvars
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
from pulumi import RunError
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import rpc, settings, stack

from . import sdk
from .errors import ProgramError
from .monitor import Monitor
from .urns import urn as make_urn

Run = Callable[[], Awaitable[None] | None]


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program with its config, as Pulumi would start it."""

    run: Run
    project: str
    stack: str
    organization: str = "organization"
    config: Mapping[str, str] = field(default_factory=dict)
    """By full key; text, or JSON text for what is structured."""
    secrets: frozenset[str] = frozenset()
    """Keys whose value is encrypted. There is no key to open them here, so they are unknown."""
    root: Path = field(default_factory=Path.cwd)
    """The project's folder."""


@dataclass(frozen=True, slots=True)
class Made:
    """A resource's class and its place in the order of the program."""

    resource: type[pulumi.Resource]
    order: int


def run(program: Program, monitor: Monitor, made: dict[str, Made]) -> None:
    """Run `program` until every registration has settled; `made` fills with what it makes, by URN.

    Raises what the program raises: a RunError as it is, anything else as a ProgramError.
    """
    observer = _Observer(program.project, program.stack, made)
    try:
        with sdk.adjusted(program.root), contextlib.redirect_stdout(sys.stderr):
            # The SDK keeps its state in context variables: a context of its own isolates a run.
            contextvars.copy_context().run(_isolated, program, monitor, observer)
    except RunError:
        raise
    except Exception as error:
        raise ProgramError(_users_frames(error, program.root)) from error
    except SystemExit as stop:
        if stop.code:
            raise ProgramError(f"the program ended itself with status {stop.code}") from None


def _isolated(program: Program, monitor: Monitor, observer: "_Observer") -> None:
    opaque = dict.fromkeys(program.secrets, rpc.UNKNOWN)
    pulumi_config.set_all_config({**program.config, **opaque}, list(program.secrets))
    settings.ROOT.set(None)
    settings.configure(
        settings.Settings(
            project=program.project,
            stack=program.stack,
            organization=program.organization,
            root_directory=str(program.root),
            monitor=monitor,
            engine=monitor,
            dry_run=True,
        )
    )
    asyncio.run(stack.run_in_stack(_settling(program.run, observer)))


@dataclass
class _Observer:
    """Sees each resource in its constructor, as a transformation that changes nothing.

    The calls to the monitor come later, in an order that depends on what waits for what, and do
    not tell the resource's class.
    """

    project: str
    stack: str
    made: dict[str, Made]
    _urns: dict[pulumi.Resource, str] = field(default_factory=dict)

    def __call__(self, args: pulumi.ResourceTransformationArgs) -> None:
        above = args.opts.parent
        parent = self._urns.get(above, "") if above is not None else ""
        urn = make_urn(self.stack, self.project, parent, args.type_, args.name)
        self._urns[args.resource] = urn
        self.made.setdefault(urn, Made(type(args.resource), len(self.made)))


def _settling(program: Run, observer: _Observer) -> Run:
    async def run_and_settle() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(sdk.Inline())
        # A failure is told once, by the SDK, and not again by every output that waited for it.
        loop.set_exception_handler(lambda _, __: None)
        pulumi.runtime.register_stack_transformation(observer)
        result = program()
        if result is not None:
            await result
        await sdk.settle()

    return run_and_settle


def _users_frames(error: BaseException, root: Path) -> str:
    every = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in every if sdk.in_project(frame.filename, root)]
    for frame in frames:
        frame.filename = sdk.in_project(frame.filename, root)
    # What fails in a callback of the SDK's own, such as a missing output of another stack.
    frames = frames or every[-1:]
    said = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, ModuleNotFoundError):
        said += f"\nThe program runs in this interpreter: {sys.executable}; install it there."
    return "".join(["the program raised:\n", *traceback.format_list(frames), said])
