"""Takes an environment away, through the real Pulumi CLI."""

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from pulumi_bulwark.config import NAMESPACE

from ..preview import ProgramError, Project, UsageError
from . import common

_BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")

_EMPTIED_BY_DELETION = ("azure-native:storage:StorageAccount",)
"""What goes with all that it holds, and need not be opened before."""


@dataclass(frozen=True, slots=True)
class _Restorable:
    """A kind of resource that the cloud gives back for a time after it was deleted."""

    type: str
    what: str
    days: float
    """For how long, unless its inputs say otherwise."""
    at: tuple[str, ...] = ()
    """Where its inputs say so."""

    def days_of(self, inputs: Mapping[str, Any]) -> float:
        found: Any = inputs
        for name in self.at:
            found = found.get(name, {}) if isinstance(found, Mapping) else {}
        return found if isinstance(found, int | float) else self.days


_RESTORABLE = (
    _Restorable("aws:kms/key:Key", "KMS keys", 30, ("deletionWindowInDays",)),
    _Restorable("aws:secretsmanager/secret:Secret", "secrets", 30, ("recoveryWindowInDays",)),
    _Restorable(
        "azure-native:keyvault:Vault",
        "key vaults with all they hold, whose names are taken until then",
        90,
        ("properties", "softDeleteRetentionInDays"),
    ),
    _Restorable("azure-native:operationalinsights:Workspace", "workspaces with their logs", 14),
    _Restorable("azure-native:apimanagement:ApiManagementService", "API Management services", 2),
)

_AT_ONCE = ("--yes", "--skip-preview")
"""The question has been asked, and what goes has been shown."""


@click.command(epilog="Example: bulwark teardown -s dev")
@common.directory
@click.option("-s", "--stack", required=True, metavar="STACK", help="The stack to take away.")
@click.option("--yes", is_flag=True, help="Do not ask: for pipelines.")
def teardown(directory: Path, stack: str, *, yes: bool) -> None:
    """Take an environment away: its buckets with all they hold, then everything else.

    It needs the Pulumi CLI, and asks first. What bulwark:protection.deletion protects it refuses,
    and a prod environment always.
    """
    project = Project.find(directory)
    name = stack.rpartition("/")[2]
    _check(name, *project.config(name, leave=NAMESPACE))
    if not shutil.which("pulumi"):
        raise UsageError(
            "no pulumi on PATH: install the Pulumi CLI, or build it with `make engine` and put "
            "build/engine on PATH"
        )
    cli = _Cli(project, stack)
    state = cli.state()
    if not state.resources:
        click.echo(f"nothing is deployed in {name}", err=True)
        return
    state.check(name)
    click.echo(state.shown(name), err=True)
    if not yes:
        _ask(name)
    with _ended_in_order(), _stack_file(project, name) as file:
        if buckets := [bucket["urn"] for bucket in state.buckets]:
            cli.open_buckets(file, buckets)
        cli.destroy(file)


def _check(name: str, config: Mapping[str, str], secrets: set[str]) -> None:
    settings = common.settings(config, secrets)
    if settings is None:
        raise UsageError(
            f"{name} has no settings of Bulwark, so nothing says whether it may go; "
            f"use pulumi destroy -s {name}"
        )
    if settings.profile == "prod":
        raise UsageError(
            f"{name} is a prod environment (bulwark:profile), and no command takes one away. Do it "
            "by hand, step by step: bulwark:protection.deletion to false, pulumi up, empty the "
            "buckets, pulumi destroy"
        )
    if settings.protection.deletion:
        raise UsageError(
            f"{name} is protected by bulwark:protection.deletion. To take it away on purpose, set "
            f"it to false and run pulumi up -s {name} first"
        )


