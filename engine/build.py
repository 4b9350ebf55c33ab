#!/usr/bin/env python3
"""Gets a Pulumi engine that runs this project: `python3 engine/build.py`, or `make engine`.

`python3 engine/build.py lambda` builds AWS's emulator of Lambda's runtime interface instead, in
which the functions run in tests.

The Pulumi CLI that is installed is used when it is new enough. Otherwise build/engine gets what is
missing, and with that folder first on PATH `pulumi preview -s dev` works as with an installed CLI:

  pulumi, pulumi-language-yaml    built from the Go modules that engine/cli and engine/yaml pin
  pulumi-language-python          starts engine/language_host.py in the project's environment

build/engine/stand-ins gets the providers of the end-to-end tests. It is a folder of its own, and
they refuse to start outside a test, so that nobody deploys to a make-believe cloud unawares.

Only Python's standard library is needed, and Go where there is no CLI. To move to another version,
run in engine/cli, and likewise in engine/yaml:

  go get -tool github.com/pulumi/pulumi/pkg/v3/cmd/pulumi@VERSION
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "build" / "engine"
STAND_INS = OUTPUT / "stand-ins"
PROVIDERS = ("aws", "azure-native", "command", "random", "time")

PYTHON_HOST = OUTPUT / "pulumi-language-python"
EXECUTOR = OUTPUT / "pulumi-language-python-exec"

# What the SDK in requirements.txt is made for; older engines are not tested with it.
OLDEST_CLI = (3, 272)
OLDEST = ".".join(map(str, OLDEST_CLI))


class EngineError(Exception):
    status = 1


class NothingToBuildWithError(EngineError):
    status = 2


@dataclass(frozen=True)
class GoProgram:
    """A program that is built from a pinned Go module."""

    name: str
    pins: Path
    """The folder of the go.mod and go.sum that pin it with all it needs."""
    module: str
    version_variable: str | None
    """Without it Pulumi's programs do not know their version, and Pulumi refuses them."""
    takes: str
    """How long the first build is, on two cores."""
    without_go: str
    """What to do where there is no Go, up to its address."""

    @property
    def version(self) -> str:
        requirement = re.search(rf"{re.escape(self.module)} (v\S+)", self._pin("go.mod"))
        assert requirement, f"{self.pins}/go.mod does not require {self.module}"
        return requirement[1]

    @property
    def command(self) -> list[str]:
        flags = "-s -w"
        if self.version_variable:
            flags += f" -X {self.version_variable}={self.version}"
        package = f"{self.module}/cmd/{self.name}"
        return ["build", "-trimpath", "-ldflags", flags, "-o", str(self.output), package]

    @property
    def output(self) -> Path:
        return OUTPUT / self.name

    @property
    def stamp(self) -> str:
        """Changes with whatever changes the program."""
        parts = [self._pin("go.mod"), self._pin("go.sum"), *self.command]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _pin(self, name: str) -> str:
        return (self.pins / name).read_text()


CLI = GoProgram(
    name="pulumi",
    pins=HERE / "cli",
    module="github.com/pulumi/pulumi/pkg/v3",
    version_variable="github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
    takes="about 4 minutes",
    without_go=f"no Pulumi CLI {OLDEST} or newer on PATH, and no Go to build one with. Install the "
    "CLI (https://www.pulumi.com/docs/install/) or Go",
)
YAML_HOST = GoProgram(
    name="pulumi-language-yaml",
    pins=HERE / "yaml",
    module="github.com/pulumi/pulumi-yaml",
    version_variable="github.com/pulumi/pulumi-yaml/pkg/version.Version",
    takes="about a minute",
    without_go="no Go to build the YAML language host with. Install Go",
)
LAMBDA = GoProgram(
    name="aws-lambda-rie",
    pins=HERE / "lambda",
    module="github.com/aws/aws-lambda-runtime-interface-emulator",
    version_variable=None,
    takes="half a minute",
    without_go="no Go to build Lambda's emulator with. Install Go",
)


