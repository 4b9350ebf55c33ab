"""An outside opinion on the sample document: Spectral, the linter that most people use."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "spectral"

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def spectral(node_tool, node):
    """Run the linter that tools/spectral pins, with its rules; what it found, by rule."""
    home = node_tool("spectral")
    program = home / "node_modules" / "@stoplight" / "spectral-cli" / "dist" / "index.js"

    def spectral(document):
        arguments = [program, "lint", document, "--ruleset", TOOL / "ruleset.yaml"]
        done = node(*arguments, "--format", "json", "--quiet")
        assert done.returncode in (0, 1), done.stderr
        return {
            found["code"]: "/".join(map(str, found["path"])) for found in json.loads(done.stdout)
        }

    return spectral


def test_the_sample_passes_a_style_linter_with_every_rule(spectral):
    assert spectral(ROOT / "openapi" / "payments.yaml") == {}


def test_the_linter_finds_what_is_wrong(spectral, tmp_path):
    text = (ROOT / "openapi" / "payments.yaml").read_text()
    file = tmp_path / "payments.yaml"
    file.write_text(
        text.replace("      summary: Whether", "      x-summary: Whether")
        .replace("                status: ok", "                status: 5")
        .replace("      description: Answers as soon as", "      x-description: Answers as soon as")
    )

    assert spectral(file) == {
        "oas3-valid-media-example": "paths//health/get/responses/200/content/application/json/"
        "example/status",
        "operation-description": "paths//health/get",
    }
