"""What the page on the input guard shows is what the command prints."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bulwark_toolkit.cli import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "input-guard-on-aws.md").read_text()
SHOWN = re.findall(r"^```console\n\$ bulwark (.*?)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("arguments", "output"), SHOWN)
def test_a_command_of_the_page_prints_what_it_shows(arguments, output, monkeypatch):
    monkeypatch.chdir(ROOT)

    result = CliRunner().invoke(cli, arguments.split())

    assert result.output.strip() == output.strip()


def test_the_line_of_the_log_that_the_page_shows_is_the_one_that_is_explained():
    shown = [line for line in PAGE.splitlines() if line.startswith('{"level"')]
    denied = (ROOT / "examples" / "guard" / "denied.json").read_text()

    assert [json.loads(line) for line in shown] == [json.loads(denied)]
