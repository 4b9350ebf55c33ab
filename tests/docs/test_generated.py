"""What the documentation repeats from the code is what the code says."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STACKS = sorted(ROOT.glob("Pulumi.*.yaml"))


def test_every_generated_file_is_current():
    files = dict(runpy.run_path(str(ROOT / "docs" / "generate.py"))["generated"]())

    assert {"settings.md", "stack.schema.json", "parity.md", "Pulumi.yaml", "README.md"} <= {
        file.name for file in files
    }
    stale = [file.name for file, text in files.items() if file.read_text() != text]
    assert stale == [], "run: make docs"


def test_a_capability_that_a_cloud_lacks_is_no_row_but_an_error(monkeypatch):
    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))
    components = generate["_components"]
    monkeypatch.setitem(components.__globals__["ONE_CLOUD"], "vault", "aws")

    assert components("keys", "azure") == "`AzureKeys`"
    with pytest.raises(LookupError, match="vault has no component on AWS"):
        components("vault", "aws")


@pytest.mark.parametrize("file", STACKS, ids=lambda file: file.name)
def test_a_stack_file_names_the_schema_and_is_short(file):
    lines = file.read_text().splitlines()

    assert lines[0] == "# yaml-language-server: $schema=docs/stack.schema.json"
    assert len(lines) <= 30