def _ask(name: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone, and there is no terminal to ask on; say --yes")
    if click.prompt("Type the stack's name to take it away", err=True).strip() != name:
        raise UsageError(f"that is not {name}; nothing was touched")


@dataclass(frozen=True)
class _State:
    """What Pulumi has deployed."""

    resources: list[Mapping[str, Any]]
    """What is in the cloud and managed here: no components, no providers."""

    @property
    def kept(self) -> list[Mapping[str, Any]]:
        return [r for r in self.resources if r.get("retainOnDelete")]

    @property
    def going(self) -> list[Mapping[str, Any]]:
        return [r for r in self.resources if not r.get("retainOnDelete")]

    @property
    def buckets(self) -> list[Mapping[str, Any]]:
        return [r for r in self.going if r["type"] in _BUCKETS]

    @property
    def emptied(self) -> list[Mapping[str, Any]]:
        """What holds data that nobody can bring back."""
        return [r for r in self.going if r["type"] in (*_BUCKETS, *_EMPTIED_BY_DELETION)]

    @property
    def emptied_by_hand(self) -> list[Mapping[str, Any]]:
        """What Azure deletes only once nothing is in it: made for locks, be they open or not."""
        return [
            r
            for r in self.emptied
            if r["inputs"].get("immutableStorageWithVersioning", {}).get("enabled")
        ]

    def check(self, name: str) -> None:
        if protected := [r for r in self.resources if r.get("protect")]:
            raise UsageError(
                f"{_names(protected)}: still protected, though the stack file is not for it any "
                f"more; run pulumi up -s {name} first"
            )

    def shown(self, name: str) -> str:
        services = Counter(_service(r["type"]) for r in self.going)
        counted = ", ".join(f"{service} {n}" for service, n in sorted(services.items()))
        lines = [
            f"{name}: what a teardown does",
            f"  goes        {len(self.going)} resources ({counted})",
        ]
        if self.emptied:
            lines.append(f"  goes        everything that is in {_names(self.emptied)}")
        if self.emptied_by_hand:
            lines.append(
                f"  by hand     {_names(self.emptied_by_hand)}: Azure deletes it once it is empty, "
                "and the run ends there until then; see docs/teardown.md"
            )
        lines += [f"  can return  {line}" for line in self._restorable()]
        if self.kept:
            lines.append(f"  stays       {_names(self.kept)}: others in the account need it")
        return "\n".join(lines)

    def _restorable(self) -> Iterator[str]:
        for kind in _RESTORABLE:
            windows = Counter(
                kind.days_of(r["inputs"]) for r in self.going if r["type"] == kind.type
            )
            for window, number in sorted(windows.items()):
                if window:
                    yield f"{kind.what}: {number}, when asked for within {window:g} days"


def _names(resources: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(r["urn"].rpartition("::")[2] for r in resources)


def _service(type_: str) -> str:
    package, _, rest = type_.partition(":")
    return f"{package}.{rest.partition('/')[0].partition(':')[0]}"


@contextlib.contextmanager
def _stack_file(project: Project, name: str) -> Iterator[Path]:
    """A copy of the stack file, for settings that hold for this run only."""
    (file,) = (
        found
        for ending in ("yaml", "yml", "json")
        if (found := project.stack_folder / f"Pulumi.{name}.{ending}").is_file()
    )
    # Only its owner can look into it: there may be encrypted settings in the file.
    with tempfile.TemporaryDirectory(prefix="bulwark-teardown-") as folder:
        yield Path(shutil.copyfile(file, Path(folder) / file.name))


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Have the copy of the stack file removed also when the process is told to end."""

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    told = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = [(number, signal.signal(number, end)) for number in told]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


@dataclass(frozen=True)
class _Cli:
    """The Pulumi CLI, for one stack."""

    project: Project
    stack: str

    def state(self) -> _State:
        command = self._command("stack", "export", "--non-interactive")
        done = subprocess.run(  # noqa: S603 our own words, and the name of a stack
            command, cwd=self.project.root, capture_output=True, text=True, check=False
        )
        if "no stack named" in done.stderr:
            raise UsageError(
                f"there is no stack {self.stack} in this backend; `pulumi whoami -v` tells which "
                "one it is, `pulumi stack ls` what it has"
            )
        if done.returncode:
            raise UsageError(f"pulumi stack export: {done.stderr.strip()}")
        found = json.loads(done.stdout)["deployment"].get("resources") or []
        return _State([r for r in found if _is_managed(r)])

    def open_buckets(self, file: Path, urns: list[str]) -> None:
        """Let S3 delete the buckets with what they hold: the one thing a destroy cannot ask for."""
        # `up -c` would replace the whole block; this sets what is below it.
        path = f"{NAMESPACE}:protection.contents"
        self._run("config", "set", "--path", path, "false", "--config-file", str(file))
        targets = [word for urn in urns for word in ("--target", urn)]
        self._run("up", *_AT_ONCE, "--config-file", str(file), *targets)

    def destroy(self, file: Path) -> None:
        # Pulumi may write to the stack file, so here it gets the copy as well.
        self._run("destroy", *_AT_ONCE, "--config-file", str(file))

    def _run(self, verb: str, *arguments: str) -> None:
        with subprocess.Popen(  # noqa: S603 our own words, and names from the state
            self._command(verb, *arguments), cwd=self.project.root
        ) as process:
            status = _waited_for(process)
        if status:
            raise ProgramError(
                f"pulumi {verb} ended with status {status}, and nothing was done after it. Mend "
                f"what it says and go on with `bulwark teardown -s {self.stack}`, or go back with "
                f"`pulumi up -s {self.stack}`"
            )

    def _command(self, *arguments: str) -> list[str]:
        return ["pulumi", *arguments, "--stack", self.stack]


def _is_managed(resource: Mapping[str, Any]) -> bool:
    managed = resource.get("custom") and not resource.get("external")
    return bool(managed) and not resource["type"].startswith("pulumi:")


def _waited_for(process: subprocess.Popen[bytes]) -> int:
    """The status of the CLI, which is left to end in order whatever we are told."""
    interrupted = False
    while process.returncode is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            # The terminal has told the CLI as well: it finishes what it has begun.
            interrupted = True
        except SystemExit:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    if interrupted and process.returncode == 0:
        raise KeyboardInterrupt
    return process.returncode