def main(what: list[str]) -> int:
    STAND_INS.mkdir(parents=True, exist_ok=True)
    try:
        # Test processes that run side by side ask for the same build.
        with (OUTPUT / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if what == ["lambda"]:
                build(LAMBDA)
            else:
                provide()
    except EngineError as error:
        say(str(error))
        return error.status
    return 0


def provide() -> None:
    for provider in PROVIDERS:
        launcher = STAND_INS / f"pulumi-resource-{provider}"
        write_launcher(launcher, "../../..", f"provider_stand_in.py {provider}")
    if installed_cli():
        # What was built before would now hide the installed CLI and its hosts.
        for built in (CLI.output, PYTHON_HOST, EXECUTOR):
            built.unlink(missing_ok=True)
    else:
        provide_python_host(renewed=build(CLI))
    if installed(YAML_HOST.name):
        YAML_HOST.output.unlink(missing_ok=True)
    elif shutil.which("go"):
        build(YAML_HOST)
    else:
        say("there is no YAML language host, and no Go to build one; Python programs will run")


def installed_cli() -> bool:
    """Whether there is one on PATH that is new enough; says which is used and why."""
    path = installed(CLI.name)
    if not path:
        return False
    answer = subprocess.run([path, "version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"(\d+)\.(\d+)\.\d+", answer.stdout)
    if found and (int(found[1]), int(found[2])) >= OLDEST_CLI:
        say(f"using the installed pulumi {found[0]}: {path}")
        return True
    version = found[0] if found else "of unknown version"
    say(f"not using the installed pulumi {version}, older than {OLDEST}: {path}")
    return False


def installed(name: str) -> str | None:
    """The path of a program on PATH that we did not put there."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    others = [folder for folder in folders if Path(folder).resolve() != OUTPUT]
    return shutil.which(name, path=os.pathsep.join(others))


def build(program: GoProgram) -> bool:
    """Build what has changed; whether something had."""
    stamp = OUTPUT / f".{program.name}.stamp"
    if program.output.exists() and stamp.exists() and stamp.read_text() == program.stamp:
        say(f"{program.name} {program.version} is up to date")
        return False
    find_go(program.without_go)
    say(f"building {program.name} {program.version}; {program.takes} the first time ...")
    began = time.monotonic()
    stamp.unlink(missing_ok=True)
    go(*program.command, folder=program.pins)
    stamp.write_text(program.stamp)
    say(f"built {program.name} {program.version} in {time.monotonic() - began:.0f} s")
    return True


def provide_python_host(*, renewed: bool) -> None:
    if renewed or not EXECUTOR.exists():
        # The script that runs a program is part of the SDK that the CLI is built with.
        sdk = "github.com/pulumi/pulumi/sdk/v3"
        folder = go("list", "-m", "-f", "{{.Dir}}", sdk, folder=CLI.pins).strip()
        EXECUTOR.write_text(Path(folder, "python", "cmd", EXECUTOR.name).read_text())
    write_launcher(PYTHON_HOST, "../..", f'language_host.py --executor "$here/{EXECUTOR.name}"')


def go(*command: str, folder: Path) -> str:
    answer = subprocess.run(  # noqa: S603 the Go that the user has on PATH
        [find_go(), *command],
        cwd=folder,
        # No C compiler is needed, and no workspace of the user's gets in the way.
        env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        last_words = "\n".join(answer.stderr.splitlines()[-20:])
        raise EngineError(f"go {command[0]} failed in {folder}:\n{last_words}")
    return answer.stdout


def find_go(missing: str = "there is no Go") -> str:
    path = shutil.which("go")
    if not path:
        raise NothingToBuildWithError(
            f"{missing} (https://go.dev/doc/install), and run this again."
        )
    return path


def write_launcher(path: Path, root: str, arguments: str) -> None:
    """An executable that runs one of our scripts in the project's virtual environment.

    Pulumi finds its plugins by file name. The paths are relative, so the checkout may move.
    """
    text = LAUNCHER.format(root=root, arguments=arguments)
    # One that is right is left alone: another process may be starting it.
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        path.chmod(0o755)


LAUNCHER = """\
#!/bin/sh
# Written by engine/build.py.
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/{root}" && pwd)
if [ ! -x "$root/.venv/bin/python" ]; then
    echo "$0: there is no $root/.venv; create it with make" >&2
    exit 1
fi
exec "$root/.venv/bin/python" "$root/engine/"{arguments} "$@"
"""


def say(text: str) -> None:
    print(f"engine: {text}", flush=True)  # noqa: T201 this is a script


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
