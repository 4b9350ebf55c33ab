import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bulwark_toolkit import cli
from bulwark_toolkit.preview import record

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


@pytest.fixture
def bulwark(monkeypatch, capsys):
    """Run the command in this process."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["bulwark", *map(str, arguments)])
        monkeypatch.delenv("PULUMI_STACK", raising=False)
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return Result(int(stop.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def project(tmp_path):
    """A project with one stack, called dev, from the text of its program."""

    def make(main, config="{}", pulumi="name: app\nruntime: python\n"):
        (tmp_path / "Pulumi.yaml").write_text(pulumi)
        (tmp_path / "Pulumi.dev.yaml").write_text(f"config: {config}\n")
        (tmp_path / "__main__.py").write_text(main)
        return tmp_path

    return make


@pytest.fixture
def ours(tmp_path):
    """Our own project with one stack, from the text of its stack file."""

    def make(stack_file):
        for name in ("Pulumi.yaml", "__main__.py"):
            (tmp_path / name).write_text((ROOT / name).read_text())
        shutil.copytree(ROOT / "openapi", tmp_path / "openapi", dirs_exist_ok=True)
        (tmp_path / "Pulumi.dev.yaml").write_text(stack_file)
        return tmp_path

    return make


@pytest.fixture(scope="session")
def graphs():
    """What each config makes of our program: the same each time, so once is enough."""
    return {}


@pytest.fixture
def recorded_once(graphs, monkeypatch):
    """For tests of what a command does with the graph of our own program, not of the graph."""

    def once(program, **about):
        key = program.stack, tuple(sorted(program.config.items())), about["place"]
        if key not in graphs:
            graphs[key] = record(program, **about)
        return graphs[key]

    monkeypatch.setattr("bulwark_toolkit.cli.account.record", once)
