"""How engine/build.py decides, with a make-believe `pulumi` and `go` on PATH."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ENGINE = Path(__file__).resolve().parents[2] / "engine"
NOTHING_TO_BUILD_WITH = 2

PULUMI = "#!/bin/sh\necho v{version}\n"
GO = """\
#!/bin/sh
echo "$@" >> "{log}"
[ "$1" = list ] && echo "{sdk}" && exit 0
while [ "$1" != -o ]; do shift; done
echo built > "$2"
"""
FAILING_GO = "#!/bin/sh\necho 'no network today' >&2\nexit 1\n"


class Machine:
    """A checkout with our engine folder, and a PATH with what is put on it."""

    def __init__(self, folder):
        self.engine = folder / "engine"
        self.output = folder / "build" / "engine"
        self.bin = folder / "bin"
        self.log = folder / "go.log"
        shutil.copytree(ENGINE, self.engine)
        self.bin.mkdir()
        executor = folder / "sdk" / "python" / "cmd" / "pulumi-language-python-exec"
        executor.parent.mkdir(parents=True)
        executor.write_text("# Pulumi's own\n")
        self.go = GO.format(log=self.log, sdk=folder / "sdk")

    def install(self, name, text):
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def build(self, *more_on_path, what=()):
        path = os.pathsep.join(map(str, [*more_on_path, self.bin]))
        return subprocess.run(
            [sys.executable, self.engine / "build.py", *what],
            env={"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )

    def builds(self):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.startswith("build")]

    def built(self):
        """What would be found on PATH."""
        return sorted(p.name for p in self.output.iterdir() if p.is_file() and p.name[0] != ".")


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_an_installed_cli_is_used_and_named(machine):
    machine.install("pulumi", PULUMI.format(version="3.300.1"))

    answer = machine.build()

    assert answer.returncode == 0
    assert f"using the installed pulumi 3.300.1: {machine.bin}/pulumi" in answer.stdout
    assert machine.built() == []


def test_a_cli_that_is_too_old_is_named_and_not_used(machine):
    machine.install("pulumi", PULUMI.format(version="3.100.0"))
    machine.install("go", machine.go)

    answer = machine.build()

    assert answer.returncode == 0
    assert "not using the installed pulumi 3.100.0" in answer.stdout
    assert "pulumi" in machine.built()


def test_without_a_cli_all_that_it_needs_is_built(machine):
    machine.install("go", machine.go)

    assert machine.build().returncode == 0

    assert machine.built() == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-language-yaml",
    ]
    cli, yaml_host = machine.builds()
    assert "version.Version=v3." in cli
    assert "version.Version=v1." in yaml_host


def test_lambdas_emulator_is_built_alone(machine):
    machine.install("go", machine.go)

    assert machine.build(what=["lambda"]).returncode == 0

    assert machine.built() == ["aws-lambda-rie"]


def test_without_go_lambdas_emulator_says_so(machine):
    answer = machine.build(what=["lambda"])

    assert answer.returncode == NOTHING_TO_BUILD_WITH
    assert "no Go" in answer.stdout


def test_what_was_built_here_does_not_count_as_installed(machine):
    machine.install("go", machine.go)
    machine.build()

    assert "using the installed" not in machine.build(machine.output).stdout


def test_nothing_is_built_twice(machine):
    machine.install("go", machine.go)
    machine.build()
    before = machine.builds()

    answer = machine.build()

    assert machine.builds() == before
    assert "up to date" in answer.stdout


def test_other_pins_are_built_anew(machine):
    machine.install("go", machine.go)
    machine.build()
    with (machine.engine / "cli" / "go.sum").open("a") as pins:
        pins.write("changed\n")

    machine.build()

    assert len(machine.builds()) == 3


def test_a_failed_build_shows_what_go_said_and_is_tried_again(machine):
    machine.install("go", FAILING_GO)
    failed = machine.build()
    machine.install("go", machine.go)

    assert failed.returncode == 1
    assert "no network today" in failed.stdout
    assert machine.build().returncode == 0


def test_a_cli_that_is_installed_later_is_not_hidden_by_the_one_that_was_built(machine):
    machine.install("go", machine.go)
    machine.build()
    machine.install("pulumi", PULUMI.format(version="3.300.1"))

    machine.build()

    assert machine.built() == ["pulumi-language-yaml"]


def test_with_neither_a_cli_nor_go_the_message_says_what_to_install(machine):
    answer = machine.build()

    assert answer.returncode == NOTHING_TO_BUILD_WITH
    assert "Install the CLI" in answer.stdout
    assert "or Go" in answer.stdout


def test_the_stand_ins_are_not_in_the_folder_for_path(machine):
    machine.install("pulumi", PULUMI.format(version="3.300.1"))
    machine.build()

    stand_ins = sorted(p.name for p in (machine.output / "stand-ins").iterdir())

    assert stand_ins == [
        "pulumi-resource-aws",
        "pulumi-resource-azure-native",
        "pulumi-resource-command",
        "pulumi-resource-random",
        "pulumi-resource-time",
    ]
