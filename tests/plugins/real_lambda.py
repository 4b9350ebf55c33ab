"""Lambda's own runtime as a fixture: from a package's zip to a function that can be called."""

import fcntl
import functools
import platform
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from bulwark_toolkit import lambda_runtime as runtime
from bulwark_toolkit.packaging import Target, build
from pulumi_bulwark.function import Package

ROOT = Path(__file__).parents[2]
NOTHING_TO_BUILD_WITH = 2
MACHINES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}

HERE = Target(sys.version_info[:2], MACHINES[platform.machine()])
"""This machine: the twin, from the same lock, of what is deployed."""


@pytest.fixture(scope="session")
def lambda_parts():
    build = [sys.executable, ROOT / "engine" / "build.py", "lambda"]
    answer = subprocess.run(build, capture_output=True, text=True, check=False)
    if answer.returncode == NOTHING_TO_BUILD_WITH:
        pytest.skip(f"no function runs in Lambda's runtime: {answer.stdout}")
    assert answer.returncode == 0, answer.stdout
    python = ROOT / ".venvs" / "lambda" / "bin" / "python"
    assert python.exists(), "make .venvs/lambda/.installed"
    return runtime.Parts(emulator=ROOT / "build" / "engine" / "aws-lambda-rie", python=python)


@pytest.fixture(scope="session")
def packaged():
    """The zip of a job of ours, or of a folder of the repository, for this machine."""

    @functools.cache
    def make(what):
        package = what if isinstance(what, Package) else Package(what)
        (ROOT / "build").mkdir(exist_ok=True)
        # Tests that run side by side share the cache of wheels.
        with (ROOT / "build" / ".packaging.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return build(package, HERE, ROOT).path

    return make


@pytest.fixture
def lambda_runtime(lambda_parts, packaged):
    """Start a job in Lambda's runtime: `invoke = lambda_runtime(job, handler, environment)`.

    Each call of `invoke` is an event to its answer, or a FunctionError. It ends with the test.
    """
    with ExitStack() as running:

        def start(job, handler, environment=None, **more):
            started = runtime.running(
                packaged(job), handler, lambda_parts, environment=environment, **more
            )
            return running.enter_context(started)

        yield start
