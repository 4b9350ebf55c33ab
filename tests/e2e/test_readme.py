"""The first real use works as it is typed in the README, but for the cloud."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

BULWARK = Path(sys.executable).parent / "bulwark"


@pytest.fixture
def fresh(create, samples, repository):
    """The root project, with no stack yet."""
    files = [f for pattern in samples["bulwark"].files for f in repository.glob(pattern)]
    project = create(*files)
    project.pulumi("stack", "rm", "dev", "--yes", "--preserve-config")
    return project


def test_the_commands_of_the_readme_deploy_the_dev_stack_and_take_it_away(fresh, repository):
    readme = (repository / "README.md").read_text()
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", readme, re.MULTILINE | re.DOTALL)
    (block,) = [b for b in blocks if "pulumi up" in b]
    commands = [line.strip() for line in block.splitlines() if "pulumi" in line]
    assert commands == [
        "pulumi stack init dev",
        "pulumi preview -s dev",
        "pulumi up -s dev",
    ]

    assert "make teardown STACK=dev" in readme
    for command in [*commands, f"{BULWARK} teardown -s dev --yes"]:
        done = run(command, fresh)
        assert done.returncode == 0, done.stdout
        if "preview" in command:
            assert "bulwark:index:AwsKeys" in done.stdout
            assert "cost: 4 KMS keys" in done.stdout

    assert fresh.resources() == {}


def run(command, project):
    environment = {k: v for k, v in project.environment.items() if k != "PULUMI_STACK"}
    return subprocess.run(
        command.split(),
        cwd=project.folder,
        env=environment | {"PULUMI_SKIP_CONFIRMATIONS": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
